//! Tests of `net-utils`.

mod connections;

use rstest::rstest;
use tests::{Harness, Program, ProgramCommand, message};

use crate::has;

fn net_utils(harness: &Harness, arguments: &[&str]) -> ProgramCommand {
    // Without a network, a look-up then fails after one second instead of ten.
    harness.program(Program::NetUtils, arguments).env("RES_OPTIONS", "timeout:1 attempts:1")
}

#[test]
fn hostname_is_one_line() {
    let harness = Harness::new("host-name", message!("mistake-host-name"));
    let hostname = net_utils(&harness, &["hostname"]).run(0);
    let name = String::from_utf8_lossy(&hostname.stdout()).into_owned();
    // On Linux this file has the same name. Elsewhere the test accepts any name.
    match std::fs::read_to_string("/proc/sys/kernel/hostname") {
        Ok(expected) => hostname.expect_output(expected.as_bytes()),
        Err(_) => harness.check(
            name.trim_end().len() + 1 == name.len() && !name.trim().is_empty(),
            message!("expected-one-line"),
            &name,
        ),
    }
}

#[rstest]
#[case::localhost_by_number("127.0.0.1", "127.0.0.1\n")]
#[case::another_number("192.0.2.7", "192.0.2.7\n")]
#[case::ipv6_by_number("::1", "::1\n")]
#[case::ipv6_long("2001:0db8:0:0:0:0:0:1", "2001:db8::1\n")]
fn host_returns_a_numeric_address_unchanged(#[case] name: &str, #[case] expected: &str) {
    let harness = Harness::new("host-address", message!("mistake-numeric-address"));
    net_utils(&harness, &["host", name]).run(0).expect_output(expected.as_bytes());
}

#[test]
fn host_localhost_is_ipv4_first_without_duplicates() {
    if !has("localhost") {
        return;
    }
    let harness = Harness::new("host-address", message!("mistake-address-order"));
    let host = net_utils(&harness, &["host", "localhost"]).run(0);
    let output = String::from_utf8_lossy(&host.stdout()).into_owned();
    let lines: Vec<&str> = output.lines().collect();
    let expected = "127.0.0.1\n[::1\n]";
    harness.check(matches!(lines[..], ["127.0.0.1"] | ["127.0.0.1", "::1"]), expected, &output);
}

#[rstest]
#[case::empty("")]
#[case::empty_label("a..b")]
#[case::space("local host")]
#[case::label_of_64("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
#[case::number_above_255("256.1.1.1")]
#[case::octal("010.0.0.1")]
fn a_malformed_host_is_one_error_line_and_exit_status_1_or_2(#[case] name: &str) {
    let harness = Harness::new("host-address", message!("mistake-malformed-name"));
    let host = net_utils(&harness, &["host", name]).start();
    host.expect_exit_either(1, 2);
    // A long name may be truncated.
    host.expect_error_line(&[&name[..name.len().min(20)]]);
    host.expect_output(b"");
}

#[test]
fn an_unknown_host_is_one_error_line_and_exit_status_1() {
    let harness =
        Harness::new("host-address", message!("mistake-unreported-error", call = "getaddrinfo"));
    // No name ends in .invalid (RFC 6761).
    let host = net_utils(&harness, &["host", "nosuch.invalid"]).start();
    host.expect_failure(&["nosuch.invalid"], b"");
}

#[rstest]
#[case::name(&["http"], "http 80/tcp\n")]
#[case::alias(&["www"], "www 80/tcp\n")]
#[case::number(&["80"], "http 80/tcp\n")]
#[case::udp(&["domain", "--udp"], "domain 53/udp\n")]
#[case::udp_number(&["53", "--udp"], "domain 53/udp\n")]
#[case::several_in_order(&["ssh", "25", "domain"], "ssh 22/tcp\nsmtp 25/tcp\ndomain 53/tcp\n")]
fn service_gives_port_and_name(#[case] asked: &[&str], #[case] expected: &str) {
    let harness = Harness::new("services", message!("mistake-service-name"));
    let arguments = [&["service"], asked].concat();
    net_utils(&harness, &arguments).run(0).expect_output(expected.as_bytes());
}

#[rstest]
#[case::name("nosuchservice")]
#[case::number("4")]
fn an_unknown_service_is_one_line_and_the_rest_is_printed(#[case] unknown: &str) {
    let harness = Harness::new("services", message!("mistake-unknown-service"));
    let service = net_utils(&harness, &["service", "http", unknown, "ssh"]).run(1);
    service.expect_output(b"http 80/tcp\nssh 22/tcp\n");
    service.expect_error_line(&[unknown]);
}

#[test]
fn interfaces_have_the_loopback_address() {
    let harness = Harness::new("interfaces", message!("mistake-interfaces"));
    let interfaces = net_utils(&harness, &["interfaces"]).run(0);
    let output = String::from_utf8_lossy(&interfaces.stdout()).into_owned();
    let lines: Vec<Vec<&str>> = output.lines().map(|line| line.split(' ').collect()).collect();
    harness.check(
        lines.iter().all(|fields| fields.len() == lines[0].len()),
        message!("expected-same-fields"),
        &output,
    );
    let has = |words: [&str; 3]| {
        lines.iter().any(|fields| words.iter().all(|word| fields.contains(word)))
    };
    let expected = message!("expected-text", text = "127.0.0.1/8 ... 255.0.0.0 ... loopback");
    harness.check(has(["127.0.0.1/8", "255.0.0.0", "loopback"]), expected, &output);
}

