//! Signals for a program inside a sandbox: bubblewrap (bwrap) doesn't pass them on.

use std::fs;
use std::io;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Sends a signal to the program that `keeper` runs in a sandbox, if `keeper` is bwrap.
pub(crate) fn signal_inside(keeper: u32, number: i32) -> Option<io::Result<()>> {
    let inside = inside(keeper).filter(|&inside| inside != keeper)?;
    let pid = Pid::from_raw(i32::try_from(inside).ok()?);
    let sent = Signal::try_from(number).and_then(|signal| kill(pid, signal));
    Some(sent.map_err(io::Error::from))
}

/// Returns the first descendant that isn't bwrap.
fn inside(keeper: u32) -> Option<u32> {
    let mut pid = keeper;
    // Its only child is bwrap again, as the first process inside the sandbox.
    while fs::read_to_string(format!("/proc/{pid}/comm")).ok()? == "bwrap\n" {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        pid = children.split_whitespace().next()?.parse().ok()?;
    }
    Some(pid)
}
