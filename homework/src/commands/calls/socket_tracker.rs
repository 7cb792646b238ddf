//! Follows the sockets of a program through its system calls.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use common::quoted_within;

use super::call_event::{Event, MESSAGE, PeerAction, ShownCall};
use super::strace_line::{self, Answer, Call};

/// The maximum number of events to show. Two clients take thirty.
const MAX_EVENTS: usize = 1000;

/// A connection. All numbers are in bytes.
#[derive(Debug, Default)]
pub struct Connection {
    pub sent: u64,
    pub received: u64,
    /// Whether the program has received end of file or an error.
    pub received_end: bool,
    /// Whether it has closed the connection or its sending side, as far as strace shows.
    pub closed: bool,
    pub close_called: bool,
    /// Whether it has closed the last one, as far as strace shows.
    pub gone: bool,
    /// What the peer has sent.
    pub given: u64,
    pub given_end: bool,
    /// What the peer has received.
    pub taken: u64,
}

/// The TCP sockets of a program, and all events so far.
#[derive(Debug, Default)]
pub struct SocketTracker {
    /// All events so far. The scripted peer adds its own.
    pub events: Vec<Event>,
    /// The connections that the program has, oldest first.
    pub connections: Vec<Connection>,
    /// The number of connections that the peer has made to the program.
    pub made: usize,
    pub listens: Option<SocketAddr>,
    /// The TCP sockets, by the name that strace prints after their descriptors.
    table: HashMap<String, Socket>,
}

#[derive(Debug)]
struct Socket {
    role: Role,
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
    pub fn is_endless(&self) -> bool {
        self.events.len() >= MAX_EVENTS
    }

    /// Handles a fork, which duplicates every descriptor.
    pub fn forked(&mut self) {
        self.table.values_mut().for_each(|socket| socket.descriptors *= 2);
    }

    pub fn any_readable(&self) -> bool {
        self.table.keys().any(|target| self.is_readable_socket(target))
    }

    /// Returns whether the peer has sent something that the program hasn't received.
    pub fn is_readable_socket(&self, target: &str) -> bool {
        match self.role(target) {
            Some(Role::Listens) => self.made > self.connections.len(),
            Some(Role::Connected(number)) => {
                let Connection { given, given_end, received, .. } = self.connections[number];
                given_end || given > received
            }
            _ => false,
        }
    }

    fn tcp_descriptors(&self, call: &Call) -> impl Iterator<Item = u32> {
        let own = call.descriptors().filter(|(_, target)| self.table.contains_key(target));
        own.map(|(descriptor, _)| descriptor)
    }

    pub fn is_about_tcp_socket(&self, call: &Call) -> bool {
        self.tcp_descriptors(call).next().is_some()
    }

    /// Marks the call that can have caused an end of file which the peer has received.
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

