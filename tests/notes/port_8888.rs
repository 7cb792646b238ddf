//! The port 8888 of the notes.
//!
//! It is free on the machine of a reader, but perhaps not where the tests run. So it stands for
//! a port that the system chose, both in the commands and in what comes.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::OnceLock;

use tests::{Program, TestedProgram};

/// What stands for the port 8888 in one block: where the first server of the block listens or,
/// before there is one, a port where nobody does.
#[derive(Default)]
pub struct Port(Option<u16>);

impl Port {
    /// The port for the command line of a program.
    pub fn number(&self, program: Program, is_server: bool) -> String {
        match self.0 {
            Some(port) => port.to_string(),
            None if is_server => "0".to_owned(),
            None if program == Program::Udp => Closed::get().udp().to_string(),
            None => Closed::get().tcp().to_string(),
        }
    }

    /// Reads the port from what the first server prints, if it gets that far. Gives false when
    /// connections to a server that had this port before are in TIME-WAIT, which would be listed
    /// beside those of the block: another port is wanted.
    pub fn learn(&mut self, server: &TestedProgram) -> bool {
        if self.0.is_some() {
            return true;
        }
        server.wait_for_output(|output, _| {
            let output = String::from_utf8_lossy(output);
            let mut lines = output.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let line = lines.find(|l| l.starts_with("listening on ") || l.starts_with("bound to "));
            self.0 = line.and_then(|line| line.trim_end().rsplit(':').next()?.parse().ok());
            self.0.is_some()
        });
        let used = self.0.is_some_and(has_been_used);
        if used {
            self.0 = None;
        }
        !used
    }

    /// The text with the port of the notes in place of the one here.
    pub fn as_in_the_notes(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for port in [Closed::get().udp(), Closed::get().tcp()].into_iter().chain(self.0) {
            for before in [":", "port "] {
                text = text.replace(&format!("{before}{port}"), &format!("{before}8888"));
            }
        }
        text
    }
}

/// Whether a socket in TIME-WAIT (06, in proc(5)) has the port at either end.
fn has_been_used(port: u16) -> bool {
    let port = format!(":{port:04X} ");
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    sockets.lines().any(|line| line.contains(&port) && line.contains(" 06 "))
}

/// Ports where nobody listens, and nobody will for as long as these sockets have them.
struct Closed {
    /// A connection: its second end has a port at which no other socket can listen.
    tcp: (TcpListener, TcpStream),
    /// A socket that is connected, to itself, takes datagrams from nobody else.
    udp: UdpSocket,
}

impl Closed {
    fn get() -> &'static Self {
        static CLOSED: OnceLock<Closed> = OnceLock::new();
        CLOSED.get_or_init(|| Self::new().expect("sockets on 127.0.0.1"))
    }

    fn new() -> io::Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any)?;
        let stream = TcpStream::connect(listener.local_addr()?)?;
        let udp = UdpSocket::bind(any)?;
        udp.connect(udp.local_addr()?)?;
        Ok(Self { tcp: (listener, stream), udp })
    }

    fn tcp(&self) -> u16 {
        self.tcp.1.local_addr().map_or(0, |address| address.port())
    }

    fn udp(&self) -> u16 {
        self.udp.local_addr().map_or(0, |address| address.port())
    }
}
