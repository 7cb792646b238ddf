//! What all threads of some processes and their descendants wait for, and what lies in the queues of
//! their sockets, from /proc: proc_pid_syscall(5) and
//! <https://docs.kernel.org/networking/proc_net_tcp.html>.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use procfs_core::net::{TcpNetEntries, TcpState};
use procfs_core::process::{Stat, Status, Syscall};
use procfs_core::{ExplicitSystemInfo, FromBufReadSI as _, FromRead as _};

use crate::child_process::{ChildProcess, thread_name};
use crate::program_outcome::ProgramOutcome;
use crate::system_call::{Wait, wait_in};

/// Two equal snapshots mean that no thread has run in between: a thread that runs is switched to and
/// away from, and the kernel counts that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) processes: Vec<Process>,
    /// The sockets of these processes, and those with the given addresses.
    pub(crate) sockets: Vec<TcpSocket>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    /// The given process that it is or descends from.
    pub(crate) root: u32,
    pub(crate) name: String,
    /// Signals that it handles, as bits.
    pub(crate) handled_signals: u64,
    pub(crate) has_timers: bool,
    pub(crate) threads: Vec<Thread>,
    /// What each file descriptor refers to, see proc_pid_fd(5).
    pub(crate) files: BTreeMap<i32, PathBuf>,
}

/// A thread that sleeps in a system call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    id: u32,
    /// The number of the call.
    pub(crate) call: i64,
    pub(crate) arguments: [u64; 6],
    switches: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TcpSocket {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) state: TcpState,
    /// Bytes that were received and not read yet; connections that wait in a listening socket's queue.
    pub(crate) unread: u32,
    /// Bytes that were sent and not acknowledged yet.
    pub(crate) unacknowledged: u32,
    /// 0 if no process has it open.
    pub(crate) inode: u64,
    /// Whether one of the processes has it open.
    pub(crate) is_theirs: bool,
}

impl Snapshot {
    /// Returns a snapshot of these processes and their descendants, with the sockets that have one of
    /// these local addresses. `None` if there's no process, if a thread doesn't sleep, or if /proc doesn't
    /// show all of it.
    pub(crate) fn take(roots: &[u32], addresses: &[SocketAddr]) -> Option<Self> {
        if roots.is_empty() {
            return None;
        }
        let mut processes = Vec::new();
        for (id, root) in all_descendants(roots)? {
            processes.push(Process::read(id, root)?);
        }
        let sockets = sockets(&processes, addresses)?;
        Some(Self { processes, sockets })
    }

    /// Returns the sockets with these local addresses, of any process.
    pub(crate) fn of_sockets(addresses: &[SocketAddr]) -> Option<Self> {
        Some(Self { processes: Vec::new(), sockets: sockets(&[], addresses)? })
    }

    /// The same without threads, whether they sleep or not, and with only the sockets that the processes have.
    pub(crate) fn without_threads(roots: &[u32]) -> Option<Self> {
        let (found, _) = descendants(roots)?;
        let processes = found.into_iter().map(|(id, root)| Process::without_threads(id, root));
        let processes = processes.collect::<Option<Vec<_>>>()?;
        let sockets = sockets(&processes, &[])?;
        Some(Self { processes, sockets })
    }

    /// Whether a thread of this process or its descendants waits for a time to pass.
    pub(crate) fn has_timed_wait(&self, root: u32) -> bool {
        let processes = self.processes.iter().filter(|process| process.root == root);
        let threads = processes.flat_map(|process| &process.threads);
        let mut waits = threads.filter_map(|thread| wait_in(thread.call, thread.arguments));
        waits.any(|wait| matches!(wait, Wait::Timed))
    }

    /// The given process that has the socket open, or whose descendant has.
    pub(crate) fn root_of(&self, socket: &TcpSocket) -> Option<u32> {
        let has_it = |process: &&Process| {
            process.files.values().any(|target| socket_inode(target) == Some(socket.inode))
        };
        self.processes.iter().find(has_it).map(|process| process.root)
    }

