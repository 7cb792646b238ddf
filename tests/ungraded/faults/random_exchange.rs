//! A property test: bytes in any pieces, with any pauses and buffer size, come back equal and in
//! order.

use std::thread;
use std::time::Duration;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use tests::Harness;

/// What a client sends. quickcheck generates it, and shrinks it when a test fails.
#[derive(Debug, Clone)]
struct Conversation {
    pieces: Vec<Piece>,
    buffer_size: u32,
}

#[derive(Debug, Clone)]
struct Piece {
    bytes: Vec<u8>,
    /// The pause before the next piece.
    pause: Duration,
}

impl Arbitrary for Conversation {
    fn arbitrary(random: &mut Gen) -> Self {
        let pieces = Vec::arbitrary(random);
        // Half are below a hundred: most bugs show with short buffers.
        let most = *random.choose(&[3, 100, 5000, 65_536]).expect("there is something to choose");
        let mut buffer_size = 1 + u32::arbitrary(random) % most;
        // A system call per byte of a long message would take too long.
        let length: usize = pieces.iter().map(|piece: &Piece| piece.bytes.len()).sum();
        buffer_size = buffer_size.max(length as u32 / 2000);
        Self { pieces, buffer_size }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let buffer_size = self.buffer_size;
        let shorter = self.pieces.shrink();
        Box::new(shorter.map(move |pieces| Self { pieces, buffer_size }))
    }
}

impl Arbitrary for Piece {
    fn arbitrary(random: &mut Gen) -> Self {
        let mut bytes = Vec::arbitrary(random);
        // Some are larger than all buffers of the program and the kernel.
        if u8::arbitrary(random) < 10 {
            bytes = bytes.repeat(5000);
        }
        let milliseconds = *random.choose(&[0, 0, 0, 1, 3]).expect("there is something to choose");
        Self { bytes, pause: Duration::from_millis(milliseconds) }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let pause = self.pause;
        Box::new(self.bytes.shrink().map(move |bytes| Self { bytes, pause }))
    }
}

impl Conversation {
    fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.bytes.iter().copied()).collect()
    }

    fn send(&self, mut send: impl FnMut(&[u8])) {
        for piece in &self.pieces {
            send(&piece.bytes);
            thread::sleep(piece.pause);
        }
    }
}

fn through_the_server(conversation: Conversation) {
    let harness = Harness::for_section("server-recv-send");
    let buffer_size = conversation.buffer_size.to_string();
    let (_server, client) = harness.connected_server(&["--quiet", "--buffer-size", &buffer_size]);
    let sender = client.sending_half();
    thread::scope(|scope| {
        scope.spawn(|| {
            let sender = sender;
            // If the server closes early, the received bytes show it.
            conversation.send(|bytes| _ = sender.try_send(bytes));
            sender.end_sending();
        });
        client.expect_to_end(&conversation.bytes());
    });
}

fn through_client_and_server(conversation: Conversation) {
    let harness = Harness::for_section("client-send-recv");
    let buffer_size = ["--buffer-size", &conversation.buffer_size.to_string()];
    let server = harness.tcp_server(&[&["--quiet"], &buffer_size[..]].concat());
    let sent = conversation.bytes();
    let client = harness.tcp_client(server.address(), &buffer_size).with_input().keep(sent.len());
    let mut client = client.start();
    conversation.send(|bytes| client.write(bytes));
    client.end_input();
    client.expect_exit_and_output(0, &sent);
}

/// Checks the property this many times.
fn check(property: fn(Conversation), times: u64) {
    QuickCheck::new().tests(times).quickcheck(property);
}

#[test]
fn any_conversation_comes_back_unchanged() {
    check(through_the_server, 6);
}

#[test]
fn any_conversation_comes_back_unchanged_through_the_client() {
    check(through_client_and_server, 3);
}

#[test]
#[ignore = "long: hundreds of conversations"]
fn hundreds_of_conversations_come_back_unchanged() {
    check(through_the_server, 400);
    check(through_client_and_server, 200);
}
