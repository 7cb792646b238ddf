//! Whether the programs of a test are blocked for certain: all their threads wait without a timeout, and
//! nothing that they wait for is on its way. Then the test doesn't have to wait for its deadline.
//!
//! In doubt they aren't: a timer may be running, or another program may wake them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use procfs_core::net::TcpState;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use socket2::{Domain, Socket, Type};

use crate::catalogue::Message;
use crate::message;
use crate::process_snapshot::{Process, Snapshot, TcpSocket, Thread, input_and_output_rest};
use crate::program_outcome::ProgramOutcome;
use crate::system_call::{Wait, wait_in};
use crate::transcript::OwnConnection;

/// Returns where the programs are blocked, if they are for certain. The snapshot must have stayed the
/// same for a while.
pub(crate) fn blocked(
    snapshot: &Snapshot,
    programs: &[Arc<ProgramOutcome>],
    connections: &[OwnConnection],
) -> Option<Message> {
    Evidence { snapshot, connections, test_pipes: test_pipes()? }.message(programs)
}

/// Returns which program slept while a client waited for it: bytes lay unread, a connection was in the
/// listen queue, or `answer_is_due`.
pub(crate) fn asleep(
    snapshot: &Snapshot,
    programs: &[Arc<ProgramOutcome>],
    connections: &[OwnConnection],
    answer_is_due: bool,
) -> Option<Message> {
    let facts = Evidence { snapshot, connections, test_pipes: BTreeSet::new() }.facts();
    let sleeps = |program: &&Arc<ProgramOutcome>| snapshot.has_timed_wait(program.process.id());
    let who = programs.iter().find(sleeps)?.who();
    (answer_is_due || facts.key == "with-facts").then(|| message!("asleep", who, facts))
}

/// What lies unread on these connections, or an empty message.
pub(crate) fn facts(connections: &[OwnConnection]) -> Message {
    let addresses: Vec<_> = connections.iter().flat_map(|own| [own.local, own.remote]).collect();
    match Snapshot::of_sockets(&addresses) {
        Some(snapshot) => {
            Evidence { snapshot: &snapshot, connections, test_pipes: BTreeSet::new() }.facts()
        }
        None => Message::from(""),
    }
}

/// What is known of programs whose threads all sleep.
struct Evidence<'a> {
    snapshot: &'a Snapshot,
    connections: &'a [OwnConnection],
    /// The pipes that the test has open.
    test_pipes: BTreeSet<PathBuf>,
}