    /// The socket to which this one is connected, if it's on this host.
    pub(crate) fn peer(&self, socket: &TcpSocket) -> Option<&TcpSocket> {
        self.sockets.iter().find(|peer| peer.local == socket.remote && peer.remote == socket.local)
    }
}

/// Returns the addresses at which these processes and their descendants listen.
pub(crate) fn listeners(roots: &[u32]) -> Option<Vec<SocketAddr>> {
    let processes = descendants(roots)?.0.into_iter();
    // Without one of them, a listener may be missing.
    let processes = processes.map(|(id, root)| Process::without_threads(id, root));
    let processes = processes.collect::<Option<Vec<_>>>()?;
    let sockets = sockets(&processes, &[])?.into_iter();
    let listening = sockets.filter(|it| it.is_theirs && it.state == TcpState::Listen);
    Some(listening.map(|socket| socket.local).collect())
}

/// Returns the living descendants of these processes, each with the one that it is or descends from.
/// `None` if there may be another one: a process whose parent has ended is a child of this process.
fn all_descendants(roots: &[u32]) -> Option<Vec<(u32, u32)>> {
    let (found, children) = descendants(roots)?;
    let known = ChildProcess::running_ids();
    let own = children.get(&process::id()).map_or(&[][..], Vec::as_slice);
    own.iter().all(|child| known.contains(child)).then_some(found)
}

/// Returns the same for all that are known to be descendants, and the children of every process.
#[expect(clippy::type_complexity, reason = "pairs of a process and its root; children by parent")]
pub(crate) fn descendants(roots: &[u32]) -> Option<(Vec<(u32, u32)>, BTreeMap<u32, Vec<u32>>)> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").ok()? {
        let Some(id) = entry.ok()?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may have ended meanwhile.
        let Ok(stat) = Stat::from_file(format!("/proc/{id}/stat")) else { continue };
        let parent = u32::try_from(stat.ppid).ok()?;
        if matches!(stat.state, 'Z' | 'X') {
            if roots.contains(&id) {
                return None;
            }
        } else {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found: Vec<(u32, u32)> = roots.iter().map(|&root| (root, root)).collect();
    let mut next = 0;
    while let Some(&(id, root)) = found.get(next) {
        found.extend(children.get(&id).into_iter().flatten().map(|&child| (child, root)));
        next += 1;
    }
    Some((found, children))
}

impl Process {
    fn read(id: u32, root: u32) -> Option<Self> {
        let mut process = Self::without_threads(id, root)?;
        let folder = PathBuf::from(format!("/proc/{id}"));
        for id in numbers_in(&folder.join("task"))? {
            process.threads.push(Thread::read(id, &folder)?);
        }
        Some(process)
    }

    /// A process whose threads may be running.
    fn without_threads(id: u32, root: u32) -> Option<Self> {
        let folder = PathBuf::from(format!("/proc/{id}"));
        let status = Status::from_file(folder.join("status")).ok()?;
        let mut files = BTreeMap::new();
        for descriptor in numbers_in(&folder.join("fd"))? {
            let target = fs::read_link(folder.join(format!("fd/{descriptor}"))).ok()?;
            files.insert(i32::try_from(descriptor).ok()?, target);
        }
        Some(Self {
            id,
            root,
            name: status.name,
            handled_signals: status.sigcgt,
            has_timers: !fs::read(folder.join("timers")).ok()?.is_empty(),
            threads: Vec::new(),
            files,
        })
    }

    /// Returns the inode of a socket.
    pub(crate) fn inode(&self, descriptor: i32) -> Option<u64> {
        socket_inode(self.files.get(&descriptor)?)
    }
}

