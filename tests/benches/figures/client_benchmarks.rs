//! Benchmarks of the client and the look-ups.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use procfs_core::FromRead as _;
use procfs_core::process::Status;
use tests::ChildProcess;

use crate::compared_servers::{Peer, Tools, Transport, Wish, temporary};
use crate::results_table::Unit;
use crate::rounds::Turns;

/// How much a client sends and receives.
const GIBIBYTE: u64 = 1 << 30;

/// How long a client may take for it.
const DEADLINE: Duration = Duration::from_secs(30);

pub fn measure_clients(turns: &mut Turns, tools: &Tools) -> Result<(), String> {
    // A sparse file: it takes no disk space, and no time to read.
    let input = temporary("a-gibibyte");
    let made = File::create(&input).and_then(|file| file.set_len(GIBIBYTE));
    made.map_err(|error| format!("{}: {error}", input.display()))?;
    // The same server for all clients: the C one if possible, so that ours plays no part.
    let wish = Wish { transport: Transport::Tcp, buffer_size: None, clients: 1, nagle: false };
    let server = Peer::C.start(tools, wish).or_else(|_| Peer::Ours.start(tools, wish))?;
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());

    let command = |name: &str| -> Result<Command, String> {
        let address = format!("TCP:{host}:{port}");
        let (program, arguments) = match name {
            "ours" => (Ok(&tools.tcp_client), vec!["--quiet", "--port", &port]),
            "nc" => (tools.nc.as_ref(), vec!["-N", &host, &port]),
            "ncat" => (tools.ncat.as_ref(), vec![&*host, &port]),
            // It goes on for this many seconds after the end of its input.
            _ => (tools.socat.as_ref(), vec!["-t", "30", "-", &address]),
        };
        let mut command = Command::new(program.map_err(String::clone)?);
        command.args(arguments);
        Ok(command)
    };
    let figures = [
        ("client, 1 GiB through it", Unit::MebibytesPerSecond),
        ("its memory at the most", Unit::Kibibytes),
    ];
    let contestants = ["ours", "nc", "ncat", "socat"].map(|name| (name, name));
    turns.take(&figures, &contestants, |name| through(command(name)?, &input));
    _ = fs::remove_file(input);
    Ok(())
}

/// Runs a client until everything has come back. Returns its rate and memory.
fn through(mut command: Command, input: &Path) -> Result<Vec<f64>, String> {
    let start = Instant::now();
    let input = File::open(input).map_err(|error| error.to_string())?;
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null());
    let client = ChildProcess::spawn(&mut command).map_err(|error| error.to_string())?;
    let pid = client.id();
    let mut output = client.take_stdout().ok_or("no output")?;
    let (done, waits) = mpsc::channel::<()>();
    let (actual, memory) = thread::scope(|scope| {
        let client = &client;
        scope.spawn(move || {
            if waits.recv_timeout(DEADLINE) == Err(mpsc::RecvTimeoutError::Timeout) {
                client.kill();
            }
        });
        let mut buffer = vec![0; 1 << 18];
        let (mut actual, mut memory, mut next) = (0, 0, 0);
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            actual += length as u64;
            if actual >= next {
                memory = peak_memory(pid).unwrap_or(memory);
                next += GIBIBYTE / 32;
            }
        }
        drop(done);
        (actual, memory)
    });
    let finished = client.finish(DEADLINE);
    if actual != GIBIBYTE || !finished.succeeded() {
        return Err(format!("{actual} of {GIBIBYTE} bytes came back, {:?}", finished.status));
    }
    Ok(vec![1024.0 / start.elapsed().as_secs_f64(), memory as f64])
}

/// Returns the peak memory of a process, in KiB.
fn peak_memory(pid: u32) -> Option<u64> {
    Status::from_file(format!("/proc/{pid}/status")).ok()?.vmhwm
}

/// The number of services that one process looks up: one look-up without the cost of the start.
const LOOK_UPS: usize = 10_000;

pub fn measure_look_ups(turns: &mut Turns, tools: &Tools) {
    let time = turns.time;
    let command = |name: &str, service: bool| -> Result<Command, String> {
        let call = if service { "getservbyname(n)" } else { "getaddrinfo(n, None)" };
        let script = format!("import socket, sys\nfor n in sys.argv[1:]: print(socket.{call})");
        let (program, arguments) = match (name, service) {
            ("ours", true) => (Ok(&tools.net_utils), vec!["service"]),
            ("ours", false) => (Ok(&tools.net_utils), vec!["host"]),
            ("getent", true) => (tools.getent.as_ref(), vec!["services"]),
            ("getent", false) => (tools.getent.as_ref(), vec!["ahosts"]),
            _ => (tools.python.as_ref(), vec!["-c", &*script]),
        };
        let mut command = Command::new(program.map_err(String::clone)?);
        command.args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    };
    let run = |command: &mut Command| match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let contestants = ["ours", "getent", "Python"].map(|name| (name, name));

    for (figure, service, asked) in [
        ("look-ups of a host, each in a process", false, "localhost"),
        ("look-ups of a service, each in a process", true, "http"),
    ] {
        turns.take(&[(figure, Unit::PerSecond)], &contestants, |name| {
            let mut command = command(name, service)?;
            command.arg(asked);
            let start = Instant::now();
            let mut number = 0;
            while start.elapsed() < time {
                run(&mut command)?;
                number += 1;
            }
            Ok(vec![f64::from(number) / start.elapsed().as_secs_f64()])
        });
    }

    let figure = ("look-ups of a service, by one process", Unit::PerSecond);
    turns.take(&[figure], &contestants, |name| {
        let took = |number: usize| -> Result<f64, String> {
            let mut command = command(name, true)?;
            command.args(std::iter::repeat_n("http", number));
            let start = Instant::now();
            run(&mut command)?;
            Ok(start.elapsed().as_secs_f64())
        };
        let one = took(1)?;
        Ok(vec![(LOOK_UPS - 1) as f64 / (took(LOOK_UPS)? - one)])
    });
}
