//! The packets to step through: `day01-packets` writes the pages, and the chapters that are about
//! them show them in place.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::edition::Edition;

/// Their folder in the site, which both books share.
const FOLDER: &str = "packets";

/// The exchanges: the name of each page, and what `day01-packets` is asked for.
const EXCHANGES: [(&str, [&str; 2]); 2] = [("hello", ["tcp", "hello"]), ("bye", ["tcp", "bye"])];

/// The chapters that show one, and what of it at first: the frame that carries the message, opened;
/// the first segment of the handshake, and of the close; the first datagram.
const CHAPTERS: [(&str, &str, &str); 4] = [
    ("journey", "hello", "view=tcp&step=14&open"),
    ("handshake", "hello", "view=tcp&step=9"),
    ("close", "bye", "view=tcp&step=16"),
    ("udp", "hello", "view=udp&step=9"),
];

/// Writes the pages.
pub(crate) fn write(root: &Path, dest: &Path) -> Result<()> {
    let folder = dest.join(FOLDER);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, asked) in EXCHANGES {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let written = Command::new(cargo)
            .args(["run", "--quiet", "--locked", "--package", "day01-packets", "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .arg("--")
            .args(asked)
            .arg("--force")
            .arg("--html")
            .arg(folder.join(format!("{name}.html")))
            .output()
            .context("cannot start cargo for day01-packets; is it in PATH?")?;
        if !written.status.success() {
            let said = String::from_utf8_lossy(&written.stderr);
            bail!("day01-packets writes no page; run it by hand. It says: {}", said.trim());
        }
    }
    Ok(())
}

/// A chapter with its packets in place: behind the command that writes such a page, where it has
/// one, or else before the first thing to run.
pub(crate) fn show(edition: &Edition, chapter: &str, text: &str) -> Result<String> {
    let Some((_, name, choices)) = CHAPTERS.iter().find(|(shows, ..)| *shows == chapter) else {
        return Ok(text.to_owned());
    };
    let place = match text.find("--html") {
        Some(command) => text[command..].find("\n\n").map(|end| command + end),
        None => text.find(edition.run),
    };
    let Some(place) = place else {
        bail!("section {chapter} has no place for its packets; see book/src/packets.rs")
    };
    let (before, behind) = text.split_at(place);
    let language = edition.folder;
    let Edition { packets, alone, .. } = edition;
    let choices = choices.replace('&', "&amp;");
    let page = format!("../{FOLDER}/{name}.html#lang={language}&amp;{choices}");
    Ok(format!(
        "{before}\n\n<figure class=\"packets\"><iframe src=\"{page}\" title=\"{packets}\" \
         loading=\"lazy\"></iframe><figcaption><a href=\"{page}\">{alone}</a></figcaption></figure>\n\n\
         {behind}"
    ))
}
