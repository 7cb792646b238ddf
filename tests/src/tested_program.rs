//! A running program under test: its input, address and exit status.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use crate::actual::Actual;
use crate::catalogue::Argument;
use crate::catalogue::Message;
use crate::child_process::{ChildProcess, State, Stream, lock, spawn_thread_of};
use crate::deadline::{DEADLINE, QUIET};
use crate::escaped_bytes::show;
use crate::message;
use crate::program_outcome::{GRACE, ProgramOutcome, exit_message};
use crate::program_watch::ProgramWatch;
#[cfg(target_os = "linux")]
use crate::pseudo_terminal;
use crate::test_report;
use crate::test_step::{Action, Endpoint};
use crate::transcript::Transcript;

/// A running program under test. It's killed when this is dropped.
#[derive(Debug)]
pub struct TestedProgram {
    pub(crate) transcript: Transcript,
    pub(crate) program: Arc<ProgramOutcome>,
    pub(crate) address: Option<SocketAddr>,
    /// Its index among the programs of the transcript.
    place: usize,
}

/// The standard streams of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams {
    /// Whether the test writes to its standard input.
    pub(crate) input: bool,
    pub(crate) output: Output,
    /// The cap for each output, in bytes.
    pub(crate) kept: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Pipe,
    /// A pipe that is closed at its other end.
    Closed,
    /// A pipe that is closed after the first line with this text.
    ClosedAfter(&'static str),
    /// A terminal, also for the input.
    #[cfg(target_os = "linux")]
    Terminal,
}

