//! A link between two network namespaces that treats packets as the Internet does: it delays,
//! reorders, duplicates and loses them. Tests can inspect every packet that was sent.
//!
//! Each end is a TUN device. `socat` passes its packets to us as datagrams of a local socket, and
//! we forward them to the other end, or not.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::child_process::{ChildProcess, lock};
use crate::deadline::DEADLINE;
use crate::network_namespace::NetworkNamespace;

/// The delay of a packet on a bad link.
const DELAY: Duration = Duration::from_millis(5);

/// The cap for the output of `socat`, which reports every packet.
const CAP: usize = 1 << 16;

/// What happens to a packet, see [`EmulatedLink::with`].
type Fate = dyn Fn(usize, u32, &[u8]) -> &'static [Duration] + Send + Sync;

/// The delays on a bad link: it loses a tenth of the packets, sends an eighth twice, and overtakes
/// a sixth.
fn bad(number: u32) -> &'static [Duration] {
    const LATE: Duration = DELAY.saturating_mul(4);
    match number {
        _ if number % 10 == 9 => &[],
        _ if number % 7 == 6 => &[DELAY, LATE],
        _ if number % 4 == 3 => &[LATE],
        _ => &[DELAY],
    }
}

/// Two hosts, each in a network of its own, and the link between them. It lasts until this is
/// dropped and the programs on the hosts have ended.
#[derive(Debug)]
pub struct EmulatedLink {
    hosts: [NetworkNamespace; 2],
    /// The folder of the local sockets.
    folder: PathBuf,
    devices: Vec<ChildProcess>,
    relays: Vec<JoinHandle<()>>,
    seen: Arc<(Mutex<Vec<SentPacket>>, Condvar)>,
}

/// A packet that was sent.
#[derive(Debug, Clone)]
pub struct SentPacket {
    /// When the link received it.
    pub at: Instant,
    /// The number of the host that sent it.
    pub from: usize,
    /// The packet, starting with the IP header.
    pub packet: Vec<u8>,
}

impl EmulatedLink {
    /// The addresses of the two hosts.
    pub const ADDRESSES: [&str; 2] = ["10.9.0.1", "10.9.0.2"];

    /// Creates two hosts, connected by a bad link.
    pub fn new() -> Result<Self, String> {
        Self::with(|_, number, _| bad(number))
    }

    /// Creates two hosts, connected by a link. `fate` returns the delay of each copy of a packet,
    /// given the sending host, the packet's number in its direction, and its bytes.
    pub fn with(
        fate: impl Fn(usize, u32, &[u8]) -> &'static [Duration] + Send + Sync + 'static,
    ) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let hosts = [NetworkNamespace::new()?, NetworkNamespace::new()?];
        let folder = env::temp_dir().join(format!("day01-wire-{}-{number}", process::id()));
        // A killed test may have left one, and process IDs are reused.
        _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (devices, relays) = (Vec::new(), Vec::new());
        let mut wire = Self { hosts, folder, devices, relays, seen: Arc::default() };
        wire.connect(Arc::new(fate))?;
        Ok(wire)
    }

    /// The two hosts.
    pub fn hosts(&self) -> &[NetworkNamespace; 2] {
        &self.hosts
    }

    /// Returns all packets that were sent so far.
    pub fn seen(&self) -> Vec<SentPacket> {
        self.wait_until(|_| true).unwrap_or_default()
    }

    /// Waits until the packets that were sent meet a condition, and returns them; `None` after the
    /// deadline.
    pub fn wait_until(&self, wished: impl Fn(&[SentPacket]) -> bool) -> Option<Vec<SentPacket>> {
        let (seen, more) = &*self.seen;
        let seen = lock(seen);
        let waited = more.wait_timeout_while(seen, DEADLINE, |seen| !wished(seen));
        let (seen, time) = waited.unwrap_or_else(PoisonError::into_inner);
        (!time.timed_out()).then(|| seen.clone())
    }

    /// The paths of our socket and that of `socat` at one end.
    fn sockets(&self, end: usize) -> [PathBuf; 2] {
        ["ours", "device"].map(|name| self.folder.join(format!("{name}-{end}")))
    }

    fn connect(&mut self, fate: Arc<Fate>) -> Result<(), String> {
        let bind = |path: &Path| {
            let socket = UnixDatagram::bind(path);
            // Without a timeout, two relays could wait for each other's full queues.
            let socket = socket.and_then(|s| s.set_write_timeout(Some(DELAY)).map(|()| s));
            socket.map_err(|error| format!("{}: {error}", path.display()))
        };
        let paths = [0, 1].map(|end| self.sockets(end));
        let ours = [Arc::new(bind(&paths[0][0])?), Arc::new(bind(&paths[1][0])?)];
        for (end, host) in self.hosts.iter().enumerate() {
            self.devices.push(start_device(host, end, &paths[end])?);
        }
        for (from, to) in [(0, 1), (1, 0)] {
            // socat accepts packets only from our socket at its end.
            let (receive, send) = (Arc::clone(&ours[from]), Arc::clone(&ours[to]));
            let (seen, fate) = (Arc::clone(&self.seen), Arc::clone(&fate));
            let [_, device] = paths[to].clone();
            let see = move |number, packet: &[u8]| {
                let (list, more) = &*seen;
                let mut list = lock(list);
                list.push(SentPacket { at: Instant::now(), from, packet: packet.to_vec() });
                more.notify_all();
                fate(from, number, packet)
            };
            let relay = move || relay(&receive, &send, &device, see);
            self.relays.push(thread::spawn(relay));
        }
        Ok(())
    }
}

