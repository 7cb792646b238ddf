//! Tests of the notes.
//!
//! Every `console` block of `NOTES.md` and `NOTES.zh-CN.md` is run, and the output compared with
//! the block. Every Rust block must occur in a source file. Both editions have the same sections,
//! blocks and anchors, and no link is broken.

mod code_outside_programs;
mod document;
#[cfg(target_os = "linux")]
mod port_substitution;
mod quoted_code;
#[cfg(target_os = "linux")]
mod session;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use document::{Document, columns};
use tests::workspace;

/// The maximum width of code and tables, in terminal columns.
const WIDEST: usize = 100;

const EDITIONS: [&str; 2] = ["NOTES.md", "NOTES.zh-CN.md"];

// The notes show programs in a terminal, which the harness has only on Linux.
#[cfg(target_os = "linux")]
#[test]
fn the_english_edition_shows_what_the_programs_print() {
    session::run_all(&edition("NOTES.md"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_chinese_edition_shows_what_the_programs_print() {
    session::run_all(&edition("NOTES.zh-CN.md"));
}

#[test]
fn both_editions_have_the_same_sections_and_anchors() {
    let [english, chinese] = EDITIONS.map(edition);
    let sections = |edition: &Document| edition.sections().join("\n");
    snapbox::assert_data_eq!(sections(&chinese), snapbox::Data::text(sections(&english)).raw());
}

#[test]
fn both_editions_run_the_same_commands() {
    let [english, chinese] = EDITIONS.map(edition);
    // With the section headings, so that each command is in the same section.
    let commands = |edition: &Document| edition.sections_and_consoles().join("\n");
    snapbox::assert_data_eq!(commands(&chinese), snapbox::Data::text(commands(&english)).raw());
}

#[test]
fn every_section_has_an_anchor() {
    for edition in EDITIONS.map(edition) {
        let mut without = edition.sections();
        // The title has no anchor.
        without.retain(|section| section.ends_with(' ') && section != "# ");
        assert!(without.is_empty(), "{}: no anchor above {without:?}", edition.name);
        let mut seen = BTreeSet::new();
        for anchor in edition.anchors() {
            assert!(seen.insert(anchor), "{}: two anchors {anchor:?}", edition.name);
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for edition in EDITIONS.map(edition) {
        for link in edition.links().into_iter().filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { edition.name } else { file };
            if !workspace().join(file).exists() || !has_anchor(file, anchor) {
                broken.push(format!("{}: {link}", edition.name));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:#?}");
}

#[test]
fn every_section_that_programs_and_tests_name_exists() {
    let mut missing = Vec::new();
    for file in text_files(workspace()) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for (edition, anchor) in document::mentioned_anchors(&text) {
            if !has_anchor(edition, anchor) {
                missing.push(format!("{}: {edition}#{anchor}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "sections that the notes do not have: {missing:#?}");
}

#[test]
fn code_and_tables_fit_a_terminal() {
    let mut wide = Vec::new();
    for edition in EDITIONS.map(edition) {
        for (number, line) in edition.lines_of_code_and_tables() {
            if columns(line) > WIDEST {
                wide.push(format!("{}:{number}: {} columns: {line}", edition.name, columns(line)));
            }
        }
    }
    assert!(wide.is_empty(), "lines of more than {WIDEST} columns: {wide:#?}");
}

fn edition(name: &'static str) -> Document {
    let text = fs::read_to_string(workspace().join(name));
    Document { name, text: text.unwrap_or_else(|error| panic!("can't read {name}: {error}")) }
}

fn has_anchor(file: &str, anchor: &str) -> bool {
    let editions = || EDITIONS.into_iter().filter(|&name| name == file).map(edition);
    anchor.is_empty() || editions().any(|edition| edition.anchors().any(|known| known == anchor))
}

/// The files that may refer to a section, without generated ones.
fn text_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            found.extend(text_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs" || end == "toml" || end == "md") {
            found.push(path);
        }
    }
    found
}

#[test]
fn blocks_that_are_not_compared_are_quoted() {
    for edition in EDITIONS.map(edition) {
        for block in edition.blocks() {
            let is_compared = block.kind == "console";
            let is_a_screen = is_compared || matches!(block.kind, "sh" | "text");
            assert!(
                !is_a_screen || block.quoted != is_compared,
                "{}:{}: a `{}` block stands {} a quote",
                edition.name,
                block.line,
                block.kind,
                if block.quoted { "in" } else { "outside" }
            );
        }
    }
}
