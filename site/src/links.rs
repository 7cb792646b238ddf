//! Links: what leads to a place in the notes leads to its chapter, what leads to a file of the
//! repository to that file's page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use mdbook_markdown::pulldown_cmark::{Event, LinkType, Tag};

use crate::chapters::FIRST;
use crate::code_pages;
use crate::edition::EDITIONS;
use crate::markdown;

/// Where links may lead.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    /// The repository.
    pub(crate) root: &'a Path,
    /// The chapter of each anchor.
    pub(crate) anchors: &'a BTreeMap<String, String>,
}

/// A chapter with its links led to the site, and the files that it links to.
pub(crate) fn lead(places: &Places<'_>, text: &str) -> Result<(String, BTreeSet<String>)> {
    let mut replacements = Vec::new();
    let mut files = BTreeSet::new();
    for (event, range) in markdown::pieces(text) {
        let Event::Start(Tag::Link { link_type, dest_url, .. }) = event else { continue };
        if link_type != LinkType::Inline || dest_url.contains("://") {
            continue;
        }
        let target = places.target(&dest_url)?;
        if places.root.join(dest_url.as_ref()).is_file() && target.starts_with(code_pages::FOLDER) {
            files.insert(dest_url.to_string());
        }
        // `[text](where)`: a text may have brackets, an address of ours has none.
        if let Some(place) = text[range.clone()].rfind("](") {
            let start = range.start + place + "](".len();
            replacements.push((start..range.end - 1, target));
        }
    }
    Ok((markdown::replace(text, &replacements), files))
}

impl Places<'_> {
    fn target(&self, link: &str) -> Result<String> {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        if let Some(edition) = EDITIONS.iter().find(|edition| edition.file == file) {
            return Ok(format!("../{}/{FIRST}.html", edition.folder));
        }
        if file.is_empty() {
            return match self.anchors.get(anchor) {
                // The heading of a chapter is its top.
                Some(chapter) if chapter == anchor => Ok(format!("{chapter}.md")),
                Some(chapter) => Ok(format!("{chapter}.md#{anchor}")),
                None => bail!("a link leads to #{anchor}, which no section has"),
            };
        }
        if !self.root.join(file).is_file() {
            bail!("a link leads to {file}, and there is no such file");
        }
        Ok(code_pages::source(file))
    }
}
