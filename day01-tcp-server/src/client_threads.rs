//! `--clients`: serves several clients at the same time, each in its own thread.

use std::sync::Once;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::{io, thread};

use anyhow::anyhow;
use common::print_error;

/// A thread's stack, in bytes. Serving a client needs a few KiB; the usual 2 MiB for each of 4096
/// threads would reserve 8 GiB of address space.
const STACK: usize = 256 * 1024;

type Work = Box<dyn FnOnce() + Send>;

/// The threads that serve clients. It works like a counting semaphore: a free thread is a permit.
/// A thread is started when it's needed, and then serves one client after another.
pub struct ClientThreads {
    limit: u16,
    started: u16,
    free: Receiver<FreeThread>,
    release: Sender<FreeThread>,
}

/// A thread without a client. `None` is the thread that accepts clients.
pub struct FreeThread(Option<SyncSender<Work>>);

impl ClientThreads {
    /// Serves up to `limit` clients at the same time. With 1, no thread is started.
    pub fn new(limit: u16) -> Self {
        let (release, free) = mpsc::channel();
        ClientThreads { limit, started: 0, free, release }
    }

    pub fn wait_for_free(&mut self) -> FreeThread {
        if let Ok(thread) = self.free.try_recv() {
            return thread;
        }
        if self.limit > 1 && self.started < self.limit {
            match self.start_one() {
                Ok(thread) => return thread,
                Err(error) => self.report(&error),
            }
        }
        if self.started == 0 {
            return FreeThread(None);
        }
        // `release` keeps the channel open, so this can't fail.
        self.free.recv().unwrap_or(FreeThread(None))
    }

    fn start_one(&mut self) -> io::Result<FreeThread> {
        let (sender, work) = mpsc::sync_channel::<Work>(1);
        let (own, release) = (sender.clone(), self.release.clone());
        let serve_clients = move || {
            for serve in work {
                serve();
                _ = release.send(FreeThread(Some(own.clone())));
            }
        };
        thread::Builder::new().stack_size(STACK).spawn(serve_clients)?;
        self.started += 1;
        Ok(FreeThread(Some(sender)))
    }

    /// Reports once that a thread can't be started. For the next client, the server tries again.
    fn report(&self, error: &io::Error) {
        static REPORTED: Once = Once::new();
        let ClientThreads { started, limit, .. } = self;
        REPORTED.call_once(|| {
            print_error(&anyhow!(
                "can't start more than {started} of {limit} threads: {error}: ask for fewer with \
                 --clients"
            ));
        });
    }
}

impl FreeThread {
    pub fn serve(self, client: impl FnOnce() + Send + 'static) {
        match self.0 {
            None => client(),
            Some(thread) => _ = thread.send(Box::new(client)),
        }
    }
}
