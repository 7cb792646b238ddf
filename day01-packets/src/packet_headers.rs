//! The headers of a frame, layer by layer: `--layers`.

use common::{bytes, quoted_within};
use smoltcp::wire::{
    ArpOperation, ArpRepr, EthernetFrame, Icmpv4Packet, Ipv4Packet, TcpOption, TcpPacket, UdpPacket,
};
use unicode_width::UnicodeWidthStr;

use crate::parsed_packet::{Packet, ethernet};

pub const WITHOUT_HEADER: &str = "
Of the seven layers of the OSI model, three have no header of their own here:
  6 presentation  how text is encoded, compressed or encrypted: in TCP/IP this is up to the
                  application, and this one sends plain UTF-8
  5 session       who starts, who replies and when to stop: also up to the application
  1 physical      carries the bits of the frame as voltages, light or radio waves, with signals
                  before and after them that no program sees
";

/// The width of the diagram, and the column in which the fields of a header start.
const COLUMNS: usize = 100;
const FIELDS: usize = 42;

/// How many bytes of a message are shown in hexadecimal: one line.
const MAX_BYTES: usize = 15;

pub struct Header {
    /// The number and name of the layer in the OSI model.
    pub layer: &'static str,
    /// The name of the protocol; for the application's data, its start in quotes.
    pub name: String,
    pub length: usize,
    pub fields: Vec<String>,
}

fn header(layer: &'static str, name: &str, length: usize, fields: Vec<String>) -> Header {
    Header { layer, name: name.to_string(), length, fields }
}

/// The lines below a frame: all headers nested, then each one with its fields.
pub fn describe(frame: &[u8], packet: &Packet) -> Vec<String> {
    let headers = headers(frame, packet);
    let nested = headers.iter().map(|header| format!("[{} {}", header.name, header.length));
    let nested = nested.collect::<Vec<_>>().join(" ") + &"]".repeat(headers.len());
    let mut lines = vec![format!("{:8}{nested} = {}", "", bytes(frame.len()))];
    for header in &headers {
        // The application's data is also among the fields.
        let name = if header.name.starts_with('"') { "message" } else { &header.name };
        let length = bytes(header.length).to_string();
        let start = format!("{:8}{:<14} {name:<8} {length:>10}", "", header.layer);
        lines.extend(wrap(start, &header.fields));
    }
    lines
}

/// Appends the fields to `start`, on as many lines as needed.
fn wrap(start: String, fields: &[String]) -> Vec<String> {
    let mut lines = vec![start];
    for (number, field) in fields.iter().enumerate() {
        let comma = if number + 1 < fields.len() { "," } else { "" };
        let width = lines[lines.len() - 1].width() + 1 + field.width() + comma.len();
        if width > COLUMNS {
            lines.push(" ".repeat(FIELDS - 1));
        }
        if let Some(line) = lines.last_mut() {
            *line += &format!(" {field}{comma}");
        }
    }
    lines
}

/// The headers of a frame and the application's data, from the outside in.
pub fn headers(frame: &[u8], packet: &Packet) -> Vec<Header> {
    let mut headers = vec![ethernet_header(frame)];
    match packet {
        Packet::Arp(arp) => headers.push(arp_message(arp)),
        Packet::Tcp(ip, tcp) => headers.extend([ip_header(ip), tcp_header(tcp)]),
        Packet::Udp(ip, udp) => headers.extend([ip_header(ip), udp_header(udp)]),
        Packet::Icmp(ip, icmp) => headers.extend([ip_header(ip), icmp_message(ip, icmp)]),
    }
    let data = packet.data();
    if !data.is_empty() {
        let fields = vec![quoted_within(data, 46), hexadecimal(data)];
        headers.push(header("7 application", &quoted_within(data, 12), data.len(), fields));
    }
    headers
}

fn hexadecimal(data: &[u8]) -> String {
    let shown = data.len().min(MAX_BYTES);
    let numbers: Vec<String> = data[..shown].iter().map(|byte| format!("{byte:02x}")).collect();
    let dots = if shown < data.len() { " ..." } else { "" };
    format!("in bytes {}{dots}", numbers.join(" "))
}

