//! Follows the threads of a program, to find out whether all of them wait.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::call_event::Event;
use super::socket_tracker::{SocketTracker, step};
use super::strace_line::{self, Call, UNFINISHED};

#[derive(Debug, Default)]
pub struct ThreadStates {
    pub state: SocketTracker,
    /// The threads, and the calls that they are in.
    threads: BTreeMap<u32, Option<Call>>,
    /// The starts of the calls that other threads interrupt.
    unfinished: BTreeMap<u32, String>,
    ended: BTreeSet<u32>,
    /// The first thread. The program exits with it.
    first: Option<u32>,
    /// An error of strace itself.
    pub complaint: Option<String>,
}

const FORKS: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

impl ThreadStates {
    /// Handles a line of strace. Ignores it if it isn't about a call or an exit.
    pub fn line(&mut self, text: &str) {
        if let Some(error) = text.strip_prefix("strace: ") {
            self.complaint.get_or_insert_with(|| error.to_owned());
        }
        let Some((thread, rest)) = strace_line::thread(text) else { return };
        if let Some(how) = rest.strip_prefix("+++ ") {
            return self.end_of(thread, how.trim_end_matches([' ', '+']));
        }
        let whole = match rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            Some((_, end)) => {
                // A call stays unfinished if another thread ended this one.
                let Some(begun) = self.unfinished.remove(&thread) else { return };
                begun + end
            }
            None => rest.to_owned(),
        };
        if let Some(begun) = whole.trim_end().strip_suffix(UNFINISHED) {
            self.unfinished.insert(thread, begun.to_owned());
        }
        let Some(call) = strace_line::call(&whole) else { return };
        self.begins(thread, &call);
        if call.answer.is_some() {
            self.threads.insert(thread, None);
            self.add_thread(&call);
            self.state.answered(&call);
        } else {
            self.threads.insert(thread, Some(call));
        }
    }

    /// Handles the start of a line, whose call hasn't returned.
    pub fn begun(&mut self, text: &str) {
        if let Some((thread, rest)) = strace_line::thread(text)
            && let Some(call) = strace_line::call(rest)
        {
            self.begins(thread, &call);
            self.threads.insert(thread, Some(call));
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

    /// Returns whether every thread is in a call that blocks unless the peer has sent something for it.
    pub fn waits(&self) -> bool {
        let waits = |call: &Option<Call>| call.as_ref().is_some_and(|call| self.call_waits(call));
        !self.threads.is_empty() && self.threads.values().all(waits)
    }

    /// Returns whether every thread is asleep according to the kernel.
    pub fn is_asleep(&self) -> bool {
        self.threads.keys().all(|&thread| sleeps(thread))
    }

    pub fn waiting(&self) -> Vec<&'static str> {
        let calls = self.threads.values().flatten();
        let of_sockets = calls.filter(|call| self.state.is_about_tcp_socket(call));
        of_sockets.filter_map(|call| step(&call.name)).collect()
    }

    /// Returns whether a call may block. A call that returns at once isn't asleep: see [`Self::is_asleep`].
    fn call_waits(&self, call: &Call) -> bool {
        match call.name.as_str() {
            // The peer accepts it.
            "connect" => false,
            name if name.starts_with("epoll") => !self.state.any_readable(),
            _ => {
                let writes = call.arguments.iter().any(|argument| argument.contains("POLLOUT"));
                let mut targets = call.descriptors().map(|(_, target)| target);
                !writes && !targets.any(|target| self.state.is_readable_socket(&target))
            }
        }
    }

    /// Handles the start of a call. It may be reported twice.
    fn begins(&mut self, thread: u32, call: &Call) {
        self.first.get_or_insert(thread);
        let before = self.threads.get(&thread).and_then(Option::as_ref);
        let is_new = before.is_none_or(|before| before.name != call.name);
        let shares = call.arguments.iter().any(|argument| argument.contains("CLONE_FILES"));
        // The new process may close descriptors before the call returns.
        if is_new && !shares && FORKS.contains(&call.name.as_str()) {
            self.state.forked();
        }
    }

    fn add_thread(&mut self, call: &Call) {
        let makes = FORKS.contains(&call.name.as_str());
        let number = call.answer.as_ref().filter(|_| makes).map(|answer| answer.number);
        // It may have exited before the call that created it returns.
        if let Some(Ok(thread @ 1..)) = number.map(u32::try_from)
            && !self.ended.contains(&thread)
        {
            self.threads.entry(thread).or_insert(None);
        }
    }

    fn end_of(&mut self, thread: u32, how: &str) {
        self.first.get_or_insert(thread);
        self.unfinished.remove(&thread);
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

fn sleeps(thread: u32) -> bool {
    // The state is the third field, after the program's name in brackets: see proc(5).
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

    /// Sets the number of connections that the peer has made, and of bytes that it has sent on the first.
    fn give(trace: &mut ThreadStates, connections: usize, bytes: u64) {
        trace.state.made = connections;
        trace.state.connections[0].given = bytes;
    }

    #[test]
    fn a_program_waits_until_the_peer_sends() {
        let mut trace = trace(ACCEPTED);
        give(&mut trace, 1, 0);
        assert!(!trace.waits());
        trace.begun("7 recvfrom(4<\\x74>, ");
        assert!(trace.waits());
        give(&mut trace, 1, 2);
        assert!(!trace.waits());
        assert_eq!(trace.waiting(), ["recv"]);
        trace.line("7 recvfrom(4<\\x74>, \"\\x68\\x69\", 65536, 0, NULL, NULL) = 2");
        trace.begun("7 accept4(3<\\x73>, ");
        assert!(trace.waits());
        give(&mut trace, 2, 2);
        assert!(!trace.waits());
        assert_eq!((trace.state.connections.len(), trace.state.connections[0].received), (1, 2));
    }

    #[test]
    fn a_program_waits_if_all_its_threads_do() {
        let mut trace = trace(ACCEPTED);
        give(&mut trace, 1, 0);
        trace.line("7 clone3({flags=CLONE_VM|CLONE_FILES, stack=0x7} => {parent_tid=[8]}, 88) = 8");
        trace.begun("7 accept4(3<\\x73>, ");
        assert!(!trace.waits());
        trace.line("8 recvfrom(4<\\x74>,  <unfinished ...>");
        assert!(trace.waits());
        trace.line("8 +++ exited with 0 +++");
        assert!(trace.waits() && !trace.has_ended());
        trace.line("7 +++ killed by SIGKILL +++");
        assert!(trace.has_ended());
    }

    #[test]
    fn a_process_may_exit_before_its_fork_returns() {
        let mut trace = trace("7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>");
        trace.line("8 +++ exited with 0 +++");
        trace.line("7 <... clone resumed>, child_tidptr=0x7) = 8");
        trace.begun("7 wait4(-1, ");
        assert!(trace.waits());
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

    #[test]
    fn a_call_in_two_pieces_is_one() {
        // strace 4 prints a space after `resumed>`, strace 6 doesn't.
        for space in [" ", ""] {
            let mut trace =
                trace("7 socket(AF_INET, SOCK_STREAM, 0) = 3<\\x73>\n7 listen(3<\\x73>, 5) = 0");
            trace.line("7 accept(3<\\x73>,  <unfinished ...>");
            assert_eq!(trace.waiting(), ["accept"]);
            trace.line("8 close(5) = 0");
            trace.line(&format!("7 <... accept resumed>{space}NULL, NULL) = 4<\\x74>"));
            assert_eq!((trace.waiting().len(), trace.state.connections.len()), (0, 1));
            trace.line("7 <... close resumed>)              = 0");
            assert!(!trace.state.events.iter().any(|event| event.is_call("close")));
        }
    }

    #[test]
    fn exits_keep_the_text_of_strace_and_other_lines_are_ignored() {
        for text in ["exited with 3", "killed by SIGSEGV (core dumped)"] {
            let events = trace(&format!("7 +++ {text} +++")).state.events;
            assert_eq!(events, [Event::Ended(text.to_owned(), None)]);
        }
        let signal = "7 --- SIGCHLD {si_signo=SIGCHLD} ---";
        for text in ["", "strace: Process 8 attached", signal, "7 rec"] {
            assert!(!trace(text).has_begun(), "{text}");
        }
    }
}
