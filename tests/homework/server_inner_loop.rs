//! Task `server-inner-loop`: `recv` and `send` in a loop, until the client closes its sending half.

use tests::Harness;

use crate::server;

#[test]
fn a_second_line_is_answered() {
    let harness = Harness::for_section("server-recv-send");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    for number in ["one", "two"] {
        let line = harness.seeded_line(number);
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn every_line_is_answered() {
    let harness = Harness::for_section("server-recv-send");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    for number in 1..=10 {
        let line = harness.seeded_line(&format!("line {number}"));
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn short_and_long_lines_come_back_unchanged() {
    let harness = Harness::for_section("bytes-and-text");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    // The long line doesn't fit into many programs' buffers, so recv returns it in pieces.
    let long = "x".repeat(harness.seeded_length(3000)) + "\n";
    let [short, last] = ["a", "b"].map(|text| harness.seeded_line(text));
    for line in [&*short, " two  spaces \n", "你好，世界\n", "\n", &long, &last] {
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn the_connection_is_closed_after_the_client_has_closed_it() {
    let harness = Harness::for_section("close");
    let server = server(&harness).start_server("listening on ");
    let client = harness.connect(server.address());
    for number in ["one", "two"] {
        let line = harness.seeded_line(number);
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
    client.end_sending();
    client.expect_closed();
}
