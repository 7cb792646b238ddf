//! Watches the programs of a test while the test waits for them.

#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

#[cfg(target_os = "linux")]
use crate::blocked_programs::{asleep, blocked};
use crate::catalogue::Message;
#[cfg(target_os = "linux")]
use crate::process_snapshot::Snapshot;
use crate::transcript::Transcript;

/// How long a test waits before it looks for the first time. Most answers take less.
#[cfg(target_os = "linux")]
const BEFORE_FIRST: Duration = Duration::from_millis(300);

/// How often a test that waits for a program looks at it.
#[cfg(target_os = "linux")]
const INTERVAL: Duration = Duration::from_millis(50);

/// For how long no thread may have run.
#[cfg(target_os = "linux")]
const STILL: Duration = Duration::from_millis(200);

/// A sleep that is too long while a client waits. One that looks for input every 10 ms doesn't sleep long.
#[cfg(target_os = "linux")]
const LONG_SLEEP: Duration = Duration::from_millis(400);

/// Watches the programs of a test.
#[derive(Debug)]
pub(crate) struct ProgramWatch<'a> {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has /proc"))]
    transcript: &'a Transcript,
    /// Whether the test waits for a server's answer.
    #[cfg(target_os = "linux")]
    answer_is_due: bool,
    #[cfg(target_os = "linux")]
    start: Instant,
    /// The last snapshot, and since when it hasn't changed.
    #[cfg(target_os = "linux")]
    last: Option<(Instant, Snapshot)>,
}

#[cfg(target_os = "linux")]
impl<'a> ProgramWatch<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
        Self { transcript, answer_is_due: false, start: Instant::now(), last: None }
    }

    /// For a test that waits for a server's answer.
    pub(crate) fn for_answer(mut self, answer_is_due: bool) -> Self {
        self.answer_is_due = answer_is_due;
        self
    }

    /// How long to wait until the next look.
    pub(crate) fn interval(&self) -> Duration {
        INTERVAL
    }

    /// Returns where the programs are blocked, if they are for certain, or that one sleeps while a client
    /// waits. What the caller waits for may
    /// have arrived just before that, so it has to check once more.
    pub(crate) fn blocked(&mut self) -> Option<Message> {
        if self.start.elapsed() < BEFORE_FIRST || self.transcript.has_several_threads() {
            return None;
        }
        let still = self.still_since()?.elapsed();
        let (_, snapshot) = self.last.as_ref().filter(|_| still >= STILL)?;
        let (programs, connections) =
            (self.transcript.running_programs(), self.transcript.connections());
        blocked(snapshot, &programs, &connections).or_else(|| {
            let is_late = still >= LONG_SLEEP && self.transcript.is_homework();
            is_late.then(|| asleep(snapshot, &programs, &connections, self.answer_is_due))?
        })
    }

    /// Takes a snapshot. Returns since when it hasn't changed.
    fn still_since(&mut self) -> Option<Instant> {
        let last = self.last.take();
        let programs = self.transcript.running_programs();
        let roots: Vec<u32> = programs.iter().map(|program| program.process.id()).collect();
        let connections = self.transcript.connections();
        let addresses: Vec<SocketAddr> =
            connections.iter().flat_map(|own| [own.local, own.remote]).collect();
        let snapshot = Snapshot::take(&roots, &addresses)?;
        let since = match last {
            Some((since, last)) if last == snapshot => since,
            _ => Instant::now(),
        };
        self.last = Some((since, snapshot));
        Some(since)
    }
}

/// Other systems don't tell.
#[cfg(not(target_os = "linux"))]
impl<'a> ProgramWatch<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
        Self { transcript }
    }

    pub(crate) fn for_answer(self, _: bool) -> Self {
        self
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::MAX
    }

    pub(crate) fn blocked(&mut self) -> Option<Message> {
        None
    }
}
