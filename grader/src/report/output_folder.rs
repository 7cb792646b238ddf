//! The folder of the pages. If it contains anything that the grader didn't write, nothing is changed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use homework::messages::{Explain as _, message};

use super::layout::MARK;

pub const INDEX: &str = "index.html";

/// [`MARK`] is within this many bytes of the start of a page.
const START: u64 = 512;

/// Checks that a folder contains nothing but pages of an earlier report, before the class is graded.
pub fn check(folder: &Path) -> Result<()> {
    old_pages(folder).map(drop)
}

/// Replaces the pages of an earlier report.
pub fn write(folder: &Path, pages: &[(String, String)]) -> Result<()> {
    for old in old_pages(folder)? {
        fs::remove_file(&old).explain(message!("cannot-remove", file = old.display()))?;
    }
    fs::create_dir_all(folder).explain(message!("cannot-write", file = folder.display()))?;
    for (name, page) in pages {
        let path = folder.join(name);
        fs::write(&path, page).explain(message!("cannot-write", file = path.display()))?;
    }
    Ok(())
}

/// Lists the pages of an earlier report.
fn old_pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let shown = common::one_line(&folder.display().to_string());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.explain(message!("cannot-read", file = &shown))?,
    };
    let mut pages = Vec::new();
    for entry in entries {
        let entry = entry?;
        if !(entry.file_type()?.is_file() && is_page(&entry.file_name(), &entry.path())) {
            let name = common::one_line(&entry.file_name().display().to_string());
            bail!(message!("report-refused", folder = shown, name = name));
        }
        pages.push(entry.path());
    }
    Ok(pages)
}

/// Returns whether a file is a page, by its name and its mark. After a full disk a page may be empty.
fn is_page(name: &OsStr, path: &Path) -> bool {
    let name = name.to_string_lossy();
    let by_name = name == INDEX || name.starts_with("student-") && name.ends_with(".html");
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let is_marked = start.is_empty() || String::from_utf8_lossy(&start).contains(MARK);
    by_name && read.is_ok() && is_marked
}
