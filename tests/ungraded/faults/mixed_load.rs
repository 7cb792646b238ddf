//! Every kind of client at once, well-behaved or not, for as long as you like.
//!
//! ```text
//! DAY01_MIXED_LOAD_SECONDS=1800 \
//!     cargo test --release -p tests --test ungraded -- --ignored --nocapture mixed_load
//! ```

use std::env;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::{Harness, Program, ResourceUsage, TestedProgram, pattern};

/// How long it runs by default.
const SECONDS: u64 = 20;

/// Timeout for a program, including its start. On a busy machine that can take seconds.
const START: Duration = Duration::from_secs(60);

/// What one kind of client does repeatedly. Each run has its own harness, because the transcript
/// would grow too long.
type Client = fn(&Harness, &TestedProgram);

const TCP_CLIENTS: [(&str, Client); 6] = [
    ("messages", |harness, server| {
        let client = harness.connect(server.address());
        for length in [1, 64, 1000, 10_000] {
            let message = pattern(length);
            client.exchange(&message, &message);
        }
    }),
    ("streams", |harness, server| {
        let client = harness.connect(server.address());
        let message = pattern(4 << 20);
        client.exchange(&message, &message);
        client.end_sending_and_expect(b"");
    }),
    ("silent", |harness, server| drop(harness.connect(server.address()))),
    ("resets", |harness, server| {
        let client = harness.connect(server.address());
        client.send(b"the first half of a mess");
        client.reset();
    }),
    ("unread", |harness, server| {
        let client = harness.connect(server.address());
        client.send(&pattern(50_000));
        client.wait_for_bytes();
    }),
    ("programs", |harness, server| {
        let client = harness.tcp_client(server.address(), &["hello", "你好"]).start();
        client.expect_exit_within(START, 0);
        client.expect_output("hello\n你好\n".as_bytes());
    }),
];

const UDP_CLIENTS: [(&str, Client); 2] = [
    ("datagrams", |harness, server| {
        let client = harness.udp_socket();
        for length in [0, 1, 1472, 1473, 65_507] {
            client.send(&pattern(length), server.address());
            client.expect(&pattern(length));
        }
    }),
    ("udp programs", |harness, server| {
        let arguments = ["--timeout", "60", "hello", "", "你好"];
        let client = harness.udp_client(server.address(), &arguments).start();
        client.expect_exit_within(START, 0);
        client.expect_output("hello\n\n你好\n".as_bytes());
    }),
];

/// The server's `--clients`.
const PLACES: usize = 16;

/// Returns the resources of the TCP server while it serves as many clients as it may.
fn usage_of_all_places(harness: &Harness, server: &TestedProgram) -> ResourceUsage {
    let clients: Vec<_> = (0..PLACES).map(|_| harness.connect(server.address())).collect();
    for client in &clients {
        client.send(b"hello");
    }
    for client in &clients {
        client.expect(b"hello");
    }
    server.usage()
}

#[test]
#[ignore = "long: 20 seconds, or DAY01_MIXED_LOAD_SECONDS"]
fn memory_and_descriptors_stay_flat_under_a_mixed_load() {
    let seconds = env::var("DAY01_MIXED_LOAD_SECONDS").ok().and_then(|text| text.parse().ok());
    let end = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let harness = Harness::for_section("close");
    let arguments =
        ["--port", "0", "--quiet", "--clients", &PLACES.to_string(), "--backlog", "100"];
    let tcp = harness.program(Program::TcpServer, &arguments).start_server("listening on ");
    let udp = harness.udp_server(&["--quiet"]);
    let mut kinds: Vec<_> = TCP_CLIENTS.map(|(name, run)| (name, run, &tcp)).into();
    kinds.extend(UDP_CLIENTS.map(|(name, run)| (name, run, &udp)));

    let before = usage_of_all_places(&harness, &tcp);
    let counts: Vec<AtomicU64> = kinds.iter().map(|_| AtomicU64::new(0)).collect();
    let start = Instant::now();
    // After every kind of client has run once and every thread has started, there are no more
    // one-time allocations.
    let warm_up = (end / 10).min(Duration::from_secs(60));
    let mut usage: Vec<[ResourceUsage; 2]> = Vec::new();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients = kinds.iter().zip(&counts).map(|((_, run, server), count)| {
            scope.spawn(|| {
                while start.elapsed() < end && !stop.load(Ordering::Relaxed) {
                    run(&Harness::for_section("close"), server);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        // A client that fails stops the others.
        while start.elapsed() < end && !clients.iter().any(|client| client.is_finished()) {
            thread::sleep((end / 100).min(Duration::from_secs(1)));
            if start.elapsed() > warm_up {
                usage.push([tcp.usage(), udp.usage()]);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let after = [usage_of_all_places(&harness, &tcp), udp.usage()];
    let actual = format!("{after:?}, {before:?} before");
    harness.check(after[0].descriptors <= before.descriptors, "no more file descriptors", &actual);
    harness.check(after[0].threads <= before.threads, "no more threads", &actual);
    println!("mixed load for {} s:", start.elapsed().as_secs());
    for ((name, ..), count) in kinds.iter().zip(&counts) {
        println!("  {:8} {name}", count.load(Ordering::Relaxed));
    }
    for (index, name) in ["TCP server", "UDP server"].into_iter().enumerate() {
        let all: Vec<ResourceUsage> = usage.iter().map(|both| both[index]).collect();
        let memory = || all.iter().map(|usage| usage.memory);
        let (first, last) = (all[0].memory, after[index].memory);
        let summary = format!(
            "{name}: {} KiB of memory at first, {} to {} KiB since, at most {} descriptors and {} \
             threads",
            first / 1024,
            memory().min().unwrap_or_default() / 1024,
            memory().max().unwrap_or_default() / 1024,
            all.iter().map(|usage| usage.descriptors).max().unwrap_or_default(),
            all.iter().map(|usage| usage.threads).max().unwrap_or_default(),
        );
        println!("  {summary}, {} KiB at the end", last / 1024);
        let flat = last <= first + first / 4 + (1 << 20);
        harness.check(flat, "memory as after the warm-up", summary);
    }
}
