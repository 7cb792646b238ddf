//! Both programs in conversation. The lines are short: who calls recv once for each line must not
//! depend on how many sends a server of a small buffer needs for it.

use tests::Stage;

use crate::server;

#[test]
fn what_the_client_sends_comes_back_from_the_server() {
    let stage = Stage::of("blocking");
    let server = server(&stage).start_server("listening on ");
    let lines: Vec<String> = ["one", "two", "three"].iter().map(|text| stage.words(text)).collect();
    let messages: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let client = stage.tcp_client(server.address(), &messages).run(0);
    client.expect_lines_of_output(&lines);
}

#[test]
fn a_second_conversation_follows_the_first() {
    let stage = Stage::of("blocking");
    let server = server(&stage).start_server("listening on ");
    for texts in [["one", "two"], ["three", "four"]] {
        let lines = texts.map(|text| stage.words(text));
        let messages: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        let client = stage.tcp_client(server.address(), &messages).run(0);
        client.expect_lines_of_output(&lines);
    }
}
