//! The site: each edition goes from the notes, chapter by chapter, through mdBook to its pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

use crate::chapters::{self, Chapter};
use crate::edition::{EDITIONS, Edition};
use crate::links::{self, Places};
use crate::{code_pages, diagrams, lines, packets, pages, search};

/// What the books have besides mdBook's own.
const THEME: [(&str, &str); 4] = [
    ("book.css", include_str!("../theme/book.css")),
    ("search.js", include_str!("../theme/search.js")),
    ("packets.js", include_str!("../theme/packets.js")),
    ("language.js", include_str!("../theme/language.js")),
];

/// By which the first page of a site is known.
const TITLE: &str = "<title>Day 01 · 第一天</title>";

/// Makes the site of the notes in `root`, and returns its first page.
pub(crate) fn make(root: &Path, dest: &Path) -> Result<PathBuf> {
    let index = dest.join("index.html");
    let is_site = fs::read_to_string(&index).is_ok_and(|page| page.contains(TITLE));
    if !is_site && fs::read_dir(dest).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} has something else in it than a site; name a new folder", dest.display());
    }
    // First, so that a site which was begun is known as one.
    write(&index, include_str!("../theme/index.html"))?;
    let dest = dest.canonicalize()?;
    packets::write(root, &dest)?;
    let [english, chinese] = &EDITIONS;
    for (edition, other) in [(english, chinese), (chinese, english)] {
        book(root, edition, &dest).with_context(|| format!("no book of {}", edition.file))?;
        let folder = dest.join(edition.folder);
        search::index(&folder)?;
        pages::complete(&folder, edition, other)?;
    }
    Ok(dest.join("index.html"))
}

/// Writes what mdBook reads, and has it make a book.
fn book(root: &Path, edition: &Edition, dest: &Path) -> Result<()> {
    let notes = fs::read_to_string(root.join(edition.file)).context("cannot read it")?;
    let chapters = chapters::cut(&notes)?;
    let first = chapters.first().context("it has no heading")?;
    let anchors = chapters::anchors(&chapters);
    let places = Places { root, anchors: &anchors };

    let staging = tempfile::tempdir().context("cannot make a folder for what mdBook reads")?;
    let source = staging.path().join("src");
    let mut files: BTreeMap<String, Vec<&Chapter>> = BTreeMap::new();
    for chapter in &chapters {
        let (text, linked) = links::lead(&places, &chapter.text)
            .with_context(|| format!("section {}", chapter.name))?;
        let text = diagrams::draw(edition, &chapter.name, &text)?;
        let text = packets::show(edition, &chapter.name, &lines::join(&text))?;
        write(&source.join(format!("{}.md", chapter.name)), &text)?;
        for file in linked {
            files.entry(file).or_default().push(chapter);
        }
    }
    for (file, chapters) in &files {
        let page = code_pages::page(root, edition, file, chapters)?;
        write(&source.join(code_pages::source(file)), &page)?;
    }
    write(&source.join("SUMMARY.md"), &summary(edition, &chapters, files.keys()))?;
    for (name, text) in THEME {
        write(&staging.path().join(name), text)?;
    }

    let mut config = Config::from_str(include_str!("../book.toml"))?;
    config.book.title = Some(first.title.clone());
    config.book.language = Some(edition.language.to_owned());
    config.build.build_dir = dest.join(edition.folder);
    MDBook::load_with_config(staging.path(), config)?.build()
}

/// The table of contents, as mdBook reads it.
fn summary<'a>(
    edition: &Edition,
    chapters: &[Chapter],
    files: impl Iterator<Item = &'a String>,
) -> String {
    let parts = chapters.first().map(chapters::parts).unwrap_or_default();
    let mut summary = String::new();
    for chapter in chapters {
        if let Some((_, title)) = parts.iter().find(|(name, _)| *name == chapter.name) {
            summary += &format!("\n# {title}\n\n");
        }
        // Before the first part come chapters without one.
        let bullet = if summary.contains("# ") { "- " } else { "" };
        summary += &format!("{bullet}[{}]({}.md)\n", chapter.title, chapter.name);
    }
    summary += &format!("\n# {}\n\n", edition.programs);
    for file in files {
        summary += &format!("- [{file}]({})\n", code_pages::source(file));
    }
    summary
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
