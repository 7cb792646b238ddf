//! `reset`: restores the starter code of a program, or the blank answers, and keeps a backup.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::messages::{Explain as _, Messages, message};

/// The folder of a student copy with a second copy of the starter code.
pub const STARTER: &str = "course/starter";

/// The folder of the backups. Each reset adds a folder with a number.
const BACKUPS: &str = "kept";

/// What can be reset, with other names for it.
const PARTS: [(&str, &[&str]); 4] = [
    ("day01-tcp-server", &["server"]),
    ("day01-tcp-client", &["client"]),
    ("day01-udp", &["udp"]),
    ("homework/answers.toml", &["answers"]),
];

/// Resets a program in the student copy at `root`. Returns a message with the path of the backup.
pub fn reset(root: &Path, program: &str, messages: &Messages) -> Result<String> {
    let starter = root.join(STARTER);
    let has_name =
        |(part, others): &&(&str, &[&str])| *part == program || others.contains(&program);
    let Some((part, _)) = PARTS.iter().find(has_name) else {
        let names = PARTS.map(|(part, _)| part).join(", ");
        bail!(message!("no-program", program = program, programs = names));
    };
    ensure!(starter.is_dir(), message!("not-a-student-copy"));
    let mut changed = files(&starter, Path::new(part))?;
    changed.retain(|file| fs::read(root.join(file)).ok() != fs::read(starter.join(file)).ok());
    if changed.is_empty() {
        return Ok(messages.fill("still-starter-code", &[("program", part)]));
    }
    let mut backups = (1..).map(|number| Path::new(BACKUPS).join(number.to_string()));
    let kept = backups.find(|kept| !root.join(kept).exists()).unwrap_or_default();
    for file in &changed {
        let (here, copy) = (root.join(file), root.join(&kept).join(file));
        let failed = || message!("cannot-reset", file = file.display());
        for folder in [&copy, &here].into_iter().filter_map(|file| file.parent()) {
            fs::create_dir_all(folder).explain(failed())?;
        }
        if here.exists() {
            fs::copy(&here, &copy).explain(failed())?;
        }
        // Not fs::copy, which keeps the old time of the file: cargo wouldn't compile it.
        let original = fs::read(starter.join(file)).explain(failed())?;
        fs::write(&here, original).explain(failed())?;
    }
    let files: Vec<_> = changed.iter().map(|file| file.display().to_string()).collect();
    let kept = kept.display().to_string();
    Ok(messages.fill("reset", &[("files", &files.join(", ")), ("kept", &kept)]))
}

fn files(root: &Path, part: &Path) -> Result<Vec<PathBuf>> {
    if !root.join(part).is_dir() {
        return Ok(vec![part.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(part))? {
        found.extend(files(root, &part.join(entry?.file_name()))?);
    }
    found.sort();
    Ok(found)
}
