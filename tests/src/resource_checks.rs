//! What a test expects of a program's threads and open files, on Linux.

use std::thread;
use std::time::{Duration, Instant};

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::deadline::{DEADLINE, QUIET};
use crate::message;
use crate::process_snapshot::Snapshot;
use crate::resource_usage::ResourceUsage;
use crate::tested_program::TestedProgram;

/// More threads than a pool for the clients of one server has, together with those of Java. A program's sandbox
/// must allow more.
const MANY_THREADS: usize = 200;

/// A loop that starts threads needs less processor time for each.
const ONE_THREAD: Duration = Duration::from_millis(50);

impl TestedProgram {
    /// Returns what the program uses of the system's resources.
    #[track_caller]
    pub fn usage(&self) -> ResourceUsage {
        let pid = self.program.process.id();
        match ResourceUsage::of(pid) {
            Ok(usage) => usage,
            Err(error) => {
                let actual = Message::from(format!("/proc/{pid}: {error}"));
                self.transcript.fail(message!("expected-running"), actual)
            }
        }
    }

    /// Fails if the program starts thread after thread while no client connects. A pool may have many.
    #[track_caller]
    pub fn expect_few_threads(&self) {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let limit = MANY_THREADS.max(16 * processors);
        let pid = self.program.process.id();
        let (mut most, mut asleep, mut grown) = (0, 0, None);
        // If it ends, the rest of the test fails.
        while let Ok(ResourceUsage { threads, processor, .. }) = ResourceUsage::of(pid) {
            if threads > limit {
                let actual = Actual::cause(message!("many-threads", count = threads));
                self.transcript.fail(message!("expected-few-threads", count = limit), actual);
            }
            if threads > most {
                (most, asleep, grown) = (threads, 0, None);
            }
            let (since, before) = *grown.get_or_insert((Instant::now(), processor));
            // A loop that starts threads is never asleep, but on a busy machine it may have to wait for a
            // processor.
            asleep += usize::from(Snapshot::take(&[pid], &[]).is_some());
            if asleep == 2
                || processor.saturating_sub(before) >= ONE_THREAD
                || since.elapsed() > 10 * QUIET
            {
                return;
            }
            self.program.process.wait_until(QUIET / 20, |state| state.finished());
        }
    }

    /// Fails if something is left of each client that `serve`, given a number, lets the server serve: a thread
    /// or an open file.
    #[track_caller]
    pub fn expect_nothing_left(&self, mut serve: impl FnMut(usize)) {
        // A pool may start a thread for each client until it's full, so there are more of them the second time.
        for (clients, time) in [(16, 10 * QUIET), (60, DEADLINE)] {
            let before = self.usage();
            serve(clients);
            match self.growth_within(time, before, clients) {
                None => return,
                Some(actual) if time == DEADLINE => {
                    let expected = message!("expected-nothing-left", count = clients);
                    self.transcript.fail(expected, Actual::cause(actual));
                }
                Some(_) => {}
            }
        }
    }

    /// Waits until the program has fewer new threads and open files than it has served clients since
    /// `before`. Returns what it has if that doesn't happen within `time`.
    #[track_caller]
    fn growth_within(
        &self,
        time: Duration,
        before: ResourceUsage,
        clients: usize,
    ) -> Option<Message> {
        let deadline = Instant::now() + time;
        // A runtime may close some files and end some threads meanwhile.
        let limit = clients - clients / 8;
        loop {
            let now = self.usage();
            if now.threads < before.threads + limit && now.descriptors < before.descriptors + limit
            {
                return None;
            }
            // A thread that is about to end needs a moment.
            if Instant::now() > deadline {
                return Some(message!(
                    "has-grown",
                    threads_before = before.threads,
                    threads = now.threads,
                    files_before = before.descriptors,
                    files = now.descriptors
                ));
            }
            self.program.process.wait_until(QUIET, |state| state.finished());
        }
    }
}
