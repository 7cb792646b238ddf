//! Benchmarks of the servers.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::compared_servers::{Peer, Server, Tools, Transport, Wish};
use crate::load_generator::{self, Exchange, Idle};
use crate::results_table::Unit;
use crate::rounds::Turns;

/// The options of most benchmarks.
const WISH: Wish = Wish { transport: Transport::Tcp, buffer_size: None, clients: 64, nagle: false };

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
fn measured(
    tools: &Tools,
    wish: Wish,
    peer: Peer,
    run: impl Fn(&Server) -> io::Result<Vec<f64>>,
) -> Result<Vec<f64>, String> {
    let server = peer.start(tools, wish)?;
    run(&server).map_err(|error| load_generator::explain(&error))
}

pub fn measure(turns: &mut Turns, tools: &Tools) {
    let peers = Peer::ALL.map(|peer| (peer.name(), peer));
    let time = turns.time;
    for (connections, figures) in [
        (1, ["round trips, 1 connection", "its median time", "its 99th percentile", "its 99.9th"]),
        (
            32,
            [
                "round trips, 32 connections",
                "their median time",
                "their 99th percentile",
                "their 99.9th",
            ],
        ),
    ] {
        let units = [Unit::PerSecond, Unit::Microseconds, Unit::Microseconds, Unit::Microseconds];
        let figures: Vec<_> = figures.into_iter().zip(units).collect();
        let run = |server: &Server| {
            let message = Exchange { sends: 1, length: 64 };
            let (times, rate) =
                load_generator::round_trips(server.address, connections, message, time)?;
            let microseconds = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
            Ok(vec![rate, microseconds(0.5), microseconds(0.99), microseconds(0.999)])
        };
        turns.take(&figures, &peers, |peer| {
            let _core = (connections == 1).then(OneCore::take);
            measured(tools, WISH, peer, run)
        });
    }

    measure_answers(turns, tools, &peers);

    for (figure, connections, buffer_size, nagle) in [
        ("stream, 1 connection", 1, None, false),
        ("stream, 4 connections", 4, None, false),
        ("stream, 1 connection, buffer of 1,024 bytes", 1, Some(1024), false),
        ("stream, 4 connections, buffer of 1,024 bytes", 4, Some(1024), false),
        (
            "stream, 1 connection, buffer of 1,024 bytes, with Nagle's algorithm",
            1,
            Some(1024),
            true,
        ),
    ] {
        let run = |server: &Server| {
            let bytes = load_generator::stream(server.address, connections, time)?;
            Ok(vec![bytes / f64::from(1 << 20)])
        };
        let wish = Wish { buffer_size, nagle, ..WISH };
        turns.take(&[(figure, Unit::MebibytesPerSecond)], &peers, |peer| {
            measured(tools, wish, peer, run)
        });
    }

    let run = |server: &Server| Ok(vec![load_generator::connections(server.address, time)?]);
    let figure = ("connections, one after the other", Unit::PerSecond);
    turns.take(&[figure], &peers, |peer| measured(tools, WISH, peer, run));

    let figures = [
        ("memory for each of 1,000 idle connections", Unit::Kibibytes),
        ("memory for each of 4,000 idle connections", Unit::Kibibytes),
    ];
    let run = |server: &Server| {
        let mut idle = Idle::new();
        let mut values = Vec::new();
        for number in [1000, 4000] {
            idle.hold(server.address, number)?;
            values.push(server.memory() / number as f64 / 1024.0);
        }
        idle.check()?;
        Ok(values)
    };
    let wish = Wish { clients: 4096, ..WISH };
    turns.take(&figures, &peers, |peer| measured(tools, wish, peer, run));

    let wish = Wish { transport: Transport::Udp, ..WISH };
    for (length, round_trips, bursts) in [
        (64, "UDP round trips, 64 bytes", "UDP answered of bursts, 64 bytes"),
        (1400, "UDP round trips, 1,400 bytes", "UDP answered of bursts, 1,400 bytes"),
    ] {
        let run = |server: &Server| {
            let (rate, answered) =
                load_generator::datagram_round_trips(server.address, length, time)?;
            Ok(vec![rate, answered * 100.0])
        };
        let figures = [(round_trips, Unit::PerSecond), ("UDP answered of these", Unit::Percent)];
        turns.take(&figures, &peers, |peer| {
            let _core = OneCore::take();
            measured(tools, wish, peer, run)
        });
        let run = |server: &Server| {
            Ok(vec![load_generator::datagram_bursts(server.address, length, time)? * 100.0])
        };
        turns.take(&[(bursts, Unit::Percent)], &peers, |peer| measured(tools, wish, peer, run));
    }
}

/// Replies that take several sends.
fn measure_answers(turns: &mut Turns, tools: &Tools, peers: &[(&'static str, Peer)]) {
    let time = turns.time;
    for (figure, exchange, buffer_size) in [
        (
            "a message of twice the buffer of 1,024 bytes, there and back",
            Exchange { sends: 1, length: 2048 },
            Some(1024),
        ),
        ("ten lines at once, there and back", Exchange { sends: 10, length: 64 }, None),
    ] {
        let run = |server: &Server| {
            let (_, rate) = load_generator::round_trips(server.address, 1, exchange, time)?;
            Ok(vec![rate])
        };
        let wish = Wish { buffer_size, ..WISH };
        turns.take(&[(figure, Unit::PerSecond)], peers, |peer| {
            let _core = OneCore::take();
            measured(tools, wish, peer, run)
        });
    }

    // The server receives and sends 4 bytes, then the other 2.
    let run = |server: &Server| {
        let message = Exchange { sends: 1, length: 6 };
        let (times, _) = load_generator::round_trips(server.address, 1, message, time)?;
        Ok(vec![times.value_at_quantile(0.5) as f64 / 1000.0])
    };
    for (figure, nagle) in [
        ("a reply in two sends, its median time", false),
        ("a reply in two sends with Nagle's algorithm, its median time", true),
    ] {
        let wish = Wish { buffer_size: Some(4), nagle, ..WISH };
        turns.take(&[(figure, Unit::Microseconds)], peers, |peer| {
            let _core = OneCore::take();
            measured(tools, wish, peer, run)
        });
    }
}
