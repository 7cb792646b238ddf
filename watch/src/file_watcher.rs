//! Notices when a file is saved.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, new_debouncer};

use crate::files::{self, Files};
use crate::watch_event::WatchEvent;

/// How long after a change the next is waited for: an editor that saves by renaming makes several,
/// and who saves ten times in a second wants one verdict.
const SETTLED: Duration = Duration::from_millis(100);

/// Passes on which files were saved, from now on.
///
/// # Errors
///
/// The system cannot watch files.
pub fn watch(
    root: &Path,
    failure_message: String,
    watch_events: SyncSender<WatchEvent>,
) -> Result<()> {
    let (sender, events) = mpsc::channel::<DebounceEventResult>();
    let mut debouncer = new_debouncer(SETTLED, None, sender).context(failure_message.clone())?;
    let root: PathBuf = root.to_owned();
    let mut before = Files::now(&root);
    let mut watched = 0;
    for (folder, below) in files::folders(&root) {
        let mode = if below { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        watched += usize::from(debouncer.watch(&folder, mode).is_ok());
    }
    anyhow::ensure!(watched > 0, failure_message);
    thread::spawn(move || {
        for batch in events {
            // That something is read, by us or by the compiler, is no change.
            let is_change =
                batch.map_or(true, |events| events.iter().any(|event| !event.kind.is_access()));
            if !is_change {
                continue;
            }
            let now = Files::now(&root);
            let changed = now.changed_since(&before);
            before = now;
            // A folder that vanished and came back is another one for the system.
            for (folder, below) in files::folders(&root) {
                let mode =
                    if below { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
                _ = debouncer.watch(&folder, mode);
            }
            if !changed.is_empty() && watch_events.send(WatchEvent::Saved(changed)).is_err() {
                break;
            }
        }
    });
    Ok(())
}
