//! Builds a website from `NOTES.md` and `NOTES.zh-CN.md`: one page for each section, with a switch
//! between the languages. Run `cargo run --manifest-path site/Cargo.toml`.

mod chapters;
mod chinese_line_breaks;
mod editions;
mod links;
mod markdown_edits;
mod mermaid_diagrams;
mod packets_iframes;
mod page_patches;
mod search_index;
mod site_builder;
mod source_pages;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use clap::Parser;

/// Builds a website from the notes, in English and Chinese
///
/// Example: cargo run --manifest-path site/Cargo.toml -- --open
#[derive(Debug, Parser)]
#[command(name = "site")]
struct Arguments {
    /// Write the site to this folder, which must be new, empty or an older site [default: site/html]
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
    /// Open the site in your browser
    #[arg(long)]
    open: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "site: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().context("site/ is not in a repository")?;
    let dest = arguments.dest.clone().unwrap_or_else(|| package.join("html"));
    let start_page = site_builder::build(root, &dest)?;
    // A closed pipe is not an error.
    let _ = writeln!(io::stdout(), "{}", start_page.display());
    if arguments.open {
        open(&start_page)?;
    }
    Ok(())
}

fn open(page: &Path) -> Result<()> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    Command::new(program)
        .arg(page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("can't start {program}; open the page yourself"))?;
    Ok(())
}
