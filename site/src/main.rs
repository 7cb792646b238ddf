//! The notes as a site: `NOTES.md` and `NOTES.zh-CN.md` become two books, section by section, with
//! a switch between them. `cargo run --manifest-path site/Cargo.toml` makes it.

mod chapters;
mod code_pages;
mod diagrams;
mod edition;
mod lines;
mod links;
mod markdown;
mod packets;
mod pages;
mod search;
mod site;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use clap::Parser;

/// The notes as a site, in English and Chinese.
///
/// Example: cargo run --manifest-path site/Cargo.toml -- --open
#[derive(Debug, Parser)]
#[command(name = "book")]
struct Arguments {
    /// The folder to make it in: a new one, or one that has a site already [default: book/site]
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
    /// Show it in the browser afterwards
    #[arg(long)]
    open: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "book: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.parent().context("the package book stands in no repository")?;
    let dest = arguments.dest.clone().unwrap_or_else(|| here.join("site"));
    let index = site::make(root, &dest)?;
    // Nobody may be reading.
    let _ = writeln!(io::stdout(), "{}", index.display());
    if arguments.open {
        open(&index)?;
    }
    Ok(())
}

/// The system knows with which program.
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
        .with_context(|| format!("cannot start {program}; open the page by hand"))?;
    Ok(())
}
