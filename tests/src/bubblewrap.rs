//! A program in a box of bubblewrap (bwrap), which keeps signals to itself: they are for the
//! program inside.

use std::fs;
use std::io;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Sends a signal to the program in the box that this process keeps, if it keeps one.
pub(crate) fn signal_inside(keeper: u32, number: i32) -> Option<io::Result<()>> {
    let inside = inside(keeper).filter(|&inside| inside != keeper)?;
    let pid = Pid::from_raw(i32::try_from(inside).ok()?);
    let sent = Signal::try_from(number).and_then(|signal| kill(pid, signal));
    Some(sent.map_err(io::Error::from))
}

/// The first process below this one that is not bwrap.
fn inside(keeper: u32) -> Option<u32> {
    let mut pid = keeper;
    // It has one child, which is bwrap once more, as the first process of the box.
    while fs::read_to_string(format!("/proc/{pid}/comm")).ok()? == "bwrap\n" {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        pid = children.split_whitespace().next()?.parse().ok()?;
    }
    Some(pid)
}
