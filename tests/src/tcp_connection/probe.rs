//! What a program does that is blocked and has failed the test: when more bytes arrive, or the end of the
//! connection or of its input. That shows what it waits for.

use std::io;
use std::net::Shutdown;

use super::Connection;
use crate::catalogue::Message;
use crate::message;

/// More lines than fit into most buffers, with both kinds of newlines.
const MORE: [u8; 8192] = {
    let mut more = [b'\n'; 8192];
    let mut at = 0;
    while at < more.len() {
        more[at] = b'\r';
        at += 2;
    }
    more
};

impl Connection {
    /// Returns what makes the program send the missing bytes after all, if the error says that it's blocked.
    pub(super) fn probe(&self, error: &io::Error, missing: &[u8]) -> Option<Message> {
        let blocked = error.get_ref()?.downcast_ref::<Message>()?;
        let is_server = self.listener.is_none();
        self.transcript.note_running();
        match &*blocked.key {
            "blocked-recv" => {
                let more = || _ = self.try_send(&MORE);
                // Newlines could be the replies to these ones.
                let is_clear = missing.iter().any(|byte| !MORE.contains(byte));
                if is_server && is_clear && self.comes_after(more, missing) {
                    return Some(message!("found-after-more", count = MORE.len()));
                }
                let end = || _ = self.stream.shutdown(Shutdown::Write);
                self.comes_after(end, missing).then(|| message!("found-after-end-of-file"))
            }
            "blocked-input" if self.transcript.has_typed() => {
                let end = || self.transcript.end_input();
                self.comes_after(end, missing).then(|| message!("found-sent-after-end-of-input"))
            }
            _ => None,
        }
    }

    /// Returns whether the missing bytes come when the test does this.
    fn comes_after(&self, act: impl FnOnce(), missing: &[u8]) -> bool {
        act();
        self.receive(missing).0 == missing
    }
}
