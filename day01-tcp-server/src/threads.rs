//! `--clients`: several threads serve at the same time, each one client after the other.
//!
//! The first is the program's own. While every thread has a client, one more is started, which
//! waits for the next.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};
use common::print_error;

/// The stack of a thread, in bytes. A conversation needs a few KiB; the usual 2 MiB for each of
/// 4096 threads would ask the system for 8 GiB of address space.
const STACK: usize = 256 * 1024;

/// A handle of all threads that serve.
#[derive(Clone)]
pub struct Threads(Arc<Shared>);

struct Shared {
    most: u16,
    started: AtomicU16,
    /// How many of them wait for a client.
    free: AtomicU16,
    /// Held by the one of them that waits in accept.
    turn: Mutex<()>,
    work: Box<dyn Fn(&Threads) + Send + Sync>,
}

/// Does the work in this thread, and in others as they are needed: `most` in all.
pub fn run(most: u16, work: impl Fn(&Threads) + Send + Sync + 'static) -> Result<ExitCode> {
    let (started, free) = (AtomicU16::new(1), AtomicU16::new(0));
    let work = Box::new(work);
    let threads = Threads(Arc::new(Shared { most, started, free, turn: Mutex::default(), work }));
    (threads.0.work)(&threads);
    Ok(ExitCode::SUCCESS)
}

impl Threads {
    /// Lets one thread at a time wait for a client. The others wait here: when accept fails, one
    /// of them reports it and tries again, not all.
    pub fn wait_for_turn(&self) -> Turn<'_> {
        self.0.free.fetch_add(1, Ordering::Relaxed);
        let turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Turn { threads: self, _turn: turn }
    }

    /// Only the thread whose turn it is comes here.
    fn start_one_more(&self) {
        static REPORTED: Once = Once::new();
        let (started, most) = (self.0.started.load(Ordering::Relaxed), self.0.most);
        if started == most {
            return;
        }
        let threads = self.clone();
        let work = move || (threads.0.work)(&threads);
        match thread::Builder::new().stack_size(STACK).spawn(work) {
            Ok(_) => self.0.started.store(started + 1, Ordering::Relaxed),
            // It is tried again for the next client, but said once.
            Err(error) => REPORTED.call_once(|| {
                print_error(&anyhow!(error).context(format!(
                    "cannot start more than {started} of {most} threads; ask for fewer with \
                     --clients"
                )));
            }),
        }
    }
}

/// The right to wait for a client. It passes to another thread when this is dropped.
pub struct Turn<'a> {
    threads: &'a Threads,
    _turn: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.threads.0.free.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.threads.start_one_more();
        }
    }
}
