//! What `day01-packets` prints and writes, looked at from outside: the pictures that the notes
//! show, the capture file read by another library than the one that made it, and the same
//! conversation between the real programs on a real kernel.
//!
//! Run all: `cargo test -p day01-packets`.

mod capture;
mod command_line;
mod frames;
#[cfg(target_os = "linux")]
mod kernel;
mod page;
mod picture;
#[cfg(target_os = "linux")]
mod segments;
#[cfg(target_os = "linux")]
mod wire;

use std::fs;
use std::path::PathBuf;

use tests::{Harness, Program};

/// What the program prints for these arguments, when it ends well.
#[track_caller]
fn printed(harness: &Harness, arguments: &[&str]) -> String {
    let program = harness.program(Program::Packets, arguments).run(0);
    program.expect_no_errors();
    String::from_utf8_lossy(&program.stdout()).into_owned()
}

/// A file of this test alone, which goes when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_file(&path);
        Scratch(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}
