//! The TCP segments of an exchange in a form in which a diagram and a kernel can be compared: with their
//! flags and relative sequence numbers.

use crate::parsed_frame::{Segment, flags};

/// The server's port in the diagrams. It's free in a new network namespace.
pub const PORT: u16 = 8888;

/// A segment with relative numbers.
#[derive(Clone)]
pub struct Numbered {
    pub flags: String,
    pub seq: u32,
    pub ack: u32,
    pub data: usize,
    /// The number of the other end's FIN, if it was sent before.
    fin_before: Option<u32>,
}

pub fn numbered(segments: &[Segment]) -> Vec<Numbered> {
    let (mut first, mut fins) = ([None; 2], [None; 2]);
    let number = |(_, tcp, data): &Segment| {
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
    /// Whether it only acknowledges.
    fn is_bare(&self) -> bool {
        self.flags.ends_with(" ACK") && self.flags.len() == "C ACK".len() && self.data == 0
    }

    /// Whether it only acknowledges the other end's FIN.
    fn acknowledges_fin(&self) -> bool {
        self.is_bare() && self.fin_before.is_some_and(|fin| self.ack > fin)
    }

    /// The segment as text, for comparison. Whether a reply also acknowledges the FIN after the message
    /// depends on the timing, so it counts as acknowledging the message only.
    fn line(&self) -> String {
        let Numbered { flags, seq, data, .. } = self;
        let ack = match self.fin_before {
            Some(fin) if *data > 0 => self.ack.min(fin),
            _ => self.ack,
        };
        format!("{flags} seq {seq} ack {ack} data {data}")
    }
}

/// The segments as text, except pure acknowledgements, which another segment may include. The one of
/// the handshake and the last one stay.
pub fn lines(segments: &[Segment]) -> Vec<String> {
    let all = numbered(segments);
    let stays = |number| number == 2 || number == all.len() - 1;
    let kept = all.iter().enumerate().filter(|(number, one)| !one.is_bare() || stays(*number));
    kept.map(|(_, segment)| segment.line()).collect()
}

/// The number of segments of the close.
pub fn closing(segments: &[Segment]) -> usize {
    let closes = |segment: &&Numbered| segment.flags.contains("FIN") || segment.acknowledges_fin();
    numbered(segments).iter().filter(closes).count()
}

/// Whether the connection is closed or reset.
pub fn is_over(segments: &[Segment]) -> bool {
    let all = numbered(segments);
    let fins = all.iter().filter(|segment| segment.flags.contains("FIN")).count();
    let last = all.last().is_some_and(Numbered::acknowledges_fin);
    fins >= 2 && last || all.iter().any(|segment| segment.flags.contains("RST"))
}
