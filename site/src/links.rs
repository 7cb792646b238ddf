//! Resolves links in the notes: an anchor becomes a link to its chapter, a file of the repository a
//! link to its source page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use mdbook_markdown::pulldown_cmark::{Event, LinkType, Tag};

use crate::chapters::INTRODUCTION;
use crate::editions::EDITIONS;
use crate::{markdown_edits, source_pages};

/// Returns `text` with its links resolved, and the source files it links to. `anchors` maps each
/// anchor to its chapter.
pub(crate) fn resolve(
    root: &Path,
    anchors: &BTreeMap<String, String>,
    text: &str,
) -> Result<(String, BTreeSet<String>)> {
    let mut replacements = Vec::new();
    let mut files = BTreeSet::new();
    for (event, range) in markdown_edits::parse_with_ranges(text) {
        let Event::Start(Tag::Link { link_type, dest_url, .. }) = event else { continue };
        if link_type != LinkType::Inline || dest_url.contains("://") {
            continue;
        }
        let target = target(root, anchors, &dest_url)?;
        if target.starts_with(source_pages::FOLDER) && root.join(&*dest_url).is_file() {
            files.insert(dest_url.to_string());
        }
        // `[text](address)`: only the text may contain brackets.
        if let Some(at) = text[range.clone()].rfind("](") {
            let start = range.start + at + "](".len();
            replacements.push((start..range.end - 1, target));
        }
    }
    Ok((markdown_edits::replace(text, &replacements), files))
}

fn target(root: &Path, anchors: &BTreeMap<String, String>, link: &str) -> Result<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    if let Some(edition) = EDITIONS.iter().find(|edition| edition.file == file) {
        return Ok(format!("../{}/{INTRODUCTION}.html", edition.folder));
    }
    if file.is_empty() {
        return match anchors.get(anchor) {
            Some(chapter) if chapter == anchor => Ok(format!("{chapter}.md")),
            Some(chapter) => Ok(format!("{chapter}.md#{anchor}")),
            None => bail!("broken link to #{anchor}: no section has this anchor"),
        };
    }
    if !root.join(file).is_file() {
        bail!("broken link to {file}: no such file");
    }
    Ok(source_pages::path(file))
}
