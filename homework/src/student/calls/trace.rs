//! What the program has done so far: its threads, its sockets, the calls of the lesson among all
//! others, and whether it waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::event::{Answer, Call, Did, Event};
use super::line::{self, Line, Lines, Said};

/// The most calls that are looked at. A conversation of two clients takes twenty.
const MOST: usize = 1000;

/// What the peer has given the program, which it can take without waiting.
#[derive(Debug, Default)]
pub struct Given {
    /// Connections.
    pub connections: usize,
    /// For each of them, how many bytes.
    pub bytes: Vec<u64>,
    /// For each of them, whether no more come.
    pub ended: Vec<bool>,
}

impl Given {
    /// It sent so many bytes on a connection.
    pub fn bytes(&mut self, connection: usize, count: u64) {
        self.bytes.resize(self.bytes.len().max(connection + 1), 0);
        self.bytes[connection] += count;
    }

    /// It sends no more on a connection.
    pub fn end(&mut self, connection: usize) {
        self.ended.resize(self.ended.len().max(connection + 1), false);
        self.ended[connection] = true;
    }
}

/// One connection, as the program has used it.
#[derive(Debug, Default)]
pub struct Connection {
    /// How many bytes it sent.
    pub sent: u64,
    /// How many bytes it received.
    pub received: u64,
    /// Whether it has received the end, or an error.
    pub noticed_the_end: bool,
    /// Whether it closed the connection, or its sending half, as far as can be seen.
    pub closed: bool,
    /// Whether it closed any descriptor of it.
    pub close_called: bool,
    /// Whether it closed the last one, as far as can be seen.
    pub gone: bool,
}

/// What is known of the program.
#[derive(Debug, Default)]
pub struct Trace {
    /// What happened, the peer's part included, which is added by who plays it.
    pub events: Vec<Event>,
    /// Each connection, in the order in which they were made.
    pub connections: Vec<Connection>,
    /// Where the program listens.
    pub listens: Option<SocketAddr>,
    lines: Lines,
    threads: BTreeMap<u32, Thread>,
    /// Those that have ended.
    ended: BTreeSet<u32>,
    /// The first thread, whose end is that of the program.
    first: Option<u32>,
    sockets: HashMap<String, Socket>,
    calls: usize,
    /// What strace said of itself.
    pub complaint: Option<String>,
}

/// What a thread does now.
#[derive(Debug)]
enum Thread {
    Runs,
    /// It is in this call.
    Calls(line::Call),
}

/// A socket of the lesson.
#[derive(Debug)]
struct Socket {
    role: Role,
    /// How many descriptors there are of it.
    descriptors: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Fresh,
    Bound(SocketAddr),
    Listens,
    Connected(usize),
}

impl Trace {
    /// Takes a line.
    pub fn line(&mut self, text: &str) {
        if text.starts_with("strace: ") {
            self.complaint.get_or_insert_with(|| text["strace: ".len()..].to_owned());
        }
        let Some(Line { thread, said }) = self.lines.read(text) else { return };
        self.first.get_or_insert(thread);
        match said {
            Said::Ended(how) => self.end_of(thread, &how),
            Said::Call(call) if call.answer.is_some() => {
                self.threads.insert(thread, Thread::Runs);
                self.answered(&call);
            }
            Said::Call(call) => _ = self.threads.insert(thread, Thread::Calls(call)),
        }
    }

    /// Takes the beginning of a line.
    pub fn begun(&mut self, text: &str) {
        if let Some(Line { thread, said: Said::Call(call) }) = Lines::read_begun(text) {
            self.first.get_or_insert(thread);
            self.threads.insert(thread, Thread::Calls(call));
        }
    }

    /// The peer has seen the end of a connection: it came with the last call that can have caused it,
    /// or with the end of the program.
    pub fn end_is_seen(&mut self, connection: usize) {
        let is_cause = |event: &&mut Event| match event {
            Event::Call(call) => {
                call.connection == Some(connection) && ["close", "shutdown"].contains(&call.name)
            }
            _ => false,
        };
        // It may be seen twice, at a shutdown and at the close behind it.
        if let Some(Event::Call(call)) = self.events.iter_mut().find(is_cause) {
            call.sends = Some(Did::End);
        }
    }

    /// All threads, those of its other processes included.
    pub fn threads(&self) -> impl Iterator<Item = u32> {
        self.threads.keys().copied()
    }

    /// Whether any thread was seen.
    pub fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    /// Whether no thread is left.
    pub fn has_ended(&self) -> bool {
        self.has_begun() && self.threads.is_empty()
    }

    /// Whether there were more calls than anybody wants to see.
    pub fn is_endless(&self) -> bool {
        self.calls >= MOST
    }

