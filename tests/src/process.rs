//! A program that runs: its input, its output, and its end.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, Once, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shared_child::SharedChild;

use crate::bytes::{escape, show};
use crate::deadline::{DEADLINE, QUIET};
#[cfg(target_os = "linux")]
use crate::network::Network;
use crate::programs::Program;
use crate::stage::{Stage, lock};
#[cfg(target_os = "linux")]
use crate::usage::Usage;

/// How much of each output is kept unless a test asks for more: enough for every message, and
/// a program that floods its output does not eat the memory.
const KEPT: usize = 1 << 20;

/// How long a report waits for a program that is about to end by itself.
const GRACE: Duration = Duration::from_millis(200);

/// A command, ready to start.
#[derive(Debug)]
pub struct Launch {
    stage: Stage,
    program: Program,
    command: Command,
    line: String,
    input: Input,
    output: Output,
    kept: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Empty,
    Pipe,
    #[cfg(target_os = "linux")]
    Terminal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Pipe,
    /// A pipe whose reader has gone away already.
    Closed,
    /// A pipe whose reader goes away after the first line with this in it.
    ClosedAfter(&'static str),
    #[cfg(target_os = "linux")]
    Terminal,
}

impl Launch {
    pub(crate) fn new(stage: Stage, program: Program, path: PathBuf, arguments: &[&str]) -> Self {
        let mut line = program.name().to_owned();
        for argument in arguments {
            let plain = !argument.is_empty() && !argument.contains([' ', '\'', '"', '\n']);
            line.push(' ');
            line.push_str(&match argument {
                _ if argument.len() > 60 => format!("({})", show(argument.as_bytes())),
                _ if plain => escape(argument.as_bytes()),
                _ => format!("'{}'", escape(argument.as_bytes())),
            });
        }
        let mut command = Command::new(path);
        // What a student has: no backtraces asked for.
        command.args(arguments).env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
        let (input, output) = (Input::Empty, Output::Pipe);
        Self { stage, program, command, line, input, output, kept: KEPT }
    }

    /// Gives the program a standard input to write to; without, its input is empty.
    pub fn with_input(mut self) -> Self {
        self.input = Input::Pipe;
        self
    }

    /// Gives the program a terminal as its input, output and error. What is on the screen is
    /// its standard output then. On Linux only.
    #[cfg(target_os = "linux")]
    pub fn in_terminal(mut self) -> Self {
        self.input = Input::Terminal;
        self.output = Output::Terminal;
        self
    }

    /// Stops reading standard output after the first line with this text, as `| head -1` does.
    pub fn close_output_after(mut self, text: &'static str) -> Self {
        self.output = Output::ClosedAfter(text);
        self
    }

    /// Makes standard output a pipe that nobody reads.
    pub fn without_reader(mut self) -> Self {
        self.output = Output::Closed;
        self
    }

