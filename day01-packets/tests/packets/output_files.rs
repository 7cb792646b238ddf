//! Tests of the files of `--html` and `--pcap`: when they are created, and when they can't be.

use std::fs;

use rstest::rstest;
use tests::{Harness, Program};

use crate::pcap_reader::read_capture;
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

const NO_FOLDER: &str = "/no/such/folder/file";

#[rstest]
#[case::page(&["--html", NO_FOLDER], &["can't create the page", NO_FOLDER, "choose a file"])]
#[case::capture(&["--pcap", NO_FOLDER], &["can't create the capture", NO_FOLDER, "choose a file"])]
#[case::page_on_a_full_disk(&["--html", "/dev/full", "--force"], &["can't write the page", "/dev/full"])]
#[case::capture_on_a_full_disk(&["--pcap", "/dev/full", "--force"], &["can't write"])]
fn a_file_that_cannot_be_written_is_an_error(#[case] options: &[&str], #[case] error: &[&str]) {
    if options.contains(&"/dev/full") && !cfg!(target_os = "linux") {
        return; // other systems have no such device
    }
    let harness = Harness::for_section("packets");
    let failed = harness.program(Program::Packets, &[&["tcp"], options].concat()).run(1);
    failed.expect_error_line(error);
    failed.expect_output(b"");
}
