//! Question 2: `recv` and `send` in a loop, until the client sends no more.

use tests::Stage;

use crate::server;

#[test]
fn a_second_line_is_answered() {
    let stage = Stage::of("server-recv-send");
    let server = server(&stage).start_server("listening on ");
    let client = stage.connect(server.address());
    for number in ["one", "two"] {
        let line = stage.words(number);
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn line_after_line_is_answered() {
    let stage = Stage::of("server-recv-send");
    let server = server(&stage).start_server("listening on ");
    let client = stage.connect(server.address());
    for number in 1..=10 {
        let line = stage.words(&format!("line {number}"));
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn lines_short_and_long_come_back_as_they_were() {
    let stage = Stage::of("bytes-and-text");
    let server = server(&stage).start_server("listening on ");
    let client = stage.connect(server.address());
    // The long one is longer than the buffer of many a program: recv then gives it in pieces.
    let long = "x".repeat(stage.length(3000)) + "\n";
    let [short, last] = ["a", "b"].map(|text| stage.words(text));
    for line in [&*short, " two  spaces \n", "你好，世界\n", "\n", &long, &last] {
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
}

#[test]
fn a_client_that_ends_is_let_go() {
    let stage = Stage::of("close");
    let server = server(&stage).start_server("listening on ");
    let client = stage.connect(server.address());
    for number in ["one", "two"] {
        let line = stage.words(number);
        client.send(line.as_bytes());
        client.expect(line.as_bytes());
    }
    client.end_sending();
    client.expect_closed();
}
