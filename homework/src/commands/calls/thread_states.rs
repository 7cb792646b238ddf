//! The threads of the program: in which call each of them is, and whether it waits with all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::call_event::Event;
use super::program_state::{Done, Given, step};
use super::strace_line::{self, Call, Line, Lines, Said};

/// What is known of the program.
#[derive(Debug, Default)]
pub struct Trace {
    /// What it has done.
    pub done: Done,
    lines: Lines,
    threads: BTreeMap<u32, Thread>,
    /// Those that have ended.
    ended: BTreeSet<u32>,
    /// The first thread, whose end is that of the program.
    first: Option<u32>,
    /// What strace said of itself.
    pub complaint: Option<String>,
}

/// The calls that make a thread or a process.
const FORKS: [&str; 4] = ["clone", "clone3", "fork", "vfork"];

/// What a thread does now.
#[derive(Debug)]
enum Thread {
    Runs,
    /// It is in this call.
    Calls(Call),
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
                self.begins(thread, &call);
                self.threads.insert(thread, Thread::Runs);
                self.made(&call);
                self.done.answered(&call);
            }
            Said::Call(call) => {
                self.begins(thread, &call);
                self.threads.insert(thread, Thread::Calls(call));
            }
        }
    }

    /// Takes the beginning of a line.
    pub fn begun(&mut self, text: &str) {
        if let Some(Line { thread, said: Said::Call(call) }) = Lines::read_begun(text) {
            self.first.get_or_insert(thread);
            self.begins(thread, &call);
            self.threads.insert(thread, Thread::Calls(call));
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
            Thread::Calls(call) if self.done.is_of_one(call) => Some(call),
            _ => None,
        });
        calls.filter_map(|call| step(&call.name)).collect()
    }

    fn call_waits(&self, call: &Call, given: &Given) -> bool {
        let target = call.arguments.first().and_then(|first| strace_line::descriptor(first));
        match call.name.as_str() {
            "futex" => call.arguments.get(1).is_some_and(|what| what.contains("WAIT")),
            "wait4" | "waitid" | "pause" | "rt_sigsuspend" | "rt_sigtimedwait" => true,
            "accept" | "accept4" => given.connections <= self.done.connections.len(),
            "poll" | "ppoll" | "select" | "_newselect" | "pselect6" => {
                // What may be sent at once, or is asked without waiting, is answered at once.
                let writes = call.arguments.iter().any(|argument| argument.contains("POLLOUT"));
                let at_once = call.name == "poll" && call.arguments.get(2).is_none_or(|t| t == "0");
                let of =
                    call.arguments.iter().flat_map(|argument| strace_line::descriptors(argument));
                let nothing = |(_, target): (_, String)| !self.done.has_something(&target, given);
                !writes && !at_once && of.into_iter().all(nothing)
            }
            name if name.starts_with("epoll") => !self.done.have_something(given),
            "splice" | "recv" | "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" => {
                match target {
                    Some((_, target)) if self.done.is_one(&target) => {
                        !self.done.has_something(&target, given)
                    }
                    // A pipe or a terminal; a file has something at once.
                    Some((_, target)) => !target.starts_with('/') || target.starts_with("/dev/pts"),
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// A call begins, or is seen once more.
    fn begins(&mut self, thread: u32, call: &Call) {
        let is_new =
            !matches!(&self.threads.get(&thread), Some(Thread::Calls(c)) if c.name == call.name);
        let shares = call.arguments.iter().any(|argument| argument.contains("CLONE_FILES"));
        // The new process may close its descriptors before the call returns.
        if is_new && !shares && FORKS.contains(&call.name.as_str()) {
            self.done.copied();
        }
    }

    /// A call may have made a thread, or a process.
    fn made(&mut self, call: &Call) {
        let makes = FORKS.contains(&call.name.as_str());
        let number = call.answer.as_ref().filter(|_| makes).map(|answer| answer.number);
        // It may have ended before the call that made it returns.
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
            self.done.connections.iter_mut().for_each(|connection| connection.closed = true);
        }
        if self.first == Some(thread) {
            self.done.events.push(Event::Ended(how.to_owned(), None));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that accepts a client on the socket `s`, as the socket `t`.
    const ACCEPTED: &str = "\
7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<\\x73>
7 listen(3<\\x73>, 5) = 0
7 accept4(3<\\x73>, NULL, NULL, SOCK_CLOEXEC) = 4<\\x74>
";

    fn trace(lines: &str) -> Trace {
        let mut trace = Trace::default();
        lines.lines().for_each(|line| trace.line(line));
        trace
    }

    fn given(connections: usize, bytes: u64) -> Given {
        Given { connections, bytes: vec![bytes], ended: Vec::new() }
    }

    #[test]
    fn it_waits_until_the_peer_has_given_something() {
        let mut trace = trace(ACCEPTED);
        assert!(!trace.waits(&given(1, 0)));
        trace.begun("7 recvfrom(4<\\x74>, ");
        assert!(trace.waits(&given(1, 0)) && !trace.waits(&given(1, 6)));
        assert_eq!(trace.waiting(), ["recv"]);
        trace.line("7 recvfrom(4<\\x74>, \"\\x68\\x69\", 65536, 0, NULL, NULL) = 2");
        trace.begun("7 accept4(3<\\x73>, ");
        assert!(trace.waits(&given(1, 2)) && !trace.waits(&given(2, 2)));
        assert_eq!((trace.done.connections.len(), trace.done.connections[0].received), (1, 2));
    }

    #[test]
    fn every_thread_has_to_wait() {
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
    fn a_process_may_end_before_the_call_that_made_it_returns() {
        let mut trace = trace("7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>");
        trace.line("8 +++ exited with 0 +++");
        trace.line("7 <... clone resumed>, child_tidptr=0x7) = 8");
        trace.begun("7 wait4(-1, ");
        assert!(trace.waits(&Given::default()));
    }

    #[test]
    fn a_copy_of_a_socket_is_closed_in_silence() {
        let closes = "\
7 fcntl(4<\\x74>, F_DUPFD_CLOEXEC, 0) = 5<\\x74>
7 close(5<\\x74>) = 0
";
        let mut trace = trace(&format!("{ACCEPTED}{closes}"));
        assert!(!trace.done.connections[0].closed);
        assert!(!trace.done.events.iter().any(|event| event.is_call("close")));
        trace.line("7 close(4<\\x74>) = 0");
        assert!(trace.done.connections[0].closed);
        assert!(trace.done.events.last().is_some_and(|event| event.is_call("close")));
    }

    #[test]
    fn a_process_of_its_own_closes_copies() {
        let forks = "\
7 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
8 close(3<\\x73>) = 0
7 <... clone resumed>, child_tidptr=0x7) = 8
7 close(4<\\x74>) = 0
";
        let mut trace = trace(&format!("{ACCEPTED}{forks}"));
        assert!(!trace.done.events.iter().any(|event| event.is_call("close")));
        trace.line("8 close(4<\\x74>) = 0");
        assert!(trace.done.connections[0].closed);
    }

    #[test]
    fn sockets_of_look_ups_and_datagrams_are_not_of_the_lesson() {
        let others = "\
7 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3<\\x75>
7 connect(3<\\x75>, {sa_family=AF_UNIX, sun_path=\"\\x2f\"}, 110) = -1 ENOENT (No such file or directory)
7 close(3<\\x75>) = 0
7 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<\\x76>
7 read(0<\\x2f>, \"\", 4096) = 0
";
        assert_eq!(trace(others).done.events, []);
    }
}
