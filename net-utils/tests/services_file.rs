//! Tests of `net-utils service` on a system without a services file, or with an unusual one.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

/// Checks the lines that `net-utils service` prints, and its exit status, with the contents of `file` as
/// `/etc/services`. It runs in a new mount namespace, so that no other program is affected.
#[expect(clippy::print_stdout, reason = "shows why the test is skipped")]
fn check(file: &Path, arguments: &[&str], lines: &[&str], status: i32) {
    let script = "mount --bind \"$0\" /etc/services && exec \"$@\"";
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("timeout");
        // Kill it if it ignores the timeout of 5 s.
        command.args(["--kill-after=1", "5", "unshare", "--map-root-user", "--mount"]);
        command.args(["sh", "-c", script]).arg(file).arg(program).args(arguments);
        command.output().expect("`timeout`, from coreutils")
    };
    let permitted = run("true", &[]);
    if !permitted.status.success() {
        let reason = String::from_utf8_lossy(&permitted.stderr);
        println!("skipped: can't create a mount namespace: {}", reason.trim());
        return;
    }
    let arguments = [&["service"], arguments].concat();
    let output = run(env!("CARGO_BIN_EXE_net-utils"), &arguments);
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
    // mysql is only in the services file, and ntp is a UDP service.
    check(empty, &["mysql", "ntp", "80"], &["http 80/tcp"], 1);
}

#[test]
fn the_services_file_takes_precedence() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("services");
    std::fs::write(&file, "http 8080/tcp\nlesson 443/tcp class # of day 01\n").unwrap();
    check(
        &file,
        &["http", "8080", "class"],
        &["http 8080/tcp", "http 8080/tcp", "class 443/tcp"],
        0,
    );
    check(&file, &["443", "ssh"], &["lesson 443/tcp", "ssh 22/tcp"], 0);
    // In this file http isn't 80, and 443 isn't https.
    check(&file, &["80", "https"], &[], 1);
}