    /// Sets a variable of the program's environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets the program have at most this many open files and sockets.
    #[cfg(unix)]
    pub fn file_limit(self, files: u32) -> Self {
        self.wrapped("sh", &["-c", &format!(r#"ulimit -n {files}; exec "$@""#), "sh"])
    }

    /// Runs the program in a network of its own, see [`Network`].
    #[cfg(target_os = "linux")]
    pub fn in_network(self, network: &Network) -> Self {
        self.wrapped("nsenter", &network.entrance())
    }

    /// Starts another program, which replaces itself with this one.
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

    /// Adds an argument that need not be text.
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Keeps this many bytes of each output, for a test that compares a large output.
    pub fn keep(mut self, bytes: usize) -> Self {
        // One more, so that an output that is too long shows.
        self.kept = (bytes + 1).max(KEPT);
        self
    }

    /// Starts the program.
    #[track_caller]
    pub fn start(self) -> Process {
        let Self { stage, program, mut command, line, input, output, kept } = self;
        stage.note(format!("start {line}"));
        let started = Process::start(&stage, &mut command, line, input, output, kept);
        started.unwrap_or_else(|error| {
            let path = command.get_program().display().to_string();
            stage.fail(&format!("to start {program}"), &format!("{error} ({path})"))
        })
    }

    /// Starts the program and waits until it has ended with this exit status.
    #[track_caller]
    pub fn run(self, status: i32) -> Process {
        let process = self.start();
        process.expect_exit(status);
        process
    }

    /// Starts a server, and waits for the line that begins so and goes on with its address.
    /// Another server than [`Stage::tcp_server`] starts: with a fixed port, for example.
    #[track_caller]
    pub fn start_server(self, line_start: &'static str) -> Process {
        let mut server = self.start();
        let expected = format!("that begins with `{line_start}`");
        let found =
            server.search_line(Stream::Stdout, &expected, |line| line.starts_with(line_start));
        let line = found.unwrap_or_else(|(expected, came)| {
            // It may be about to say more.
            server.shared.end_for_report();
            if server.stderr().contains("in use") {
                let mistake = "its port is in use: it does not take the port of --port";
                server.stage.fail_for("ports", mistake, &expected, came);
            }
            let mistake = format!(
                "the line `{line_start}IP:PORT` is missing, is not flushed, or comes too late"
            );
            server.stage.fail_for("server-listen", &mistake, &expected, came)
        });
        let address = line.strip_prefix(line_start).unwrap_or(&line);
        match address.parse::<SocketAddr>() {
            Ok(address) if address.port() != 0 => {
                server.address = Some(address);
                lock(&server.shared.state).serves = true;
            }
            _ => server.stage.fail_for(
                "server-bind",
                "it prints the address before the socket has one: print where it is bound",
                &format!("a line `{line_start}IP:PORT` with the address that clients can use"),
                &line,
            ),
        }
        server
    }
}

/// A program that runs. It is killed when this handle is dropped, on panic too.
#[derive(Debug)]
pub struct Process {
    stage: Stage,
    shared: Arc<Shared>,
    address: Option<SocketAddr>,
    input: Option<Sender<Vec<u8>>>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads of a process share with its handle and with the report.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) command_line: String,
    child: SharedChild,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    stdout: Captured,
    stderr: Captured,
    status: Option<ExitStatus>,
    killed: Option<&'static str>,
    /// The test sent a signal that asks it to end.
    signalled: bool,
    /// It said where it listens, or is bound: it is not to end by itself.
    serves: bool,
}

#[derive(Debug, Default)]
struct Captured {
    kept: Vec<u8>,
    limit: usize,
    total: usize,
    ended: bool,
}

/// What a report shows of a program.
pub(crate) struct Said {
    pub(crate) ended: String,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stdout_total: usize,
    pub(crate) stderr: Vec<u8>,
    pub(crate) stderr_total: usize,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Stdout,
    Stderr,
}

impl State {
    fn captured(&mut self, stream: Stream) -> &mut Captured {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn finished(&self) -> bool {
        self.status.is_some() && self.stdout.ended && self.stderr.ended
    }
}

impl Process {
    fn start(
        stage: &Stage,
        command: &mut Command,
        command_line: String,
        input: Input,
        output: Output,
        kept: usize,
    ) -> io::Result<Self> {
        command.stdin(if input == Input::Pipe { Stdio::piped() } else { Stdio::null() });
        command.stderr(Stdio::piped()).stdout(match output {
            // The reader is dropped right here.
            Output::Closed => io::pipe()?.1.into(),
            _ => Stdio::piped(),
        });
        #[cfg(target_os = "linux")]
        let terminal =
            crate::terminal::attach(command, input == Input::Terminal, output == Output::Terminal)?;

        hear_ctrl_c();
        let child = SharedChild::spawn(command)?;
        let (stdin, stdout, stderr) =
            (child.take_stdin(), child.take_stdout(), child.take_stderr());
        // The command holds the program's ends of a terminal, which must close with the program.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());

        let captured = || Captured { limit: kept, ..Captured::default() };
        let mut state = State {
            stdout: captured(),
            stderr: captured(),
            status: None,
            killed: None,
            signalled: false,
            serves: false,
        };
        let mut streams: Vec<(Stream, Box<dyn Read + Send>)> = Vec::new();
        let mut stdin: Option<Box<dyn Write + Send>> = stdin.map(|pipe| Box::new(pipe) as _);
        match stdout {
            Some(pipe) => streams.push((Stream::Stdout, Box::new(pipe))),
            None => state.stdout.ended = true,
        }
        match stderr {
            Some(pipe) => streams.push((Stream::Stderr, Box::new(pipe))),
            None => state.stderr.ended = true,
        }
        #[cfg(target_os = "linux")]
        if let Some(terminal) = terminal {
            if input == Input::Terminal {
                stdin = Some(Box::new(terminal.try_clone()?));
            }
            state.stdout.ended = false;
            streams.push((Stream::Stdout, Box::new(terminal)));
        }

        let (state, changed) = (Mutex::new(state), Condvar::new());
        let shared = Arc::new(Shared { command_line, child, state, changed });
        stage.add_program(&shared);
        let mut threads = Vec::new();
        let stop_after = match output {
            Output::ClosedAfter(text) => Some(text),
            _ => None,
        };
        for (stream, pipe) in streams {
            let shared = Arc::clone(&shared);
            let stop_after = stop_after.filter(|_| matches!(stream, Stream::Stdout));
            threads.push(thread::spawn(move || shared.read(stream, pipe, stop_after)));
        }
        let waiter = Arc::clone(&shared);
        threads.push(thread::spawn(move || waiter.wait()));
        let input = stdin.map(|mut stdin| {
            // A thread, because a program that does not read must not block the test.
            let (sender, receiver) = mpsc::channel::<Vec<u8>>();
            threads.push(thread::spawn(move || {
                for bytes in receiver {
                    // The program has ended or closed its input: its exit status tells.
                    if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                        break;
                    }
                }
            }));
            sender
        });
        Ok(Self { stage: stage.clone(), shared, address: None, input, threads })
    }

    /// Where a server said that it listens, or is bound.
    #[track_caller]
    pub fn bound_address(&self) -> SocketAddr {
        self.address.unwrap_or_else(|| panic!("{} is no server", self.shared.command_line))
    }

    /// Where a client on this machine reaches the server.
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

    /// Writes to the program's standard input. Does not wait until the program has read it.
    #[track_caller]
    pub fn write(&self, bytes: &[u8]) {
        self.stage.note(format!("write {} to standard input", show(bytes)));
        match &self.input {
            // The program may have ended already; then its exit status tells.
            Some(input) => _ = input.send(bytes.to_vec()),
            None => panic!("started without an input"),
        }
    }

    /// Closes the program's standard input.
    pub fn end_input(&mut self) {
        self.stage.note("close standard input".to_owned());
        self.input = None;
    }

    /// Waits for a whole line of standard output that begins so, and gives it.
    #[track_caller]
    pub fn wait_for_line(&self, start: &str) -> String {
        self.find_line(Stream::Stdout, &format!("that begins with `{start}`"), |line| {
            line.starts_with(start)
        })
    }

    /// Waits for a whole line of standard output with all these texts in it, and gives it.
    #[track_caller]
    pub fn wait_for_line_with(&self, texts: &[&str]) -> String {
        self.find_line(Stream::Stdout, &format!("with {texts:?} in it"), |line| {
            texts.iter().all(|text| line.contains(text))
        })
    }

    /// Waits for a whole line of standard error with all these texts in it, and gives it.
    #[track_caller]
    pub fn wait_for_error_line_with(&self, texts: &[&str]) -> String {
        self.find_line(Stream::Stderr, &format!("with {texts:?} in it"), |line| {
            texts.iter().all(|text| line.contains(text))
        })
    }

    #[track_caller]
    fn find_line(&self, stream: Stream, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        let found = self.search_line(stream, what, is_it);
        found.unwrap_or_else(|(expected, came)| self.stage.fail(&expected, came))
    }

    /// The line, or what to report when there is none: what was expected, and what came.
    fn search_line(
        &self,
        stream: Stream,
        what: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<String, (String, &'static str)> {
        let mut searched = 0;
        let mut found = None;
        let in_time = self.shared.wait_until(DEADLINE, |state| {
            let captured = state.captured(stream);
            while found.is_none()
                && let Some(length) = captured.kept[searched..].iter().position(|&b| b == b'\n')
            {
                let line = &captured.kept[searched..searched + length];
                let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
                searched += length + 1;
                found = Some(line).filter(|line| is_it(line));
            }
            found.is_some() || captured.ended
        });
        let stream = match stream {
            Stream::Stdout => "standard output",
            Stream::Stderr => "standard error",
        };
        found.ok_or_else(|| {
            let came = if in_time { "its end without such a line" } else { "no such line in 5 s" };
            (format!("a line on {stream} {what}"), came)
        })
    }

    /// Waits until standard output begins with these bytes: what a person sees by now. It may
    /// go on after them.
    #[track_caller]
    pub fn expect_output_so_far(&self, expected: &[u8]) {
        self.shared.wait_until(DEADLINE, |state| {
            let came = &state.stdout.kept;
            came.len() >= expected.len() || !expected.starts_with(came) || state.stdout.ended
        });
        let came = lock(&self.shared.state).stdout.kept.clone();
        let came = &came[..came.len().min(expected.len())];
        self.stage.check_bytes("standard output without waiting for more", expected, came);
    }

    /// Fails if anything comes on standard output within [`QUIET`].
    #[track_caller]
    pub fn expect_no_output_yet(&self) {
        if self.shared.wait_until(QUIET, |state| state.stdout.total > 0) {
            self.stage.fail("nothing on standard output yet", &show(&self.stdout()));
        }
    }

    /// Waits until standard output is as wished, which is told what came so far and whether the
    /// program has ended. Gives false when that did not happen in time.
    pub fn wait_for_output(&self, mut wished: impl FnMut(&[u8], bool) -> bool) -> bool {
        self.shared.wait_until(DEADLINE, |state| {
            let ended = state.finished();
            wished(&state.stdout.kept, ended) || ended
        });
        let state = lock(&self.shared.state);
        let ended = state.finished();
        wished(&state.stdout.kept, ended)
    }

    /// Waits until standard output holds this text.
    #[track_caller]
    pub fn wait_for_output_with(&self, text: &str) {
        let mut searched = 0;
        let mut found = false;
        self.shared.wait_until(DEADLINE, |state| {
            let kept = &state.stdout.kept;
            found = kept[searched..].windows(text.len()).any(|part| part == text.as_bytes());
            searched = kept.len().saturating_sub(text.len());
            found || state.stdout.ended
        });
        if !found {
            self.stage.fail(&format!("{text:?} on standard output"), "no such text in 5 s");
        }
    }

    /// Waits until the program has ended, and fails unless its exit status is this.
    #[track_caller]
    pub fn expect_exit(&self, expected: i32) {
        self.expect_exit_within(DEADLINE, expected);
    }

    /// The same with another deadline, for a program that has much to do.
    #[track_caller]
    pub fn expect_exit_within(&self, time: Duration, expected: i32) {
        let status = self.wait_for_exit_within(time, &format!("exit status {expected}"));
        if status.code() != Some(expected) {
            self.stage.fail(&format!("exit status {expected}"), &in_words(status));
        }
    }

    /// Waits until the program has ended and its output is complete, and gives its status.
    #[track_caller]
    pub fn wait_for_exit(&self, expected: &str) -> ExitStatus {
        self.wait_for_exit_within(DEADLINE, expected)
    }

    /// The same with another deadline.
    #[track_caller]
    pub fn wait_for_exit_within(&self, time: Duration, expected: &str) -> ExitStatus {
        self.shared.wait_until(time, |state| state.finished());
        let status = lock(&self.shared.state).status;
        status.unwrap_or_else(|| {
            self.stage.fail(
                &format!("the program to end with {expected}"),
                &format!(
                    "it still ran after {} s: it waits in a blocking call. See NOTES.md#blocking",
                    time.as_secs()
                ),
            )
        })
    }

    /// What the program has of the system's resources now.
    #[cfg(target_os = "linux")]
    #[track_caller]
    pub fn usage(&self) -> Usage {
        let pid = self.shared.child.id();
        Usage::of(pid).unwrap_or_else(|error| {
            self.stage.fail("the program still runs", &format!("/proc/{pid}: {error}"))
        })
    }

    /// All that came on standard output so far.
    pub fn stdout(&self) -> Vec<u8> {
        lock(&self.shared.state).stdout.kept.clone()
    }

    /// All that came on standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&lock(&self.shared.state).stderr.kept).into_owned()
    }

    /// Fails unless standard output, complete after the program's end, is exactly this.
    #[track_caller]
    pub fn expect_output(&self, expected: &[u8]) {
        self.stage.check_bytes("standard output", expected, &self.stdout());
    }

    /// Fails unless the program, which has ended, left exactly one line on standard error, with
    /// all these texts in it. (A client is started with `--quiet` for this: its steps are
    /// there, too.)
    #[track_caller]
    pub fn expect_error_line(&self, texts: &[&str]) {
        let stderr = self.stderr();
        let holds = stderr.lines().count() == 1
            && stderr.trim().len() + 1 == stderr.len()
            && !stderr.contains("panicked")
            && texts.iter().all(|text| stderr.contains(text));
        let with = if texts.is_empty() { String::new() } else { format!(" with {texts:?} in it") };
        let came = if stderr.contains("panicked") { "a panic" } else { stderr.as_str() };
        let expected = format!("one line on standard error{with}, which says what to do");
        self.stage.check(holds, &expected, if came.is_empty() { "nothing" } else { came });
    }

    /// Fails if the program said anything on standard error.
    #[track_caller]
    pub fn expect_no_errors(&self) {
        self.stage.check_bytes("standard error", b"", self.stderr().as_bytes());
    }

    /// Fails if this text is on standard output.
    #[track_caller]
    pub fn expect_no_output_with(&self, text: &str) {
        let stdout = String::from_utf8_lossy(&self.stdout()).into_owned();
        let expected = format!("no {text:?} on standard output");
        self.stage.check(!stdout.contains(text), &expected, &stdout);
    }

    /// Fails if the program has ended.
    #[track_caller]
    pub fn expect_running(&self) {
        let status = lock(&self.shared.state).status;
        if let Some(status) = status {
            self.stage.fail("the program still runs", &in_words(status));
        }
    }

    /// Waits until the reader of standard output has gone away, see
    /// [`Launch::close_output_after`].
    #[track_caller]
    pub fn wait_for_closed_output(&self) {
        if !self.shared.wait_until(DEADLINE, |state| state.stdout.ended) {
            self.stage.fail("the line after which standard output is closed", "no such line");
        }
    }

    /// Sends the program a signal.
    #[cfg(unix)]
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        use shared_child::unix::SharedChildExt as _;

        self.stage.note(format!("send {signal:?}"));
        lock(&self.shared.state).signalled = true;
        if let Err(error) = self.shared.child.send_signal(signal as i32) {
            self.stage.fail(&format!("to send {signal:?}"), &error.to_string());
        }
    }
}

/// A signal that asks a program to end. POSIX fixes both numbers for the `kill` command.
#[cfg(unix)]
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// What Ctrl-C sends.
    Interrupt = 2,
    /// What `kill` sends.
    Terminate = 15,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.shared.kill("killed by the test");
        self.input = None;
        // A program may have started another one, which goes on and keeps the pipes open: the
        // threads that wait for it are left behind then, the test is not held up.
        if !self.shared.wait_until(GRACE, |state| state.finished()) {
            return;
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked said so already.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    /// Waits until the state is as wished, at most so long. Says whether it is.
    fn wait_until(&self, time: Duration, mut wished: impl FnMut(&mut State) -> bool) -> bool {
        let deadline = Instant::now() + time;
        let mut state = lock(&self.state);
        while !wished(&mut state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            (state, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    fn read(&self, stream: Stream, mut pipe: Box<dyn Read + Send>, stop_after: Option<&str>) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A terminal whose other end is closed gives an error instead of an end.
                Ok(0) | Err(_) => break,
                Ok(length) => length,
            };
            let mut stop = false;
            self.update(|state| {
                let captured = state.captured(stream);
                captured.total += length;
                let room = captured.limit - captured.kept.len();
                captured.kept.extend_from_slice(&buffer[..length.min(room)]);
                stop = stop_after.is_some_and(|text| {
                    let lines = String::from_utf8_lossy(&captured.kept);
                    lines.split_inclusive('\n').any(|l| l.ends_with('\n') && l.contains(text))
                });
            });
            if stop {
                break;
            }
        }
        drop(pipe);
        self.update(|state| state.captured(stream).ended = true);
    }

    fn wait(&self) {
        // It fails only if the child was not ours to wait for.
        if let Ok(status) = self.child.wait() {
            self.update(|state| state.status = Some(status));
        }
    }

    /// Ends the program, unless it has ended. `when` is what a report says instead of its status.
    fn kill(&self, when: &'static str) {
        let mut state = lock(&self.state);
        if state.status.is_none() {
            state.killed.get_or_insert(when);
            drop(state);
            // It may have ended just now.
            _ = self.child.kill();
        }
    }

    /// How a server ended that nobody asked to end.
    pub(crate) fn server_ended_by_itself(&self) -> Option<String> {
        let state = lock(&self.state);
        let by_itself = state.serves && state.killed.is_none() && !state.signalled;
        state.status.filter(|_| by_itself).map(in_words)
    }

    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.state).status.is_some()
    }