    pub fn answered(&mut self, call: &Call) {
        let Some(answer) = &call.answer else { return };
        match call.name.as_str() {
            "dup" | "dup2" | "dup3" | "fcntl" | "fcntl64" => {
                let copied = strace_line::descriptor(&answer.text);
                if let Some(socket) = copied.and_then(|(_, target)| self.table.get_mut(&target)) {
                    socket.descriptors += 1;
                }
            }
            "socket" => self.created(call, answer),
            "splice" => self.moved(call, answer, [0, 2, 4]),
            "sendfile" | "sendfile64" => self.moved(call, answer, [1, 0, 3]),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6" => {
                let own = self.tcp_descriptors(call).map(|descriptor| descriptor.to_string());
                let own: Vec<String> = own.collect();
                if let Some(name) = step(&call.name).filter(|_| !own.is_empty()) {
                    self.push(shown(call, answer, name, &own.join(", ")));
                }
            }
            _ => {
                if let Some(name) = step(&call.name)
                    && let Some((descriptor, target)) = strace_line::descriptor(call.argument(0))
                {
                    self.of_a_socket(call, answer, name, descriptor, &target);
                }
            }
        }
    }

    fn push(&mut self, shown: ShownCall) {
        self.events.push(Event::Call(shown));
    }

    fn role(&self, target: &str) -> Option<Role> {
        self.table.get(target).map(|socket| socket.role)
    }

    fn created(&mut self, call: &Call, answer: &Answer) {
        let family = call.argument(0);
        let is_stream = call.argument(1).starts_with("SOCK_STREAM");
        if !is_stream || !["AF_INET", "AF_INET6"].contains(&family) {
            return;
        }
        self.add_socket(&answer.text, Role::Fresh);
        let protocol = match call.argument(2) {
            "IPPROTO_IP" | "" => "0",
            protocol => protocol,
        };
        self.push(shown(call, answer, "socket", &format!("{family}, SOCK_STREAM, {protocol}")));
    }

    /// Adds the socket whose descriptor a call returned, if it did.
    fn add_socket(&mut self, descriptor: &str, role: Role) {
        if let Some((_, target)) = strace_line::descriptor(descriptor) {
            self.table.insert(target, Socket { role, descriptors: 1 });
            if let Role::Connected(_) = role {
                self.connections.push(Connection::default());
            }
        }
    }

    /// Handles a call whose first argument is a TCP socket.
    fn of_a_socket(
        &mut self,
        call: &Call,
        answer: &Answer,
        name: &'static str,
        descriptor: u32,
        target: &str,
    ) {
        let Some(socket) = self.table.get_mut(target) else { return };
        let address = strace_line::address(call.argument(1));
        let shown_address = address.map(|address| address.to_string());
        let mut shown = shown(
            call,
            answer,
            name,
            &match name {
                "bind" | "connect" => shown_address.clone().unwrap_or_default(),
                "listen" | "shutdown" => call.argument(1).to_owned(),
                "recv" | "send" => match strace_line::room(call.argument(1)) {
                    0 => call.argument(2).to_owned(),
                    room => room.to_string(),
                },
                "close" => descriptor.to_string(),
                _ => String::new(),
            },
        );
        match (name, socket.role) {
            ("bind", _) => {
                if let (0, Some(address)) = (answer.number, address) {
                    socket.role = Role::Bound(address);
                }
            }
            ("listen", role) if answer.number == 0 => {
                let bound = match role {
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
            ("accept", _) => {
                self.add_socket(&answer.text, Role::Connected(self.connections.len()));
                if let (None, Some(address)) = (&answer.error, shown_address) {
                    shown.text += &format!(", {address}");
                }
            }
            ("connect", role) => {
                let under_way = answer.error.as_deref() == Some("EINPROGRESS");
                if answer.number == 0 && role == Role::Fresh || under_way {
                    socket.role = Role::Connected(self.connections.len());
                    self.connections.push(Connection::default());
                }
            }
            ("recv" | "send", _) => return self.transferred(call, answer, shown, target),
            ("shutdown", Role::Connected(number)) => {
                self.connections[number].closed |= call.argument(1) != "SHUT_RD";
            }
            ("close", role) => {
                socket.descriptors = socket.descriptors.saturating_sub(1);
                let last = socket.descriptors == 0;
                if let Role::Connected(number) = role {
                    let connection = &mut self.connections[number];
                    connection.close_called = true;
                    connection.closed |= last;
                    connection.gone |= last;
                    shown.connection = Some(number);
                }
                // Only closing the last descriptor closes the socket.
                if !last {
                    return;
                }
                self.table.remove(target);
            }
            _ => {}
        }
        if let Some(Role::Connected(number)) = self.role(target) {
            shown.connection = Some(number);
            shown.sends = (name == "connect").then_some(PeerAction::Connect);
        }
        self.push(shown);
    }

    fn transferred(&mut self, call: &Call, answer: &Answer, mut shown: ShownCall, target: &str) {
        if let Some(Role::Connected(number)) = self.role(target) {
            shown.connection = Some(number);
            let connection = &mut self.connections[number];
            let count = u64::try_from(answer.number).unwrap_or_default();
            let mut bytes = strace_line::bytes(call.argument(1));
            bytes.truncate(usize::try_from(count).unwrap_or_default());
            if shown.name == "send" {
                connection.sent += count;
                shown.sends = (count > 0).then_some(PeerAction::Send(bytes));
            } else {
                connection.received += count;
                let later = ["EAGAIN", "EWOULDBLOCK", "EINTR"];
                connection.received_end |= match answer.error.as_deref() {
                    Some(error) => !later.contains(&error),
                    None => count == 0,
                };
                if count > 0 {
                    shown.text += &format!(" {}", quoted_within(&bytes, MESSAGE));
                }
            }
        }
        self.push(shown);
    }

    /// Handles a call that moved bytes inside the kernel. Its arguments have both descriptors and the size.
    fn moved(&mut self, call: &Call, answer: &Answer, [from, to, size]: [usize; 3]) {
        for (place, name) in [(from, "recv"), (to, "send")] {
            let end = strace_line::descriptor(call.argument(place));
            if let Some((_, target)) = end.filter(|(_, target)| self.table.contains_key(target)) {
                let shown = shown(call, answer, name, call.argument(size));
                self.transferred(call, answer, shown, &target);
            }
        }
    }
}

fn shown(call: &Call, answer: &Answer, name: &'static str, arguments: &str) -> ShownCall {
    let familiar = [name, "accept4", "recvfrom", "sendto"];
    let also = match call.name.as_str() {
        also if familiar.contains(&also) => String::new(),
        also => format!(" ({also})"),
    };
    let result = answer.error.clone().unwrap_or_else(|| answer.number.to_string());
    let text = format!("{arguments}{also} -> {result}").trim_start().to_owned();
    let error = answer.error.clone();
    ShownCall { name, text, error, connection: None, port: None, sends: None }
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

/// Returns the address that reaches a listening socket. The kernel's list has a port that it chose.
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
