//! Follows the threads of a program, to find out whether all of them wait.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::call_event::Event;
use super::socket_tracker::{PeerInput, SocketTracker, step};
use super::strace_line::{self, Call, Line, Lines, ThreadAction};

/// The threads of a program.
#[derive(Debug, Default)]
pub struct ThreadStates {
    pub state: SocketTracker,
    lines: Lines,
    threads: BTreeMap<u32, Thread>,
    /// The threads that have exited.
    ended: BTreeSet<u32>,
    /// The first thread. The program exits with it.
    first: Option<u32>,
    /// An error of strace itself.
    pub complaint: Option<String>,
}

/// The calls that create a thread or a process.
const FORKS: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

#[derive(Debug)]
enum Thread {
    Runs,
    /// In this call.
    Calls(Call),
}

impl ThreadStates {
    /// Handles a line of strace.
    pub fn line(&mut self, text: &str) {
        if text.starts_with("strace: ") {
            self.complaint.get_or_insert_with(|| text["strace: ".len()..].to_owned());
        }
        let Some(Line { thread, action }) = self.lines.read(text) else { return };
        self.first.get_or_insert(thread);
        match action {
            ThreadAction::Ended(how) => self.end_of(thread, &how),
            ThreadAction::Call(call) if call.answer.is_some() => {
                self.begins(thread, &call);
                self.threads.insert(thread, Thread::Runs);
                self.add_thread(&call);
                self.state.answered(&call);
            }
            ThreadAction::Call(call) => {
                self.begins(thread, &call);
                self.threads.insert(thread, Thread::Calls(call));
            }
        }
    }

    /// Handles the start of a line, whose call hasn't returned.
    pub fn begun(&mut self, text: &str) {
        if let Some(Line { thread, action: ThreadAction::Call(call) }) = Lines::read_begun(text) {
            self.first.get_or_insert(thread);
            self.begins(thread, &call);
            self.threads.insert(thread, Thread::Calls(call));
        }
    }

    /// Includes those of child processes.
    pub fn threads(&self) -> impl Iterator<Item = u32> {
        self.threads.keys().copied()
    }

    pub fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    pub fn has_ended(&self) -> bool {
        self.has_begun() && self.threads.is_empty()
    }

    /// Returns whether every thread is in a call that blocks, given what the peer has sent.
    pub fn waits(&self, given: &PeerInput) -> bool {
        !self.threads.is_empty()
            && self.threads.values().all(|thread| match thread {
                Thread::Runs => false,
                Thread::Calls(call) => self.call_waits(call, given),
            })
    }

    /// Returns whether every thread is asleep according to the kernel.
    pub fn is_asleep(&self) -> bool {
        self.threads.keys().all(|&thread| sleeps(thread))
    }

