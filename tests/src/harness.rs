//! The harness of a test: starts programs and opens sockets, and reports a failure.

use std::net::{SocketAddr, TcpListener};

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::escaped_bytes::show;
use crate::loopback;
use crate::message;
use crate::program_command::ProgramCommand;
use crate::program_paths::Program;
use crate::tcp_connection::Connection;
use crate::tcp_listener::Listener;
use crate::tested_program::TestedProgram;
use crate::transcript::Transcript;
use crate::udp_socket::DatagramSocket;

/// The harness of a test, which tests one requirement. It starts programs and opens sockets. When a
/// check fails, it panics with a report:
///
/// 1. what was expected and what happened,
/// 2. the steps of the test, and the output of every program it started,
/// 3. the likely mistake, and the section of the notes to read.
#[derive(Debug, Clone)]
pub struct Harness(Transcript);

impl Harness {
    /// A harness for a requirement, with the section of the notes to read (its anchor) and the likely
    /// mistake of a program that fails.
    pub fn new(section: &'static str, mistake: Message) -> Self {
        loopback::report_once();
        Self(Transcript::new(section, Some(mistake)))
    }

    /// A harness for a test of the homework, which reports what happened but no likely mistake.
    pub fn for_section(section: &'static str) -> Self {
        loopback::report_once();
        Self(Transcript::new(section, None))
    }

    /// A command that starts a program.
    #[track_caller]
    pub fn program(&self, program: Program, arguments: &[&str]) -> ProgramCommand {
        match program.command() {
            Ok(command) => ProgramCommand::new(self.0.clone(), program, &command, arguments),
            Err(error) => {
                // This isn't the mistake that the test looks for.
                let expected = message!("expected-start", program = program.name());
                self.0.fail_for("start", expected, Actual::cause(error))
            }
        }
    }

    /// Starts the TCP server on a port that the system chooses, and waits until it listens.
    #[track_caller]
    pub fn tcp_server(&self, arguments: &[&str]) -> TestedProgram {
        let arguments = [&["--port", "0"], arguments].concat();
        self.program(Program::TcpServer, &arguments).start_server("listening on ")
    }

    /// Starts the TCP server as [`Self::tcp_server`] does, and connects to it.
    #[track_caller]
    pub fn connected_server(&self, arguments: &[&str]) -> (TestedProgram, Connection) {
        let server = self.tcp_server(arguments);
        let client = self.connect(server.address());
        (server, client)
    }

    /// Starts the UDP server on a port that the system chooses, and waits until it is bound.
    #[track_caller]
    pub fn udp_server(&self, arguments: &[&str]) -> TestedProgram {
        let arguments = [&["server", "--port", "0"], arguments].concat();
        self.program(Program::Udp, &arguments).start_server("bound to ")
    }

    /// A TCP client that connects to `address`, with these additional arguments.
    #[track_caller]
    pub fn tcp_client(&self, address: SocketAddr, arguments: &[&str]) -> ProgramCommand {
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        for argument in arguments {
            self.0.give(None, argument.as_bytes());
        }
        let arguments = [&["--host", &host, "--port", &port], arguments].concat();
        self.program(Program::TcpClient, &arguments)
    }

    /// A UDP client that sends to `address`, with these additional arguments.
    #[track_caller]
    pub fn udp_client(&self, address: SocketAddr, arguments: &[&str]) -> ProgramCommand {
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let arguments = [&["client", "--host", &host, "--port", &port], arguments].concat();
        self.program(Program::Udp, &arguments)
    }

    /// Connects to a server.
    #[track_caller]
    pub fn connect(&self, server: SocketAddr) -> Connection {
        self.need_loopback();
        Connection::connect(&self.0, server)
    }

    /// Listens on a port of 127.0.0.1 that the system chooses.
    #[track_caller]
    pub fn listen(&self) -> Listener {
        self.listen_at(([127, 0, 0, 1], 0).into())
    }

    /// Listens at an address.
    #[track_caller]
    pub fn listen_at(&self, address: SocketAddr) -> Listener {
        self.need_loopback();
        Listener::bind(&self.0, address)
    }

    /// A port of 127.0.0.1 that is free. Systems choose ports from 32768 on, so none takes this one in the
    /// meantime.
    pub fn free_port(&self) -> u16 {
        let first = (std::process::id() % 10_000) as u16 + 20_000;
        let mut ports = (first..32_000).chain(10_000..first);
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        ports.find(is_free).expect("one of many ports is free")
    }

    /// A UDP socket on a port of 127.0.0.1 that the system chooses.
    #[track_caller]
    pub fn udp_socket(&self) -> DatagramSocket {
        self.udp_socket_at(([127, 0, 0, 1], 0).into())
    }

    /// A UDP socket bound to an address.
    #[track_caller]
    pub fn udp_socket_at(&self, address: SocketAddr) -> DatagramSocket {
        self.need_loopback();
        DatagramSocket::bind(&self.0, address)
    }

    /// Fails now if the loopback interface doesn't work, instead of at a deadline.
    #[track_caller]
    fn need_loopback(&self) {
        if let Err(what) = loopback::check() {
            let expected = message!("expected-loopback");
            self.0.fail_for("special-addresses", expected, what);
        }
    }

    /// Fails unless the bytes are equal.
    #[track_caller]
    pub fn check_bytes(&self, expected: &[u8], actual: &[u8]) {
        if actual != expected {
            self.0.fail(show(expected), Actual::bytes(expected, actual));
        }
    }

    /// Fails unless `holds`.
    #[track_caller]
    pub fn check(&self, holds: bool, expected: impl Into<Message>, actual: impl Into<Message>) {
        self.0.check(holds, expected.into(), actual.into());
    }

    /// Fails with the report.
    #[track_caller]
    pub fn fail(&self, expected: impl Into<Message>, actual: impl Into<Message>) -> ! {
        self.0.fail(expected.into(), actual.into())
    }
}
