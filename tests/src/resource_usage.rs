//! What a process and its descendants use of the system's resources, from /proc.

use std::fs;
use std::io;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use procfs_core::FromRead as _;
use procfs_core::process::{Stat, Status};

use crate::process_snapshot::descendants;

/// The resources of a process and its descendants: proc_pid_stat(5) and proc_pid_status(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceUsage {
    /// Open files and sockets, of the process with the most.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Resident memory, in bytes.
    pub memory: usize,
    /// Processor time so far, user and system, in hundredths of a second.
    pub processor: Duration,
}

impl ResourceUsage {
    /// Returns what the process with this ID and its descendants use.
    pub fn of(pid: u32) -> io::Result<Self> {
        let (family, _) = descendants(&[pid]).ok_or(io::ErrorKind::NotFound)?;
        let own = Self::of_process(pid)?;
        // A descendant may end meanwhile.
        let others = family.iter().filter(|(id, _)| *id != pid);
        let others = others.filter_map(|(id, _)| Self::of_process(*id).ok());
        Ok(others.fold(own, |sum, one| Self {
            // Each new process has copies of its parent's.
            descriptors: sum.descriptors.max(one.descriptors),
            threads: sum.threads + one.threads,
            memory: sum.memory + one.memory,
            processor: sum.processor + one.processor,
        }))
    }

    fn of_process(pid: u32) -> io::Result<Self> {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        let status = Status::from_file(format!("/proc/{pid}/status")).map_err(io::Error::other)?;
        let stat = Stat::from_file(format!("/proc/{pid}/stat")).map_err(io::Error::other)?;
        // A process that has just ended has no memory.
        let kibibytes = status.vmrss.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self {
            descriptors,
            threads: status.threads as usize,
            memory: kibibytes as usize * 1024,
            // Linux counts them in hundredths of a second (USER_HZ).
            processor: Duration::from_millis(10 * (stat.utime + stat.stime)),
        })
    }
}

/// Raises the limit of open files for this process and its children.
pub fn raise_file_limit(files: u64) -> Result<(), String> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|error| error.to_string())?;
    if soft >= files {
        return Ok(());
    }
    // Only a privileged process may raise the hard limit too.
    setrlimit(Resource::RLIMIT_NOFILE, files, hard.max(files))
        .map_err(|_| format!("this system allows {hard} open files, and {files} are needed"))
}
