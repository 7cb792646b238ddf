//! A command that starts a program under test.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::Ordering;

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::child_process::Stream;
use crate::escaped_bytes::{escape, quoted};
use crate::message;
#[cfg(target_os = "linux")]
use crate::network_namespace::NetworkNamespace;
use crate::program_paths::Program;
use crate::tested_program::{Output, Streams, TestedProgram};
use crate::transcript::Transcript;

/// The cap for each output unless a test sets another: enough for every message, but a flood
/// doesn't fill the memory.
const KEPT: usize = 1 << 20;

/// A command that starts a program under test.
#[derive(Debug)]
pub struct ProgramCommand {
    transcript: Transcript,
    command: Command,
    /// The command line for the report.
    line: String,
    streams: Streams,
}

impl ProgramCommand {
    pub(crate) fn new(
        transcript: Transcript,
        program: Program,
        program_command: &[OsString],
        arguments: &[&str],
    ) -> Self {
        let mut line = program.name().to_owned();
        for argument in arguments {
            let plain = !argument.is_empty() && !argument.contains([' ', '\'', '"', '\n']);
            line.push(' ');
            line.push_str(&match argument {
                _ if argument.len() > 60 => quoted(argument.as_bytes()),
                _ if plain => escape(argument.as_bytes()),
                _ => format!("'{}'", escape(argument.as_bytes())),
            });
        }
        let (path, first) = program_command.split_first().expect("a command has a program");
        let mut command = Command::new(path);
        command.args(first);
        // No backtraces, as for students.
        command.args(arguments).env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
        let streams = Streams { input: false, output: Output::Pipe, kept: KEPT };
        Self { transcript, command, line, streams }
    }

    /// Gives the program a standard input to write to. Otherwise it's empty.
    pub fn with_input(mut self) -> Self {
        self.streams.input = true;
        self
    }

    /// Gives the program a terminal as standard input, output and error. The test reads the screen
    /// as its standard output.
    #[cfg(target_os = "linux")]
    pub fn in_terminal(mut self) -> Self {
        self.streams.output = Output::Terminal;
        self
    }

    /// Closes standard output after the first line with this text, as `| head -1` does.
    pub fn close_output_after(mut self, text: &'static str) -> Self {
        self.streams.output = Output::ClosedAfter(text);
        self
    }

    /// Makes standard output a pipe that is closed at its other end.
    pub fn without_reader(mut self) -> Self {
        self.streams.output = Output::Closed;
        self
    }

    /// Sets the cap for each output, for a test that compares a large one.
    pub fn keep(mut self, bytes: usize) -> Self {
        // One more, to detect an output that is too long.
        self.streams.kept = (bytes + 1).max(KEPT);
        self
    }

    /// Adds an argument, which doesn't have to be UTF-8.
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Limits the open files and sockets of the program.
    #[cfg(unix)]
    pub fn file_limit(self, files: u32) -> Self {
        self.wrapped("sh", &["-c", &format!(r#"ulimit -n {files}; exec "$@""#), "sh"])
    }

    /// Runs the program in a [`NetworkNamespace`].
    #[cfg(target_os = "linux")]
    pub fn in_network(self, network: &NetworkNamespace) -> Self {
        self.wrapped("nsenter", &network.entrance())
    }

    /// Starts another program, which execs this one.
    #[cfg(unix)]
    fn wrapped(mut self, program: &str, arguments: &[impl AsRef<OsStr>]) -> Self {
        let mut wrapper = Command::new(program);
        wrapper.args(arguments).arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => wrapper.env(name, value),
                None => wrapper.env_remove(name),
            };
        }
        self.command = wrapper;
        self
    }

    /// Starts the program.
    #[track_caller]
    pub fn start(mut self) -> TestedProgram {
        let line = self.line.clone();
        match TestedProgram::start(&self.transcript, line, &mut self.command, self.streams) {
            Ok(process) => process,
            Err(error) => {
                let path = self.command.get_program().to_string_lossy();
                let why = match error.kind() {
                    ErrorKind::PermissionDenied => message!("not-executable", path),
                    _ => Message::from(format!("{path}: {error}")),
                };
                let actual = Actual::cause(message!("cannot-start", why));
                self.transcript.fail(message!("expected-start", program = self.line), actual)
            }
        }
    }

    /// Starts the program, and waits until it ends with this exit status.
    #[track_caller]
    pub fn run(self, status: i32) -> TestedProgram {
        let process = self.start();
        process.expect_exit(status);
        process
    }

    /// Starts a server, and waits for the line that starts with `line_start` and ends with its
    /// address.
    #[track_caller]
    pub fn start_server(self, line_start: &'static str) -> TestedProgram {
        let mut server = self.start();
        let line = match server.search_line(Stream::Stdout, |line| line.starts_with(line_start)) {
            Ok(line) => line,
            Err(actual) => {
                let is_blocked =
                    actual.cause.as_deref().is_some_and(|it| it.starts_with("blocked"));
                let printed = server.stdout();
                let finding = if is_blocked { server.probe_line(line_start) } else { None };
                // It may be about to print its error.
                server.program.end_for_report();
                let mut actual = match server.program.ended_by_itself() {
                    Some(how) if !is_blocked => Actual::cause(message!("ended", how)),
                    _ => *actual,
                };
                // What it printed instead comes first.
                if !printed.is_empty() {
                    actual = Actual::bytes_before(&printed).then(actual);
                }
                actual.finding = finding;
                let expected = message!("expected-listening-line", start = line_start);
                server.transcript.fail(expected, actual)
            }
        };
        let address = line.strip_prefix(line_start).unwrap_or(&line);
        match address.parse::<SocketAddr>() {
            Ok(address) if address.port() != 0 => {
                server.address = Some(address);
                server.program.serves.store(true, Ordering::Relaxed);
            }
            _ => server.transcript.fail_for(
                "server-bind",
                message!("expected-address-line", start = line_start),
                Message::from(line),
            ),
        }
        server
    }
}
