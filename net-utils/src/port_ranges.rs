//! The ranges of port numbers.

/// The ranges that a port is in: in the lesson and in RFC 6335.
///
/// ```
/// use net_utils::port_ranges;
///
/// assert_eq!(
///     port_ranges(8888),
///     "for your own programs (the lesson: 1024-65535), a user port (RFC 6335: 1024-49151)"
/// );
/// assert_eq!(
///     port_ranges(80),
///     "for well-known public services (the lesson: 1-255), a system port (RFC 6335: 0-1023)"
/// );
/// ```
pub fn port_ranges(port: u16) -> String {
    let lesson = match port {
        0 => "a request for a free port (when a program binds it)",
        1..=255 => "for well-known public services (the lesson: 1-255)",
        256..=1023 => "for system applications (the lesson: 256-1023)",
        1024.. => "for your own programs (the lesson: 1024-65535)",
    };
    let today = match port {
        0 => "reserved (RFC 6335: 0-1023)",
        1..=1023 => "a system port (RFC 6335: 0-1023)",
        1024..=49151 => "a user port (RFC 6335: 1024-49151)",
        49152.. => "a dynamic port (RFC 6335: 49152-65535)",
    };
    format!("{lesson}, {today}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_port_of_a_range_are_in_it() {
        for (port, lesson, today) in [
            (0, "free port", "reserved"),
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
            let (of_lesson, of_today) = ranges.split_once("), ").unwrap();
            assert!(of_lesson.contains(lesson), "{port}: {ranges}");
            assert!(of_today.contains(today), "{port}: {ranges}");
        }
    }
}
