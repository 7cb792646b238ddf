//! Labels each frame with its purpose and its numbers, such as `handshake 1/3: SYN seq 0 win 5840`.

use common::bytes;
use smoltcp::wire::{ArpOperation, ArpRepr, Icmpv4Message, TcpPacket};

use crate::exchange::End;
use crate::parsed_packet::{Packet, ethernet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    AddressLookup,
    Handshake,
    Data,
    Acknowledgement,
    Close,
    Error,
}

#[derive(Debug)]
pub struct Label {
    pub purpose: Purpose,
    pub text: String,
    /// The same with the absolute sequence numbers instead of those relative to the SYN.
    pub raw: String,
    pub again: bool,
}

/// Labels the frames of an exchange, in their order.
#[derive(Default)]
pub struct Labeller {
    client: Half,
    server: Half,
}

/// What one end has sent so far.
#[derive(Default, Clone, Copy)]
struct Half {
    /// The sequence number of its SYN, a random number.
    first: Option<u32>,
    /// The sequence number after the last one sent, relative to `first`.
    next: u32,
    /// The sequence number of its FIN, relative to `first`.
    fin: Option<u32>,
}

impl Labeller {
    pub fn label(&mut self, from: End, packet: &Packet) -> Label {
        let (purpose, text) = match packet {
            Packet::Tcp(_, tcp) => return self.label_segment(from, tcp),
            Packet::Arp(arp) => (Purpose::AddressLookup, arp_text(arp)),
            Packet::Udp(_, udp) => {
                (Purpose::Data, format!("datagram: {}", bytes(udp.payload().len())))
            }
            Packet::Icmp(_, icmp) => match (icmp.msg_type(), icmp.msg_code()) {
                (Icmpv4Message::DstUnreachable, 3) => {
                    (Purpose::Error, "ICMP: port unreachable".to_string())
                }
                (message, _) => (Purpose::Error, format!("ICMP: {message}")),
            },
        };
        Label { purpose, raw: text.clone(), text, again: false }
    }

    fn label_segment(&mut self, from: End, tcp: &TcpPacket<&[u8]>) -> Label {
        use Purpose::{Acknowledgement, Close, Data, Error, Handshake};

        let (own, other) = match from {
            End::Client => (&mut self.client, &self.server),
            End::Server => (&mut self.server, &self.client),
        };
        let opens = own.first.is_none();
        let number = tcp.seq_number().0 as u32;
        let seq = number.wrapping_sub(*own.first.get_or_insert(number));
        let ack = (tcp.ack_number().0 as u32).wrapping_sub(other.first.unwrap_or_default());

        // SYN and FIN take up one sequence number each.
        let numbers = tcp.segment_len() as u32;
        let again = numbers > 0 && seq < own.next;
        own.next = own.next.max(seq + numbers);
        let length = tcp.payload().len();
        if tcp.fin() {
            own.fin = Some(seq + length as u32);
        }
        let (purpose, name, shown) = if tcp.rst() {
            // An RST that aborts a connection has an ACK; one that replies to a segment without a
            // connection has none, except to a SYN.
            match (opens, tcp.ack()) {
                (true, _) => (Error, "refused: RST ACK".to_string(), "seq ack"),
                (false, true) => (Error, "aborted: RST ACK".to_string(), "seq ack"),
                (false, false) => (Error, "no such connection: RST".to_string(), "seq"),
            }
        } else if tcp.syn() && !tcp.ack() {
            (Handshake, "handshake 1/3: SYN".to_string(), "seq win")
        } else if tcp.syn() {
            (Handshake, "handshake 2/3: SYN ACK".to_string(), "seq ack win")
        } else if tcp.fin() {
            // The client closes first.
            let name = format!("close {}/4: FIN ACK", if from == End::Client { 1 } else { 3 });
            match length {
                0 => (Close, name, "seq ack"),
                _ => (Close, format!("{name} {}", bytes(length)), "seq"),
            }
        } else if length > 0 {
            (Data, format!("data: {}", bytes(length)), "seq ack")
        } else if other.fin.is_some_and(|fin| ack > fin) {
            let step = if from == End::Client { 4 } else { 2 };
            (Close, format!("close {step}/4: ACK"), "seq ack")
        } else if from == End::Client && ack == 1 {
            // It acknowledges the server's SYN alone.
            (Handshake, "handshake 3/3: ACK".to_string(), "seq ack win")
        } else {
            (Acknowledgement, "ACK".to_string(), "ack win")
        };
        let text = |seq: u32, ack: u32| {
            let numbers = [("seq", seq), ("ack", ack), ("win", tcp.window_len().into())];
            let numbers = numbers.into_iter().filter(|(number, _)| shown.contains(number));
            numbers.fold(name.clone(), |text, (number, value)| format!("{text} {number} {value}"))
        };
        let raw_ack = if tcp.ack() { tcp.ack_number().0 as u32 } else { 0 };
        Label { purpose, text: text(seq, ack), raw: text(number, raw_ack), again }
    }
}

fn arp_text(arp: &ArpRepr) -> String {
    match arp {
        ArpRepr::EthernetIpv4 {
            operation: ArpOperation::Request,
            target_protocol_addr: to,
            ..
        } => {
            format!("ARP: who has {to}?")
        }
        ArpRepr::EthernetIpv4 { source_protocol_addr: ip, source_hardware_addr, .. } => {
            format!("ARP: {ip} is at {}", ethernet(&source_hardware_addr.0))
        }
        _ => "ARP".to_string(),
    }
}
