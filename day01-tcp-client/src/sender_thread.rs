//! The second thread, which sends while the first receives. With one thread, client and server could
//! block forever, each waiting for the other to receive (NOTES.md#blocking).

use std::net::Shutdown;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use common::{counted, step};

use crate::connection::Connection;
use crate::errors::Failure;
use crate::reply_output::ReplyOutput;

/// How long to wait for input after the server has closed its sending half. It may still receive, so
/// what's there is sent. But without input, there's nothing to wait for.
const WAIT_FOR_INPUT: Duration = Duration::from_millis(500);

/// The thread that sends. Its receiver gets the result.
pub struct SenderThread(Receiver<Result<(), Failure>>);

impl SenderThread {
    /// Starts the thread. If it can't send, it closes the connection, which ends the other thread's
    /// recv.
    pub fn start(
        connection: &Connection,
        send: impl FnOnce(&Connection) -> Result<(), Failure> + Send + 'static,
    ) -> Result<Self, Failure> {
        let (done, result) = mpsc::channel();
        let connection = connection.clone();
        let work = move || match send(&connection) {
            Ok(()) => {
                drop(connection);
                _ = done.send(Ok(()));
            }
            failed => {
                _ = done.send(failed);
                _ = connection.shutdown(Shutdown::Both);
            }
        };
        thread::Builder::new().spawn(work).map_err(|error| {
            anyhow!("can't start the sending thread: {error}: end other programs, then try again")
        })?;
        Ok(SenderThread(result))
    }

    /// Waits until everything is sent. Call it when recv has returned 0: the server has closed its
    /// sending half, or the thread has failed and closed both.
    pub fn wait(self, connection: &Connection, output: &ReplyOutput) -> Result<(), Failure> {
        let mut result = self.0.try_recv().ok();
        if !matches!(result, Some(Err(_))) {
            output.finish()?;
            let all = counted(connection.received(), "byte");
            step!(3, "recv", "{all} in all, then 0: the server sends no more");
        }
        let mut sent_before = connection.sent();
        loop {
            let sent_all = match result.take() {
                Some(result) => Ok(result),
                None => self.0.recv_timeout(WAIT_FOR_INPUT),
            };
            // The last bytes may have reached a server that was already gone.
            if let Some(error) = connection.take_error()? {
                return Err(error.into());
            }
            match sent_all {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow!("the sending thread has failed").into());
                }
                Err(RecvTimeoutError::Timeout) => {
                    let sent = connection.sent();
                    if sent == sent_before && connection.waits_for_input() {
                        return Err(Failure::ClosedFirst);
                    }
                    sent_before = sent;
                }
            }
        }
    }
}
