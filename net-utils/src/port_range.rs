//! The ranges that ports lie in.

use std::fmt;

/// The ranges that a port lies in: see [`port_ranges`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRanges {
    /// The range as the lesson has it.
    pub lesson: &'static str,
    /// The range of today: RFC 6335, section 6.
    pub today: &'static str,
}

/// What the number of a port says about who uses it, in the lesson's ranges beside today's.
///
/// ```
/// use net_utils::port_ranges;
///
/// assert_eq!(
///     port_ranges(8888).to_string(),
///     "for one's own use (the lesson: 1024-65535), a user port (RFC 6335: 1024-49151)"
/// );
/// assert_eq!(
///     port_ranges(80).to_string(),
///     "for well-known public programs (the lesson: 1-255), a system port (RFC 6335: 0-1023)"
/// );
/// ```
pub fn port_ranges(port: u16) -> PortRanges {
    let lesson = match port {
        0 => "the system's to choose (who binds port 0 gets a free one)",
        1..=255 => "for well-known public programs (the lesson: 1-255)",
        256..=1023 => "for system applications (the lesson: 256-1023)",
        1024.. => "for one's own use (the lesson: 1024-65535)",
    };
    let today = match port {
        0 => "reserved among the system ports (RFC 6335: 0-1023)",
        1..=1023 => "a system port (RFC 6335: 0-1023)",
        1024..=49151 => "a user port (RFC 6335: 1024-49151)",
        49152.. => "a dynamic port (RFC 6335: 49152-65535)",
    };
    PortRanges { lesson, today }
}

impl fmt::Display for PortRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.lesson, self.today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_of_a_range_is_in_it() {
        for (port, lesson, today) in [
            (0, "free one", "reserved"),
            (1, "1-255", "0-1023"),
            (255, "1-255", "0-1023"),
            (256, "256-1023", "0-1023"),
            (1023, "256-1023", "0-1023"),
            (1024, "1024-65535", "1024-49151"),
            (49151, "1024-65535", "1024-49151"),
            (49152, "1024-65535", "49152-65535"),
            (65535, "1024-65535", "49152-65535"),
        ] {
            let ranges = port_ranges(port);
            assert!(ranges.lesson.contains(lesson), "{port}: {ranges}");
            assert!(ranges.today.contains(today), "{port}: {ranges}");
        }
    }
}
