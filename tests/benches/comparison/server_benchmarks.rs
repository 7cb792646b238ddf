//! Benchmarks of the servers.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::compared_servers::{SERVERS, Server, ServerOptions};
use crate::comparison::Comparison;
use crate::load_generator::{self, Exchange, quantile};

/// Pins this process and its children to one core.
///
/// A round trip takes less time than waking a sleeping core. On two cores, the benchmark would
/// measure where the scheduler puts the two processes.
struct OneCore(Option<CpuSet>);

impl OneCore {
    fn take() -> Self {
        let this = Pid::from_raw(0);
        let all = sched_getaffinity(this).ok();
        let first =
            (0..CpuSet::count()).find(|&core| all.is_some_and(|all| all.is_set(core) == Ok(true)));
        let mut one = CpuSet::new();
        // If this fails, the scheduler chooses.
        if first.is_some_and(|core| one.set(core).is_ok()) {
            _ = sched_setaffinity(this, &one);
        }
        Self(all)
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        if let Some(all) = &self.0 {
            _ = sched_setaffinity(Pid::from_raw(0), all);
        }
    }
}

/// Starts a fresh server for each measurement.
fn compare(
    comparison: &mut Comparison,
    figures: &[&str],
    options: ServerOptions,
    on_one_core: bool,
    run: impl Fn(&Server) -> io::Result<Vec<f64>>,
) {
    comparison.measure(figures, &SERVERS, |programs, name| {
        let _core = on_one_core.then(OneCore::take);
        let server = options.start(programs, name)?;
        run(&server).map_err(|error| load_generator::explain(&error))
    });
}

pub fn measure(comparison: &mut Comparison) {
    measure_round_trips(comparison);
    measure_streams(comparison);
    measure_connections(comparison);
    measure_datagrams(comparison);
}

fn measure_round_trips(comparison: &mut Comparison) {
    let time = comparison.time;
    let message = |length| Exchange { sends: 1, length };
    let round_trips = [
        "round trips, 1 connection, /s",
        "its median time, µs",
        "its 99th percentile, µs",
        "its 99.9th, µs",
    ];
    let round_trips_of_many = [
        "round trips, 32 connections, /s",
        "their median time, µs",
        "their 99th percentile, µs",
        "their 99.9th, µs",
    ];
    for (connections, figures) in [(1, round_trips), (32, round_trips_of_many)] {
        compare(comparison, &figures, ServerOptions::TCP, connections == 1, |server| {
            let (times, rate) =
                load_generator::round_trips(server.address, connections, message(64), time)?;
            let [median, p99, p999] = [0.5, 0.99, 0.999].map(|q| quantile(&times, q));
            Ok(vec![rate, median, p99, p999])
        });
    }

    let twice_the_buffer = "a message of twice the buffer of 1,024 bytes, there and back, /s";
    let ten_lines = "ten lines at once, there and back, /s";
    for (figure, exchange, buffer_size) in [
        (twice_the_buffer, message(2048), Some(1024)),
        (ten_lines, Exchange { sends: 10, length: 64 }, None),
    ] {
        let options = ServerOptions { buffer_size, ..ServerOptions::TCP };
        compare(comparison, &[figure], options, true, |server| {
            let (_, rate) = load_generator::round_trips(server.address, 1, exchange, time)?;
            Ok(vec![rate])
        });
    }

    for (figure, nagle) in [
        ("a reply in two sends, its median time, µs", false),
        ("a reply in two sends with Nagle's algorithm, its median time, µs", true),
    ] {
        let options = ServerOptions { buffer_size: Some(4), nagle, ..ServerOptions::TCP };
        compare(comparison, &[figure], options, true, |server| {
            // The server receives and sends 4 bytes, then the other 2.
            let (times, _) = load_generator::round_trips(server.address, 1, message(6), time)?;
            Ok(vec![quantile(&times, 0.5)])
        });
    }
}

fn measure_streams(comparison: &mut Comparison) {
    let time = comparison.time;
    let small = Some(1024);
    for (figure, connections, buffer_size, nagle) in [
        ("1 connection", 1, None, false),
        ("4 connections", 4, None, false),
        ("1 connection, buffer of 1,024 bytes", 1, small, false),
        ("4 connections, buffer of 1,024 bytes", 4, small, false),
        ("1 connection, buffer of 1,024 bytes, with Nagle's algorithm", 1, small, true),
    ] {
        let figure = format!("stream, {figure}, MiB/s");
        let options = ServerOptions { buffer_size, nagle, ..ServerOptions::TCP };
        compare(comparison, &[&figure], options, false, |server| {
            let bytes = load_generator::stream(server.address, connections, time)?;
            Ok(vec![bytes / f64::from(1 << 20)])
        });
    }
}

fn measure_connections(comparison: &mut Comparison) {
    let time = comparison.time;
    let figure = "connections, one after the other, /s";
    compare(comparison, &[figure], ServerOptions::TCP, false, |server| {
        Ok(vec![load_generator::connections(server.address, time)?])
    });

    let figures = [
        "memory for each of 1,000 idle connections, KiB",
        "memory for each of 4,000 idle connections, KiB",
    ];
    let options = ServerOptions { clients: 4096, ..ServerOptions::TCP };
    compare(comparison, &figures, options, false, |server| {
        let mut idle = Vec::new();
        let mut values = Vec::new();
        for number in [1000, 4000] {
            while idle.len() < number {
                idle.push(load_generator::served_connection(server.address)?);
            }
            values.push(server.memory() / number as f64 / 1024.0);
        }
        // Every connection must still be served.
        for stream in &mut idle {
            load_generator::round_trip(stream, &mut [b'x'; 64])?;
        }
        Ok(values)
    });
}

fn measure_datagrams(comparison: &mut Comparison) {
    let time = comparison.time;
    let options = ServerOptions { udp: true, ..ServerOptions::TCP };
    for (length, size) in [(64, "64 bytes"), (1400, "1,400 bytes")] {
        let round_trips = format!("UDP round trips, {size}, /s");
        let figures = [&*round_trips, "UDP datagrams answered of these, %"];
        compare(comparison, &figures, options, true, |server| {
            let (rate, answered) =
                load_generator::datagram_round_trips(server.address, length, time)?;
            Ok(vec![rate, answered * 100.0])
        });
        let figure = format!("UDP datagrams answered in bursts, {size}, %");
        compare(comparison, &[&figure], options, false, |server| {
            Ok(vec![load_generator::datagram_bursts(server.address, length, time)? * 100.0])
        });
    }
}
