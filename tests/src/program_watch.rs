//! Watches the programs of a test while the test waits for them, on Linux.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::blocked_programs::{asleep, blocked, facts};
use crate::catalogue::Message;
use crate::message;
pub(crate) use crate::process_snapshot::only_sending_is_closed;
use crate::process_snapshot::{self, Snapshot};
use crate::received_segments::passed_between;
use crate::resource_usage::ResourceUsage;
use crate::transcript::Transcript;

/// How long a test waits before it looks for the first time. Most answers take less.
const BEFORE_FIRST: Duration = Duration::from_millis(300);

/// How often a test that waits for a program looks at it.
const INTERVAL: Duration = Duration::from_millis(50);

/// For how long no thread may have run.
const STILL: Duration = Duration::from_millis(200);

/// A sleep that is too long while a client waits. One that looks for input every 10 ms doesn't sleep long.
const LONG_SLEEP: Duration = Duration::from_millis(400);

/// The least processor time of a busy program: a loop without a wait gets more in three seconds, even if ten
/// other programs are busy. One that looks for input every 10 ms uses less.
const BUSY: Duration = Duration::from_millis(300);

/// Watches the programs of a test.
#[derive(Debug)]
pub(crate) struct ProgramWatch<'a> {
    transcript: &'a Transcript,
    /// Whether the test waits for a server's answer.
    answer_is_due: bool,
    start: Instant,
    /// The last snapshot, and since when it hasn't changed.
    last: Option<(Instant, Snapshot)>,
    /// When it looked for the first time, and the processor time that each program had used by then.
    first: Option<(Instant, Vec<(u32, Duration)>)>,
}

impl<'a> ProgramWatch<'a> {
    pub(crate) fn new(transcript: &'a Transcript) -> Self {
        Self { transcript, answer_is_due: false, start: Instant::now(), last: None, first: None }
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
    /// waits. What the caller waits for may have arrived just before that, so it has to check once more.
    pub(crate) fn blocked(&mut self) -> Option<Message> {
        if self.start.elapsed() < BEFORE_FIRST {
            return None;
        }
        self.count_processor_time();
        if self.transcript.has_several_threads() {
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

    /// From the first call on, counts the processor time of the programs.
    pub(crate) fn count_processor_time(&mut self) {
        self.first.get_or_insert_with(|| {
            let programs = self.transcript.running_programs();
            let ids = programs.iter().map(|program| program.process.id());
            (Instant::now(), ids.filter_map(|id| Some((id, processor_time(id)?))).collect())
        });
    }

    /// At the deadline: returns which program has used the processor instead of waiting.
    pub(crate) fn busy(&self) -> Option<Message> {
        let (who, seconds, time) = self.used()?;
        let facts = facts(&self.transcript.connections());
        Some(message!("busy", who, seconds, time, facts))
    }

    /// After a pause: returns which program has used the processor although it had nothing to do.
    pub(crate) fn busy_in_pause(&self) -> Option<Message> {
        let (who, seconds, time) = self.used()?;
        Some(message!("busy-in-pause", who, seconds, time))
    }

    /// Returns a busy program, how much processor time it has used, and in which time.
    fn used(&self) -> Option<(Message, String, String)> {
        let (since, before) = self.first.as_ref()?;
        self.transcript.running_programs().iter().find_map(|program| {
            let id = program.process.id();
            let (_, before) = before.iter().find(|(known, _)| *known == id)?;
            let used = processor_time(id)?.saturating_sub(*before);
            (used >= BUSY).then(|| {
                let [seconds, time] =
                    [used, since.elapsed()].map(|time| format!("{:.1}", time.as_secs_f64()));
                (program.who(), seconds, time)
            })
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

/// Returns what the programs of a test have sent each other, if two of them are connected.
pub(crate) fn passed_between_programs(transcript: &Transcript) -> Option<Message> {
    match &transcript.running_programs()[..] {
        programs @ [_, _, ..] => passed_between(programs),
        _ => None,
    }
}

fn processor_time(process: u32) -> Option<Duration> {
    ResourceUsage::of(process).ok().map(|usage| usage.processor)
}

/// Returns the addresses at which the programs of a test listen, if that's known.
pub(crate) fn listeners(transcript: &Transcript) -> Option<Vec<SocketAddr>> {
    let programs = transcript.running_programs();
    let roots: Vec<u32> = programs.iter().map(|program| program.process.id()).collect();
    process_snapshot::listeners(&roots)
}
