//! What the class version does already. It gives no points; without it nothing else can work.

use tests::Stage;

use crate::server;

#[test]
fn the_server_says_where_it_listens() {
    let stage = Stage::of("server-listen");
    let server = server(&stage).start_server("listening on ");
    stage.connect(server.address());
}

#[test]
fn the_server_answers_one_message() {
    let stage = Stage::of("server-recv-send");
    let server = server(&stage).start_server("listening on ");
    let client = stage.connect(server.address());
    let line = stage.words("hello");
    client.send(line.as_bytes());
    client.expect(line.as_bytes());
}

#[test]
fn the_client_sends_one_message_and_shows_the_reply() {
    let stage = Stage::of("client-send-recv");
    let listener = stage.listen();
    let message = stage.words("hello");
    let client = stage.tcp_client(listener.address(), &[message.trim_end()]).start();
    let server = listener.accept();
    server.expect(message.as_bytes());
    let reply = stage.words("reply");
    server.send(reply.as_bytes());
    client.expect_line_of_output(&reply);
}
