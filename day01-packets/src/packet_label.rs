//! Parses frames, and labels each with its purpose and its numbers, such as
//! `handshake 1/3: SYN seq 0 win 5840`.

use common::bytes;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetFrame, EthernetProtocol, Icmpv4Message, Icmpv4Packet,
    IpProtocol, Ipv4Packet, TcpPacket, UdpPacket,
};

use crate::exchange::End;

/// The contents of a frame.
pub enum Packet<'a> {
    Arp(ArpRepr),
    Tcp(Ipv4Packet<&'a [u8]>, TcpPacket<&'a [u8]>),
    Udp(Ipv4Packet<&'a [u8]>, UdpPacket<&'a [u8]>),
    /// An error report, for example about a datagram to a port that no program uses.
    Icmp(Ipv4Packet<&'a [u8]>, Icmpv4Packet<&'a [u8]>),
}

impl<'a> Packet<'a> {
    /// Parses a frame. `None` if it is malformed or of another kind.
    pub fn read(frame: &'a [u8]) -> Option<Packet<'a>> {
        let frame = EthernetFrame::new_checked(frame).ok()?;
        match frame.ethertype() {
            EthernetProtocol::Arp => {
                let arp = ArpPacket::new_checked(frame.payload()).ok()?;
                ArpRepr::parse(&arp).ok().map(Packet::Arp)
            }
            EthernetProtocol::Ipv4 => {
                let ip = Ipv4Packet::new_checked(frame.payload()).ok()?;
                let inside = ip.payload();
                match ip.next_header() {
                    IpProtocol::Tcp => Some(Packet::Tcp(ip, TcpPacket::new_checked(inside).ok()?)),
                    IpProtocol::Udp => Some(Packet::Udp(ip, UdpPacket::new_checked(inside).ok()?)),
                    IpProtocol::Icmp => {
                        Some(Packet::Icmp(ip, Icmpv4Packet::new_checked(inside).ok()?))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The application's data.
    pub fn data(&self) -> &'a [u8] {
        match self {
            Packet::Tcp(_, tcp) => tcp.payload(),
            Packet::Udp(_, udp) => udp.payload(),
            Packet::Arp(_) | Packet::Icmp(..) => &[],
        }
    }
}

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
    /// The segment was sent before.
    pub again: bool,
}

impl Label {
    fn without_numbers(purpose: Purpose, text: String) -> Label {
        Label { purpose, raw: text.clone(), text, again: false }
    }
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
    /// Labels the next frame, sent by the host at `from`.
    pub fn label(&mut self, from: End, packet: &Packet) -> Label {
        match packet {
            Packet::Arp(arp) => Label::without_numbers(Purpose::AddressLookup, arp_text(arp)),
            Packet::Tcp(_, tcp) => self.label_segment(from, tcp),
            Packet::Udp(_, udp) => {
                let text = format!("datagram: {}", bytes(udp.payload().len()));
                Label::without_numbers(Purpose::Data, text)
            }
            Packet::Icmp(_, icmp) => {
                let text = match (icmp.msg_type(), icmp.msg_code()) {
                    (Icmpv4Message::DstUnreachable, 3) => "ICMP: port unreachable".to_string(),
                    (message, _) => format!("ICMP: {message}"),
                };
                Label::without_numbers(Purpose::Error, text)
            }
        }
    }

    fn label_segment(&mut self, from: End, tcp: &TcpPacket<&[u8]>) -> Label {
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
        if tcp.fin() {
            own.fin = Some(seq + tcp.payload().len() as u32);
        }
        let acknowledges = Acknowledges {
            fin: other.fin.is_some_and(|fin| ack > fin),
            // The server's SYN alone.
            syn: from == End::Client && ack == 1,
        };
        let describe = |seq, ack| segment_text(from, tcp, opens, acknowledges, [seq, ack]);
        let (purpose, text) = describe(seq, ack);
        let raw_ack = if tcp.ack() { tcp.ack_number().0 as u32 } else { 0 };
        Label { purpose, text, raw: describe(number, raw_ack).1, again }
    }
}

/// What a segment acknowledges, apart from data.
#[derive(Clone, Copy)]
struct Acknowledges {
    fin: bool,
    syn: bool,
}

/// The purpose of a segment, and its label with the numbers `seq` and `ack`. `opens`: it is the first
/// one of its host.
fn segment_text(
    from: End,
    tcp: &TcpPacket<&[u8]>,
    opens: bool,
    acknowledges: Acknowledges,
    [seq, ack]: [u32; 2],
) -> (Purpose, String) {
    let window = tcp.window_len();
    let length = tcp.payload().len();
    if tcp.rst() {
        // An RST that aborts a connection has an ACK; one that replies to a segment without a
        // connection has none, except to a SYN.
        let text = match (opens, tcp.ack()) {
            (true, _) => format!("refused: RST ACK seq {seq} ack {ack}"),
            (false, true) => format!("aborted: RST ACK seq {seq} ack {ack}"),
            (false, false) => format!("no such connection: RST seq {seq}"),
        };
        (Purpose::Error, text)
    } else if tcp.syn() && !tcp.ack() {
        (Purpose::Handshake, format!("handshake 1/3: SYN seq {seq} win {window}"))
    } else if tcp.syn() {
        (Purpose::Handshake, format!("handshake 2/3: SYN ACK seq {seq} ack {ack} win {window}"))
    } else if tcp.fin() {
        let name = match from {
            // The client closes first.
            End::Client => "close 1/4: FIN ACK",
            End::Server => "close 3/4: FIN ACK",
        };
        if length > 0 {
            (Purpose::Close, format!("{name} {} seq {seq}", bytes(length)))
        } else {
            (Purpose::Close, format!("{name} seq {seq} ack {ack}"))
        }
    } else if length > 0 {
        (Purpose::Data, format!("data: {} seq {seq} ack {ack}", bytes(length)))
    } else if acknowledges.fin {
        let name = match from {
            End::Server => "close 2/4: ACK",
            End::Client => "close 4/4: ACK",
        };
        (Purpose::Close, format!("{name} seq {seq} ack {ack}"))
    } else if acknowledges.syn {
        (Purpose::Handshake, format!("handshake 3/3: ACK seq {seq} ack {ack} win {window}"))
    } else {
        (Purpose::Acknowledgement, format!("ACK ack {ack} win {window}"))
    }
}

fn arp_text(arp: &ArpRepr) -> String {
    match arp {
        ArpRepr::EthernetIpv4 {
            operation: ArpOperation::Request, target_protocol_addr, ..
        } => {
            format!("ARP: who has {target_protocol_addr}?")
        }
        ArpRepr::EthernetIpv4 { source_protocol_addr, source_hardware_addr, .. } => {
            let ethernet = ethernet(&source_hardware_addr.0);
            format!("ARP: {source_protocol_addr} is at {ethernet}")
        }
        _ => "ARP".to_string(),
    }
}

/// An Ethernet address as text.
pub fn ethernet(address: &[u8]) -> String {
    address.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
