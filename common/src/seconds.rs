//! A time on a command line.

use std::time::Duration;

/// The longest time a command line may ask for, in seconds: a day. It keeps a slip of the
/// finger from becoming a program that waits for ever.
const LONGEST: f64 = 86_400.0;

/// The shortest time a command line may ask for, in seconds: a millisecond. The system counts
/// a socket's time-outs in microseconds, and takes 0 as "wait for ever".
const SHORTEST: f64 = 0.001;

/// Reads a number of seconds from a command line, such as `10` or `0.5`.
///
/// # Errors
///
/// The text is not a number, or is outside one millisecond to one day.
///
/// ```
/// use std::time::Duration;
/// use common::seconds;
///
/// assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
/// assert!(seconds("0").is_err());
/// assert!(seconds("-1").is_err());
/// ```
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(number) if (SHORTEST..=LONGEST).contains(&number) => Ok(Duration::from_secs_f64(number)),
        _ => Err(format!("give a number of seconds from {SHORTEST} to {LONGEST}")),
    }
}
