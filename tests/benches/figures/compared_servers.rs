//! The servers that are measured: ours, and what you would use instead.

use std::env;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use procfs_core::FromRead as _;
use procfs_core::process::Stat;
use tests::{ChildProcess, Program};

use crate::load_generator::{self, DEADLINE};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

/// The options of a server.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub transport: Transport,
    /// The buffer size, if not the server's default.
    pub buffer_size: Option<u32>,
    /// How many clients it must serve at once.
    pub clients: u16,
    /// Whether Nagle's algorithm stays on: a small send waits until the one before is acknowledged.
    /// ncat never switches it off.
    pub nagle: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    Ours,
    C,
    Socat,
    Ncat,
    PythonThreads,
    PythonAsyncio,
}

impl Peer {
    pub const ALL: [Peer; 6] =
        [Peer::Ours, Peer::C, Peer::Socat, Peer::Ncat, Peer::PythonThreads, Peer::PythonAsyncio];

    pub fn name(self) -> &'static str {
        match self {
            Peer::Ours => "ours",
            Peer::C => "C",
            Peer::Socat => "socat",
            Peer::Ncat => "ncat",
            Peer::PythonThreads => "Python threads",
            Peer::PythonAsyncio => "Python asyncio",
        }
    }

    /// Returns the command that starts this server, or why there's none.
    fn command(self, tools: &Tools, wish: Wish, port: u16) -> Result<Command, String> {
        let tcp = wish.transport == Transport::Tcp;
        let kind = if tcp { "tcp" } else { "udp" };
        // 65,536 is our default.
        let buffer_size = wish.buffer_size.unwrap_or(65_536).to_string();
        let port = port.to_string();
        let command = match self {
            Peer::Ours if tcp => {
                let mut command = Command::new(&tools.tcp_server);
                let clients = wish.clients.to_string();
                command.args(["--quiet", "--port", &port, "--clients", &clients]);
                command.args(["--backlog", "4096", "--buffer-size", &buffer_size]);
                command.args(wish.nagle.then_some("--nagle"));
                command
            }
            Peer::Ours => {
                let mut command = Command::new(&tools.udp);
                command.args(["server", "--quiet", "--port", &port]);
                command
            }
            Peer::C => {
                let mut command = Command::new(tools.c.as_ref().map_err(String::clone)?);
                command.args([kind, &port, &buffer_size]).args(wish.nagle.then_some("nagle"));
                command
            }
            Peer::Socat => {
                let mut command = Command::new(tools.socat.as_ref().map_err(String::clone)?);
                // Its default is 8,192 bytes.
                command.args(["-b", &wish.buffer_size.unwrap_or(8192).to_string()]);
                let listen = if tcp {
                    let nodelay = u8::from(!wish.nagle);
                    let options = format!("fork,reuseaddr,nodelay={nodelay},backlog=4096");
                    format!("TCP-LISTEN:{port},bind=127.0.0.1,{options}")
                } else {
                    format!("UDP-LISTEN:{port},bind=127.0.0.1,fork")
                };
                command.args([&listen, "PIPE"]);
                command
            }
            Peer::Ncat => {
                if wish.buffer_size.is_some() {
                    return Err("ncat has no option for its buffer".to_owned());
                }
                let mut command = Command::new(tools.ncat.as_ref().map_err(String::clone)?);
                command.args(["--listen", "--keep-open", "--max-conns", "5000"]);
                if !tcp {
                    command.arg("--udp");
                }
                command.args(["--exec", "/bin/cat", "127.0.0.1", &port]);
                command
            }
            Peer::PythonThreads | Peer::PythonAsyncio => {
                let script = match self {
                    Peer::PythonThreads => "echo_threads.py",
                    _ => "echo_asyncio.py",
                };
                let mut command = Command::new(tools.python.as_ref().map_err(String::clone)?);
                command.arg(sources().join(script)).args([kind, &port, &buffer_size]);
                command.args(wish.nagle.then_some("nagle"));
                command
            }
        };
        Ok(command)
    }

    /// Starts the server and waits until it answers.
    pub fn start(self, tools: &Tools, wish: Wish) -> Result<Server, String> {
        let address = free_address(wish.transport).map_err(|error| error.to_string())?;
        let mut command = self.command(tools, wish, address.port())?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = ChildProcess::spawn(&mut command).map_err(|error| error.to_string())?;
        let server = Server { child, address };
        let deadline = Instant::now() + DEADLINE;
        while let Err(error) = server.answers(wish.transport) {
            if Instant::now() > deadline {
                return Err(format!("it does not answer: {}", load_generator::explain(&error)));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }
}

/// A running server. It's killed when this is dropped, with all processes it started.
pub struct Server {
    child: ChildProcess,
    pub address: SocketAddr,
}

impl Server {
    fn answers(&self, transport: Transport) -> io::Result<()> {
        match transport {
            Transport::Tcp => {
                load_generator::round_trip(&mut TcpStream::connect(self.address)?, &mut [b'?'; 64])
            }
            Transport::Udp => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                socket.connect(self.address)?;
                socket.set_read_timeout(Some(Duration::from_millis(100)))?;
                socket.send(b"?")?;
                socket.recv(&mut [0; 10]).map(|_| ())
            }
        }
    }

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
        let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|process| {
                let stat = Stat::from_file(process.ok()?.path().join("stat")).ok()?;
                Some((stat.pid.try_into().ok()?, stat.ppid.try_into().ok()?))
            })
            .collect();
        let mut found = vec![self.child.id()];
        let mut at = 0;
        while at < found.len() {
            let children = parents.iter().filter(|(_, parent)| *parent == found[at]);
            found.extend(children.map(|(child, _)| child).collect::<Vec<_>>());
            at += 1;
        }
        found
    }
}

