//! What a frame says. Every frame is read back from its bytes, as a capture tool would.

use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetFrame, EthernetProtocol, Icmpv4Message, Icmpv4Packet,
    IpProtocol, Ipv4Packet, TcpPacket, UdpPacket,
};

use crate::events::End;

/// What is inside a frame.
pub enum Packet<'a> {
    Arp(ArpRepr),
    Tcp(Ipv4Packet<&'a [u8]>, TcpPacket<&'a [u8]>),
    Udp(Ipv4Packet<&'a [u8]>, UdpPacket<&'a [u8]>),
    /// A report of an error: that a datagram came to a port that nobody uses, for example.
    Icmp(Ipv4Packet<&'a [u8]>, Icmpv4Packet<&'a [u8]>),
}

impl<'a> Packet<'a> {
    /// Reads a frame; the answer is `None` when it is malformed or none of these.
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

    /// The bytes of the application.
    pub fn data(&self) -> &'a [u8] {
        match self {
            Packet::Tcp(_, tcp) => tcp.payload(),
            Packet::Udp(_, udp) => udp.payload(),
            Packet::Arp(_) | Packet::Icmp(..) => &[],
        }
    }
}

/// What a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Lookup,
    Handshake,
    Data,
    Acknowledgement,
    Close,
    Other,
}

/// A frame, as the picture names it.
#[derive(Debug)]
pub struct Label {
    pub part: Part,
    pub text: String,
    /// The same with the numbers as they are in the segment, not counted from the SYN.
    pub raw: String,
    /// The segment had been sent before.
    pub again: bool,
}

impl Label {
    fn without_numbers(part: Part, text: String) -> Label {
        Label { part, raw: text.clone(), text, again: false }
    }
}

/// What must be remembered of a connection to name its segments.
#[derive(Default)]
pub struct Conversation {
    client: Half,
    server: Half,
}

/// What one end has sent.
#[derive(Default, Clone, Copy)]
struct Half {
    /// The sequence number of its SYN: a random number, from which the others are counted.
    first: Option<u32>,
    /// The number after the last that it has sent, counted from `first`.
    next: u32,
    /// The number of its FIN, counted from `first`.
    fin: Option<u32>,
}

impl Conversation {
    /// Names the next frame, which was sent by the host at `from`.
    pub fn name(&mut self, from: End, packet: &Packet) -> Label {
        match packet {
            Packet::Arp(arp) => Label::without_numbers(Part::Lookup, name_arp(arp)),
            Packet::Tcp(_, tcp) => self.name_segment(from, tcp),
            Packet::Udp(_, udp) => {
                let text = format!("datagram: {}", bytes(udp.payload().len()));
                Label::without_numbers(Part::Data, text)
            }
            Packet::Icmp(_, icmp) => {
                let text = match (icmp.msg_type(), icmp.msg_code()) {
                    (Icmpv4Message::DstUnreachable, 3) => "ICMP: port unreachable".to_string(),
                    (message, _) => format!("ICMP: {message}"),
                };
                Label::without_numbers(Part::Other, text)
            }
        }
    }

    fn name_segment(&mut self, from: End, tcp: &TcpPacket<&[u8]>) -> Label {
        let (own, other) = match from {
            End::Client => (&mut self.client, &self.server),
            End::Server => (&mut self.server, &self.client),
        };
        let opens = own.first.is_none();
        let number = tcp.seq_number().0 as u32;
        let seq = number.wrapping_sub(*own.first.get_or_insert(number));
        let ack = (tcp.ack_number().0 as u32).wrapping_sub(other.first.unwrap_or_default());

        // SYN and FIN have a number too, as if they were a byte each.
        let numbers = tcp.segment_len() as u32;
        let again = numbers > 0 && seq < own.next;
        own.next = own.next.max(seq + numbers);
        if tcp.fin() {
            own.fin = Some(seq + tcp.payload().len() as u32);
        }
        let acknowledges = Acknowledges {
            fin: other.fin.is_some_and(|fin| ack > fin),
            // The server's SYN, and nothing more of it yet.
            syn: from == End::Client && ack == 1,
        };
        let name = |seq, ack| name_kind(from, tcp, opens, acknowledges, [seq, ack]);
        let (part, text) = name(seq, ack);
        let raw_ack = if tcp.ack() { tcp.ack_number().0 as u32 } else { 0 };
        Label { part, text, raw: name(number, raw_ack).1, again }
    }
}

/// What of the other end a segment says has come.
#[derive(Clone, Copy)]
struct Acknowledges {
    fin: bool,
    syn: bool,
}

/// What a segment is for, in words, with its numbers `seq` and `ack`. It `opens` when its host sent
/// none before.
fn name_kind(
    from: End,
    tcp: &TcpPacket<&[u8]>,
    opens: bool,
    acknowledges: Acknowledges,
    [seq, ack]: [u32; 2],
) -> (Part, String) {
    let window = tcp.window_len();
    let length = tcp.payload().len();
    if tcp.rst() {
        // Only a connection that its own end breaks off has a number to acknowledge; the others
        // are answers to a segment for which there is no connection.
        let text = match (opens, tcp.ack()) {
            (true, _) => format!("refused: RST ACK seq {seq} ack {ack}"),
            (false, true) => format!("broken off: RST ACK seq {seq} ack {ack}"),
            (false, false) => format!("no such connection: RST seq {seq}"),
        };
        (Part::Other, text)
    } else if tcp.syn() && !tcp.ack() {
        (Part::Handshake, format!("handshake 1/3: SYN seq {seq} win {window}"))
    } else if tcp.syn() {
        (Part::Handshake, format!("handshake 2/3: SYN ACK seq {seq} ack {ack} win {window}"))
    } else if tcp.fin() {
        let name = match from {
            // The client is the one that closes first.
            End::Client => "close 1/4: FIN ACK",
            End::Server => "close 3/4: FIN ACK",
        };
        if length > 0 {
            (Part::Close, format!("{name} {} seq {seq}", bytes(length)))
        } else {
            (Part::Close, format!("{name} seq {seq} ack {ack}"))
        }
    } else if length > 0 {
        (Part::Data, format!("data: {} seq {seq} ack {ack}", bytes(length)))
    } else if acknowledges.fin {
        let name = match from {
            End::Server => "close 2/4: ACK",
            End::Client => "close 4/4: ACK",
        };
        (Part::Close, format!("{name} seq {seq} ack {ack}"))
    } else if acknowledges.syn {
        (Part::Handshake, format!("handshake 3/3: ACK seq {seq} ack {ack} win {window}"))
    } else {
        (Part::Acknowledgement, format!("ACK ack {ack} win {window}"))
    }
}

fn name_arp(arp: &ArpRepr) -> String {
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

/// An Ethernet address, written as most tools write it.
pub fn ethernet(address: &[u8]) -> String {
    address.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// A number of bytes, in words.
pub fn bytes(number: usize) -> String {
    if number == 1 { "1 byte".to_string() } else { format!("{number} bytes") }
}
