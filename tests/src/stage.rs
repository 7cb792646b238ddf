//! A stage: one requirement under test, what was done for it so far, and the report when it
//! does not hold.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::bytes::{difference, escape, show};
use crate::hint::cause;
use crate::process::{Launch, Process, Shared};
use crate::programs::Program;
use crate::tcp::{Connection, Listener};
use crate::udp::Datagrams;

/// How many of its last actions a report shows.
const ACTIONS: usize = 24;
/// How many lines of a program's output a report shows, and how many columns of a line.
const LINES: usize = 30;
const COLUMNS: usize = 200;

/// One requirement under test. It starts programs and opens sockets, and when something does
/// not come as expected, it panics with a report that says
///
/// 1. what was sent and what was expected,
/// 2. what came, with the output of every program it started,
/// 3. the likely mistake, with the section of the notes to read.
///
/// ```no_run
/// use tests::Stage;
///
/// let stage = Stage::new("server-recv-send", "the server does not send what it received");
/// let server = stage.tcp_server(&[]);
/// let client = stage.connect(server.address());
/// client.send(b"hello\n");
/// client.expect(b"hello\n");
/// ```
#[derive(Debug, Clone)]
pub struct Stage(Arc<Record>);

#[derive(Debug)]
struct Record {
    section: &'static str,
    mistake: &'static str,
    actions: Mutex<Vec<String>>,
    programs: Mutex<Vec<Arc<Shared>>>,
    sockets: AtomicUsize,
}

impl Stage {
    /// A stage for a requirement, with the likely mistake of a program that fails it and the
    /// section of the notes (the anchor alone) that helps.
    pub fn new(section: &'static str, mistake: &'static str) -> Self {
        Self(Arc::new(Record {
            section,
            mistake,
            actions: Mutex::default(),
            programs: Mutex::default(),
            sockets: AtomicUsize::new(1),
        }))
    }

    /// A command to start a program with.
    #[track_caller]
    pub fn program(&self, program: Program, arguments: &[&str]) -> Launch {
        match program.path() {
            Ok(path) => Launch::new(self.clone(), program, path, arguments),
            // Not the mistake that this test looks for.
            Err(error) => panic!("\nexpected: to start {program}\ncame:     {}\n", indent(&error)),
        }
    }

    /// Starts the TCP server on a port that the system chooses, and waits until it listens.
    #[track_caller]
    pub fn tcp_server(&self, arguments: &[&str]) -> Process {
        let arguments = [&["--port", "0"], arguments].concat();
        self.program(Program::TcpServer, &arguments).start_server("listening on ")
    }

    /// Starts the UDP server on a port that the system chooses, and waits until it is bound.
    #[track_caller]
    pub fn udp_server(&self, arguments: &[&str]) -> Process {
        let arguments = [&["server", "--port", "0"], arguments].concat();
        self.program(Program::Udp, &arguments).start_server("bound to ")
    }

    /// A TCP client to talk to a server at `address`, with these further arguments.
    #[track_caller]
    pub fn tcp_client(&self, address: SocketAddr, arguments: &[&str]) -> Launch {
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let arguments = [&["--host", &host, "--port", &port], arguments].concat();
        self.program(Program::TcpClient, &arguments)
    }

    /// A UDP client to talk to a server at `address`, with these further arguments.
    #[track_caller]
    pub fn udp_client(&self, address: SocketAddr, arguments: &[&str]) -> Launch {
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let arguments = [&["client", "--host", &host, "--port", &port], arguments].concat();
        self.program(Program::Udp, &arguments)
    }

    /// Connects to a server.
    #[track_caller]
    pub fn connect(&self, server: SocketAddr) -> Connection {
        Connection::connect(self, server)
    }

    /// Listens on a port of 127.0.0.1 that the system chooses.
    #[track_caller]
    pub fn listen(&self) -> Listener {
        self.listen_at(([127, 0, 0, 1], 0).into())
    }

    /// Listens at an address.
    #[track_caller]
    pub fn listen_at(&self, address: SocketAddr) -> Listener {
        Listener::bind(self, address)
    }

    /// A UDP socket on a port of 127.0.0.1 that the system chooses.
    #[track_caller]
    pub fn datagrams(&self) -> Datagrams {
        self.datagrams_at(([127, 0, 0, 1], 0).into())
    }

    /// A UDP socket bound to an address.
    #[track_caller]
    pub fn datagrams_at(&self, address: SocketAddr) -> Datagrams {
        Datagrams::bind(self, address)
    }

