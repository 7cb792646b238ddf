//! The notes, cut into chapters: one for what stands before the first section, and one for each
//! section. A chapter's name is the anchor of its section, which is the same in both editions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};

use crate::markdown;

/// The name of what stands before the first section.
pub(crate) const FIRST: &str = "index";

/// A chapter of a book.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// Its file, without the ending.
    pub(crate) name: String,
    /// Its heading.
    pub(crate) title: String,
    /// Its text, the heading included.
    pub(crate) text: String,
}

/// Cuts the notes.
pub(crate) fn cut(notes: &str) -> Result<Vec<Chapter>> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut anchor = None;
    let mut in_code = false;
    for line in notes.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            append(&mut chapters, line)?;
            continue;
        }
        if let Some(id) =
            line.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>"))
        {
            anchor = Some(id.to_owned());
        } else if let Some(title) = line.strip_prefix("# ") {
            chapters.push(chapter(FIRST, title));
        } else if let Some(title) = line.strip_prefix("## ") {
            let name =
                anchor.take().with_context(|| format!("{title:?} has no anchor above it"))?;
            chapters.push(chapter(&name, title));
        } else if let Some(title) = line.strip_prefix("### ") {
            let name =
                anchor.take().with_context(|| format!("{title:?} has no anchor above it"))?;
            append(&mut chapters, &format!("## {title} {{#{name}}}"))?;
        } else {
            append(&mut chapters, line)?;
        }
    }
    Ok(chapters)
}

fn chapter(name: &str, title: &str) -> Chapter {
    let text = format!("# {title} {{#{name}}}\n");
    Chapter { name: name.to_owned(), title: title.to_owned(), text }
}

fn append(chapters: &mut [Chapter], line: &str) -> Result<()> {
    let Some(chapter) = chapters.last_mut() else { bail!("{line:?} stands before any heading") };
    chapter.text += line;
    chapter.text.push('\n');
    Ok(())
}

/// Where each anchor is: the chapter that has it.
pub(crate) fn anchors(chapters: &[Chapter]) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for chapter in chapters {
        for line in chapter.text.lines().filter(|line| line.starts_with('#')) {
            if let Some((_, id)) = line.strip_suffix('}').and_then(|line| line.rsplit_once("{#")) {
                places.insert(id.to_owned(), chapter.name.clone());
            }
        }
    }
    places
}

/// The parts of the book: the list in the first chapter has an item for each, that begins with the
/// title and goes on with links. A part begins with the chapter that is linked first. What comes
/// here is that chapter's name, and the title.
pub(crate) fn parts(first: &Chapter) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut title = None;
    for event in markdown::parse(&first.text) {
        match event {
            Event::Start(Tag::Item) => title = Some(String::new()),
            Event::End(TagEnd::Item) => title = None,
            Event::Text(text) => title.iter_mut().for_each(|title| *title += &text),
            Event::Start(Tag::Link { dest_url, .. }) => {
                if let (Some(title), Some(id)) = (title.take(), dest_url.strip_prefix('#')) {
                    // "Two ways to carry data: "
                    let title = title.split([':', '：']).next().unwrap_or_default();
                    parts.push((id.to_owned(), title.to_owned()));
                }
            }
            _ => {}
        }
    }
    parts
}
