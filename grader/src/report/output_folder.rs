//! Where the pages are. What is not ours in that folder is not touched: then nothing is written.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use homework::messages::Messages;

use super::layout::MARK;

/// The page of the class.
pub const INDEX: &str = "index.html";

/// How far into a page it says that it is ours.
const START: u64 = 512;

/// Whether pages can be written into a folder: it is not there yet, or has nothing in it but pages
/// of another time. To be asked before the work is done for which they are.
///
/// # Errors
///
/// There is something else in it, or it cannot be read.
pub fn check(folder: &Path, messages: &Messages) -> Result<()> {
    ours(folder, messages).map(drop)
}

/// Writes the pages, and removes those of another time.
///
/// # Errors
///
/// As for [`check`], or they cannot be written.
pub fn write(folder: &Path, pages: &[(String, String)], messages: &Messages) -> Result<()> {
    for old in ours(folder, messages)? {
        fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
    }
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, page) in pages {
        let path = folder.join(name);
        fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The pages that are there.
fn ours(folder: &Path, messages: &Messages) -> Result<Vec<PathBuf>> {
    let shown = common::one_line(&folder.display().to_string());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read the folder {shown}"))?,
    };
    let mut pages = Vec::new();
    for entry in entries {
        let entry = entry?;
        if !(entry.file_type()?.is_file() && is_page(&entry.file_name(), &entry.path())) {
            let name = common::one_line(&entry.file_name().display().to_string());
            bail!("{}", messages.fill("report-refused", &[("folder", &shown), ("name", &name)]));
        }
        pages.push(entry.path());
    }
    Ok(pages)
}

/// Whether it is a page by its name, and by what it begins with. One that was not written to its
/// end, because the disk was full, may be empty.
fn is_page(name: &OsStr, path: &Path) -> bool {
    let name = name.to_string_lossy();
    let by_name = name == INDEX || name.starts_with("student-") && name.ends_with(".html");
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let is_marked = start.is_empty() || String::from_utf8_lossy(&start).contains(MARK);
    by_name && read.is_ok() && is_marked
}