fn ethernet_header(frame: &[u8]) -> Header {
    let frame = EthernetFrame::new_unchecked(frame);
    let to = frame.dst_addr();
    let broadcast = if to.is_broadcast() { " (broadcast)" } else { "" };
    let fields = vec![
        format!("from {}", ethernet(&frame.src_addr().0)),
        format!("to {}{broadcast}", ethernet(&to.0)),
        format!("type {}", frame.ethertype()),
    ];
    header("2 link", "Ethernet", EthernetFrame::<&[u8]>::header_len(), fields)
}

fn arp_message(arp: &ArpRepr) -> Header {
    let fields = match *arp {
        ArpRepr::EthernetIpv4 {
            operation,
            source_hardware_addr: sender,
            source_protocol_addr: sender_ip,
            target_hardware_addr: target,
            target_protocol_addr: target_ip,
        } => {
            let (operation, target) = match operation {
                ArpOperation::Request => ("request (1)", "?".to_string()),
                _ => ("reply (2)", ethernet(&target.0)),
            };
            let sender = format!("sender {sender_ip} {}", ethernet(&sender.0));
            vec![operation.to_string(), sender, format!("target {target_ip} {target}")]
        }
        _ => vec![],
    };
    header("2 link, for 3", "ARP", arp.buffer_len(), fields)
}

fn ip_header(ip: &Ipv4Packet<&[u8]>) -> Header {
    let protocol = ip.next_header();
    let fields = vec![
        format!("from {}", ip.src_addr()),
        format!("to {}", ip.dst_addr()),
        format!("protocol {protocol} ({})", u8::from(protocol)),
        format!("time to live {}", ip.hop_limit()),
        format!("total length {}", ip.total_len()),
        format!("checksum {:#06x}", ip.checksum()),
    ];
    header("3 network", "IPv4", ip.header_len().into(), fields)
}

fn tcp_header(tcp: &TcpPacket<&[u8]>) -> Header {
    let flags = [
        (tcp.syn(), "SYN"),
        (tcp.fin(), "FIN"),
        (tcp.rst(), "RST"),
        (tcp.psh(), "PSH"),
        (tcp.ack(), "ACK"),
    ];
    let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    let mut fields = vec![
        format!("from port {}", tcp.src_port()),
        format!("to port {}", tcp.dst_port()),
        format!("seq {}", tcp.seq_number().0 as u32),
        format!("ack {}", if tcp.ack() { tcp.ack_number().0 as u32 } else { 0 }),
        format!("flags {}", flags.join(" ")),
        format!("window {}", tcp.window_len()),
        format!("checksum {:#06x}", tcp.checksum()),
    ];
    let mut options = tcp.options();
    while let Ok((rest, option)) = TcpOption::parse(options) {
        match option {
            TcpOption::MaxSegmentSize(size) => fields.push(format!("largest segment {size}")),
            TcpOption::WindowScale(scale) => fields.push(format!("window scale {scale}")),
            TcpOption::SackPermitted => fields.push("SACK permitted".to_string()),
            TcpOption::EndOfList => break,
            _ => {}
        }
        options = rest;
    }
    header("4 transport", "TCP", tcp.header_len().into(), fields)
}

fn icmp_message(ip: &Ipv4Packet<&[u8]>, icmp: &Icmpv4Packet<&[u8]>) -> Header {
    let fields = vec![
        format!("type {} ({})", u8::from(icmp.msg_type()), icmp.msg_type()),
        format!("code {}", icmp.msg_code()),
        format!("checksum {:#06x}", icmp.checksum()),
        "followed by the headers of the datagram".to_string(),
    ];
    header("3 network", "ICMP", ip.payload().len(), fields)
}

fn udp_header(udp: &UdpPacket<&[u8]>) -> Header {
    let fields = vec![
        format!("from port {}", udp.src_port()),
        format!("to port {}", udp.dst_port()),
        format!("length {}", udp.len()),
        format!("checksum {:#06x}", udp.checksum()),
    ];
    header("4 transport", "UDP", smoltcp::wire::UDP_HEADER_LEN, fields)
}
