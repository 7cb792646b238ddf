//! Writes a page with line numbers for each source file that the notes link to.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::chapters::Chapter;
use crate::editions::Edition;

pub(crate) const FOLDER: &str = "code";

/// Returns the path of the page of `file`. mdBook turns `main.rs.md` into `main.rs.html`.
pub(crate) fn path(file: &str) -> String {
    format!("{FOLDER}/{file}.md")
}

/// Returns the Markdown of the page of `file`, with links back to `chapters`.
pub(crate) fn text(
    root: &Path,
    edition: &Edition,
    file: &str,
    chapters: &[&Chapter],
) -> Result<String> {
    let code = fs::read_to_string(root.join(file)).with_context(|| format!("can't read {file}"))?;
    let up = "../".repeat(path(file).matches('/').count());
    let links: Vec<String> = chapters
        .iter()
        .map(|chapter| format!("[{}]({up}{}.md)", chapter.title, chapter.name))
        .collect();
    // The highlighter would copy the short name, `rs`, to the class `rust`, a theme of mdBook.
    let language = match file.rsplit_once('.') {
        Some((_, "rs")) => "rust",
        Some((_, extension)) => extension,
        None => "text",
    };
    // In an attribute, so that line numbers are neither copied nor searched.
    let numbers: Vec<String> =
        (1..=code.lines().count()).map(|number| number.to_string()).collect();
    Ok(format!(
        "# {file}\n\n{}{}\n\n<div class=\"numbered\" data-numbers=\"{}\">\n\n````{language}\n{}\n````\n\n</div>\n",
        edition.explained,
        links.join(", "),
        numbers.join("&#10;"),
        code.trim_end(),
    ))
}
