//! The servers that are measured: ours, and what you would use instead.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use procfs_core::FromRead as _;
use procfs_core::process::Stat;
use tests::ChildProcess;

use crate::installed_programs::Programs;
use crate::load_generator::{self, DEADLINE};

pub const SERVERS: [&str; 6] = ["ours", "C", "socat", "ncat", "Python threads", "Python asyncio"];

/// The options of a server.
#[derive(Debug, Clone, Copy)]
pub struct ServerOptions {
    /// UDP instead of TCP.
    pub udp: bool,
    /// The buffer size, if not the server's default.
    pub buffer_size: Option<u32>,
    /// How many clients it must serve at once.
    pub clients: u16,
    /// Whether Nagle's algorithm stays on: a small send waits until the one before is acknowledged.
    /// ncat never switches it off.
    pub nagle: bool,
}

impl ServerOptions {
    pub const TCP: Self = Self { udp: false, buffer_size: None, clients: 64, nagle: false };

    /// Returns the command that starts a server, or why there's none.
    fn command(self, programs: &Programs, name: &str, port: u16) -> Result<Command, String> {
        let Self { udp, clients, nagle, .. } = self;
        // 65,536 is our default, and 8,192 that of socat.
        let default = if name == "socat" { 8192 } else { 65_536 };
        let buffer_size = self.buffer_size.unwrap_or(default);
        let mut usual = format!("{} {port} {buffer_size}", if udp { "udp" } else { "tcp" });
        usual += if nagle { " nagle" } else { "" };
        let (program, arguments) = match name {
            "ours" if udp => ("day01-udp", format!("server --quiet --port {port}")),
            "ours" => {
                let nagle = if nagle { "--nagle" } else { "" };
                let limits = format!("--clients {clients} --backlog 4096");
                let buffer = format!("--buffer-size {buffer_size}");
                ("day01-tcp-server", format!("--quiet --port {port} {limits} {buffer} {nagle}"))
            }
            "C" => ("C", usual),
            "socat" => {
                let tcp_options = format!(",reuseaddr,nodelay={},backlog=4096", u8::from(!nagle));
                let (listen, options) =
                    if udp { ("UDP-LISTEN", "") } else { ("TCP-LISTEN", &*tcp_options) };
                let listen = format!("{listen}:{port},bind=127.0.0.1,fork{options}");
                ("socat", format!("-b {buffer_size} {listen} PIPE"))
            }
            "ncat" if self.buffer_size.is_some() => {
                return Err("ncat has no option for its buffer".to_owned());
            }
            "ncat" => {
                let udp = if udp { "--udp" } else { "" };
                let listen = format!("--listen --keep-open --max-conns 5000 {udp}");
                ("ncat", format!("{listen} --exec /bin/cat 127.0.0.1 {port}"))
            }
            "Python threads" => ("python3", format!("echo_threads.py {usual}")),
            _ => ("python3", format!("echo_asyncio.py {usual}")),
        };
        let mut command = programs.command(program)?;
        command.args(arguments.split_whitespace());
        Ok(command)
    }

    /// Starts a server and waits until it answers.
    pub fn start(self, programs: &Programs, name: &str) -> Result<Server, String> {
        let address = self.free_address().map_err(|error| error.to_string())?;
        let mut command = self.command(programs, name, address.port())?;
        let child = ChildProcess::spawn(&mut command).map_err(|error| error.to_string())?;
        let server = Server { child, address };
        let deadline = Instant::now() + DEADLINE;
        while let Err(error) = self.check_answer(address) {
            if Instant::now() > deadline {
                return Err(format!("it does not answer: {}", load_generator::explain(&error)));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    /// Returns a free port. Another program is unlikely to take it before the server does.
    fn free_address(self) -> io::Result<SocketAddr> {
        let any_port = (Ipv4Addr::LOCALHOST, 0);
        match self.udp {
            true => UdpSocket::bind(any_port)?.local_addr(),
            false => TcpListener::bind(any_port)?.local_addr(),
        }
    }

    fn check_answer(self, server: SocketAddr) -> io::Result<()> {
        if !self.udp {
            let mut stream = TcpStream::connect(server)?;
            return load_generator::round_trip(&mut stream, &mut [b'?'; 64]);
        }
        let socket = load_generator::datagrams(server, Duration::from_millis(100))?;
        socket.send(b"?")?;
        socket.recv(&mut [0; 10]).map(|_| ())
    }
}

/// A running server. It's killed when this is dropped, with all processes it started.
pub struct Server {
    child: ChildProcess,
    pub address: SocketAddr,
}

impl Server {
    /// The memory of all its processes, in bytes: private memory, and its share of shared memory
    /// (Pss in proc_pid_smaps(5)).
    pub fn memory(&self) -> f64 {
        let kibibytes = |pid: &u32| {
            let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            pss.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        };
        self.processes().iter().filter_map(kibibytes).sum::<u64>() as f64 * 1024.0
    }

    /// The process and its descendants: some servers start a process per client.
    fn processes(&self) -> Vec<u32> {
        let parent = |process: io::Result<fs::DirEntry>| -> Option<(u32, u32)> {
            let stat = Stat::from_file(process.ok()?.path().join("stat")).ok()?;
            Some((stat.pid.try_into().ok()?, stat.ppid.try_into().ok()?))
        };
        let parents: Vec<_> =
            fs::read_dir("/proc").into_iter().flatten().filter_map(parent).collect();
        let mut found = vec![self.child.id()];
        let mut at = 0;
        while at < found.len() {
            let parent = found[at];
            found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| child));
            at += 1;
        }
        found
    }
}
