//! What mdBook's pages lack: the switch between the languages, the words of the language, and no
//! more themes than light and dark.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::edition::Edition;

/// Where the switch goes.
const CORNER: &str = "<div class=\"right-buttons\">";

/// mdBook's other themes, and its own name for the dark one.
const THEMES: [(&str, &str); 4] = [
    (
        r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-rust">Rust</button></li>"#,
        "",
    ),
    (
        r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-coal">Coal</button></li>"#,
        "",
    ),
    (
        r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-ayu">Ayu</button></li>"#,
        "",
    ),
    (">Navy<", ">Dark<"),
];

/// Completes the pages of a book in `folder`, and what its scripts say.
pub(crate) fn complete(folder: &Path, edition: &Edition, other: &Edition) -> Result<()> {
    let mut seen = vec![false; edition.words.len()];
    for path in files(folder)? {
        let is_page = path.extension().is_some_and(|ending| ending == "html");
        if !is_page && path.file_name().is_none_or(|name| name != "book.js") {
            continue;
        }
        let mut text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if text.contains(CORNER) {
            let place = path.strip_prefix(folder)?;
            for (old, new) in THEMES {
                text = swap(&text, old, new)
                    .with_context(|| format!("{} has no {old:?}", place.display()))?;
            }
            text = swap(&text, CORNER, &format!("{CORNER}{}", switch(other, place)))
                .context("mdBook's pages have no corner for the switch")?;
        }
        for (seen, (old, new)) in seen.iter_mut().zip(edition.words) {
            if let Some(swapped) = swap(&text, old, new) {
                text = swapped;
                *seen = true;
            }
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    match seen.iter().zip(edition.words).find(|(seen, _)| !**seen) {
        None => Ok(()),
        Some((_, (old, _))) => bail!("mdBook no longer says {old:?}; see book/src/edition.rs"),
    }
}

fn swap(text: &str, old: &str, new: &str) -> Option<String> {
    text.contains(old).then(|| text.replace(old, new))
}

/// The link to the same page in the other edition.
fn switch(other: &Edition, place: &Path) -> String {
    let up = "../".repeat(place.components().count());
    let place: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
    let Edition { folder, language, name, switch, .. } = other;
    format!(
        "\n<a class=\"language\" href=\"{up}{folder}/{}\" lang=\"{language}\" hreflang=\"{language}\" \
         title=\"{switch}\">{name}</a>",
        place.join("/")
    )
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot look into {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}
