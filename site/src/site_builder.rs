//! Builds the site: turns the notes of each edition into chapters, and has mdBook render them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::book::{self, BookItem};
use mdbook_driver::config::Config;

use crate::chapters::{self, Chapter};
use crate::editions::{EDITIONS, Edition};
use crate::{
    chinese_line_breaks, links, mermaid_diagrams, packets_iframes, page_patches, search_index,
    source_pages,
};

/// Marks the start page of a site, so that only a site is ever overwritten.
const TITLE: &str = "<title>Day 01 · 第一天</title>";

/// Builds the site of the repository `root` in `dest`, and returns its start page.
pub(crate) fn build(root: &Path, dest: &Path) -> Result<PathBuf> {
    let index = dest.join("index.html");
    let is_site = fs::read_to_string(&index).is_ok_and(|page| page.contains(TITLE));
    if !is_site && fs::read_dir(dest).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is neither empty nor a site; choose another folder", dest.display());
    }
    fs::create_dir_all(dest).with_context(|| format!("can't create {}", dest.display()))?;
    // First, so that an interrupted build can be repeated.
    fs::write(&index, include_str!("start_page.html"))
        .with_context(|| format!("can't write {}", index.display()))?;
    let dest = dest.canonicalize()?;
    packets_iframes::write_pages(root, &dest)?;
    let [english, chinese] = &EDITIONS;
    for (edition, other) in [(english, chinese), (chinese, english)] {
        let folder = dest.join(edition.folder);
        render(root, edition, &folder).with_context(|| format!("can't render {}", edition.file))?;
        search_index::rebuild(&folder)?;
        page_patches::apply(&folder, edition, other)?;
    }
    Ok(dest.join("index.html"))
}

/// Renders the notes of an edition to HTML.
fn render(root: &Path, edition: &Edition, folder: &Path) -> Result<()> {
    let notes = fs::read_to_string(root.join(edition.file)).context("can't read the notes")?;
    let mut chapters = chapters::split(&notes)?;
    let introduction = chapters.first().context("the notes have no heading")?;
    let parts = chapters::parts(introduction);
    let mut config = Config::from_str(include_str!("../book.toml"))?;
    config.book.title = Some(introduction.title.clone());
    config.book.language = Some(edition.language.to_owned());
    config.build.build_dir = folder.to_owned();

    let anchors = chapters::anchors(&chapters);
    let mut source_files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, chapter) in chapters.iter_mut().enumerate() {
        let (text, linked) = links::resolve(root, &anchors, &chapter.text)
            .with_context(|| format!("in section {}", chapter.name))?;
        let text = mermaid_diagrams::draw(edition, &chapter.name, &text)?;
        let text = chinese_line_breaks::remove(&text);
        chapter.text = packets_iframes::insert(edition, &chapter.name, &text)?;
        for file in linked {
            source_files.entry(file).or_default().push(index);
        }
    }

    let mut items = Vec::new();
    for chapter in &chapters {
        if let Some((_, title)) = parts.iter().find(|(name, _)| *name == chapter.name) {
            items.push(BookItem::PartTitle(title.clone()));
        }
        items.push(page(&chapter.title, &chapter.text, format!("{}.md", chapter.name)));
    }
    items.push(BookItem::PartTitle(edition.source_code.to_owned()));
    for (file, indexes) in &source_files {
        let linking: Vec<&Chapter> = indexes.iter().map(|&index| &chapters[index]).collect();
        let text = source_pages::text(root, edition, file, &linking)?;
        items.push(page(file, &text, source_pages::path(file)));
    }

    // With an empty summary, mdBook reads no chapters from disk.
    let theme = root.join("site/theme");
    let mut book = MDBook::load_with_config_and_summary(theme, config, Default::default())?;
    book.book.items = items;
    book.build()
}

fn page(title: &str, text: &str, path: String) -> BookItem {
    BookItem::Chapter(book::Chapter::new(title, text.to_owned(), path, Vec::new()))
}
