//! Writes the autograder for Gradescope: a zip file with the scripts that Gradescope runs, and the files of
//! this workspace that grading needs.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use homework::distributed_files::{self, STARTER};
use homework::formats::shown;
use homework::manifests;
use homework::messages::{Explain as _, Messages, message};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The names of the scripts, and their contents.
const SCRIPTS: [(&str, &str); 4] = [
    ("environment", include_str!("../gradescope/environment")),
    ("mark", include_str!("../gradescope/mark")),
    ("run_autograder", include_str!("../gradescope/run_autograder")),
    ("setup.sh", include_str!("../gradescope/setup.sh")),
];

/// Writes the autograder of the workspace at `root` to a file.
pub fn write(root: &Path, file: &Path, messages: &Messages) -> Result<ExitCode> {
    let name = shown(file);
    let written = File::create(file).map_err(anyhow::Error::from);
    let written = written.and_then(|out| pack(root, out));
    written.explain(message!("cannot-write", file = &name))?;
    common::print(format!("{}\n", messages.fill("autograder", &[("file", &name)])).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn pack(root: &Path, out: File) -> Result<()> {
    let mut zip = ZipWriter::new(out);
    for (name, text) in SCRIPTS {
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(0o755))?;
        zip.write_all(text.as_bytes())?;
    }
    let files = distributed_files::grading_files(root)?;
    for file in &files {
        let failed = || message!("cannot-read", file = shown(file));
        let mut bytes = fs::read(root.join(file)).explain(failed())?;
        if file.ends_with("Cargo.toml") && !file.starts_with(STARTER) {
            let package = file.parent().unwrap_or(file);
            let manifest = String::from_utf8(bytes).explain(failed())?;
            let has_file = |inside: &str| files.contains(&package.join(inside));
            bytes = manifests::remove_missing_targets(&manifest, has_file)?.into_bytes();
        }
        let name = Path::new("day01").join(file).display().to_string().replace('\\', "/");
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(0o644))?;
        zip.write_all(&bytes)?;
    }
    zip.finish()?;
    Ok(())
}
