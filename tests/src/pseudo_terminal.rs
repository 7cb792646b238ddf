//! A pseudo terminal: screen and keyboard for programs that ask whether they have a terminal.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use nix::fcntl::OFlag;
use nix::pty;

/// Connects a command's standard input, output and error to a new terminal. Returns the keyboard, to
/// write to, and the screen, to read from.
pub fn attach(command: &mut Command) -> io::Result<[File; 2]> {
    // openpty() is shorter, but without O_CLOEXEC the programs of other tests would inherit the files.
    let master = pty::posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    pty::grantpt(&master)?;
    pty::unlockpt(&master)?;
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NOCTTY.bits())
        .open(pty::ptsname_r(&master)?)?;
    command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
    let master = File::from(OwnedFd::from(master));
    Ok([master.try_clone()?, master])
}
