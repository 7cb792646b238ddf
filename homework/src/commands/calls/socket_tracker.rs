//! Follows the sockets of a program through its system calls.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::call_event::{Answer, Call, Event, PeerAction};
use super::strace_line;

/// The maximum number of calls to show. Two clients take twenty.
const MAX_CALLS: usize = 1000;

/// What the peer has sent, so that the program doesn't have to wait for it.
#[derive(Debug, Default)]
pub struct PeerInput {
    /// The number of connections.
    pub connections: usize,
    /// The number of bytes on each connection.
    pub bytes: HashMap<usize, u64>,
    /// The connections on which the peer has closed its sending side.
    pub ended: HashSet<usize>,
}

/// A connection, from the program's side.
#[derive(Debug, Default)]
pub struct Connection {
    /// In bytes.
    pub sent: u64,
    /// In bytes.
    pub received: u64,
    /// Whether it has received end of file or an error.
    pub received_end: bool,
    /// Whether it has closed the connection or its sending side, as far as strace shows.
    pub closed: bool,
    /// Whether it has closed any descriptor of it.
    pub close_called: bool,
    /// Whether it has closed the last one, as far as strace shows.
    pub gone: bool,
}

/// The TCP sockets of a program, and all events so far.
#[derive(Debug, Default)]
pub struct SocketTracker {
    /// All events so far. The scripted peer adds its own.
    pub events: Vec<Event>,
    /// The connections, oldest first.
    pub connections: Vec<Connection>,
    /// The address of the listening socket.
    pub listens: Option<SocketAddr>,
    /// The TCP sockets, by the name that strace prints after their descriptors.
    table: HashMap<String, Socket>,
    calls: usize,
}

#[derive(Debug)]
struct Socket {
    role: Role,
    /// The number of its descriptors.
    descriptors: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Fresh,
    Bound(SocketAddr),
    Listens,
    Connected(usize),
}

impl SocketTracker {
    /// Returns whether there were too many calls to show.
    pub fn is_endless(&self) -> bool {
        self.calls >= MAX_CALLS
    }

    /// Handles a fork, which duplicates every descriptor.
    pub fn forked(&mut self) {
        self.table.values_mut().for_each(|socket| socket.descriptors *= 2);
    }

    pub fn is_tcp_socket(&self, target: &str) -> bool {
        self.table.contains_key(target)
    }

    pub fn any_readable(&self, given: &PeerInput) -> bool {
        self.table.keys().any(|target| self.is_readable_socket(target, given))
    }

    pub fn is_readable_socket(&self, target: &str, given: &PeerInput) -> bool {
        match self.table.get(target).map(|socket| socket.role) {
            Some(Role::Listens) => given.connections > self.connections.len(),
            Some(Role::Connected(number)) => {
                let bytes = given.bytes.get(&number).copied().unwrap_or_default();
                given.ended.contains(&number) || bytes > self.connections[number].received
            }
            _ => false,
        }
    }

    pub fn is_about_tcp_socket(&self, call: &strace_line::Call) -> bool {
        call.descriptors().any(|(_, target)| self.is_tcp_socket(&target))
    }

    /// Handles an end of file that the peer received: the last call that can have caused it is marked, or
    /// the exit of the program.
    pub fn end_is_seen(&mut self, connection: usize) {
        let is_cause = |event: &&mut Event| match event {
            Event::Call(call) => {
                call.connection == Some(connection) && ["close", "shutdown"].contains(&call.name)
            }
            _ => false,
        };
        // A shutdown and the close after it may both report it.
        if let Some(Event::Call(call)) = self.events.iter_mut().find(is_cause) {
            call.sends = Some(PeerAction::End);
        }
    }

    /// Handles a call that has returned.
    pub fn answered(&mut self, call: &strace_line::Call) {
        let Some(answer) = &call.answer else { return };
        match call.name.as_str() {
            "dup" | "dup2" | "dup3" | "fcntl" | "fcntl64" => {
                let copied = strace_line::descriptor(&answer.text);
                if let Some(socket) = copied.and_then(|(_, target)| self.table.get_mut(&target)) {
                    socket.descriptors += 1;
                }
            }
            "socket" => self.socket(call),
            "splice" | "sendfile" | "sendfile64" => self.moved(call),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6"
                if self.is_about_tcp_socket(call) =>
            {
                self.polled(call);
            }
            _ => {
                if let Some((descriptor, target)) = strace_line::descriptor(call.argument(0)) {
                    self.of_a_socket(call, descriptor, &target);
                }
            }
        }
    }

    /// Handles a new socket, if it's one for TCP.
    fn socket(&mut self, call: &strace_line::Call) {
        let Some(answer) = &call.answer else { return };
        let family = call.argument(0);
        let is_stream = call.argument(1).starts_with("SOCK_STREAM");
        if !is_stream || !["AF_INET", "AF_INET6"].contains(&family) {
            return;
        }
        if let Some((_, target)) = strace_line::descriptor(&answer.text) {
            self.table.insert(target, Socket { role: Role::Fresh, descriptors: 1 });
        }
        let protocol = match call.argument(2) {
            "IPPROTO_IP" | "" => "0",
            protocol => protocol,
        };
        let arguments = format!("{family}, SOCK_STREAM, {protocol}");
        self.push(call, "socket", arguments, None);
    }

