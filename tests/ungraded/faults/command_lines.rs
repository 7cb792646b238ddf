//! Wrong values for every option of every program, and names that don't exist.

use std::ffi::OsString;

use rstest::rstest;
use tests::{Harness, Program};

/// A loopback port where nothing listens: the discard service, which no test starts.
const UNUSED_PORT: &str = "9";

/// A message that `day01-packets` refuses.
const LONGER_THAN_A_FRAME: &str = match std::str::from_utf8(&[b'x'; 1473]) {
    Ok(message) => message,
    Err(_) => "",
};

/// Values that are wrong for everything but text.
fn values() -> Vec<OsString> {
    let mut values: Vec<OsString> =
        ["", " ", "-1", "0", "no-such", "1e999", "NaN", "\n", "%s%n"].map(OsString::from).into();
    values.push("99999999999999999999999999".into());
    // A command line on Windows has at most 32,767 characters.
    values.push("x".repeat(if cfg!(windows) { 30_000 } else { 100_000 }).into());
    #[cfg(unix)]
    values.push(std::os::unix::ffi::OsStringExt::from_vec(b"\xff\xfe\x1b[2J".to_vec()));
    values
}

fn may_be_a_name(value: &OsString) -> bool {
    let Some(value) = value.to_str() else { return false };
    (1..64).contains(&value.len()) && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Returns the options from `--help`, so that new ones are tested, too.
fn options(harness: &Harness, program: Program, command: &[&str]) -> Vec<String> {
    let help = harness.program(program, &[command, &["--help"]].concat()).run(0);
    let help = String::from_utf8_lossy(&help.stdout()).into_owned();
    let options: Vec<String> = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .filter_map(|option| option.split_whitespace().next())
        .map(|name| format!("--{name}"))
        .collect();
    harness.check(!options.is_empty(), "options in --help", &help);
    options
}

/// Every option with every value ends the program with one line on standard error. With the usual
/// arguments a right value fails as well: an address that no host has (RFC 5737), a port where
/// nothing listens, or a command that is refused.
#[rstest]
#[case::tcp_server(Program::TcpServer, &[], &[("--host", "198.51.100.7"), ("--port", "0")])]
#[case::tcp_client(
    Program::TcpClient,
    &[],
    &[("--host", "127.0.0.98"), ("--port", UNUSED_PORT), ("--timeout", "1")]
)]
#[case::udp_server(Program::Udp, &["server"], &[("--host", "198.51.100.7"), ("--port", "0")])]
#[case::udp_client(
    Program::Udp,
    &["client"],
    &[("--host", "127.0.0.98"), ("--port", UNUSED_PORT), ("--timeout", "0.01")]
)]
#[case::net_utils_service(Program::NetUtils, &["service", "no-such-service"], &[])]
#[case::packets(Program::Packets, &["udp", LONGER_THAN_A_FRAME], &[])]
#[ignore = "long: hundreds of programs"]
fn every_option_with_a_wrong_value_is_one_line(
    #[case] program: Program,
    #[case] command: &[&str],
    #[case] usual: &[(&str, &str)],
) {
    let harness = Harness::for_section("calls");
    let is_client = matches!(command, ["client"]) || program == Program::TcpClient;
    let options = options(&harness, program, command);
    for option in &options {
        // An option can be given only once.
        let usual = usual.iter().filter(|(name, _)| name != option);
        let mut arguments = command.to_vec();
        arguments.extend(usual.flat_map(|(name, value)| [*name, *value]));
        if option != "--quiet" && options.contains(&"--quiet".to_owned()) {
            arguments.push("--quiet");
        }
        for value in values() {
            // This would query a name server, which isn't on this host.
            if option == "--host" && may_be_a_name(&value) {
                continue;
            }
            // `--quiet=x` is an error, because the option takes no value.
            let mut argument = OsString::from(format!("{option}="));
            argument.push(&value);
            let mut launch = harness.program(program, &arguments).argument(argument);
            if is_client {
                launch = launch.argument("hello");
            }
            expect_one_line(&harness, launch);
        }
    }
    for unknown in ["--no-such-option", "-x", "--=", "--\u{1b}[2J", "-\u{7}"] {
        expect_one_line(&harness, harness.program(program, command).argument(unknown));
    }
}

#[track_caller]
fn expect_one_line(harness: &Harness, launch: tests::ProgramCommand) {
    let process = launch.start();
    let status = process.wait_for_exit();
    let one_of = matches!(status.code(), Some(1 | 2));
    harness.check(one_of, "exit status 1 or 2", status.to_string());
    process.expect_error_line(&[]);
    let line = process.stderr();
    let control = line.trim_end().chars().any(char::is_control);
    harness.check(!control && line.len() < 2000, "a line for a terminal", format!("{line:?}"));
    process.expect_output(b"");
}

#[rstest]
#[case::ten_thousand_characters("a".repeat(10_000))]
#[case::ten_thousand_labels("a.".repeat(10_000))]
#[case::a_newline("local\nhost".to_owned())]
#[case::a_newline_at_the_end("localhost\n".to_owned())]
#[case::one_dot(".".to_owned())]
#[case::only_dots("........".to_owned())]
#[case::empty(String::new())]
#[case::spaces("   ".to_owned())]
#[case::terminal_escapes("\u{1b}[2J".to_owned())]
#[case::a_format("%s%n%x".to_owned())]
#[case::a_path("../../etc/passwd".to_owned())]
#[case::an_address_and_more("127.0.0.1 localhost".to_owned())]
fn a_hostile_name_is_one_line(#[case] name: String) {
    let harness = Harness::for_section("host-address");
    for look_up in ["host", "service", "address"] {
        let launch = harness.program(Program::NetUtils, &[look_up, "--"]).argument(&name);
        expect_one_line(&harness, launch);
    }
    for (program, command) in [(Program::TcpClient, None), (Program::Udp, Some("client"))] {
        let mut arguments = Vec::from_iter(command);
        arguments.extend(["--quiet", "--host", &name, "hello"]);
        expect_one_line(&harness, harness.program(program, &arguments));
    }
}