impl Thread {
    fn read(id: u32, process: &Path) -> Option<Self> {
        let folder = process.join(format!("task/{id}"));
        // Before the call, so that a thread that runs in between has another count next time.
        let status = Status::from_file(folder.join("status")).ok()?;
        let Ok(Syscall::Blocked { syscall_number, argument_registers, .. }) =
            Syscall::from_file(folder.join("syscall"))
        else {
            return None;
        };
        status.state.starts_with('S').then_some(Self {
            id,
            call: syscall_number,
            arguments: argument_registers,
            switches: status.voluntary_ctxt_switches? + status.nonvoluntary_ctxt_switches?,
        })
    }
}

/// Whether a program in this network has closed the sending half of this end of a connection, and still has it
/// open.
pub(crate) fn only_sending_is_closed(local: SocketAddr, remote: SocketAddr) -> bool {
    let sockets = sockets(&[], &[local]).unwrap_or_default();
    sockets.iter().any(|socket| {
        (socket.local, socket.remote) == (local, remote)
            && matches!(socket.state, TcpState::FinWait1 | TcpState::FinWait2)
            && socket.inode != 0
    })
}

/// Returns the sockets that the processes have open, and those with these local addresses.
fn sockets(processes: &[Process], addresses: &[SocketAddr]) -> Option<Vec<TcpSocket>> {
    // Programs can run in network namespaces of their own.
    let own = fs::read_link("/proc/self/ns/net").ok()?;
    let mut namespaces = BTreeMap::from([(own, process::id())]);
    for process in processes {
        let namespace = fs::read_link(format!("/proc/{}/ns/net", process.id)).ok()?;
        namespaces.entry(namespace).or_insert(process.id);
    }
    let files = processes.iter().flat_map(|process| process.files.values());
    let inodes: Vec<u64> = files.filter_map(|target| socket_inode(target)).collect();
    let mut sockets = Vec::new();
    for id in namespaces.values() {
        for table in ["tcp", "tcp6"] {
            // A system without IPv6 doesn't have the second one.
            let Ok(text) = fs::read(format!("/proc/{id}/net/{table}")) else { continue };
            let entries = TcpNetEntries::from_buf_read(&*text, &SYSTEM).ok()?.0;
            sockets.extend(entries.into_iter().filter_map(|entry| {
                let is_theirs = entry.inode != 0 && inodes.contains(&entry.inode);
                let socket = TcpSocket {
                    local: canonical(entry.local_address),
                    remote: canonical(entry.remote_address),
                    state: entry.state,
                    unread: entry.rx_queue,
                    unacknowledged: entry.tx_queue,
                    inode: entry.inode,
                    is_theirs,
                };
                (is_theirs || addresses.contains(&socket.local)).then_some(socket)
            }));
        }
    }
    Some(sockets)
}

/// All that the parser needs to know of the system is the byte order of the addresses.
const SYSTEM: ExplicitSystemInfo = ExplicitSystemInfo {
    boot_time_secs: 0,
    ticks_per_second: 0,
    page_size: 0,
    is_little_endian: cfg!(target_endian = "little"),
};

/// An IPv6 socket can be connected to an IPv4 address.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    (address.ip().to_canonical(), address.port()).into()
}

fn socket_inode(target: &Path) -> Option<u64> {
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// Returns the names in a folder, which are numbers, sorted.
fn numbers_in(folder: &Path) -> Option<Vec<u32>> {
    let entries = fs::read_dir(folder).ok()?;
    let numbers = entries.map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut numbers = numbers.collect::<Option<Vec<u32>>>()?;
    numbers.sort_unstable();
    Some(numbers)
}

/// Whether the threads of this process that pass on the input and output of these programs have nothing
/// to do.
pub(crate) fn input_and_output_rest(programs: &[Arc<ProgramOutcome>]) -> bool {
    let names: Vec<String> =
        programs.iter().map(|program| thread_name(program.process.id())).collect();
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return false };
    threads.flatten().all(|thread| {
        // A thread that has ended meanwhile has no file.
        Stat::from_file(thread.path().join("stat"))
            .map_or(true, |stat| stat.state == 'S' || !names.contains(&stat.comm))
    })
}