impl Evidence<'_> {
    /// Where the programs are blocked. `None` if one of them may still do something.
    fn message(&self, programs: &[Arc<ProgramOutcome>]) -> Option<Message> {
        let processes = &self.snapshot.processes;
        let is_quiet = processes.iter().all(|process| self.has_no_other_events(process))
            && self.snapshot.sockets.iter().all(|socket| self.has_nothing_on_its_way(socket))
            && input_and_output_rest(programs);
        if !is_quiet {
            return None;
        }
        let mut places = Vec::new();
        for program in programs {
            let (root, before) = (program.process.id(), places.len());
            for process in processes.iter().filter(|process| process.root == root) {
                for thread in &process.threads {
                    let place = self.place(process, thread)?.map(|place| (program.who(), place));
                    if let Some(place) = place.filter(|_| process.name != SANDBOX)
                        && !places.contains(&place)
                    {
                        places.push(place);
                    }
                }
            }
            if places.len() == before {
                places.push((program.who(), Place::OwnThread));
            }
        }
        let mut facts = self.facts();
        let sentences = places.into_iter().map(|(who, place)| {
            place.sentence(who, std::mem::replace(&mut facts, Message::from("")))
        });
        sentences.reduce(|first, second| message!("blocked-several", first, second))
    }

    /// Whether no timer, signal, file or other program can wake the process.
    fn has_no_other_events(&self, process: &Process) -> bool {
        // It waits for the end of the program, with a signalfd.
        if process.name == SANDBOX {
            return true;
        }
        process.handled_signals & TIMER_SIGNALS == 0
            && !process.has_timers
            && process.files.keys().all(|&descriptor| self.is_harmless(process, descriptor))
    }

    /// Whether only this test, or these programs, can cause an event of the file.
    fn is_harmless(&self, process: &Process, descriptor: i32) -> bool {
        if let Some(inode) = process.inode(descriptor) {
            let mut sockets = self.snapshot.sockets.iter();
            return match sockets.find(|socket| socket.inode == inode) {
                Some(socket) => self.has_known_peer(socket),
                None => duplicate(process.id, descriptor).is_some_and(|it| has_no_peer(&it)),
            };
        }
        let Some(target) = process.files[&descriptor].to_str() else { return false };
        if target.starts_with('/') {
            let file = fs::metadata(format!("/proc/{}/fd/{descriptor}", process.id));
            return file.is_ok_and(|file| {
                let is_quiet_device = is_terminal(file.rdev()) || major(file.rdev()) == MEMORY;
                file.is_file()
                    || file.is_dir()
                    || file.file_type().is_char_device() && is_quiet_device
            });
        }
        ["pipe:", "anon_inode:[eventfd]", "anon_inode:[eventpoll]", "anon_inode:[pidfd]", "pidfd:"]
            .iter()
            .any(|kind| target.starts_with(kind))
    }

    fn has_known_peer(&self, socket: &TcpSocket) -> bool {
        let is_own_listener = |peer: &TcpSocket| {
            let mut sockets = self.snapshot.sockets.iter();
            let port = peer.local.port();
            peer.inode == 0
                && sockets.any(|it| {
                    it.is_theirs && it.state == TcpState::Listen && it.local.port() == port
                })
        };
        // After an end of file, nothing more arrives.
        matches!(socket.state, TcpState::Listen | TcpState::CloseWait)
            || self.number(socket).is_some()
            || self.snapshot.peer(socket).is_some_and(|it| it.is_theirs || is_own_listener(it))
    }

    /// The number of the test's connection of which the socket is one end.
    fn number(&self, socket: &TcpSocket) -> Option<usize> {
        let ends = [(socket.local, socket.remote), (socket.remote, socket.local)];
        let own = self.connections.iter().find(|own| ends.contains(&(own.local, own.remote)));
        own.map(|own| own.number)
    }

    /// Whether the socket has passed on all that it can.
    fn has_nothing_on_its_way(&self, socket: &TcpSocket) -> bool {
        let number = self.number(socket);
        if socket.state == TcpState::Listen || (number.is_none() && !socket.is_theirs) {
            return true;
        }
        let peer = self.snapshot.peer(socket);
        // Without room in the peer's receive buffer, the bytes stay where they are.
        let is_sent = socket.unacknowledged == 0 || peer.is_some_and(|peer| peer.unread > 0);
        let is_the_tests = self.connections.iter().any(|own| own.local == socket.local);
        // Otherwise a process may answer that is no longer a descendant of the program.
        let is_held = socket.inode == 0 || socket.is_theirs || is_the_tests;
        is_sent
            && is_held
            && match socket.state {
                TcpState::Established | TcpState::FinWait2 => peer.is_some(),
                TcpState::CloseWait | TcpState::TimeWait => true,
                _ => false,
            }
    }

    /// Where a thread is blocked. The inner `None` is for a thread that waits for one of its own program.
    fn place(&self, process: &Process, thread: &Thread) -> Option<Option<Place>> {
        let wait = wait_in(thread.call, thread.arguments)?;
        let (Wait::Accept { descriptor }
        | Wait::Receive { descriptor }
        | Wait::Send { descriptor }) = wait
        else {
            return match wait {
                Wait::Poll { call } => Some(Some(Place::Poll(call))),
                Wait::OwnThread => Some(None),
                _ => None,
            };
        };
        let target = process.files.get(&descriptor)?;
        let Some(inode) = process.inode(descriptor) else {
            let (name, is_test_pipe) = (target.to_str()?, self.test_pipes.contains(target));
            let is_input = descriptor == 0 && matches!(wait, Wait::Receive { .. });
            return match name {
                _ if name.starts_with("pipe:") && !is_test_pipe => Some(None),
                _ if name.starts_with("pipe:") && is_input => Some(Some(Place::Input)),
                "anon_inode:[eventfd]" => Some(None),
                _ if name.starts_with('/') && is_input => {
                    let file = fs::metadata(format!("/proc/{}/fd/0", process.id)).ok()?;
                    is_terminal(file.rdev()).then_some(Some(Place::Input))
                }
                _ => None,
            };
        };
        let duplicate = duplicate(process.id, descriptor)?;
        let timeout = match wait {
            Wait::Send { .. } => duplicate.write_timeout(),
            _ => duplicate.read_timeout(),
        };
        if timeout.ok()?.is_some() {
            return None;
        }
        let Some(socket) = self.snapshot.sockets.iter().find(|socket| socket.inode == inode) else {
            // Of the sockets that aren't TCP, only those of a socket pair can block and are harmless.
            return (duplicate.local_addr().ok()?.domain() == Domain::UNIX).then_some(None);
        };
        let connection = || match self.number(socket) {
            Some(number) => message!("connection-number", number),
            None => message!("connection-to", address = socket.remote),
        };
        use TcpState::{CloseWait, Established, FinWait2, Listen};
        Some(Some(match (wait, &socket.state) {
            // It's about to wake otherwise.
            (Wait::Accept { .. }, Listen) if socket.unread == 0 => Place::Accept,
            (Wait::Receive { .. }, Established | FinWait2) if socket.unread == 0 => {
                Place::Receive(connection())
            }
            (Wait::Send { .. }, Established | CloseWait) if socket.unacknowledged > 0 => {
                Place::Send(connection())
            }
            _ => return None,
        }))
    }

    /// What lies unread and which connections wait, or an empty message.
    fn facts(&self) -> Message {
        let mut facts = Vec::new();
        for own in self.connections {
            let ends = (own.remote, own.local);
            let mut sockets = self.snapshot.sockets.iter();
            let Some(socket) = sockets.find(|it| (it.local, it.remote) == ends) else { continue };
            // The kernel counts the end of file as a byte.
            let end = u32::from(socket.state == TcpState::CloseWait);
            let number = own.number;
            match (socket.unread, socket.unread.saturating_sub(end)) {
                (0, _) if end == 1 && socket.inode != 0 => {
                    facts.push(message!("open-after-end", number));
                }
                (0, _) => {}
                (_, 0) => facts.push(message!("unread-end", number)),
                (_, count) => facts.push(message!("unread-bytes", count, number)),
            }
        }
        facts.drain(..facts.len().saturating_sub(MOST_FACTS));
        let listeners = self.snapshot.sockets.iter().filter(|socket| {
            socket.is_theirs && socket.state == TcpState::Listen && socket.unread > 0
        });
        facts.extend(listeners.map(|socket| message!("queued", count = socket.unread)));
        let join = |first: Message, second: Message| message!("both-facts", first, second);
        match facts.into_iter().reduce(join) {
            Some(facts) => message!("with-facts", facts),
            None => Message::from(""),
        }
    }
}

