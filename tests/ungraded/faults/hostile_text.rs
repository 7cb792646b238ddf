//! Messages and replies that try to control a terminal, or to forge a line of a log.

use rstest::rstest;
use tests::Harness;

/// Returns whether a character could control a terminal.
fn acts_on_a_terminal(character: char) -> bool {
    // ASCII and C1 control characters (ISO 6429), and those that change the direction of text or
    // end a line (Unicode Standard Annexes 9 and 14).
    character.is_control() && character != '\n'
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Fails unless everything on the screen is text.
fn check_screen(harness: &Harness, screen: &[u8]) {
    let Ok(text) = str::from_utf8(screen) else {
        harness.fail("nothing but text on the screen", tests::show(screen));
    };
    if let Some(at) = text.find(acts_on_a_terminal) {
        let from = &text.as_bytes()[at..];
        harness.fail("nothing on the screen that acts on a terminal", tests::show(from));
    }
}

/// Fails unless each line of a server's output starts as its own lines do.
fn check_log(harness: &Harness, screen: &[u8]) {
    check_screen(harness, screen);
    for line in String::from_utf8_lossy(screen).lines() {
        let starts =
            ["1 ", "2 ", "3 ", "4 ", "5 ", "6 ", "          ", "listening on ", "bound to "];
        let is_step = starts.iter().any(|start| line.starts_with(start));
        harness.check(is_step && line.len() < 400, "lines that are steps", line);
    }
    let text = String::from_utf8_lossy(screen);
    harness.check(!text.contains("\n6 close    forged"), "no line that the client wrote", &text);
}

const FORGED_LINE: &[u8] = b"hello\n6 close    forged\r\n6 close    forged\x0b\x0c\xc2\x85\n";

#[rstest]
#[case::clear_the_screen(b"\x1b[2J\x1b[H")]
#[case::rename_the_window(b"\x1b]0;renamed\x07")]
#[case::control_without_escape(b"\x9b31m \xc2\x9b31m \xc2\x9d0;renamed\xc2\x9c")]
#[case::forged_line(FORGED_LINE)]
#[case::overwritten_line(b"harmless\rforged \x08\x08\x08\x7f")]
#[case::turned_text(
    "\u{202e}txt.exe\u{2066}\u{2028}6 close    forged\u{2029}\u{200f}".as_bytes()
)]
#[case::no_utf8(b"\xff\xfe\x80 \xc0\x9b \xed\xa0\x80 \xf4\x90\x80\x80 \xe4\xbd")]
#[case::zero_bytes(b"\0a\0b\0")]
#[case::a_mebibyte_without_a_newline(&[b'x'; 1 << 20])]
#[case::ten_thousand_escapes(&b"\x1b[2J\x1b[H".repeat(10_000))]
fn hostile_text_controls_neither_a_log_nor_a_terminal(#[case] text: &[u8]) {
    check_servers(text);
    // A client shows each line of a reply as it is.
    #[cfg(target_os = "linux")]
    if text != FORGED_LINE {
        check_clients(text);
    }
}

/// Fails unless a message stays on its line of the server's output.
fn check_servers(message: &[u8]) {
    let harness = Harness::for_section("bytes-and-text");
    let (server, client) = harness.connected_server(&[]);
    client.exchange(message, message);
    drop(client);
    server.wait_for_line("6 close");
    check_log(&harness, &server.stdout());
    server.expect_no_errors();

    let server = harness.udp_server(&[]);
    harness.udp_socket().expect_echo(&message[..message.len().min(60_000)], server.address());
    server.wait_for_line("4 sendto");
    check_log(&harness, &server.stdout());
    server.expect_no_errors();
}

/// Fails unless a reply does nothing to the client's terminal.
#[cfg(target_os = "linux")]
fn check_clients(reply: &[u8]) {
    let harness = Harness::for_section("bytes-and-text");
    // An escaped byte takes up to ten characters.
    let most = 10 * reply.len() + 10_000;
    let listener = harness.listen();
    let client = harness.tcp_client(listener.address(), &["hello"]).in_terminal().keep(most);
    let client = client.start();
    let server = listener.accept();
    server.expect(b"hello\n");
    server.send(reply);
    server.expect_to_end(b"");
    drop(server);
    client.expect_exit(0);
    check_screen(&harness, &without_returns(&client.stdout()));

    let server = harness.udp_socket();
    let client = harness.udp_client(server.address(), &["hello"]).in_terminal().keep(most).start();
    server.answer(b"hello", &reply[..reply.len().min(60_000)]);
    client.expect_exit(0);
    check_screen(&harness, &without_returns(&client.stdout()));
}

/// A terminal adds a carriage return before every newline. Any other comes from the program.
#[cfg(target_os = "linux")]
fn without_returns(screen: &[u8]) -> Vec<u8> {
    let lines = screen.split(|&byte| byte == b'\n');
    let lines: Vec<&[u8]> = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    lines.join(&b'\n')
}
