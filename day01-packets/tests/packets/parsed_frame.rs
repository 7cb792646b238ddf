//! Parses frames with etherparse, a different library from the one that creates them.

use std::time::Duration;

use etherparse::{NetHeaders, PacketHeaders, PayloadSlice, TcpHeader, TransportHeader, UdpHeader};

pub enum Frame {
    Arp,
    Tcp(TcpHeader, Vec<u8>),
    Udp(UdpHeader, Vec<u8>),
    /// The type and code of an ICMP message.
    Icmp(u8, u8),
}

impl Frame {
    /// Parses a frame, and checks its checksums if `is_complete`: the kernel leaves them to the
    /// network card.
    pub fn parse(bytes: &[u8], is_complete: bool) -> Result<Frame, String> {
        let headers = PacketHeaders::from_ethernet_slice(bytes).map_err(|error| error.to_string());
        Frame::read(headers?, bytes.len() - 14, is_complete)
    }

    /// Parses an IP packet that the kernel has sent.
    #[cfg(target_os = "linux")]
    pub fn parse_packet(bytes: &[u8]) -> Result<Frame, String> {
        let headers = PacketHeaders::from_ip_slice(bytes).map_err(|error| error.to_string())?;
        Frame::read(headers, bytes.len(), false)
    }

    /// Parses the `length` bytes after the Ethernet header.
    fn read(headers: PacketHeaders, length: usize, is_complete: bool) -> Result<Frame, String> {
        let check = |what, expected: u16, actual: u16| match expected == actual || !is_complete {
            true => Ok(()),
            false => Err(format!("the checksum of {what} is {actual:#06x}, not {expected:#06x}")),
        };
        let ip = match headers.net {
            Some(NetHeaders::Arp(_)) => return Ok(Frame::Arp),
            Some(NetHeaders::Ipv4(ip, _)) => ip,
            other => return Err(format!("neither ARP nor IPv4: {other:?}")),
        };
        if usize::from(ip.total_len) != length {
            return Err(format!("{} bytes of IPv4 in a packet of {length}", ip.total_len));
        }
        check("IPv4", ip.calc_header_checksum(), ip.header_checksum)?;
        let (from, to) = (ip.source, ip.destination);
        match (headers.transport, headers.payload) {
            (Some(TransportHeader::Tcp(tcp)), PayloadSlice::Tcp(data)) => {
                let sum = tcp.calc_checksum_ipv4_raw(from, to, data);
                check("TCP", sum.map_err(|error| error.to_string())?, tcp.checksum)?;
                Ok(Frame::Tcp(tcp, data.to_vec()))
            }
            (Some(TransportHeader::Udp(udp)), PayloadSlice::Udp(data)) => {
                let sum = udp.calc_checksum_ipv4_raw(from, to, data);
                check("UDP", sum.map_err(|error| error.to_string())?, udp.checksum)?;
                Ok(Frame::Udp(udp, data.to_vec()))
            }
            (Some(TransportHeader::Icmpv4(icmp)), _) => {
                let bytes = icmp.to_bytes();
                Ok(Frame::Icmp(bytes[0], bytes[1]))
            }
            (transport, _) => Err(format!("neither TCP nor UDP: {transport:?}")),
        }
    }
}

/// A segment: its time, header and data.
pub type Segment = (Duration, TcpHeader, Vec<u8>);

/// Selects the segments.
pub fn segments(frames: impl IntoIterator<Item = (Duration, Frame)>) -> Vec<Segment> {
    let segment = |(at, frame)| match frame {
        Frame::Tcp(tcp, data) => Some((at, tcp, data)),
        Frame::Arp | Frame::Udp(..) | Frame::Icmp(..) => None,
    };
    frames.into_iter().filter_map(segment).collect()
}

/// The sender and the flags of a segment, and whether it has data.
pub fn summary((_, tcp, data): &Segment, server: u16) -> String {
    flags(tcp, server) + if data.is_empty() { "" } else { " data" }
}

/// The sender (`C` for the client, `S` for the server) and the flags of a segment.
pub fn flags(tcp: &TcpHeader, server: u16) -> String {
    let from = if tcp.source_port == server { "S" } else { "C" };
    let names = [(tcp.syn, "SYN"), (tcp.fin, "FIN"), (tcp.rst, "RST"), (tcp.ack, "ACK")];
    let set = names.iter().filter(|(set, _)| *set).map(|(_, name)| *name);
    [from].into_iter().chain(set).collect::<Vec<_>>().join(" ")
}

/// The bytes that TCP delivers from `port`: in the order of their sequence numbers, without
/// duplicates.
pub fn stream(segments: &[Segment], port: u16) -> Vec<u8> {
    let own = || segments.iter().filter(|(_, tcp, _)| tcp.source_port == port);
    let Some((_, syn, _)) = own().find(|(_, tcp, _)| tcp.syn) else { return vec![] };
    let first = syn.sequence_number.wrapping_add(1);
    let pieces = own().filter(|(_, tcp, _)| !tcp.syn);
    let mut pieces: Vec<_> = pieces
        .map(|(_, tcp, data)| (tcp.sequence_number.wrapping_sub(first) as usize, data))
        .collect();
    pieces.sort();
    let mut bytes = vec![];
    for (start, data) in pieces {
        // A piece behind a gap leaves the stream too short.
        let already = bytes.len().saturating_sub(start);
        if start <= bytes.len() {
            bytes.extend_from_slice(data.get(already..).unwrap_or_default());
        }
    }
    bytes
}
