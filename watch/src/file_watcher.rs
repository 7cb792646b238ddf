//! Watches the files that a student edits.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use homework::grading::submission::{ANSWERS, COMMANDS, Word, commands};
use homework::messages::{Explain as _, message};
use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

use crate::watch_event::WatchEvent;

const PROGRAMS: [&str; 2] = ["day01-tcp-server", "day01-tcp-client"];

/// Events within this time count as one save: an editor that saves by renaming causes several.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// Starts a thread that reports which files are saved.
pub fn watch(root: &Path, sender: SyncSender<WatchEvent>) -> Result<()> {
    // On some systems events carry canonical paths.
    let root = root.canonicalize().explain(message!("cannot-read", file = root.display()))?;
    let (debouncer_sender, batches) = mpsc::channel::<DebounceEventResult>();
    let mut debouncer =
        new_debouncer(DEBOUNCE, None, debouncer_sender).explain(message!("cannot-watch"))?;
    anyhow::ensure!(watch_folders(&mut debouncer, &root) > 0, message!("cannot-watch"));
    thread::spawn(move || {
        for batch in batches {
            let changed = match batch {
                Ok(events) if !events.iter().any(|event| event.need_rescan()) => {
                    let files = single_files(&root);
                    let changes = events.iter().filter(|event| !event.kind.is_access());
                    let paths = changes.flat_map(|event| &event.paths);
                    let paths = paths.filter_map(|path| path.strip_prefix(&root).ok());
                    paths.filter(|path| is_edited(path, &files)).map(Path::to_owned).collect()
                }
                // Events were lost. The empty path stands for the whole workspace.
                _ => vec![PathBuf::new()],
            };
            // A folder that was removed and created again has to be watched again.
            watch_folders(&mut debouncer, &root);
            if !changed.is_empty() && sender.send(WatchEvent::FilesChanged(changed)).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// Watches all folders with files that the student edits. Returns how many of them can be watched.
fn watch_folders(
    debouncer: &mut Debouncer<RecommendedWatcher, RecommendedCache>,
    root: &Path,
) -> usize {
    let programs = PROGRAMS.map(|program| (root.join(program), RecursiveMode::Recursive));
    let files = single_files(root).into_iter().map(|file| root.join(file));
    let parents = files.filter_map(|file| file.parent().map(Path::to_owned));
    // The root too: a folder that's removed may come back.
    let folders = parents.chain([root.to_owned()]);
    let folders = folders.map(|folder| (folder, RecursiveMode::NonRecursive));
    let all = programs.into_iter().chain(folders);
    all.filter(|(folder, mode)| debouncer.watch(folder, *mode).is_ok()).count()
}

/// Returns whether this is one of the files, or a source file or folder of a program.
fn is_edited(path: &Path, files: &[PathBuf]) -> bool {
    // Editors write temporary and backup files next to the source files.
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let is_source = path.extension().is_none_or(|end| end == "rs" || end == "toml");
    let is_of_program = PROGRAMS.iter().any(|program| path.starts_with(program));
    (is_of_program && is_source && !is_hidden) || files.iter().any(|file| path == file)
}

/// Returns the answers, and the files that start programs in other languages.
fn single_files(root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(root.join(COMMANDS)).unwrap_or_default();
    let commands = commands(&text, |word| root.join(word).is_file()).unwrap_or_default();
    let words = commands.into_values().flatten();
    let programs = words.filter_map(|word| match word {
        Word::File(path) => Some(path),
        Word::Text(_) => None,
    });
    [ANSWERS, COMMANDS].map(PathBuf::from).into_iter().chain(programs).collect()
}
