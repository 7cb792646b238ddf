//! Watches the programs of a test while the test waits for them.

#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

#[cfg(target_os = "linux")]
use crate::blocked_programs::blocked;
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

/// Watches the programs of a test.
#[derive(Debug)]
pub(crate) struct ProgramWatch<'a> {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has /proc"))]
    transcript: &'a Transcript,
    #[cfg(target_os = "linux")]
    start: Instant,
    /// The last snapshot, and since when it hasn't changed.
    #[cfg(target_os = "linux")]
    last: Option<(Instant, Snapshot)>,
}

#[cfg(target_os = "linux")]
impl<'a> ProgramWatch<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
        Self { transcript, start: Instant::now(), last: None }
    }

    /// How long to wait until the next look.
    pub(crate) fn interval(&self) -> Duration {
        INTERVAL
    }

    /// Returns where the programs are blocked, if they are for certain. What the caller waits for may
    /// have arrived just before that, so it has to check once more.
    pub(crate) fn blocked(&mut self) -> Option<Message> {
        if self.start.elapsed() < BEFORE_FIRST || self.transcript.has_several_threads() {
            return None;
        }
        let since = self.still_since()?;
        let (_, snapshot) = self.last.as_ref().filter(|_| since.elapsed() >= STILL)?;
        blocked(snapshot, &self.transcript.running_programs(), &self.transcript.connections())
    }

    /// Returns for how long the programs have been in the same sleep: no thread has run, and one waits
    /// for a time to pass.
    pub(crate) fn asleep_for(&mut self) -> Option<Duration> {
        let since = self.still_since()?;
        self.last.as_ref().filter(|(_, snapshot)| snapshot.has_timed_wait())?;
        Some(since.elapsed())
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

    pub(crate) fn interval(&self) -> Duration {
        Duration::MAX
    }

    pub(crate) fn blocked(&mut self) -> Option<Message> {
        None
    }
}