/// Returns a value that `address` printed. The key takes the first 12 columns.
fn value<'a>(output: &'a str, key: &str) -> Option<&'a str> {
    let is_key = |line: &&str| line.get(..12).is_some_and(|columns| columns.trim_end() == key);
    output.lines().find(is_key).and_then(|line| line.get(12..))
}

#[rstest]
#[case::of_the_notes_network("192.168.56.0/24", &[
    ("address", "192.168.56.0"), ("version", "IPv4"), ("kind", "private"), ("class", "C"),
    ("netmask", "255.255.255.0"), ("network", "192.168.56.0"), ("first host", "192.168.56.1"),
    ("last host", "192.168.56.254"), ("broadcast", "192.168.56.255"), ("hosts", "254"),
    ("role", "network"),
])]
#[case::of_the_notes_gateway("192.168.56.1/24", &[
    ("address", "192.168.56.1"), ("network", "192.168.56.0"), ("role", "first host"),
])]
#[case::of_the_notes_broadcast("192.168.56.255/24", &[
    ("address", "192.168.56.255"), ("network", "192.168.56.0"), ("role", "broadcast"),
])]
#[case::a_host("192.168.56.2/24", &[("role", "host")])]
#[case::class_a("10.1.2.3/8", &[
    ("class", "A"), ("kind", "private"), ("netmask", "255.0.0.0"), ("hosts", "16777214"),
])]
#[case::class_b("172.16.0.1/12", &[
    ("class", "B"), ("kind", "private"), ("netmask", "255.240.0.0"),
    ("broadcast", "172.31.255.255"),
])]
#[case::two_hosts("192.0.2.0/31", &[
    ("kind", "documentation"), ("hosts", "2"), ("first host", "192.0.2.0"),
    ("last host", "192.0.2.1"),
])]
#[case::one_host("192.0.2.9/32", &[
    ("hosts", "1"), ("first host", "192.0.2.9"), ("last host", "192.0.2.9"),
])]
#[case::loopback("127.0.0.1", &[("kind", "loopback"), ("class", "A")])]
#[case::any("0.0.0.0", &[("kind", "any")])]
#[case::link_local("169.254.1.1", &[("kind", "link-local"), ("class", "B")])]
#[case::multicast("224.0.0.1", &[("kind", "multicast"), ("class", "D")])]
#[case::class_e("240.0.0.1", &[("class", "E")])]
#[case::broadcast("255.255.255.255", &[("kind", "broadcast"), ("class", "E")])]
#[case::ipv6_loopback("::1", &[("address", "::1"), ("version", "IPv6"), ("kind", "loopback")])]
#[case::ipv6_any("::", &[("kind", "any")])]
#[case::ipv6_network("2001:db8::1/64", &[
    ("kind", "documentation"), ("network", "2001:db8::"),
    ("last host", "2001:db8::ffff:ffff:ffff:ffff"),
])]
#[case::ipv6_link_local("fe80::1", &[("kind", "link-local")])]
#[case::ipv6_multicast("ff02::1", &[("kind", "multicast")])]
#[case::ipv6_unique_local("fd00::1", &[("kind", "private")])]
fn address_explains(#[case] address: &str, #[case] expected: &[(&str, &str)]) {
    let harness = Harness::new("ip-address", message!("mistake-address-facts"));
    let explained = net_utils(&harness, &["address", address]).run(0);
    let output = String::from_utf8_lossy(&explained.stdout()).into_owned();
    for &(key, start) in expected {
        let actual = value(&output, key);
        // A number or an address must be the whole value. An explanation may follow words.
        let holds = actual.is_some_and(|actual| {
            actual.strip_prefix(start).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                && (!start.contains(|c: char| c.is_ascii_digit() || c == ':')
                    || start.starts_with("IP")
                    || actual == start)
        });
        let expected = format!("{key:12}{start}");
        let actual = actual.map_or_else(|| message!("no-such-line"), Into::into);
        harness.check(holds, message!("expected-line", start = expected), actual);
    }
}

#[rstest]
#[case::no_network("192.168.56.1", &["netmask", "network", "hosts", "role"])]
#[case::ipv6("2001:db8::1/64", &["class", "broadcast"])]
fn address_omits_what_does_not_apply(#[case] address: &str, #[case] keys: &[&str]) {
    let harness = Harness::new("ip-address", message!("mistake-address-facts"));
    let explained = net_utils(&harness, &["address", address]).run(0);
    let output = String::from_utf8_lossy(&explained.stdout()).into_owned();
    for key in keys {
        let actual = value(&output, key);
        let expected = message!("expected-no-text", text = *key);
        harness.check(actual.is_none(), expected, actual.unwrap_or_default());
    }
}

#[test]
fn addresses_are_separated_by_an_empty_line() {
    let harness = Harness::new("ip-address", message!("mistake-address-facts"));
    let one = net_utils(&harness, &["address", "127.0.0.1"]).run(0).stdout();
    let other = net_utils(&harness, &["address", "::1"]).run(0).stdout();
    let both = net_utils(&harness, &["address", "127.0.0.1", "::1"]).run(0);
    both.expect_output(&[&one[..], b"\n", &other].concat());
}
