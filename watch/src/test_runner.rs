//! The work behind the screen: builds and tests the programs in a thread of its own, what the last
//! save can have changed and nothing else.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use anyhow::Result;
use common::one_line;
use homework::commands::calls::{self, Program};
use homework::commands::own::{Own, PLACES};
use homework::grading::mark::Marks;
use homework::messages::Messages;
use homework::process;

use crate::watch_event::WatchEvent;

/// What is to be done.
#[derive(Debug)]
enum Wanted {
    /// To mark what these files have changed; everything when nothing is known yet.
    Again(Vec<PathBuf>),
    /// To mark everything, with what lies beyond the homework.
    Beyond,
    /// To show the calls of a program.
    Calls(Program),
}

/// Who does the work.
#[derive(Debug)]
pub struct TestRunner(Sender<(u64, Wanted)>);

impl TestRunner {
    /// Starts with all of the homework in the workspace at `root`.
    pub fn start(
        root: &Path,
        in_colours: bool,
        messages: Messages,
        watch_events: SyncSender<WatchEvent>,
    ) -> Self {
        let (sender, orders) = mpsc::channel();
        let root = root.to_owned();
        thread::spawn(move || {
            let work = Work {
                root,
                in_colours,
                messages,
                watch_events,
                own: None,
                beyond: None,
                known: None,
            };
            work.until_the_end(&orders);
        });
        let worker = TestRunner(sender);
        worker.again(Vec::new());
        worker
    }

    /// These files were saved: what is being done is stopped, and done again with what is there now.
    pub fn again(&self, files: Vec<PathBuf>) {
        self.order(Wanted::Again(files));
    }

    /// What lies beyond the homework is wanted.
    pub fn beyond(&self) {
        self.order(Wanted::Beyond);
    }

    /// The calls of a program are wanted.
    pub fn calls(&self, program: Program) {
        self.order(Wanted::Calls(program));
    }

    fn order(&self, wanted: Wanted) {
        // Nobody is there to do it only when the program ends.
        _ = self.0.send((process::stop_for_another(), wanted));
    }
}

/// The work.
struct Work {
    root: PathBuf,
    in_colours: bool,
    messages: Messages,
    watch_events: SyncSender<WatchEvent>,
    /// The tests of the homework, and all tests, once they are built.
    own: Option<Own>,
    beyond: Option<Own>,
    /// The last marks.
    known: Option<Marks>,
}

impl Work {
    fn until_the_end(mut self, orders: &Receiver<(u64, Wanted)>) {
        // What is still to be done: some of it was begun, and stopped by a save.
        let (mut changed, mut beyond, mut calls) = (Vec::new(), false, None);
        while let Ok(first) = orders.recv() {
            let mut number = 0;
            // Ten saves in a second are one.
            for (own, wanted) in [first].into_iter().chain(orders.try_iter()) {
                number = own;
                match wanted {
                    Wanted::Again(files) => changed.extend(files),
                    Wanted::Beyond => beyond = true,
                    Wanted::Calls(program) => calls = Some(program),
                }
            }
            process::begin(number);
            _ = self.watch_events.send(WatchEvent::AtWork);
            if self.known.is_none() || !changed.is_empty() {
                let done = self.mark(&changed);
                if self.tell(done) {
                    changed.clear();
                }
            }
            if let Some(program) = calls {
                let lines = self.calls(program);
                if self.tell(Ok(WatchEvent::Calls(lines))) {
                    calls = None;
                }
            }
            if beyond {
                let done = self.mark_beyond();
                beyond = !self.tell(done);
            }
        }
    }

    /// Passes on what came of it, unless something else is wanted by now: then a run for that
    /// follows. Says whether it was done.
    fn tell(&self, done: Result<WatchEvent>) -> bool {
        let is_done = done.is_ok();
        let message = match done {
            _ if process::interrupted() => return false,
            Err(error) => {
                WatchEvent::Trouble(one_line(&format!("{:#}", self.messages.error(error))))
            }
            Ok(message) => message,
        };
        _ = self.watch_events.send(message);
        is_done
    }

    fn mark(&mut self, changed: &[PathBuf]) -> Result<WatchEvent> {
        let own = built(&mut self.own, &self.root, false, self.in_colours)?;
        // Any file but those of one program or the answers can have changed everything.
        let everything =
            changed.iter().any(|file| !PLACES.iter().any(|place| file.starts_with(place)));
        let known = self.known.as_ref().filter(|_| !everything);
        let marked =
            own.mark_changed(known, |place| changed.iter().any(|file| file.starts_with(place)))?;
        self.known = Some(marked.marks.clone());
        Ok(WatchEvent::Marked(Box::new(marked)))
    }

    fn calls(&self, program: Program) -> Vec<String> {
        calls::ladder(&self.root, program, &self.messages)
            .unwrap_or_else(|error| vec![one_line(&format!("{:#}", self.messages.error(error)))])
    }

    fn mark_beyond(&mut self) -> Result<WatchEvent> {
        let all = built(&mut self.beyond, &self.root, true, self.in_colours)?;
        Ok(WatchEvent::Beyond(Box::new(all.mark()?.marks)))
    }
}

/// The tests, which are built once.
fn built<'a>(
    tests: &'a mut Option<Own>,
    root: &Path,
    beyond: bool,
    in_colours: bool,
) -> Result<&'a Own> {
    match tests {
        Some(tests) => Ok(tests),
        None => Ok(tests.insert(Own { in_colours, ..Own::build(root, beyond)? })),
    }
}
