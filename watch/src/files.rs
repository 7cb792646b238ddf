//! The files that a student changes: when each was saved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use homework::grading::submission::{ANSWERS, COMMANDS, Word, commands};

/// The folders of the programs of the homework.
pub const PROGRAMS: [&str; 2] = ["day01-tcp-server", "day01-tcp-client"];

/// The files, and when each was written and how long it is. One that is saved unchanged counts as
/// saved: who saves waits for a verdict.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Files {
    /// As they are now, in the workspace at `root`.
    pub fn now(root: &Path) -> Self {
        let mut files = Files::default();
        for program in PROGRAMS {
            files.add_below(root, Path::new(program));
        }
        let fixed = [ANSWERS, COMMANDS].map(PathBuf::from);
        for path in fixed.into_iter().chain(named_in_commands(root)) {
            files.add(root, path);
        }
        files
    }

    /// What was saved, appeared or vanished between `before` and now.
    pub fn changed_since(&self, before: &Files) -> Vec<PathBuf> {
        let all = self.0.keys().chain(before.0.keys().filter(|path| !self.0.contains_key(*path)));
        all.filter(|path| self.0.get(*path) != before.0.get(*path)).cloned().collect()
    }

    fn add_below(&mut self, root: &Path, folder: &Path) {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let is_source = path.extension().is_some_and(|end| end == "rs" || end == "toml");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.add_below(root, &path),
                // What editors write beside it is none of ours.
                Ok(_) if is_source => self.add(root, path),
                _ => {}
            }
        }
    }

    fn add(&mut self, root: &Path, path: PathBuf) {
        if let Ok(known) = fs::metadata(root.join(&path)) {
            self.0.insert(path, (known.modified().ok(), known.len()));
        }
    }
}

/// The folders in which a change is to be noticed, and whether what is below them counts, too.
pub fn folders(root: &Path) -> Vec<(PathBuf, bool)> {
    let mut folders: Vec<_> = PROGRAMS.iter().map(|program| (root.join(program), true)).collect();
    folders.push((root.join("homework"), false));
    // A folder that vanished may come back, and a program in another language may stand here.
    folders.push((root.to_owned(), false));
    let of_commands = named_in_commands(root).into_iter();
    folders
        .extend(of_commands.filter_map(|path| Some((root.join(path).parent()?.to_owned(), false))));
    folders.dedup();
    folders
}

/// The files of programs in other languages.
fn named_in_commands(root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(root.join(COMMANDS)).unwrap_or_default();
    let named = commands(&text, |word| root.join(word).is_file()).unwrap_or_default();
    let files = named.into_values().flatten().filter_map(|word| match word {
        Word::File(path) => Some(path),
        Word::Text(_) => None,
    });
    files.collect()
}