/// The facts about connections that a message has room for: those about the last connections.
const MOST_FACTS: usize = 3;

/// Where a thread is blocked.
#[derive(PartialEq, Eq)]
enum Place {
    Accept,
    Receive(Message),
    Send(Message),
    Input,
    Poll(&'static str),
    OwnThread,
}

impl Place {
    fn sentence(self, who: Message, facts: Message) -> Message {
        match self {
            Place::Accept => message!("blocked-accept", who, facts),
            Place::Receive(connection) => message!("blocked-recv", who, connection, facts),
            Place::Send(connection) => message!("blocked-send", who, connection, facts),
            Place::Input => message!("blocked-input", who, facts),
            Place::Poll(call) => message!("blocked-poll", who, call, facts),
            Place::OwnThread => message!("blocked-own", who, facts),
        }
    }
}

/// The name of a process that only keeps a sandbox.
const SANDBOX: &str = "bwrap";

/// SIGALRM, SIGVTALRM, SIGPROF and SIGIO, and the real-time signals without the first two, which the C
/// library uses for its threads.
const TIMER_SIGNALS: u64 = 1 << 13 | 1 << 25 | 1 << 26 | 1 << 28 | u64::MAX << 33;

/// The major device number of /dev/null and its like.
const MEMORY: u64 = 1;

/// The part of a device number that names the driver: makedev(3), for numbers below 4096.
fn major(device: u64) -> u64 {
    device >> 8 & 0xfff
}

/// Whether it's a pseudo-terminal's end for programs, or /dev/tty.
fn is_terminal(device: u64) -> bool {
    (136..=143).contains(&major(device)) || device == 5 << 8
}

/// Returns a duplicate of another process's socket.
fn duplicate(process: u32, descriptor: i32) -> Option<Socket> {
    let process = Pid::from_raw(i32::try_from(process).ok()?)?;
    let process = pidfd_open(process, PidfdFlags::empty()).ok()?;
    pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty()).ok().map(Socket::from)
}

/// Whether nothing can arrive at a socket that isn't listed as a TCP socket, except from the program
/// itself: it's one of a socket pair, or a TCP socket that isn't connected.
fn has_no_peer(socket: &Socket) -> bool {
    let Ok(local) = socket.local_addr() else { return false };
    match local.domain() {
        Domain::UNIX => local.is_unnamed() && socket.peer_addr().is_ok_and(|it| it.is_unnamed()),
        Domain::IPV4 | Domain::IPV6 => {
            socket.r#type().is_ok_and(|kind| kind == Type::STREAM) && socket.peer_addr().is_err()
        }
        _ => false,
    }
}

/// Returns the pipes that the test has open: its programs' inputs and outputs, and what it inherited.
fn test_pipes() -> Option<BTreeSet<PathBuf>> {
    let files = fs::read_dir("/proc/self/fd").ok()?;
    Some(files.flatten().filter_map(|file| fs::read_link(file.path()).ok()).collect())
}
