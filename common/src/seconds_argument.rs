//! Parses a number of seconds on a command line.

use std::time::Duration;

/// A day. It keeps a typing error from becoming a program that waits forever.
const LONGEST: f64 = 86_400.0;

/// A millisecond. Socket timeouts are counted in microseconds, and 0 means no timeout.
const SHORTEST: f64 = 0.001;

/// Parses a number of seconds from 0.001 to 86400, such as `10` or `0.5`.
///
/// ```
/// use std::time::Duration;
/// use common::parse_seconds;
///
/// assert_eq!(parse_seconds("0.5"), Ok(Duration::from_millis(500)));
/// assert!(parse_seconds("0").is_err());
/// assert!(parse_seconds("-1").is_err());
/// ```
pub fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(number) if (SHORTEST..=LONGEST).contains(&number) => Ok(Duration::from_secs_f64(number)),
        _ => Err(format!("give a number of seconds from {SHORTEST} to {LONGEST}")),
    }
}
