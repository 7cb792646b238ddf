//! The autograder for Gradescope: a zip file with two scripts that it runs, and this workspace, less
//! what nobody needs there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use homework::formats::shown;
use homework::messages::Messages;
use serde::Deserialize;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The scripts, and what they have in common.
const SCRIPTS: [(&str, &str); 4] = [
    ("environment", include_str!("../gradescope/environment")),
    ("mark", include_str!("../gradescope/mark")),
    ("run_autograder", include_str!("../gradescope/run_autograder")),
    ("setup.sh", include_str!("../gradescope/setup.sh")),
];

/// What of the packages is not needed: the solutions, and what tests the grader.
const LEFT_OUT: [&str; 4] =
    ["homework/answers.toml", "grader/tests", "homework/solutions", "target"];

/// The manifest of the workspace, as far as it names what belongs to it.
#[derive(Deserialize)]
struct Manifest {
    workspace: Workspace,
}

#[derive(Deserialize)]
struct Workspace {
    members: Vec<String>,
}

/// Writes the autograder of the workspace at `root` to a file.
///
/// # Errors
///
/// Something cannot be read or written.
pub fn write(root: &Path, file: &Path, messages: &Messages) -> Result<ExitCode> {
    let name = shown(file);
    let written = File::create(file).map_err(anyhow::Error::from);
    let written = written.and_then(|out| pack(root, out));
    written.with_context(|| format!("cannot write {name}"))?;
    common::print(format!("{}\n", messages.fill("autograder", &[("file", &name)])).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn pack(root: &Path, out: File) -> Result<()> {
    let mut zip = ZipWriter::new(out);
    for (name, text) in SCRIPTS {
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(0o755))?;
        zip.write_all(text.as_bytes())?;
    }
    for file in files(root)? {
        let bytes = fs::read(root.join(&file));
        let bytes = bytes.with_context(|| format!("cannot read {}", shown(&file)))?;
        let name = Path::new("day01").join(&file).display().to_string().replace('\\', "/");
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(0o644))?;
        zip.write_all(&bytes)?;
    }
    zip.finish()?;
    Ok(())
}

/// The files of the workspace that are needed: those of its packages. Submissions may lie beside
/// them, which are nobody's business.
fn files(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: Manifest = toml::from_str(&manifest)?;
    let mut files = BTreeSet::new();
    let mut places: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock"].map(PathBuf::from).into();
    places.extend(manifest.workspace.members.into_iter().map(PathBuf::from));
    while let Some(place) = places.pop() {
        let path = root.join(&place);
        if !path.is_dir() {
            files.insert(place);
            continue;
        }
        for entry in fs::read_dir(&path)? {
            let name = entry?.file_name();
            let inside = place.join(&name);
            let is_hidden = name.as_encoded_bytes().starts_with(b".");
            if !is_hidden && !LEFT_OUT.iter().any(|left_out| inside.ends_with(left_out)) {
                places.push(inside);
            }
        }
    }
    Ok(files)
}
