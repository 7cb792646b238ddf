//! Back to the class version: of a program, or of the answers. What stood there is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::messages::{Explain as _, Messages, message};

/// Where a student copy has its second copy of the starter code.
pub const STARTER: &str = "course/starter";

/// Where what was replaced is kept, each time in a folder of its own.
const KEPT: &str = "kept";

/// What can be reset, and its names.
const PARTS: [(&str, &[&str]); 4] = [
    ("day01-tcp-server", &["server"]),
    ("day01-tcp-client", &["client"]),
    ("day01-udp", &["udp"]),
    ("homework/answers.toml", &["answers"]),
];

/// Resets a program in the workspace at `root`, and says where what stood there is kept.
///
/// # Errors
///
/// There is no such program, or the workspace is not a hand-out.
pub fn show(root: &Path, program: &str, messages: &Messages) -> Result<ExitCode> {
    let said = reset(root, program, messages)?;
    common::print(format!("{said}\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The same, and gives what is to be said.
///
/// # Errors
///
/// There is no such program, or the workspace is not a hand-out.
pub fn reset(root: &Path, program: &str, messages: &Messages) -> Result<String> {
    let class = root.join(STARTER);
    let is_meant =
        |(part, others): &&(&str, &[&str])| *part == program || others.contains(&program);
    let Some((part, _)) = PARTS.iter().find(is_meant) else {
        let names = PARTS.map(|(part, _)| part).join(", ");
        bail!(message!("no-program", program = program, programs = names));
    };
    if !class.is_dir() {
        bail!(message!("not-handed-out"));
    }
    let mut changed = files(&class, Path::new(part))?;
    changed.retain(|file| fs::read(root.join(file)).ok() != fs::read(class.join(file)).ok());
    if changed.is_empty() {
        return Ok(messages.fill("as-handed-out", &[("program", part)]));
    }
    let kept = (1..).map(|number| Path::new(KEPT).join(number.to_string()));
    let kept = kept.into_iter().find(|kept| !root.join(kept).exists()).unwrap_or_default();
    for file in &changed {
        let (here, copy) = (root.join(file), root.join(&kept).join(file));
        let failed = || message!("cannot-reset", file = file.display());
        make_folder_of(&copy).explain(failed())?;
        make_folder_of(&here).explain(failed())?;
        if here.exists() {
            fs::copy(&here, &copy).explain(failed())?;
        }
        // Its time is that of the change, so that cargo compiles it.
        let class_version = fs::read(class.join(file)).explain(failed())?;
        fs::write(&here, class_version).explain(failed())?;
    }
    let files: Vec<_> = changed.iter().map(|file| file.display().to_string()).collect();
    let kept = kept.display().to_string();
    Ok(messages.fill("reset", &[("files", &files.join(", ")), ("kept", &kept)]))
}

fn make_folder_of(file: &Path) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

/// A file, or all files below a folder, by their paths inside of `root`.
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
