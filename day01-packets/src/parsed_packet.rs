//! Parses frames: ARP, or TCP, UDP and ICMP over IPv4. The simulated hosts send nothing else.

use smoltcp::wire::{
    ArpPacket, ArpRepr, EthernetFrame, EthernetProtocol, Icmpv4Packet, IpProtocol, Ipv4Packet,
    TcpPacket, UdpPacket,
};

use crate::exchange::{Event, EventKind};

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
        if frame.ethertype() == EthernetProtocol::Arp {
            let arp = ArpPacket::new_checked(frame.payload()).ok()?;
            return ArpRepr::parse(&arp).ok().map(Packet::Arp);
        }
        let ip = Ipv4Packet::new_checked(frame.payload()).ok()?;
        let inside = ip.payload();
        match ip.next_header() {
            IpProtocol::Tcp => Some(Packet::Tcp(ip, TcpPacket::new_checked(inside).ok()?)),
            IpProtocol::Udp => Some(Packet::Udp(ip, UdpPacket::new_checked(inside).ok()?)),
            IpProtocol::Icmp => Some(Packet::Icmp(ip, Icmpv4Packet::new_checked(inside).ok()?)),
            _ => None,
        }
    }

    pub fn data(&self) -> &'a [u8] {
        match self {
            Packet::Tcp(_, tcp) => tcp.payload(),
            Packet::Udp(_, udp) => udp.payload(),
            Packet::Arp(_) | Packet::Icmp(..) => &[],
        }
    }
}

impl Event {
    pub fn packet(&self) -> Option<Packet<'_>> {
        match &self.kind {
            EventKind::Frame { frame, .. } => Packet::read(frame),
            _ => None,
        }
    }

    pub fn is_reset(&self) -> bool {
        matches!(self.packet(), Some(Packet::Tcp(_, tcp)) if tcp.rst())
    }
}

pub fn ethernet(address: &[u8]) -> String {
    address.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