impl TestedProgram {
    pub(crate) fn start(
        transcript: &Transcript,
        command_line: String,
        command: &mut Command,
        streams: Streams,
    ) -> io::Result<Self> {
        command.stdin(if streams.input { Stdio::piped() } else { Stdio::null() });
        command.stderr(Stdio::piped()).stdout(match streams.output {
            // The reading end is dropped here.
            Output::Closed => io::pipe()?.1.into(),
            _ => Stdio::piped(),
        });
        #[cfg(target_os = "linux")]
        let terminal = match streams.output {
            Output::Terminal => Some(pseudo_terminal::attach(command)?),
            _ => None,
        };

        kill_all_on_ctrl_c();
        #[cfg(target_os = "linux")]
        {
            // A process whose parent has ended becomes a child of the test, which then knows of it.
            _ = nix::sys::prctl::set_child_subreaper(true);
        }
        // The grader kills the process group of a test that hangs, so the program stays in it.
        let process = match test_report::is_for_a_program() {
            true => ChildProcess::spawn_in_same_group(command)?,
            false => ChildProcess::spawn(command)?,
        };
        // The command holds the program's end of the terminal, which must close when the program
        // ends.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());

        let stdin = process.take_stdin().map(|pipe| Box::new(pipe) as Box<dyn Write + Send>);
        let stdout = process.take_stdout().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        #[cfg(target_os = "linux")]
        let (stdin, stdout) = match terminal {
            Some([keyboard, screen]) => {
                (Some(Box::new(keyboard) as _), Some(Box::new(screen) as _))
            }
            None => (stdin, stdout),
        };
        let last_line = match streams.output {
            Output::ClosedAfter(text) => Some(text),
            _ => None,
        };
        process.capture(Stream::Stdout, stdout, streams.kept, last_line);
        process.capture(Stream::Stderr, process.take_stderr(), streams.kept, None);

        let program = Arc::new(ProgramOutcome::new(command_line, process));
        let place = transcript.add_program(&program);
        *lock(&program.input) = stdin.map(|mut stdin| {
            // In a thread, because a program that doesn't read must not block the test.
            let (sender, receiver) = mpsc::channel::<Vec<u8>>();
            spawn_thread_of(program.process.id(), move || {
                for bytes in receiver {
                    // The program has ended or closed its input: its exit status will show which.
                    if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                        break;
                    }
                }
            });
            sender
        });
        Ok(Self { transcript: transcript.clone(), program, address: None, place })
    }

    /// Adds a step to the transcript.
    fn note(&self, action: Action) {
        self.transcript.note(Endpoint::Program(self.place), action);
    }

    /// The address from the server's output.
    #[track_caller]
    pub fn bound_address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| panic!("{self} is no server"))
    }

    /// The address at which a client on this host reaches the server.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        let mut address = self.bound_address();
        match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }

    /// Writes to the program's standard input. Doesn't wait until the program reads it.
    #[track_caller]
    pub fn write(&self, bytes: &[u8]) {
        self.note(Action::Write { bytes: show(bytes) });
        self.transcript.give(None, bytes);
        match &*lock(&self.program.input) {
            // The program may have ended already; then its exit status will show which.
            Some(input) => _ = input.send(bytes.to_vec()),
            None => panic!("started without an input"),
        }
    }

    /// Closes the program's standard input.
    pub fn end_input(&mut self) {
        self.note(Action::EndInput);
        *lock(&self.program.input) = None;
    }

    /// Writes the last part of the program's standard input, and closes it.
    #[track_caller]
    pub fn write_and_end_input(&mut self, bytes: &[u8]) {
        self.write(bytes);
        self.end_input();
    }

    /// Waits until the program ends, and fails unless its exit status is this.
    #[track_caller]
    pub fn expect_exit(&self, expected: i32) {
        self.expect_exit_within(DEADLINE, expected);
    }

    /// The same with another deadline, for a program that has a lot to do.
    #[track_caller]
    pub fn expect_exit_within(&self, time: Duration, expected: i32) {
        let status = self.wait_for_exit_within(time);
        self.check_exit(status, expected, &[expected]);
    }

    /// Waits until the program ends, and fails unless its exit status is one of these two.
    #[track_caller]
    pub fn expect_exit_either(&self, one: i32, other: i32) {
        let status = self.wait_for_exit();
        self.check_exit(status, format!("{one}/{other}"), &[one, other]);
    }

    #[track_caller]
    fn check_exit(&self, status: ExitStatus, expected: impl Into<Argument>, allowed: &[i32]) {
        if !status.code().is_some_and(|code| allowed.contains(&code)) {
            let how = self.program.ended_by_itself().unwrap_or_else(|| exit_message(status));
            let actual = Actual::cause(message!("ended", how));
            self.transcript.fail(message!("expected-exit", status = expected), actual);
        }
    }

    /// Waits until the program has ended and its output is complete. Returns its exit status.
    #[track_caller]
    pub fn wait_for_exit(&self) -> ExitStatus {
        self.wait_for_exit_within(DEADLINE)
    }

    /// The same with another deadline.
    #[track_caller]
    pub fn wait_for_exit_within(&self, time: Duration) -> ExitStatus {
        let waited = self.wait_until(time, |state| state.finished());
        let status = self.program.process.state().status;
        if let Some(status) = status {
            return status;
        }
        let seconds = time.as_secs();
        let blocked = waited.err().flatten();
        let actual = blocked.unwrap_or_else(|| message!("still-running", seconds));
        self.transcript.fail(message!("expected-end"), Actual::cause(actual))
    }

    /// Waits until `condition` holds, at most for `time`. An error says where the program is blocked or that
    /// it's busy, if that's known.
    pub(crate) fn wait_until(
        &self,
        time: Duration,
        mut condition: impl FnMut(&mut State) -> bool,
    ) -> Result<(), Option<Message>> {
        let deadline = Instant::now() + time;
        let mut watch = ProgramWatch::new(&self.transcript);
        let process = &self.program.process;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if process.wait_until(left.min(watch.interval()), &mut condition) {
                return Ok(());
            }
            let blocked = watch.blocked();
            if blocked.is_some() || left.is_zero() {
                let holds = process.wait_until(Duration::ZERO, &mut condition);
                return if holds { Ok(()) } else { Err(blocked.or_else(|| watch.busy())) };
            }
        }
    }

    /// Gives a wrong program time to end too early. A right one passes however long it is.
    pub fn give_time_to_end_too_early(&self) {
        self.program.process.wait_until(5 * QUIET, |state| state.finished());
    }

    /// Fails if the program has ended.
    #[track_caller]
    pub fn expect_running(&self) {
        let status = self.program.process.state().status;
        if let Some(status) = status {
            let actual = message!("ended", how = exit_message(status));
            self.transcript.fail(message!("expected-running"), actual);
        }
    }

    /// Only serves the clients: other systems don't tell what a program uses.
    #[cfg(not(target_os = "linux"))]
    pub fn expect_nothing_left(&self, mut serve: impl FnMut(usize)) {
        serve(16);
    }

    /// Does nothing, as above.
    #[cfg(not(target_os = "linux"))]
    pub fn expect_few_threads(&self) {}

    /// Sends the program a signal.
    #[cfg(unix)]
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        self.note(Action::Signal { name: format!("{signal:?}") });
        if let Err(error) = self.program.signal(signal as i32) {
            let call = format!("kill({signal:?})");
            self.transcript.fail(message!("expected-call", call), Message::from(error.to_string()));
        }
    }
}

impl fmt::Display for TestedProgram {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.program.command_line)
    }
}

impl Drop for TestedProgram {
    fn drop(&mut self) {
        *lock(&self.program.input) = None;
        self.program.kill("killed-by-test");
        // Waits for the rest of its output, unless another process holds the pipe open.
        self.program.process.wait_until(GRACE, |state| state.finished());
    }
}

/// A signal. POSIX fixes these numbers.
#[cfg(unix)]
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt = 2,
    /// The default of `kill`.
    Terminate = 15,
    /// Suspends the program.
    #[cfg(target_os = "linux")]
    Stop = 19,
}

/// Makes Ctrl-C kill the programs under test, and end the test.
///
/// The handler also matters for the programs: they inherit a signal that is ignored, as in the
/// background of a shell, but not one that is handled.
fn kill_all_on_ctrl_c() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It fails only if there is a handler already.
        _ = ctrlc::set_handler(|| {
            ChildProcess::kill_all();
            // 128 and the number of the signal, as in a shell.
            std::process::exit(130)
        });
    });
}
