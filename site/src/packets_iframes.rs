//! Shows packets to step through: has `day01-packets` write pages, and inserts frames with them into
//! the chapters about them.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::editions::Edition;

/// The folder of the pages, shared by both languages.
const FOLDER: &str = "packets";

/// The name of each page, and the arguments of `day01-packets` for it.
const PAGES: [(&str, [&str; 2]); 2] = [("hello", ["tcp", "hello"]), ("bye", ["tcp", "bye"])];

/// The chapters with a frame, the page in it, and the step to start at: the packet with the message,
/// opened; the first segment of the handshake and of the close; the first datagram.
const CHAPTERS: [(&str, &str, &str); 4] = [
    ("journey", "hello", "view=tcp&step=14&open"),
    ("handshake", "hello", "view=tcp&step=9"),
    ("close", "bye", "view=tcp&step=16"),
    ("udp", "hello", "view=udp&step=9"),
];

/// Has `day01-packets` write the pages.
pub(crate) fn write_pages(root: &Path, dest: &Path) -> Result<()> {
    let folder = dest.join(FOLDER);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("can't create {}", folder.display()))?;
    for (name, arguments) in PAGES {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["run", "--quiet", "--locked", "--package", "day01-packets", "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .arg("--")
            .args(arguments)
            .arg("--force")
            .arg("--html")
            .arg(folder.join(format!("{name}.html")))
            .output()
            .context("can't start cargo to run day01-packets")?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("day01-packets failed: {}", errors.trim());
        }
    }
    Ok(())
}

/// Inserts the frame into a chapter that has one: below the command with `--html`, or above the
/// first exercise.
pub(crate) fn insert(edition: &Edition, chapter: &str, text: &str) -> Result<String> {
    let Some((_, page, view)) = CHAPTERS.iter().find(|(name, ..)| *name == chapter) else {
        return Ok(text.to_owned());
    };
    let position = match text.find("--html") {
        Some(command) => text[command..].find("\n\n").map(|end| command + end),
        None => text.find(edition.run),
    };
    let Some(position) = position else {
        bail!("no place for packets in section {chapter}: neither `--html` nor {:?}", edition.run)
    };
    let (before, after) = text.split_at(position);
    let Edition { folder: language, packets, packets_link, .. } = edition;
    let view = view.replace('&', "&amp;");
    let address = format!("../{FOLDER}/{page}.html#lang={language}&amp;{view}");
    Ok(format!(
        "{before}\n\n<figure class=\"packets\"><iframe src=\"{address}\" title=\"{packets}\" \
         loading=\"lazy\"></iframe><figcaption><a href=\"{address}\">{packets_link}</a></figcaption></figure>\n\n\
         {after}"
    ))
}
