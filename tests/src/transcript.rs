//! The transcript of a test: what it looks for, and what it has done so far. A failure turns it into a
//! report.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, ThreadId};

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::child_process::lock;
use crate::escaped_bytes::show;
use crate::findings::{self, Given};
use crate::message;
use crate::program_outcome::{GRACE, ProgramOutcome};
use crate::program_watch::passed_between_programs;
use crate::test_report::Report;
use crate::test_step::{Action, Endpoint, TestStep};

/// The transcript of one test, which all of its programs and sockets share.
#[derive(Debug, Clone)]
pub(crate) struct Transcript(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    section: &'static str,
    mistake: Option<Message>,
    steps: Mutex<Vec<TestStep>>,
    programs: Mutex<Vec<Arc<ProgramOutcome>>>,
    sockets: AtomicUsize,
    connections: Mutex<Vec<OwnConnection>>,
    remark: Mutex<Option<Message>>,
    given: Mutex<Vec<Given>>,
    /// The thread of the test.
    thread: ThreadId,
    has_several_threads: AtomicBool,
}

/// A TCP connection of the test. It may be closed.
#[derive(Debug, Clone)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has /proc"))]
pub(crate) struct OwnConnection {
    pub(crate) number: usize,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) stream: Weak<TcpStream>,
}

impl Transcript {
    pub(crate) fn new(section: &'static str, mistake: Option<Message>) -> Self {
        Self(Arc::new(Inner {
            section,
            mistake,
            steps: Mutex::default(),
            programs: Mutex::default(),
            sockets: AtomicUsize::new(1),
            connections: Mutex::default(),
            remark: Mutex::default(),
            given: Mutex::default(),
            thread: thread::current().id(),
            has_several_threads: AtomicBool::new(false),
        }))
    }

    /// Adds an action.
    pub(crate) fn note(&self, endpoint: Endpoint, action: Action) {
        if thread::current().id() != self.0.thread {
            self.expect_several_threads();
        }
        lock(&self.0.steps).push(TestStep { endpoint, action });
    }

    /// Adds a program that was started. Returns its index in the report.
    pub(crate) fn add_program(&self, program: &Arc<ProgramOutcome>) -> usize {
        let mut programs = lock(&self.0.programs);
        let place = programs.len();
        programs.push(Arc::clone(program));
        self.note(
            Endpoint::Program(place),
            Action::Start { command: program.command_line.clone() },
        );
        place
    }

    /// Returns whether every program that the test started has ended.
    pub(crate) fn programs_have_ended(&self) -> bool {
        let programs = lock(&self.0.programs);
        !programs.is_empty() && programs.iter().all(|program| program.has_ended())
    }

    /// Waits a moment. Returns whether a program has ended by then.
    pub(crate) fn a_program_ends_soon(&self) -> bool {
        let programs = lock(&self.0.programs);
        programs.iter().any(|program| program.process.wait_until(GRACE, |state| state.finished()))
    }

    /// Returns how the first program ended, if all have ended and the test didn't stop them.
    pub(crate) fn programs_ended(&self) -> Option<Message> {
        let programs = lock(&self.0.programs);
        match programs.iter().all(|program| program.has_ended()) {
            true => {
                // Their last words may still be on their way.
                programs.iter().for_each(|program| program.end_for_report());
                programs.iter().find_map(|program| program.ended_by_itself())
            }
            false => None,
        }
    }

