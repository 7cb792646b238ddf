//! What services are found on a system that has no services file, or one of its own making.
//!
//! Try it: `cargo test -p net-utils --test services_file -- --nocapture`
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

/// Runs a program where `/etc/services` has the contents of `file`: in a mount namespace of
/// its own, so that no other program sees the change.
fn run_with_services(file: &Path, program: &str, arguments: &[&str]) -> Output {
    let script = "mount --bind \"$0\" /etc/services && exec \"$@\"";
    Command::new("timeout")
        // End it after 5 s, by force if it must be.
        .args(["--kill-after=1", "5", "unshare", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(file)
        .arg(program)
        .args(arguments)
        .output()
        .expect("`timeout` starts: it is of the system's coreutils")
}

/// Checks what `net-utils service` prints, line by line, and the exit status it ends with.
#[expect(clippy::print_stdout, reason = "a test tells why it was skipped")]
fn check(file: &Path, arguments: &[&str], lines: &[&str], status: i32) {
    let permitted = run_with_services(file, "true", &[]);
    if !permitted.status.success() {
        let reason = String::from_utf8_lossy(&permitted.stderr);
        println!("skipped: this system gives no mount namespace: {}", reason.trim());
        return;
    }
    let arguments = [&["service"], arguments].concat();
    let output = run_with_services(file, env!("CARGO_BIN_EXE_net-utils"), &arguments);
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let case = format!("net-utils {}\nits errors:\n{errors}", arguments.join(" "));
    assert_eq!(printed.lines().collect::<Vec<_>>(), lines, "{case}");
    assert_eq!(output.status.code(), Some(status), "{case}");
}

#[test]
fn without_a_services_file_the_well_known_services_resolve() {
    let empty = Path::new("/dev/null");
    check(
        empty,
        &["http", "www", "443", "echo", "ssh"],
        &["http 80/tcp", "www 80/tcp", "https 443/tcp", "echo 7/tcp", "ssh 22/tcp"],
        0,
    );
    check(empty, &["53", "ntp", "--udp"], &["domain 53/udp", "ntp 123/udp"], 0);
    // One that only a services file has, and one that is for datagrams.
    check(empty, &["mysql", "ntp", "80"], &["http 80/tcp"], 1);
}

#[test]
fn the_entries_of_the_system_win() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("services");
    std::fs::write(&file, "http 8080/tcp\nlesson 443/tcp class # of day 01\n").unwrap();
    check(
        &file,
        &["http", "8080", "class"],
        &["http 8080/tcp", "http 8080/tcp", "class 443/tcp"],
        0,
    );
    check(&file, &["443", "ssh"], &["lesson 443/tcp", "ssh 22/tcp"], 0);
    // 80 is not http here, nor is https 443.
    check(&file, &["80", "https"], &[], 1);
}