    /// Whether every thread is in a call that waits: for the peer, which has given nothing that it
    /// could take, or for something else.
    pub fn waits(&self, given: &Given) -> bool {
        !self.threads.is_empty()
            && self.threads.values().all(|thread| match thread {
                Thread::Runs => false,
                Thread::Calls(call) => self.call_waits(call, given),
            })
    }

    /// Whether every thread sleeps. Who is woken by another sleeps no longer, even before it has done
    /// anything.
    pub fn is_asleep(&self) -> bool {
        self.threads.keys().all(|&thread| sleeps(thread))
    }

    /// The lesson's calls in which its threads wait.
    pub fn waiting(&self) -> Vec<&'static str> {
        let calls = self.threads.values().filter_map(|thread| match thread {
            Thread::Calls(call) if self.is_of_a_socket(call) => Some(call),
            _ => None,
        });
        calls.filter_map(|call| step(&call.name)).collect()
    }

    fn call_waits(&self, call: &line::Call, given: &Given) -> bool {
        let target = call.arguments.first().and_then(|first| line::descriptor(first));
        match call.name.as_str() {
            "futex" => call.arguments.get(1).is_some_and(|what| what.contains("WAIT")),
            "wait4" | "waitid" | "pause" | "rt_sigsuspend" | "rt_sigtimedwait" => true,
            "accept" | "accept4" => given.connections <= self.connections.len(),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6" => {
                // What may be sent at once, or is asked without waiting, is answered at once.
                let writes = call.arguments.iter().any(|argument| argument.contains("POLLOUT"));
                let at_once = call.name == "poll" && call.arguments.get(2).is_none_or(|t| t == "0");
                let of = call.arguments.iter().flat_map(|argument| line::descriptors(argument));
                let nothing = |(_, target): (_, String)| !self.has_something(&target, given);
                !writes && !at_once && of.into_iter().all(nothing)
            }
            name if name.starts_with("epoll") => {
                self.sockets.keys().all(|target| !self.has_something(target, given))
            }
            "splice" | "recv" | "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" => {
                match target {
                    Some((_, target)) if self.sockets.contains_key(&target) => {
                        !self.has_something(&target, given)
                    }
                    // A pipe or a terminal; a file has something at once.
                    Some((_, target)) => !target.starts_with('/') || target.starts_with("/dev/pts"),
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// Whether there is something to be taken from a socket.
    fn has_something(&self, target: &str, given: &Given) -> bool {
        match self.sockets.get(target).map(|socket| socket.role) {
            Some(Role::Listens) => given.connections > self.connections.len(),
            Some(Role::Connected(number)) => {
                let bytes = given.bytes.get(number).copied().unwrap_or_default();
                let ended = given.ended.get(number).copied().unwrap_or_default();
                ended || bytes > self.connections[number].received
            }
            _ => false,
        }
    }

    fn is_of_a_socket(&self, call: &line::Call) -> bool {
        let of = call.arguments.iter().flat_map(|argument| line::descriptors(argument));
        of.into_iter().any(|(_, target)| self.sockets.contains_key(&target))
    }

    fn end_of(&mut self, thread: u32, how: &str) {
        self.threads.remove(&thread);
        self.ended.insert(thread);
        if self.threads.is_empty() {
            self.connections.iter_mut().for_each(|connection| connection.closed = true);
        }
        if self.first == Some(thread) {
            self.events.push(Event::Ended(how.to_owned(), None));
        }
    }

    /// A call that the system has answered.
    fn answered(&mut self, call: &line::Call) {
        let Some(answer) = &call.answer else { return };
        let first = call.arguments.first().and_then(|first| line::descriptor(first));
        let first_is_ours =
            first.as_ref().is_some_and(|(_, target)| self.sockets.contains_key(target));
        match call.name.as_str() {
            "clone" | "clone3" | "fork" | "vfork" => {
                // It may have ended before the call that made it returns.
                if let Ok(thread @ 1..) = u32::try_from(answer.number)
                    && !self.ended.contains(&thread)
                {
                    self.threads.entry(thread).or_insert(Thread::Runs);
                }
                let shares = call.arguments.iter().any(|argument| argument.contains("CLONE_FILES"));
                if answer.number > 0 && !shares {
                    // A process of its own has a descriptor of everything.
                    self.sockets.values_mut().for_each(|socket| socket.descriptors *= 2);
                }
            }
            "dup" | "dup2" | "dup3" | "fcntl" | "fcntl64" => {
                let copied = line::descriptor(&answer.text);
                if let Some(socket) = copied.and_then(|(_, target)| self.sockets.get_mut(&target)) {
                    socket.descriptors += 1;
                }
            }
            "socket" => self.socket(call),
            "splice" | "sendfile" | "sendfile64" => self.moved(call),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6"
                if self.is_of_a_socket(call) =>
            {
                self.polled(call);
            }
            _ if first_is_ours => {
                let (descriptor, target) = first.unwrap_or_default();
                self.of_a_socket(call, descriptor, &target);
            }
            _ => {}
        }
    }

    /// A new socket, if it is one of the lesson.
    fn socket(&mut self, call: &line::Call) {
        let [family, kind, ..] = &call.arguments[..] else { return };
        let Some(answer) = &call.answer else { return };
        if !["AF_INET", "AF_INET6"].contains(&family.as_str()) || !kind.starts_with("SOCK_STREAM") {
            return;
        }
        if let Some((_, target)) = line::descriptor(&answer.text) {
            self.sockets.insert(target, Socket { role: Role::Fresh, descriptors: 1 });
        }
        let protocol = match call.arguments.get(2).map(String::as_str) {
            Some("IPPROTO_IP") | None => "0",
            Some(protocol) => protocol,
        };
        let arguments = format!("{family}, SOCK_STREAM, {protocol}");
        self.push(call, "socket", arguments, None);
    }

    /// A call whose first argument is a socket of the lesson.
    fn of_a_socket(&mut self, call: &line::Call, descriptor: u32, target: &str) {
        let (Some(socket), Some(answer)) = (self.sockets.get_mut(target), &call.answer) else {
            return;
        };
        let Some(name) = step(&call.name) else { return };
        let mut arguments = String::new();
        let address = call.arguments.get(1).and_then(|argument| line::address(argument));
        let shown = |address: Option<SocketAddr>| address.map(|a| a.to_string());
        match name {
            "bind" => {
                arguments = shown(address).unwrap_or_default();
                if let (0, Some(address)) = (answer.number, address) {
                    socket.role = Role::Bound(address);
                }
            }
            "listen" => {
                arguments = call.arguments.get(1).cloned().unwrap_or_default();
                if answer.number == 0 {
                    let bound = match socket.role {
                        Role::Bound(address) => address,
                        _ => SocketAddr::from(([0, 0, 0, 0], 0)),
                    };
                    socket.role = Role::Listens;
                    self.listens = reached(bound, target);
                    let chosen = self.listens.map(|address| address.port());
                    if let Some(Event::Call(bind)) =
                        self.events.iter_mut().rfind(|event| event.is_call("bind"))
                    {
                        bind.port = chosen.filter(|_| bound.port() == 0);
                    }
                }
            }
            "accept" => {
                if let Some((_, accepted)) = line::descriptor(&answer.text) {
                    let role = Role::Connected(self.connections.len());
                    self.sockets.insert(accepted, Socket { role, descriptors: 1 });
                    self.connections.push(Connection::default());
                }
                self.push(call, name, arguments, shown(address));
                return;
            }
            "connect" => {
                arguments = shown(address).unwrap_or_default();
                let under_way = answer.error.as_deref() == Some("EINPROGRESS");
                if answer.number == 0 && socket.role == Role::Fresh || under_way {
                    socket.role = Role::Connected(self.connections.len());
                    self.connections.push(Connection::default());
                }
            }
            "recv" | "send" => {
                let argument = call.arguments.get(1).map(String::as_str).unwrap_or_default();
                let size = match line::room(argument) {
                    0 => call.arguments.get(2).cloned().unwrap_or_default(),
                    room => room.to_string(),
                };
                self.transferred(call, name, size, target);
                return;
            }
            "shutdown" => {
                arguments = call.arguments.get(1).cloned().unwrap_or_default();
                if let Role::Connected(number) = socket.role
                    && arguments != "SHUT_RD"
                {
                    self.connections[number].closed = true;
                }
            }
            "close" => {
                arguments = descriptor.to_string();
                socket.descriptors = socket.descriptors.saturating_sub(1);
                let last = socket.descriptors == 0;
                if let Role::Connected(number) = socket.role {
                    self.connections[number].close_called = true;
                    self.connections[number].closed |= last;
                    self.connections[number].gone |= last;
                }
                // Only the last one closes the socket; the copies are not of the lesson.
                if last {
                    self.push_of(call, name, arguments, target);
                    self.sockets.remove(target);
                }
                return;
            }
            _ => {}
        }
        self.push_of(call, name, arguments, target);
    }

    /// Bytes went in or out.
    fn transferred(&mut self, call: &line::Call, name: &'static str, size: String, target: &str) {
        let Some(answer) = &call.answer else { return };
        let bytes = call.arguments.get(1).map(|argument| line::bytes(argument)).unwrap_or_default();
        let count = u64::try_from(answer.number).unwrap_or_default();
        let shown = bytes[..bytes.len().min(usize::try_from(count).unwrap_or_default())].to_vec();
        self.push_of(call, name, size, target);
        let Some(Event::Call(done)) = self.events.last_mut() else { return };
        let Some(connection) = done.connection.and_then(|n| self.connections.get_mut(n)) else {
            return;
        };
        if name == "send" {
            connection.sent += count;
            done.sends = (count > 0).then_some(Did::Bytes(shown));
        } else {
            connection.received += count;
            let later = ["EAGAIN", "EWOULDBLOCK", "EINTR"];
            connection.noticed_the_end |= match answer.error.as_deref() {
                Some(error) => !later.contains(&error),
                None => count == 0,
            };
            done.received = (count > 0).then_some(shown);
        }
    }

    /// Bytes went from one descriptor to another inside the system: of a socket, or into one.
    fn moved(&mut self, call: &line::Call) {
        let (from, to) = if call.name == "splice" { (0, 2) } else { (1, 0) };
        let size = if call.name == "splice" { 4 } else { 3 };
        let size = call.arguments.get(size).cloned().unwrap_or_default();
        for (place, name) in [(from, "recv"), (to, "send")] {
            let end = call.arguments.get(place).and_then(|argument| line::descriptor(argument));
            if let Some((_, target)) = end.filter(|(_, target)| self.sockets.contains_key(target)) {
                self.transferred(call, name, size.clone(), &target);
            }
        }
    }

    /// It asked which of its sockets have something.
    fn polled(&mut self, call: &line::Call) {
        let of = call.arguments.iter().flat_map(|argument| line::descriptors(argument));
        let ours = of.into_iter().filter(|(_, target)| self.sockets.contains_key(target));
        let arguments: Vec<String> = ours.map(|(number, _)| number.to_string()).collect();
        let name = if call.name.contains("poll") { "poll" } else { "select" };
        self.push(call, name, arguments.join(", "), None);
    }

    /// Adds a call of a connection to what happened.
    fn push_of(&mut self, call: &line::Call, name: &'static str, arguments: String, target: &str) {
        self.push(call, name, arguments, None);
        let role = self.sockets.get(target).map(|socket| socket.role);
        if let (Some(Event::Call(done)), Some(Role::Connected(number))) =
            (self.events.last_mut(), role)
        {
            done.connection = Some(number);
            if name == "connect" {
                done.sends = Some(Did::Connect);
            }
        }
    }

    fn push(
        &mut self,
        call: &line::Call,
        name: &'static str,
        arguments: String,
        with: Option<String>,
    ) {
        let Some(answer) = &call.answer else { return };
        self.calls += 1;
        let familiar = [name, "accept4", "recvfrom", "sendto"];
        let answer = match &answer.error {
            Some(error) => Answer::Error(error.clone()),
            None => Answer::Number(answer.number, with),
        };
        self.events.push(Event::Call(Call {
            name,
            also: Some(call.name.clone()).filter(|also| !familiar.contains(&also.as_str())),
            arguments,
            answer,
            received: None,
            connection: None,
            port: None,
            sends: None,
        }));
    }
}

/// The lesson's name of a call.
fn step(name: &str) -> Option<&'static str> {
    Some(match name {
        "bind" => "bind",
        "listen" => "listen",
        "accept" | "accept4" => "accept",
        "connect" => "connect",
        "recv" | "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" | "splice" => "recv",
        "send" | "sendto" | "sendmsg" | "sendmmsg" | "write" | "writev" => "send",
        "sendfile" | "sendfile64" => "send",
        "shutdown" => "shutdown",
        "close" => "close",
        "poll" | "ppoll" => "poll",
        "select" | "_newselect" | "pselect6" => "select",
        name if name.starts_with("epoll") => "epoll",
        _ => return None,
    })
}

/// Whether the system lets a thread sleep: proc(5).
fn sleeps(thread: u32) -> bool {
    // The third field, behind the name of the program in brackets, is its state.
    let is_sleeping = || {
        let stat = fs::read_to_string(format!("/proc/{thread}/stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
    };
    // It has that state also while it looks whether there is something; then it is running here.
    let is_running = || {
        let call = fs::read_to_string(format!("/proc/{thread}/syscall"));
        call.is_ok_and(|call| call.starts_with("running"))
    };
    is_sleeping() && !is_running() && is_sleeping()
}

/// Where a program on this host reaches a listening socket. A port that the system has chosen stands
/// in its list of sockets, beside the number of each.
fn reached(mut bound: SocketAddr, target: &str) -> Option<SocketAddr> {
    match bound {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => bound.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => bound.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    if bound.port() == 0 {
        let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
        let lists = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
        let list = lists.into_iter().flatten().collect::<String>();
        let mut sockets = list.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let own = sockets.find(|fields| fields.get(9) == Some(&inode))?;
        let (_, port) = own.get(1)?.rsplit_once(':')?;
        bound.set_port(u16::from_str_radix(port, 16).ok()?);
    }
    Some(bound)
}