/// Starts `socat` at one end, and waits until it's ready.
fn start_device(
    host: &NetworkNamespace,
    end: usize,
    [ours, device]: &[PathBuf; 2],
) -> Result<ChildProcess, String> {
    let address = EmulatedLink::ADDRESSES[end];
    let mut socat = host.command("socat");
    socat
        .args(["-d", "-d", &format!("TUN:{address}/24,iff-up,iff-no-pi")])
        .arg(format!("UNIX-SENDTO:{},bind={}", ours.display(), device.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let socat = ChildProcess::spawn(&mut socat);
    let socat = socat.map_err(|error| format!("nsenter can't be started: {error}"))?;
    socat.capture_output(CAP);
    let mut stderr = String::new();
    socat.wait_until(DEADLINE, |state| {
        stderr = String::from_utf8_lossy(&state.stderr.kept).into_owned();
        stderr.contains("starting data transfer loop") || state.finished()
    });
    if stderr.contains("starting data transfer loop") {
        return Ok(socat);
    }
    let is_error = |line: &&str| line.contains(" E ") || line.starts_with("nsenter: ");
    let error = stderr.lines().rfind(is_error).unwrap_or("socat does not start");
    Err(format!("no link between two networks: {error}"))
}

/// Forwards packets until it receives an empty one.
fn relay(
    receive: &UnixDatagram,
    send: &UnixDatagram,
    device: &Path,
    see: impl Fn(u32, &[u8]) -> &'static [Duration],
) {
    let mut buffer = vec![0; 65_536];
    let mut number = 0;
    // Packets in transit, by arrival time.
    let mut under_way: BTreeMap<(Instant, u32), Vec<u8>> = BTreeMap::new();
    loop {
        let now = Instant::now();
        while let Some(next) = under_way.first_entry()
            && next.key().0 <= now
        {
            // If the queue at the other end is full, the packet is lost, as in any router.
            _ = send.send_to(&next.remove(), device);
        }
        let next = under_way.first_key_value().map(|((due, _), _)| *due - now);
        _ = receive.set_read_timeout(Some(next.unwrap_or(DEADLINE)));
        match receive.recv(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                for &delay in see(number, &buffer[..length]) {
                    let due = Instant::now() + delay;
                    under_way.insert((due, number), buffer[..length].to_vec());
                }
                number += 1;
            }
            // A packet is due, or none has arrived for a while.
            Err(_) => {}
        }
    }
}

impl Drop for EmulatedLink {
    fn drop(&mut self) {
        self.devices.clear();
        if let Ok(socket) = UnixDatagram::unbound() {
            (0..2).for_each(|end| _ = socket.send_to(&[], &self.sockets(end)[0]));
        }
        for relay in self.relays.drain(..) {
            // A thread that panicked has printed that already.
            _ = relay.join();
        }
        _ = fs::remove_dir_all(&self.folder);
    }
}