    /// Ends the program, so that its output is complete. One that crashed gets the time to
    /// say so.
    pub(crate) fn end_for_report(&self) {
        if !self.wait_until(GRACE, |state| state.finished()) {
            self.kill("still running when the check failed");
            self.wait_until(GRACE, |state| state.finished());
        }
    }

    pub(crate) fn output(&self) -> Said {
        let state = lock(&self.state);
        let ended = match (state.killed, state.status) {
            (None, Some(status)) => in_words(status),
            (when, _) => when.unwrap_or("still running when the check failed").to_owned(),
        };
        Said {
            ended,
            stdout: state.stdout.kept.clone(),
            stdout_total: state.stdout.total,
            stderr: state.stderr.kept.clone(),
            stderr_total: state.stderr.total,
        }
    }
}

fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(101) => "exit status 101, a panic".to_owned(),
        Some(code) => format!("exit status {code}"),
        None => status.to_string(),
    }
}

impl fmt::Display for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shared.command_line)
    }
}

/// Makes Ctrl-C end the programs that are started from now on, as it does for a student.
///
/// A shell lets what it starts in the background ignore Ctrl-C, and so do the programs that are
/// started from there, unless the process in between handles it.
fn hear_ctrl_c() {
    static ONCE: Once = Once::new();
    // 128 and the number of the signal: what a shell says of a program that Ctrl-C has ended. It
    // can fail only if there is a handler already, which does as well.
    ONCE.call_once(|| _ = ctrlc::set_handler(|| std::process::exit(130)));
}
