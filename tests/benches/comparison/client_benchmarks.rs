//! Benchmarks of the client and the look-ups.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use procfs_core::FromRead as _;
use procfs_core::process::Status;
use tests::ChildProcess;

use crate::compared_servers::ServerOptions;
use crate::comparison::Comparison;
use crate::installed_programs::{Programs, temporary};

/// How much a client sends and receives.
const GIBIBYTE: u64 = 1 << 30;

/// How long a client may take for it.
const DEADLINE: Duration = Duration::from_secs(30);

pub fn measure_clients(comparison: &mut Comparison) -> Result<(), String> {
    // A sparse file: it takes no disk space, and no time to read.
    let input = temporary("a-gibibyte");
    let made = File::create(&input).and_then(|file| file.set_len(GIBIBYTE));
    made.map_err(|error| format!("{}: {error}", input.display()))?;
    // The same server for all clients: the C one if possible, so that ours plays no part.
    let start = |name| {
        let options = ServerOptions { clients: 1, ..ServerOptions::TCP };
        options.start(&comparison.programs, name)
    };
    let server = start("C").or_else(|_| start("ours"))?;
    let port = server.address.port();
    let figures = ["client, 1 GiB through it, MiB/s", "its peak memory, KiB"];
    comparison.measure(&figures, &["ours", "nc", "ncat", "socat"], |programs, name| {
        let (program, arguments) = match name {
            "ours" => ("day01-tcp-client", format!("--quiet --port {port}")),
            "nc" => (name, format!("-N 127.0.0.1 {port}")),
            "ncat" => (name, format!("127.0.0.1 {port}")),
            // It goes on for this many seconds after the end of its input.
            _ => (name, format!("-t 30 - TCP:127.0.0.1:{port}")),
        };
        let mut command = programs.command(program)?;
        through(command.args(arguments.split(' ')), &input)
    });
    _ = fs::remove_file(input);
    Ok(())
}

/// Runs a client until everything has come back. Returns its rate and memory.
fn through(command: &mut Command, input: &Path) -> Result<Vec<f64>, String> {
    let start = Instant::now();
    let input = File::open(input).map_err(|error| error.to_string())?;
    command.stdin(input).stdout(Stdio::piped());
    let client = ChildProcess::spawn(command).map_err(|error| error.to_string())?;
    let mut output = client.take_stdout().ok_or("no output")?;
    let (mut received, mut memory, mut next) = (0, 0, 0);
    let finished = thread::scope(|scope| {
        let finished = scope.spawn(|| client.finish(DEADLINE));
        let mut buffer = vec![0; 1 << 18];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            received += length as u64;
            if received >= next {
                memory = peak_memory(client.id()).unwrap_or(memory);
                next += GIBIBYTE / 32;
            }
        }
        finished.join().map_err(|_| "the client can't be killed")
    })?;
    if received != GIBIBYTE || !finished.succeeded() {
        return Err(format!("{received} of {GIBIBYTE} bytes came back, {:?}", finished.status));
    }
    Ok(vec![1024.0 / start.elapsed().as_secs_f64(), memory as f64])
}

/// Returns the peak memory of a process, in KiB.
fn peak_memory(pid: u32) -> Option<u64> {
    Status::from_file(format!("/proc/{pid}/status")).ok()?.vmhwm
}

/// The number of services that one process looks up: one look-up without the cost of the start.
const LOOK_UPS: usize = 10_000;

pub fn measure_look_ups(comparison: &mut Comparison) {
    let time = comparison.time;
    let names = ["ours", "getent", "Python"];
    for (figure, service, asked) in [
        ("host look-ups, one process each, /s", false, "localhost"),
        ("service look-ups, one process each, /s", true, "http"),
    ] {
        comparison.measure(&[figure], &names, |programs, name| {
            let mut command = look_up(programs, name, service)?;
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

    let figure = "service look-ups, all in one process, /s";
    comparison.measure(&[figure], &names, |programs, name| {
        let time = |number: usize| -> Result<f64, String> {
            let mut command = look_up(programs, name, true)?;
            command.args(std::iter::repeat_n("http", number));
            let start = Instant::now();
            run(&mut command)?;
            Ok(start.elapsed().as_secs_f64())
        };
        let one = time(1)?;
        Ok(vec![(LOOK_UPS - 1) as f64 / (time(LOOK_UPS)? - one)])
    });
}

/// Returns a command that looks up its further arguments.
fn look_up(programs: &Programs, name: &str, service: bool) -> Result<Command, String> {
    let call = if service { "getservbyname(n)" } else { "getaddrinfo(n, None)" };
    let script = format!("import socket, sys\nfor n in sys.argv[1:]: print(socket.{call})");
    let (program, arguments): (_, &[&str]) = match (name, service) {
        ("ours", true) => ("net-utils", &["service"]),
        ("ours", false) => ("net-utils", &["host"]),
        ("getent", true) => ("getent", &["services"]),
        ("getent", false) => ("getent", &["ahosts"]),
        _ => ("python3", &["-c", &script]),
    };
    let mut command = programs.command(program)?;
    command.args(arguments);
    Ok(command)
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}