/// Returns a free port. Another program is unlikely to take it before the server does.
fn free_address(transport: Transport) -> io::Result<SocketAddr> {
    match transport {
        Transport::Tcp => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr(),
        Transport::Udp => UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr(),
    }
}

/// The programs on this machine, or why they are missing.
pub struct Tools {
    pub tcp_server: PathBuf,
    pub tcp_client: PathBuf,
    pub udp: PathBuf,
    pub net_utils: PathBuf,
    pub c: Result<PathBuf, String>,
    pub socat: Result<PathBuf, String>,
    pub ncat: Result<PathBuf, String>,
    pub nc: Result<PathBuf, String>,
    pub python: Result<PathBuf, String>,
    pub getent: Result<PathBuf, String>,
}

impl Tools {
    /// Builds our programs, and looks for the others.
    ///
    /// # Errors
    ///
    /// Our programs don't compile.
    pub fn find() -> Result<Self, String> {
        Ok(Self {
            tcp_server: Program::TcpServer.path()?,
            tcp_client: Program::TcpClient.path()?,
            udp: Program::Udp.path()?,
            net_utils: Program::NetUtils.path()?,
            c: compiled(),
            socat: found("socat"),
            ncat: found("ncat"),
            nc: found("nc"),
            python: python(),
            getent: found("getent"),
        })
    }

    /// Returns a line for each missing program.
    pub fn missing(&self) -> Vec<String> {
        [&self.c, &self.socat, &self.ncat, &self.nc, &self.python, &self.getent]
            .into_iter()
            .filter_map(|tool| tool.as_ref().err().cloned())
            .collect()
    }
}

fn found(name: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = |directory: PathBuf| Some(directory.join(name)).filter(|path| path.is_file());
    env::split_paths(&path).find_map(in_path).ok_or_else(|| format!("{name} is not installed"))
}

/// Returns the interpreter itself: the first in PATH may be a script that searches for it on every
/// start.
fn python() -> Result<PathBuf, String> {
    let first = found("python3")?;
    let output = Command::new(first).args(["-c", "import sys; print(sys.executable)"]).output();
    let output = output.map_err(|error| format!("python3: {error}"))?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if path.is_file() { Ok(path) } else { Err("python3 does not run".to_owned()) }
}

fn compiled() -> Result<PathBuf, String> {
    let compiler = found("cc")?;
    let program = temporary("echo-in-c");
    let output = Command::new(compiler)
        .args(["-O2", "-pthread", "-o"])
        .arg(&program)
        .arg(sources().join("echo.c"))
        .output()
        .map_err(|error| format!("cc: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(program) } else { Err(format!("cc fails: {said}")) }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/figures/peers")
}

/// Returns the path of a file in cargo's target directory.
pub fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
