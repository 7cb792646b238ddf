//! Splits the notes into chapters: one for the introduction and one for each section. The name of a
//! chapter is the anchor of its section, which is the same in both editions.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};

use crate::markdown_edits;

pub(crate) const INTRODUCTION: &str = "index";

pub(crate) struct Chapter {
    /// The name of its file, without `.md` or `.html`.
    pub(crate) name: String,
    pub(crate) title: String,
    /// Markdown, heading included.
    pub(crate) text: String,
}

pub(crate) fn split(notes: &str) -> Result<Vec<Chapter>> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut anchor = None;
    let mut in_code = false;
    for line in notes.lines() {
        in_code ^= line.starts_with("```");
        let id = line.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>"));
        if let (false, Some(_)) = (in_code, id) {
            anchor = id;
            continue;
        }
        let (level, title) = match line.split_once(' ') {
            Some((level @ ("#" | "##" | "###"), title)) if !in_code => (level, title),
            _ => {
                let chapter = chapters.last_mut();
                let chapter = chapter.with_context(|| format!("no heading above {line:?}"))?;
                chapter.text += &format!("{line}\n");
                continue;
            }
        };
        let name = if level == "#" { Some(INTRODUCTION) } else { anchor.take() };
        let name = name.with_context(|| format!("no anchor above {title:?}"))?;
        match chapters.last_mut() {
            Some(chapter) if level == "###" => {
                chapter.text += &format!("## {title} {{#{name}}}\n");
            }
            _ => chapters.push(Chapter {
                name: name.to_owned(),
                title: title.to_owned(),
                text: format!("# {title} {{#{name}}}\n"),
            }),
        }
    }
    Ok(chapters)
}

/// Maps each anchor to the name of its chapter.
pub(crate) fn anchors(chapters: &[Chapter]) -> BTreeMap<String, String> {
    let mut anchors = BTreeMap::new();
    for chapter in chapters {
        for line in chapter.text.lines().filter(|line| line.starts_with('#')) {
            if let Some((_, id)) = line.strip_suffix('}').and_then(|line| line.rsplit_once("{#")) {
                anchors.insert(id.to_owned(), chapter.name.clone());
            }
        }
    }
    anchors
}

/// Returns the first chapter and the title of each part, from the list in the introduction. Each
/// item of the list starts with the title of a part, followed by links to its chapters.
pub(crate) fn parts(introduction: &Chapter) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut title = None;
    for event in markdown_edits::parse(&introduction.text) {
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
