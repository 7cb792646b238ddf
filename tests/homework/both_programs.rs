//! Both programs in conversation. The test is a proxy between them, so it sees every line. The lines
//! are short: a client that calls recv once per line must not depend on the server's buffer size.

use tests::{Harness, TestedProgram};

use crate::server;

/// Runs a client with these lines as its messages against the server, and checks that it shows the
/// same lines.
#[track_caller]
fn converse(harness: &Harness, server: &TestedProgram, lines: &[String]) {
    let between = harness.listen();
    let messages: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let client = harness.tcp_client(between.address(), &messages).start();
    let from_client = between.accept();
    let to_server = harness.connect(server.address());
    for line in lines {
        from_client.expect(line.as_bytes());
        to_server.send(line.as_bytes());
        to_server.expect(line.as_bytes());
        from_client.send(line.as_bytes());
    }
    from_client.answer_until_end();
    to_server.close();
    from_client.close();
    client.expect_exit(0);
    client.expect_lines_of_output(lines);
}

#[test]
fn the_client_gets_back_what_it_sends_to_the_server() {
    let harness = Harness::for_section("blocking");
    let server = server(&harness).start_server("listening on ");
    let lines: Vec<String> =
        ["one", "two", "three"].iter().map(|text| harness.seeded_line(text)).collect();
    converse(&harness, &server, &lines);
}

#[test]
fn a_second_client_is_served_after_the_first() {
    let harness = Harness::for_section("blocking");
    let server = server(&harness).start_server("listening on ");
    for texts in [["one", "two"], ["three", "four"]] {
        converse(&harness, &server, &texts.map(|text| harness.seeded_line(text)));
    }
}
