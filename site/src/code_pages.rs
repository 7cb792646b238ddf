//! A page for each file of code that the notes link to, with the text of the file and the numbers
//! of its lines, so that the links lead somewhere wherever the site is read.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::chapters::Chapter;
use crate::edition::Edition;

/// Their folder in a book.
pub(crate) const FOLDER: &str = "code";

/// The Markdown of a file's page. mdBook makes `main.rs.html` of it.
pub(crate) fn source(file: &str) -> String {
    format!("{FOLDER}/{file}.md")
}

/// The page of `file`, which `chapters` link to.
pub(crate) fn page(
    root: &Path,
    edition: &Edition,
    file: &str,
    chapters: &[&Chapter],
) -> Result<String> {
    let code = fs::read_to_string(root.join(file))
        .with_context(|| format!("cannot read {file}, which {} links to", edition.file))?;
    let up = "../".repeat(source(file).matches('/').count());
    let links: Vec<String> = chapters
        .iter()
        .map(|chapter| format!("[{}]({up}{}.md)", chapter.title, chapter.name))
        .collect();
    // By its whole name: its short one makes the highlighter mark the block with the class `rust`,
    // which is a theme of mdBook's.
    let kind = match file.rsplit_once('.') {
        Some((_, "rs")) => "rust",
        Some((_, ending)) => ending,
        None => "text",
    };
    // In an attribute, so that nobody searches for the numbers, or copies them.
    let numbers: Vec<String> =
        (1..=code.lines().count()).map(|number| number.to_string()).collect();
    Ok(format!(
        "# {file}\n\n{}{}\n\n<div class=\"numbered\" data-numbers=\"{}\">\n\n````{kind}\n{}\n````\n\n</div>\n",
        edition.explained,
        links.join(", "),
        numbers.join("&#10;"),
        code.trim_end(),
    ))
}
