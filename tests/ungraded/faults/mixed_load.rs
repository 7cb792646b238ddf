//! Every kind of client at once, well-behaved or not, for as long as you like.
//!
//! ```text
//! DAY01_MIXED_LOAD_SECONDS=1800 \
//!     cargo test --release -p tests --test ungraded -- --ignored --nocapture mixed_load
//! ```

use std::env;
use std::fmt;
use std::sync::Arc;
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

/// The minimum and maximum of a server's resources.
struct Range {
    name: &'static str,
    first: ResourceUsage,
    least: ResourceUsage,
    most: ResourceUsage,
}

impl Range {
    fn new(name: &'static str, first: ResourceUsage) -> Self {
        Self { name, first, least: first, most: first }
    }

    fn add(&mut self, now: ResourceUsage) {
        self.least.memory = self.least.memory.min(now.memory);
        self.most.memory = self.most.memory.max(now.memory);
        self.most.descriptors = self.most.descriptors.max(now.descriptors);
        self.most.threads = self.most.threads.max(now.threads);
    }
}

impl fmt::Display for Range {
    fn fmt(&self, line: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, first, least, most } = self;
        write!(
            line,
            "{name}: {} KiB of memory at first, {} to {} KiB since, at most {} descriptors and \
             {} threads",
            first.memory / 1024,
            least.memory / 1024,
            most.memory / 1024,
            most.descriptors,
            most.threads,
        )
    }
}

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
    let kinds: Vec<(&str, Client, &TestedProgram)> = (TCP_CLIENTS
        .map(|(name, run)| (name, run, &tcp)))
    .into_iter()
    .chain(UDP_CLIENTS.map(|(name, run)| (name, run, &udp)))
    .collect();

    let before = usage_of_all_places(&harness, &tcp);
    let counts: Vec<AtomicU64> = kinds.iter().map(|_| AtomicU64::new(0)).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    // After every kind of client has run once and every thread has started, there are no more
    // one-time allocations.
    let warm_up = (end / 10).min(Duration::from_secs(60));
    let mut ranges = Vec::new();
    thread::scope(|scope| {
        // A failed check in one thread stops the others.
        let stop_on_panic = |stop: &Arc<AtomicBool>| StopOnDrop(Arc::clone(stop));
        for ((_, run, server), count) in kinds.iter().zip(&counts) {
            let guard = stop_on_panic(&stop);
            scope.spawn(move || {
                while !guard.0.load(Ordering::Relaxed) {
                    let harness = Harness::for_section("close");
                    run(&harness, server);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _guard = stop_on_panic(&stop);
        while start.elapsed() < end && !stop.load(Ordering::Relaxed) {
            thread::sleep((end / 100).min(Duration::from_secs(1)));
            if start.elapsed() > warm_up {
                let now = [("TCP server", tcp.usage()), ("UDP server", udp.usage())];
                if ranges.is_empty() {
                    ranges = now.map(|(name, usage)| Range::new(name, usage)).into();
                }
                ranges.iter_mut().zip(now).for_each(|(range, (_, usage))| range.add(usage));
            }
        }
    });
    let after = [usage_of_all_places(&harness, &tcp), udp.usage()];
    let actual = format!("{after:?}, {before:?} before");
    harness.check(after[0].descriptors <= before.descriptors, "no more file descriptors", &actual);
    harness.check(after[0].threads <= before.threads, "no more threads", &actual);
    println!("mixed load for {} s:", start.elapsed().as_secs());
    for ((name, ..), count) in kinds.iter().zip(&counts) {
        println!("  {:8} {name}", count.load(Ordering::Relaxed));
    }
    for (range, after) in ranges.iter().zip(after) {
        println!("  {range}, {} KiB at the end", after.memory / 1024);
        let flat = after.memory <= range.first.memory + range.first.memory / 4 + (1 << 20);
        harness.check(flat, "memory as after the warm-up", range.to_string());
    }
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