    /// Fails unless the bytes are equal.
    #[track_caller]
    pub fn check_bytes(&self, what: &str, expected: &[u8], came: &[u8]) {
        if let Some(difference) = difference(expected, came) {
            self.fail(
                &format!("{what}: {}", show(expected)),
                &format!("{}\n{difference}", show(came)),
            );
        }
    }

    /// Fails unless `holds`.
    #[track_caller]
    pub fn check(&self, holds: bool, expected: &str, came: &str) {
        if !holds {
            self.fail(expected, came);
        }
    }

    /// Fails with the report.
    #[track_caller]
    pub fn fail(&self, expected: &str, came: &str) -> ! {
        let Record { section, mistake, .. } = *self.0;
        self.fail_for(section, mistake, expected, came)
    }

    /// Fails with the report, for another likely mistake than the one the test looks for.
    #[track_caller]
    pub(crate) fn fail_for(&self, section: &str, mistake: &str, expected: &str, came: &str) -> ! {
        let mut report = format!("\nexpected: {}\n", indent(expected));
        _ = writeln!(report, "came:     {}", indent(came));
        self.report_actions(&mut report);
        for program in lock(&self.0.programs).iter() {
            program.end_for_report();
            report_program(&mut report, program);
        }
        let programs = lock(&self.0.programs);
        let ended = programs.iter().find_map(|program| program.server_ended_by_itself());
        let ended = ended.map(|how| format!("the server ended by itself ({how})"));
        let cause = ended.or_else(|| cause(came)).map(|cause| format!("{cause}; "));
        let cause = cause.unwrap_or_default();
        _ = writeln!(report, "likely mistake: {cause}{mistake}. See NOTES.md#{section}");
        panic!("{report}");
    }

    fn report_actions(&self, report: &mut String) {
        let actions = lock(&self.0.actions);
        if actions.is_empty() {
            return;
        }
        _ = writeln!(report, "the test so far:");
        let left_out = actions.len().saturating_sub(ACTIONS);
        if left_out > 0 {
            _ = writeln!(report, "  ({left_out} earlier steps)");
        }
        for action in &actions[left_out..] {
            _ = writeln!(report, "  {action}");
        }
    }

    /// Remembers an action for the report.
    pub(crate) fn note(&self, action: String) {
        lock(&self.0.actions).push(action);
    }

    /// Remembers a program, whose output belongs in the report.
    pub(crate) fn add_program(&self, program: &Arc<Shared>) {
        lock(&self.0.programs).push(Arc::clone(program));
    }

    /// Whether every program that the test has started has ended.
    pub(crate) fn programs_have_ended(&self) -> bool {
        let programs = lock(&self.0.programs);
        !programs.is_empty() && programs.iter().all(|program| program.has_ended())
    }

    /// A number to tell the sockets of a test apart.
    pub(crate) fn next_socket(&self) -> usize {
        self.0.sockets.fetch_add(1, Ordering::Relaxed)
    }
}

/// The lock, also after another thread failed its check while it held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn indent(text: &str) -> String {
    text.trim_end().replace('\n', "\n          ")
}

/// Whether it can be shown line by line.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(COLUMNS)];
    // A character that was cut at the end has no `error_len`.
    match std::str::from_utf8(start) {
        Ok(_) => !start.contains(&0),
        Err(error) => error.error_len().is_none(),
    }
}

fn report_program(report: &mut String, program: &Shared) {
    let output = program.output();
    _ = writeln!(report, "{} ({}) said", program.command_line, output.ended);
    for (name, bytes, total) in [
        ("standard output", &output.stdout, output.stdout_total),
        ("standard error", &output.stderr, output.stderr_total),
    ] {
        if bytes.is_empty() {
            _ = writeln!(report, "  nothing on {name}");
            continue;
        }
        if !is_text(bytes) {
            _ = writeln!(report, "  on {name}: {} of {total}", show(bytes));
            continue;
        }
        _ = writeln!(report, "  on {name} ({total} bytes):");
        let lines: Vec<&[u8]> =
            bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|&byte| byte == b'\n').collect();
        for (number, line) in lines.iter().enumerate() {
            if number >= LINES / 2 && number + LINES / 2 < lines.len() {
                if number == LINES / 2 {
                    _ = writeln!(report, "  | ({} lines left out)", lines.len() - LINES);
                }
                continue;
            }
            let dots = if line.len() > COLUMNS { "..." } else { "" };
            let line = escape(&line[..line.len().min(COLUMNS)]);
            // A report is read by people: quotes need no escape here.
            _ = writeln!(report, "  | {}{dots}", line.replace("\\\"", "\"").replace("\\'", "'"));
        }
    }
}