    /// Returns the programs that haven't ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn running_programs(&self) -> Vec<Arc<ProgramOutcome>> {
        let programs = lock(&self.0.programs);
        programs.iter().filter(|program| !program.has_ended()).cloned().collect()
    }

    /// Adds a connection.
    pub(crate) fn add_connection(&self, connection: OwnConnection) {
        lock(&self.0.connections).push(connection);
    }

    /// Sets what the report says of a program even if the test passes.
    pub(crate) fn set_remark(&self, remark: Option<Message>) {
        *lock(&self.0.remark) = remark;
    }

    /// Notes bytes that a program gets, on a connection or otherwise. The other tests send too much.
    pub(crate) fn give(&self, connection: Option<usize>, bytes: &[u8]) {
        if self.is_homework() {
            lock(&self.0.given).push(Given { connection, bytes: bytes.to_vec() });
        }
    }

    /// Returns the bytes that were last sent on a connection.
    pub(crate) fn last_given(&self, connection: usize) -> Vec<u8> {
        let given = lock(&self.0.given);
        let last = given.iter().rfind(|given| given.connection == Some(connection));
        last.map(|given| given.bytes.clone()).unwrap_or_default()
    }

    /// Returns what can be concluded from bytes that differ from the expected ones. They answer what was
    /// sent on this connection, or are the messages that a client was given otherwise.
    pub(crate) fn finding(
        &self,
        expected: &[u8],
        actual: &[u8],
        connection: Option<usize>,
    ) -> Option<Message> {
        findings::finding(expected, actual, connection, &lock(&self.0.given))
    }

    /// Whether the test has written to the input of a program.
    pub(crate) fn has_typed(&self) -> bool {
        lock(&self.0.steps).iter().any(|step| matches!(step.action, Action::Write { .. }))
    }

    /// Whether a client got its messages on its command line.
    fn has_only_arguments(&self) -> bool {
        !self.has_typed() && lock(&self.0.given).iter().any(|given| given.connection.is_none())
    }

    /// Notes that all programs still run that haven't ended, before the test does something that may end them.
    pub(crate) fn note_running(&self) {
        lock(&self.0.programs).iter().for_each(|program| program.note_running());
    }

    /// Closes the inputs of all programs.
    pub(crate) fn end_input(&self) {
        lock(&self.0.programs).iter().for_each(|program| *lock(&program.input) = None);
    }

    /// Closes the sending halves of all connections.
    pub(crate) fn end_sending(&self) {
        for stream in lock(&self.0.connections).iter().filter_map(|own| own.stream.upgrade()) {
            _ = stream.shutdown(Shutdown::Write);
        }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn connections(&self) -> Vec<OwnConnection> {
        lock(&self.0.connections).clone()
    }

    /// From now on another thread of the test may act too, while one waits.
    pub(crate) fn expect_several_threads(&self) {
        self.0.has_several_threads.store(true, Ordering::Relaxed);
    }

    /// Whether it's a test of the homework, which looks for no mistake of a certain kind.
    pub(crate) fn is_homework(&self) -> bool {
        self.0.mistake.is_none()
    }

    /// Whether another thread of the test may act while this one waits.
    #[cfg(target_os = "linux")]
    pub(crate) fn has_several_threads(&self) -> bool {
        thread::current().id() != self.0.thread
            || self.0.has_several_threads.load(Ordering::Relaxed)
    }

    /// Returns a number for the next socket of the test.
    pub(crate) fn next_socket(&self) -> usize {
        self.0.sockets.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns what can be concluded from what the program did, without looking at bytes.
    fn finding_of(&self, cause: &str, expected: &Message, actual: &Message) -> Option<Message> {
        if !self.is_homework() {
            return None;
        }
        match cause {
            "ended" if expected.key == "expected-connection" => {
                Some(message!("found-not-connected"))
            }
            // Where the exit status matters, that alone is wrong.
            "ended" if expected.key == "expected-exit" => None,
            "end-of-file" | "end-of-sending" | "connection-reset" | "broken-pipe"
            | "server-ended" | "client-ended" | "ended" => self.progress(),
            "blocked-input" if self.has_only_arguments() => {
                Some(message!("found-input-despite-arguments"))
            }
            "blocked-accept" if actual.contains("unread-bytes") => {
                Some(message!("found-accepts-again"))
            }
            "blocked-accept" if actual.contains("open-after-end") => {
                Some(message!("found-left-open"))
            }
            "busy" if actual.contains("open-after-end") => {
                Some(message!("found-end-of-file-ignored"))
            }
            "asleep" => Some(message!("found-asleep")),
            "connected-again" => Some(message!("found-connected-again")),
            _ => None,
        }
    }

    /// Returns how far the program had got before it stopped.
    fn progress(&self) -> Option<Message> {
        let steps = lock(&self.0.steps);
        let received = steps.iter().filter(|it| matches!(it.action, Action::Receive { .. }));
        let sockets: Vec<Endpoint> = received.map(|step| step.endpoint).collect();
        let is_server = steps.iter().any(|it| matches!(it.action, Action::Connect { .. }));
        match (sockets.len(), is_server) {
            (0, _) => None,
            (count, false) => Some(message!("found-sent", count)),
            (replies, true) => {
                let firsts = (0..replies).filter(|&at| !sockets[..at].contains(&sockets[at]));
                Some(message!("found-answered", replies, clients = firsts.count()))
            }
        }
    }

    /// Fails unless the bytes are equal. The message with this key says where they were expected.
    #[track_caller]
    pub(crate) fn check_bytes(&self, key: &str, expected: &[u8], actual: &[u8]) {
        if actual != expected {
            let message = message!(key, bytes = show(expected));
            let finding = || self.finding(expected, actual, None);
            self.fail(message, Actual::bytes(expected, actual).with_finding(finding));
        }
    }

    /// Fails unless `holds`.
    #[track_caller]
    pub(crate) fn check(&self, holds: bool, expected: Message, actual: impl Into<Actual>) {
        if !holds {
            self.fail(expected, actual);
        }
    }

    /// Fails with the report.
    #[track_caller]
    pub(crate) fn fail(&self, expected: Message, actual: impl Into<Actual>) -> ! {
        self.fail_for(self.0.section, expected, actual)
    }

    /// Fails with the report, and names another section of the notes than the test's own.
    #[track_caller]
    pub(crate) fn fail_for(
        &self,
        section: &str,
        expected: Message,
        actual: impl Into<Actual>,
    ) -> ! {
        let mut actual = actual.into();
        let passed = passed_between_programs(self);
        let programs = lock(&self.0.programs);
        programs.iter().for_each(|program| program.end_for_report());
        let server_ended = programs.iter().find_map(|program| program.server_ended_by_itself());
        let client_ended = programs.iter().find_map(|program| program.client_ended_by_itself());
        drop(programs);
        if let Some(how) = server_ended {
            actual = actual.because(message!("server-ended", how));
        } else if actual.is_end_of_connection()
            && let Some(how) = client_ended
        {
            actual = actual.because(message!("client-ended", how));
        }
        let differs = actual.differs.take().map(|differs| *differs);
        let finding = actual.finding.take();
        let (actual, cause) = actual.into_message();
        let finding = finding.or_else(|| self.finding_of(cause.as_deref()?, &expected, &actual));
        let actual = match passed {
            Some(passed) => message!("with-passed", actual, passed),
            None => actual,
        };
        let about_this_test = self.0.section == section;
        let report = Report {
            expected,
            actual,
            differs,
            cause,
            finding,
            mistake: self.0.mistake.clone().filter(|_| about_this_test),
            section: section.to_owned(),
            ..self.0.so_far()
        };
        report.fail()
    }
}

impl Inner {
    /// Returns the steps of the test, and the output of the programs.
    fn so_far(&self) -> Report {
        Report {
            steps: lock(&self.steps).clone(),
            programs: lock(&self.programs).iter().map(|program| program.output()).collect(),
            section: self.section.to_owned(),
            remark: lock(&self.remark).clone(),
            ..Report::default()
        }
    }
}

/// A test that passes reports its steps too, if a program reads the reports.
impl Drop for Inner {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.so_far().print_for_program();
        }
    }
}
