//! Adds the language switch to mdBook's pages, translates them, and leaves only two themes: light and
//! dark. mdBook has no setting for any of these. It can only use other files in place of its page
//! template and its script: copies of 1,200 lines that change with each version.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::editions::Edition;

/// Where the language switch goes.
const BUTTONS: &str = "<div class=\"right-buttons\">";

/// mdBook's themes that the site doesn't have.
const OTHER_THEMES: [&str; 3] = [
    r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-rust">Rust</button></li>"#,
    r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-coal">Coal</button></li>"#,
    r#"<li role="none"><button role="menuitem" class="theme" id="mdbook-theme-ayu">Ayu</button></li>"#,
];

/// Patches the pages in `folder`, and the script that has texts of its own.
pub(crate) fn apply(folder: &Path, edition: &Edition, other: &Edition) -> Result<()> {
    let themes = OTHER_THEMES.map(|theme| (theme, ""));
    let replacements = [&themes, edition.replacements].concat();
    let mut unused = vec![BUTTONS];
    unused.extend(replacements.iter().map(|(old, _)| *old));
    for path in files(folder)? {
        let is_page = path.extension().is_some_and(|extension| extension == "html");
        if !is_page && !path.ends_with("book.js") {
            continue;
        }
        let mut text =
            fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        unused.retain(|old| !text.contains(old));
        let link = language_switch(other, path.strip_prefix(folder)?);
        text = text.replace(BUTTONS, &format!("{BUTTONS}{link}"));
        for (old, new) in &replacements {
            text = text.replace(old, new);
        }
        fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
    }
    match unused.first() {
        None => Ok(()),
        Some(old) => bail!("mdBook's pages no longer contain {old:?}; adapt page_patches.rs"),
    }
}

/// Returns the link to the same page in the other edition.
fn language_switch(other: &Edition, page: &Path) -> String {
    let up = "../".repeat(page.components().count());
    let page: Vec<_> = page.iter().map(|part| part.to_string_lossy()).collect();
    let Edition { folder, language, name, switch, .. } = other;
    format!(
        "\n<a class=\"language\" href=\"{up}{folder}/{}\" lang=\"{language}\" hreflang=\"{language}\" \
         title=\"{switch}\">{name}</a>",
        page.join("/")
    )
}

/// Returns all files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("can't read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}
