//! The segments of a conversation, as a picture and a kernel can be compared: in their order, with
//! their flags, and with numbers that are counted from the first of each end.

use std::time::Duration;

use etherparse::TcpHeader;

use crate::frames::{Frame, flags};

/// The server's port in the pictures. In a network of its own nobody else has it.
pub const PORT: u16 = 8888;

/// What was sent over TCP, in its order, and when it was.
pub type Segments = Vec<(Duration, TcpHeader, Vec<u8>)>;

/// The segments among the frames.
pub fn segments(frames: impl Iterator<Item = (Duration, Frame)>) -> Segments {
    let segment = |(at, frame)| match frame {
        Frame::Tcp(tcp, data) => Some((at, tcp, data)),
        Frame::Arp | Frame::Udp(..) | Frame::Icmp(..) => None,
    };
    frames.filter_map(segment).collect()
}

/// A segment with its numbers counted from the first of each end.
#[derive(Clone)]
pub struct Numbered {
    pub flags: String,
    pub seq: u32,
    pub ack: u32,
    pub data: usize,
    /// The number of the other end's FIN, if that was sent before.
    fin_before: Option<u32>,
}

/// All segments, with their numbers.
pub fn numbered(segments: &Segments) -> Vec<Numbered> {
    let (mut first, mut fins) = ([None; 2], [None; 2]);
    let number = |(_, tcp, data): &(Duration, TcpHeader, Vec<u8>)| {
        let from = usize::from(tcp.source_port == PORT);
        let own = *first[from].get_or_insert(tcp.sequence_number);
        let other = first[1 - from].unwrap_or_default();
        let seq = tcp.sequence_number.wrapping_sub(own);
        let ack = if tcp.ack { tcp.acknowledgment_number.wrapping_sub(other) } else { 0 };
        if tcp.fin {
            fins[from] = Some(seq + data.len() as u32);
        }
        let fin_before = fins[1 - from];
        Numbered { flags: flags(tcp, PORT), seq, ack, data: data.len(), fin_before }
    };
    segments.iter().map(number).collect()
}

impl Numbered {
    /// It does nothing but acknowledge.
    fn is_bare(&self) -> bool {
        self.flags.ends_with(" ACK") && self.flags.len() == "C ACK".len() && self.data == 0
    }

    /// It acknowledges the other end's FIN, and nothing but that is new in it.
    fn acknowledges_fin(&self) -> bool {
        self.is_bare() && self.fin_before.is_some_and(|fin| self.ack > fin)
    }

    /// As it is compared. Whether the FIN behind a message has come when the program sends its
    /// answer is a matter of haste: the answer acknowledges the message in any case.
    fn line(&self) -> String {
        let Numbered { flags, seq, data, .. } = self;
        let ack = match self.fin_before {
            Some(fin) if *data > 0 => self.ack.min(fin),
            _ => self.ack,
        };
        format!("{flags} seq {seq} ack {ack} data {data}")
    }
}

/// The segments without the acknowledgements that may ride with another segment or be left out, if
/// the next says the same: all that do nothing else, but for the handshake's and the last.
pub fn lines(segments: &Segments) -> Vec<String> {
    let all = numbered(segments);
    let kept = all
        .iter()
        .enumerate()
        .filter(|(number, segment)| !segment.is_bare() || *number == 2 || *number == all.len() - 1);
    kept.map(|(_, segment)| segment.line()).collect()
}

/// How many segments the close took.
pub fn closing(segments: &Segments) -> usize {
    let closes = |segment: &&Numbered| segment.flags.contains("FIN") || segment.acknowledges_fin();
    numbered(segments).iter().filter(closes).count()
}

/// The connection is closed in good order, or it is broken off.
pub fn is_over(segments: &Segments) -> bool {
    let all = numbered(segments);
    let fins = all.iter().filter(|segment| segment.flags.contains("FIN")).count();
    let last = all.last().is_some_and(Numbered::acknowledges_fin);
    fins >= 2 && last || all.iter().any(|segment| segment.flags.contains("RST"))
}
