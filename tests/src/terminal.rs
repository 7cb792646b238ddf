//! A pseudo terminal: a screen and a keyboard for a program that asks whether it has one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use nix::fcntl::OFlag;
use nix::pty;

/// Makes a terminal the input, or the output and error, of a command, or all of them. Gives its
/// other side: what is written there was typed, what is read there is on the screen.
pub(crate) fn attach(command: &mut Command, input: bool, output: bool) -> io::Result<Option<File>> {
    if !input && !output {
        return Ok(None);
    }
    // O_CLOEXEC keeps it from the programs that other tests start meanwhile. openpty() would
    // be shorter, but cannot do that.
    let ours = pty::posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    pty::grantpt(&ours)?;
    pty::unlockpt(&ours)?;
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NOCTTY.bits())
        .open(pty::ptsname_r(&ours)?)?;
    if input {
        command.stdin(theirs.try_clone()?);
    }
    if output {
        command.stdout(theirs.try_clone()?).stderr(theirs);
    }
    Ok(Some(OwnedFd::from(ours).into()))
}
