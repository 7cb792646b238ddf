//! A pseudo terminal: a screen and a keyboard for a program that asks whether it has one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use nix::fcntl::OFlag;
use nix::pty;

/// Makes a terminal the input, output and error of a command. Gives its other side twice: what
/// is written to the first was typed, what is read from the second is on the screen.
pub(crate) fn attach(command: &mut Command) -> io::Result<[File; 2]> {
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
    command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    let ours = File::from(OwnedFd::from(ours));
    Ok([ours.try_clone()?, ours])
}
