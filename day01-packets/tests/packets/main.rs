//! Tests of what `day01-packets` prints and writes: the diagrams of the notes, the capture file read by
//! another library, and the same exchange between the real programs on a real kernel.

mod diagram_files;
mod html_option;
#[cfg(target_os = "linux")]
mod kernel_on_loopback;
#[cfg(target_os = "linux")]
mod kernel_over_link;
mod output_files;
mod packets_command_line;
mod parsed_frame;
mod pcap_option;
#[cfg(target_os = "linux")]
mod tcp_segments;

use std::fs;
use std::path::PathBuf;

use tests::{Harness, Program};

/// The output of the program with these arguments. Its exit status must be 0.
#[track_caller]
fn printed(harness: &Harness, arguments: &[&str]) -> String {
    let program = harness.program(Program::Packets, arguments).run(0);
    program.expect_no_errors();
    String::from_utf8_lossy(&program.stdout()).into_owned()
}

/// A temporary file that is removed at the end of the test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str) -> TemporaryFile {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_file(&path);
        TemporaryFile(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}
