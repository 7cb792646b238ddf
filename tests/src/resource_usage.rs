//! What a process uses of the system's resources, from /proc.

use std::fs;
use std::io;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The resources of a process: proc_pid_stat(5) and proc_pid_status(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceUsage {
    /// Open files and sockets.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Resident memory, in bytes.
    pub memory: usize,
    /// Processor time so far, user and system, in hundredths of a second.
    pub processor: Duration,
}

impl ResourceUsage {
    /// Returns what the process with this ID uses.
    ///
    /// # Errors
    ///
    /// There is no such process, or it belongs to another user.
    pub fn of(pid: u32) -> io::Result<Self> {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name, in parentheses, can contain anything. The two times are fields 14 and 15; the
        // first after the name is field 3.
        let (_, fields) = stat.rsplit_once(") ").ok_or(io::ErrorKind::InvalidData)?;
        let ticks =
            fields.split(' ').skip(14 - 3).take(2).filter_map(|time| time.parse::<u32>().ok());
        Ok(Self {
            descriptors,
            threads: number(&status, "Threads:")?,
            memory: number(&status, "VmRSS:")? * 1024,
            // Linux counts them in hundredths of a second (USER_HZ).
            processor: Duration::from_millis(10) * ticks.sum::<u32>(),
        })
    }
}

/// Returns the number after a name, as in `VmRSS:     1234 kB`.
fn number(status: &str, name: &str) -> io::Result<usize> {
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Raises the limit of open files for this process and its children.
///
/// # Errors
///
/// The system's limit is lower.
pub fn raise_file_limit(files: u64) -> Result<(), String> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|error| error.to_string())?;
    if soft >= files {
        return Ok(());
    }
    // Only a privileged process may raise the hard limit too.
    setrlimit(Resource::RLIMIT_NOFILE, files, hard.max(files))
        .map_err(|_| format!("this system allows {hard} open files, and {files} are needed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_a_plausible_amount() {
        let before = ResourceUsage::of(std::process::id()).unwrap();
        assert!(before.threads >= 1 && before.memory > 100_000, "{before:?}");
        assert!(before.descriptors >= 3 && before.descriptors < 1000, "{before:?}");
    }
}