    /// Handles a call whose first argument is a TCP socket.
    fn of_a_socket(&mut self, call: &strace_line::Call, descriptor: u32, target: &str) {
        let (Some(socket), Some(answer)) = (self.table.get_mut(target), &call.answer) else {
            return;
        };
        let Some(name) = step(&call.name) else { return };
        let mut arguments = String::new();
        let address = strace_line::address(call.argument(1));
        let shown = |address: Option<SocketAddr>| address.map(|a| a.to_string());
        match name {
            "bind" => {
                arguments = shown(address).unwrap_or_default();
                if let (0, Some(address)) = (answer.number, address) {
                    socket.role = Role::Bound(address);
                }
            }
            "listen" => {
                arguments = call.argument(1).to_owned();
                if answer.number == 0 {
                    let bound = match socket.role {
                        Role::Bound(address) => address,
                        _ => SocketAddr::from(([0, 0, 0, 0], 0)),
                    };
                    socket.role = Role::Listens;
                    self.listens = reached(bound, target);
                    let chosen = self.listens.map(|address| address.port());
                    let last_bind = self.events.iter_mut().rfind(|event| event.is_call("bind"));
                    if let Some(Event::Call(bind)) = last_bind {
                        bind.port = chosen.filter(|_| bound.port() == 0);
                    }
                }
            }
            "accept" => {
                if let Some((_, accepted)) = strace_line::descriptor(&answer.text) {
                    let role = Role::Connected(self.connections.len());
                    self.table.insert(accepted, Socket { role, descriptors: 1 });
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
                let size = match strace_line::room(call.argument(1)) {
                    0 => call.argument(2).to_owned(),
                    room => room.to_string(),
                };
                self.transferred(call, name, size, target);
                return;
            }
            "shutdown" => {
                arguments = call.argument(1).to_owned();
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
                    let connection = &mut self.connections[number];
                    connection.close_called = true;
                    connection.closed |= last;
                    connection.gone |= last;
                }
                // Only closing the last descriptor closes the socket.
                if last {
                    self.push_of(call, name, arguments, target);
                    self.table.remove(target);
                }
                return;
            }
            _ => {}
        }
        self.push_of(call, name, arguments, target);
    }

    /// Handles a call that sent or received bytes.
    fn transferred(
        &mut self,
        call: &strace_line::Call,
        name: &'static str,
        size: String,
        target: &str,
    ) {
        let Some(answer) = &call.answer else { return };
        let count = u64::try_from(answer.number).unwrap_or_default();
        let mut shown = strace_line::bytes(call.argument(1));
        shown.truncate(usize::try_from(count).unwrap_or_default());
        self.push_of(call, name, size, target);
        let Some(Event::Call(call)) = self.events.last_mut() else { return };
        let Some(connection) = call.connection.and_then(|n| self.connections.get_mut(n)) else {
            return;
        };
        if name == "send" {
            connection.sent += count;
            call.sends = (count > 0).then_some(PeerAction::Send(shown));
        } else {
            connection.received += count;
            let later = ["EAGAIN", "EWOULDBLOCK", "EINTR"];
            connection.received_end |= match answer.error.as_deref() {
                Some(error) => !later.contains(&error),
                None => count == 0,
            };
            call.received = (count > 0).then_some(shown);
        }
    }

    /// Handles a call that moved bytes from or to a socket inside the kernel.
    fn moved(&mut self, call: &strace_line::Call) {
        let (from, to, size) = if call.name == "splice" { (0, 2, 4) } else { (1, 0, 3) };
        for (place, name) in [(from, "recv"), (to, "send")] {
            let end = strace_line::descriptor(call.argument(place));
            if let Some((_, target)) = end.filter(|(_, target)| self.is_tcp_socket(target)) {
                self.transferred(call, name, call.argument(size).to_owned(), &target);
            }
        }
    }

    /// Handles a call that waited for readable sockets.
    fn polled(&mut self, call: &strace_line::Call) {
        let own = call.descriptors().filter(|(_, target)| self.is_tcp_socket(target));
        let arguments: Vec<String> = own.map(|(number, _)| number.to_string()).collect();
        let name = if call.name.contains("poll") { "poll" } else { "select" };
        self.push(call, name, arguments.join(", "), None);
    }

    /// Adds a call on a connection to the events.
    fn push_of(
        &mut self,
        call: &strace_line::Call,
        name: &'static str,
        arguments: String,
        target: &str,
    ) {
        self.push(call, name, arguments, None);
        let role = self.table.get(target).map(|socket| socket.role);
        if let (Some(Event::Call(call)), Some(Role::Connected(number))) =
            (self.events.last_mut(), role)
        {
            call.connection = Some(number);
            if name == "connect" {
                call.sends = Some(PeerAction::Connect);
            }
        }
    }

    fn push(
        &mut self,
        call: &strace_line::Call,
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

/// Returns the name that the lesson uses for a call.
pub fn step(name: &str) -> Option<&'static str> {
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

/// Returns the address that reaches a listening socket from this host. A port that the kernel chose is in
/// its list of sockets.
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
