//! Tests of the files of `--html` and `--pcap`: when they are created, and when they can't be.

use std::fs;

use rstest::rstest;
use tests::{Harness, Program};

use crate::capture_file::read_capture;
use crate::{printed, temporary_file};

#[rstest]
#[case::page("--html", "can't create the page")]
#[case::capture("--pcap", "can't create the capture")]
fn an_existing_file_is_replaced_only_with_force(#[case] option: &str, #[case] error: &str) {
    let harness = Harness::for_section("packets");
    let (_folder, path) = temporary_file();
    fs::write(&path, "precious").unwrap();
    let arguments = ["tcp", "hello", option, &path];
    let refused = harness.program(Program::Packets, &arguments).run(1);
    refused.expect_error_line(&[error, "temporary-file", "exists", "--force"]);
    refused.expect_output(b"");
    harness.check_bytes(b"precious", &fs::read(&path).unwrap());

    printed(&harness, &[&arguments[..], &["--force"]].concat());
    let bytes = fs::read(&path).unwrap();
    let is_whole = match option {
        "--html" => bytes.ends_with(b"</html>\n"),
        _ => read_capture(&harness, &bytes).len() == 13,
    };
    harness.check(is_whole, "a whole page, or 13 frames", "something else");
}

#[rstest]
#[case::page("--html", "can't create the page")]
#[case::capture("--pcap", "can't create the capture")]
fn a_file_that_cannot_be_created_is_an_error(#[case] option: &str, #[case] error: &str) {
    let harness = Harness::for_section("packets");
    let path = "/no/such/folder/file";
    let refused = harness.program(Program::Packets, &["tcp", option, path]).run(1);
    refused.expect_error_line(&[error, path, "choose a file"]);
    refused.expect_output(b"");
}

#[rstest]
#[case::page("--html", &["can't write the page", "/dev/full"])]
#[case::capture("--pcap", &["can't write"])]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error(#[case] option: &str, #[case] error: &[&str]) {
    let harness = Harness::for_section("packets");
    let full = harness.program(Program::Packets, &["tcp", option, "/dev/full", "--force"]).run(1);
    full.expect_error_line(error);
    full.expect_output(b"");
}
