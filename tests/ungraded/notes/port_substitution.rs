//! The notes' port 8888 stands for a port that the system chose, in commands and in output, because
//! 8888 may be in use where the tests run.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::OnceLock;

use tests::{Program, TestedProgram};

/// What port 8888 of a block stands for: the port of its first server or, before that, a port where
/// nothing listens.
#[derive(Default)]
pub struct Port(Option<u16>);

impl Port {
    /// Returns the port for the command line of a program.
    pub fn number(&self, program: Program, is_server: bool) -> String {
        match self.0 {
            Some(port) => port.to_string(),
            None if is_server => "0".to_owned(),
            None if program == Program::Udp => Closed::get().udp.port().to_string(),
            None => Closed::get().tcp.port().to_string(),
        }
    }

    /// Reads the port from the output of the first server. Returns false if an earlier server's
    /// connections at this port are in TIME-WAIT, because they would be listed, too: another port
    /// is needed.
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

    /// Returns the text with 8888 instead of the port.
    pub fn as_in_the_notes(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let closed = Closed::get();
        for port in [closed.udp.port(), closed.tcp.port()].into_iter().chain(self.0) {
            for before in [":", "port "] {
                text = text.replace(&format!("{before}{port}"), &format!("{before}8888"));
            }
        }
        text
    }
}

/// Returns whether a socket in TIME-WAIT (06, in proc(5)) has the port at either end.
fn has_been_used(port: u16) -> bool {
    let port = format!(":{port:04X} ");
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    sockets.lines().any(|line| line.contains(&port) && line.contains(" 06 "))
}

/// Ports where nothing listens, for as long as these sockets exist.
struct Closed {
    tcp: SocketAddr,
    udp: SocketAddr,
    /// A connection: no other socket can listen at the port of its second end. And a UDP socket
    /// connected to itself, which receives nothing from other sockets.
    _sockets: (TcpListener, TcpStream, UdpSocket),
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
        let socket = UdpSocket::bind(any)?;
        let (tcp, udp) = (stream.local_addr()?, socket.local_addr()?);
        socket.connect(udp)?;
        Ok(Self { tcp, udp, _sockets: (listener, stream, socket) })
    }
}
