//! The transcript of a test: what it looks for, and what it has done so far. A failure turns it into a
//! report.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::child_process::lock;
use crate::escaped_bytes::show;
use crate::message;
use crate::program_outcome::ProgramOutcome;
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
    /// The thread of the test.
    thread: ThreadId,
    has_several_threads: AtomicBool,
}

/// A TCP connection of the test. It may be closed.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has /proc"))]
pub(crate) struct OwnConnection {
    pub(crate) number: usize,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
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

    #[cfg(target_os = "linux")]
    pub(crate) fn connections(&self) -> Vec<OwnConnection> {
        lock(&self.0.connections).clone()
    }

    /// From now on another thread of the test may act too, while one waits.
    pub(crate) fn expect_several_threads(&self) {
        self.0.has_several_threads.store(true, Ordering::Relaxed);
    }

    /// Whether it's a test of the homework, which looks for no mistake of a certain kind.
    #[cfg(target_os = "linux")]
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

    /// Fails unless the bytes are equal. The message with this key says where they were expected.
    #[track_caller]
    pub(crate) fn check_bytes(&self, key: &str, expected: &[u8], actual: &[u8]) {
        if actual != expected {
            let message = message!(key, bytes = show(expected));
            self.fail(message, Actual::bytes(expected, actual));
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
        let programs = lock(&self.0.programs);
        programs.iter().for_each(|program| program.end_for_report());
        let ended = programs.iter().find_map(|program| program.server_ended_by_itself());
        drop(programs);
        if let Some(how) = ended {
            actual = actual.because(message!("server-ended", how));
        }
        let differs = actual.differs.take().map(|differs| *differs);
        let (actual, cause) = actual.into_message();
        let about_this_test = self.0.section == section;
        let report = Report {
            expected,
            actual,
            differs,
            cause,
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