    /// Returns the socket calls in which threads wait.
    pub fn waiting(&self) -> Vec<&'static str> {
        let calls = self.threads.values().filter_map(|thread| match thread {
            Thread::Calls(call) if self.state.is_about_tcp_socket(call) => step(&call.name),
            _ => None,
        });
        calls.collect()
    }

    fn call_waits(&self, call: &Call, given: &PeerInput) -> bool {
        match call.name.as_str() {
            "futex" => call.argument(1).contains("WAIT"),
            "wait4" | "waitid" | "pause" | "rt_sigsuspend" | "rt_sigtimedwait" => true,
            "accept" | "accept4" => given.connections <= self.state.connections.len(),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6" => {
                // Waiting for a writable socket and polling without a timeout return at once.
                let writes = call.arguments.iter().any(|argument| argument.contains("POLLOUT"));
                let at_once = call.name == "poll" && matches!(call.argument(2), "" | "0");
                let is_readable =
                    |(_, target): (_, String)| self.state.is_readable_socket(&target, given);
                !writes && !at_once && !call.descriptors().any(is_readable)
            }
            name if name.starts_with("epoll") => !self.state.any_readable(given),
            "splice" | "recv" | "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" => {
                match strace_line::descriptor(call.argument(0)) {
                    Some((_, target)) if self.state.is_tcp_socket(&target) => {
                        !self.state.is_readable_socket(&target, given)
                    }
                    // Reading a pipe or terminal may block, but not reading a file.
                    Some((_, target)) => !target.starts_with('/') || target.starts_with("/dev/pts"),
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// Handles the start of a call. It may be reported twice.
    fn begins(&mut self, thread: u32, call: &Call) {
        let is_new =
            !matches!(&self.threads.get(&thread), Some(Thread::Calls(c)) if c.name == call.name);
        let shares = call.arguments.iter().any(|argument| argument.contains("CLONE_FILES"));
        // The new process may close descriptors before the call returns.
        if is_new && !shares && FORKS.contains(&call.name.as_str()) {
            self.state.forked();
        }
    }

    /// Adds the thread that a call created, if it did.
    fn add_thread(&mut self, call: &Call) {
        let makes = FORKS.contains(&call.name.as_str());
        let number = call.answer.as_ref().filter(|_| makes).map(|answer| answer.number);
        // It may have exited before the call that created it returns.
        if let Some(Ok(thread @ 1..)) = number.map(u32::try_from)
            && !self.ended.contains(&thread)
        {
            self.threads.entry(thread).or_insert(Thread::Runs);
        }
    }

    fn end_of(&mut self, thread: u32, how: &str) {
        self.threads.remove(&thread);
        self.ended.insert(thread);
        if self.threads.is_empty() {
            self.state.connections.iter_mut().for_each(|connection| connection.closed = true);
        }
        if self.first == Some(thread) {
            self.state.events.push(Event::Ended(how.to_owned(), None));
        }
    }
}

/// Returns whether a thread is asleep: see proc(5).
fn sleeps(thread: u32) -> bool {
    // The state is the third field, after the program's name in brackets.
    let is_sleeping = || {
        let stat = fs::read_to_string(format!("/proc/{thread}/stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
    };
    // A thread also has this state while a call checks for data; then this file says "running".
    let is_running = || {
        let call = fs::read_to_string(format!("/proc/{thread}/syscall"));
        call.is_ok_and(|call| call.starts_with("running"))
    };
    is_sleeping() && !is_running() && is_sleeping()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    /// A server that listens on socket `s` and accepts a client as socket `t`.
    const ACCEPTED: &str = "\
7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<\\x73>
7 listen(3<\\x73>, 5) = 0
7 accept4(3<\\x73>, NULL, NULL, SOCK_CLOEXEC) = 4<\\x74>
";

    fn trace(lines: &str) -> ThreadStates {
        let mut trace = ThreadStates::default();
        lines.lines().for_each(|line| trace.line(line));
        trace
    }

    fn given(connections: usize, bytes: u64) -> PeerInput {
        PeerInput { connections, bytes: HashMap::from([(0, bytes)]), ended: HashSet::new() }
    }

    #[test]
    fn a_program_waits_until_the_peer_sends() {
        let mut trace = trace(ACCEPTED);
        assert!(!trace.waits(&given(1, 0)));
        trace.begun("7 recvfrom(4<\\x74>, ");
        assert!(trace.waits(&given(1, 0)) && !trace.waits(&given(1, 6)));
        assert_eq!(trace.waiting(), ["recv"]);
        trace.line("7 recvfrom(4<\\x74>, \"\\x68\\x69\", 65536, 0, NULL, NULL) = 2");
        trace.begun("7 accept4(3<\\x73>, ");
        assert!(trace.waits(&given(1, 2)) && !trace.waits(&given(2, 2)));
        assert_eq!((trace.state.connections.len(), trace.state.connections[0].received), (1, 2));
    }

    #[test]
    fn a_program_waits_if_all_its_threads_do() {
        let mut trace = trace(ACCEPTED);
        trace.line("7 clone3({flags=CLONE_VM|CLONE_FILES, stack=0x7} => {parent_tid=[8]}, 88) = 8");
        trace.begun("7 accept4(3<\\x73>, ");
        assert!(!trace.waits(&given(1, 0)));
        trace.line("8 recvfrom(4<\\x74>,  <unfinished ...>");
        assert!(trace.waits(&given(1, 0)));
        trace.line("8 +++ exited with 0 +++");
        assert!(trace.waits(&given(1, 0)) && !trace.has_ended());
        trace.line("7 +++ killed by SIGKILL +++");
        assert!(trace.has_ended());
    }

    #[test]
    fn a_process_may_exit_before_its_fork_returns() {
        let mut trace = trace("7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>");
        trace.line("8 +++ exited with 0 +++");
        trace.line("7 <... clone resumed>, child_tidptr=0x7) = 8");
        trace.begun("7 wait4(-1, ");
        assert!(trace.waits(&PeerInput::default()));
    }

    #[test]
    fn closing_a_duplicate_is_not_shown() {
        let closes = "\
7 fcntl(4<\\x74>, F_DUPFD_CLOEXEC, 0) = 5<\\x74>
7 close(5<\\x74>) = 0
";
        let mut trace = trace(&format!("{ACCEPTED}{closes}"));
        assert!(!trace.state.connections[0].closed);
        assert!(!trace.state.events.iter().any(|event| event.is_call("close")));
        trace.line("7 close(4<\\x74>) = 0");
        assert!(trace.state.connections[0].closed);
        assert!(trace.state.events.last().is_some_and(|event| event.is_call("close")));
    }

    #[test]
    fn closing_in_a_forked_process_is_not_shown() {
        let forks = "\
7 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
8 close(3<\\x73>) = 0
7 <... clone resumed>, child_tidptr=0x7) = 8
7 close(4<\\x74>) = 0
";
        let mut trace = trace(&format!("{ACCEPTED}{forks}"));
        assert!(!trace.state.events.iter().any(|event| event.is_call("close")));
        trace.line("8 close(4<\\x74>) = 0");
        assert!(trace.state.connections[0].closed);
    }

    #[test]
    fn only_tcp_sockets_are_followed() {
        let others = "\
7 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3<\\x75>
7 connect(3<\\x75>, {sa_family=AF_UNIX, sun_path=\"\\x2f\"}, 110) = -1 ENOENT (No such file or directory)
7 close(3<\\x75>) = 0
7 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<\\x76>
7 read(0<\\x2f>, \"\", 4096) = 0
";
        assert_eq!(trace(others).state.events, []);
    }
}
