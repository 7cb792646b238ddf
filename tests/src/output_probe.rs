//! What a program prints that is blocked and has failed the test: when its connection or its input ends, a
//! client connects, or the test ends it. That shows what it waits for.

use std::net::TcpStream;

use crate::catalogue::Message;
use crate::deadline::DEADLINE;
use crate::message;
use crate::program_watch;
#[cfg(unix)]
use crate::tested_program::Signal;
use crate::tested_program::TestedProgram;

impl TestedProgram {
    /// Returns what makes a blocked program print something after all.
    pub(crate) fn probe(
        &self,
        blocked: &Message,
        wished: impl FnMut(&[u8], bool) -> bool,
    ) -> Option<Message> {
        self.transcript.note_running();
        let finding = match &*blocked.key {
            "blocked-recv" => {
                self.transcript.end_sending();
                message!("found-after-end-of-file")
            }
            "blocked-input" if self.transcript.has_typed() => {
                self.transcript.end_input();
                message!("found-shown-after-end-of-input")
            }
            _ => return None,
        };
        self.wait_for_output(wished).then_some(finding)
    }

    /// Returns when a blocked server prints a line after all that starts with this. The server ends.
    pub(crate) fn probe_line(&self, start: &str) -> Option<Message> {
        let has_line = |output: &[u8], _| {
            let lines = output.split(|&byte| byte == b'\n');
            lines.into_iter().any(|line| line.starts_with(start.as_bytes()))
        };
        self.transcript.note_running();
        let addresses = program_watch::listeners(&self.transcript)?;
        let connect = |address| TcpStream::connect_timeout(&address, DEADLINE).ok();
        let clients: Vec<TcpStream> = addresses.into_iter().filter_map(connect).collect();
        if !clients.is_empty() && self.wait_for_output(has_line) {
            return Some(message!("found-printed-after-connection"));
        }
        #[cfg(unix)]
        self.program.signal(Signal::Interrupt as i32).ok()?;
        self.wait_for_output(has_line).then(|| message!("found-not-flushed"))
    }
}
