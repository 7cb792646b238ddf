//! The second thread, which sends while the first receives. A client with one thread only can
//! block for ever, both ends waiting for each other (NOTES.md#blocking).

use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use common::counted;
use socket2::Socket;

use crate::arguments::Arguments;
use crate::errors::Trouble;
use crate::progress::Progress;
use crate::screen::Screen;

/// How long the input may stay idle once the server has closed its sending half. The server may
/// still receive, so what is there is sent; but if there is nothing to send, there is nothing to
/// wait for.
const WAIT_FOR_INPUT: Duration = Duration::from_millis(500);

/// The thread that sends.
pub struct Sending {
    ended: Receiver<Result<(), Trouble>>,
    failed: Arc<AtomicBool>,
    socket: Socket,
}

impl Sending {
    /// Starts the thread.
    pub fn start(
        socket: &Socket,
        progress: &Progress,
        send_all: impl FnOnce(&Socket, &Progress) -> Result<(), Trouble> + Send + 'static,
    ) -> Result<Sending, Trouble> {
        let (done, ended) = mpsc::channel();
        let failed = Arc::new(AtomicBool::new(false));
        let sending = Sending { ended, failed: Arc::clone(&failed), socket: socket.try_clone()? };
        let (socket, progress) = (socket.try_clone()?, progress.clone());
        let work = move || {
            let result = send_all(&socket, &progress);
            if result.is_err() {
                // Nothing more goes out, so wake the first thread, which would wait on.
                failed.store(true, Ordering::Relaxed);
                _ = socket.shutdown(Shutdown::Both);
            }
            done.send(result)
        };
        thread::Builder::new().spawn(work).map_err(|error| {
            anyhow!(
                "cannot start the thread that sends: {error}: end other programs, then try again"
            )
        })?;
        Ok(sending)
    }

    /// Waits until all is sent, after recv gave 0: the server has closed its sending half, or
    /// this end has closed both, since it could not send.
    pub fn wait(
        &self,
        arguments: &Arguments,
        progress: &Progress,
        screen: &Screen,
    ) -> Result<(), Trouble> {
        if !self.failed.load(Ordering::Relaxed) {
            screen.finish()?;
            let all = counted(progress.received(), "byte");
            let values = format_args!("{all} in all, then 0: the server sends no more");
            arguments.steps().step(3, "recv", values);
        }
        let mut sent_before = progress.sent();
        loop {
            let all_sent = self.ended.recv_timeout(WAIT_FOR_INPUT);
            // What was sent last may have met a server that was gone already.
            if let Some(error) = self.socket.take_error()? {
                return Err(error.into());
            }
            match all_sent {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(thread_failed()),
                Err(RecvTimeoutError::Timeout) => {
                    let sent = progress.sent();
                    if sent == sent_before && progress.awaits_input() {
                        return Err(Trouble::ClosedFirst);
                    }
                    sent_before = sent;
                }
            }
        }
    }
}

fn thread_failed() -> Trouble {
    anyhow!("the sending thread has failed").into()
}
