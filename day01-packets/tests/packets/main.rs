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
mod pcap_reader;
#[cfg(target_os = "linux")]
mod tcp_segments;

#[cfg(target_os = "linux")]
use std::{env, process::Command};

use tempfile::TempDir;
use tests::{Harness, Program};
#[cfg(target_os = "linux")]
use tests::{NetworkNamespace, ProgramCommand};

/// The harness of a test for the notes' section about packets.
#[rstest::fixture]
fn harness() -> Harness {
    Harness::for_section("packets")
}

/// The output of the program with these arguments. Its exit status must be 0.
#[track_caller]
fn printed(harness: &Harness, arguments: &[&str]) -> String {
    let program = harness.program(Program::Packets, arguments).run(0);
    program.expect_no_errors();
    String::from_utf8_lossy(&program.stdout()).into_owned()
}

/// A path without a file, in a folder that is removed when it is dropped.
fn temporary_file() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("temporary-file").into_os_string();
    (folder, path.into_string().expect("a path in UTF-8"))
}

/// Types a line, waits for its reply, and ends the input.
#[cfg(target_os = "linux")]
fn type_hello(client: ProgramCommand) {
    let mut client = client.with_input().start();
    client.write(b"hello\n");
    client.expect_output_so_far(b"hello\n");
    client.end_input();
    client.expect_exit(0);
}

/// The environment variable that marks the run of a test inside a network namespace.
#[cfg(target_os = "linux")]
const INSIDE: &str = "DAY01_INSIDE_NAMESPACE";

/// Runs a test of this file again, inside a network namespace.
#[cfg(target_os = "linux")]
fn inside(network: &NetworkNamespace, test: &str) -> Command {
    let this = env::current_exe().expect("the path of this test");
    let mut command = network.command(this.to_str().expect("a path in UTF-8"));
    command.args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    command
}
