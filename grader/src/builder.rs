//! Compiles submissions in a workspace of the grader's own, with the manifests and libraries of this
//! repository. Nothing but the programs' sources comes from a submission.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use homework::distributed_files::STARTER;
use homework::grading::cargo_build::{self, Source};
use homework::grading::marks::Student;
use homework::grading::submission::{
    ANSWERS, COMMANDS, LOOK_UPS, PROGRAMS, SUBMISSION_PATHS, Start, Submission, Word,
    check_installed, commands,
};
use homework::messages::{Explain as _, Message, from_error, message};

use crate::file_operations::{
    Files, make_executable, read_tree, remove, write_if_changed, write_tree,
};
use crate::isolation::Isolation;
use crate::submission_reader::SubmissionReader;
use crate::work_folder::WorkFolder;

/// Timeout for compiling one submission. Ours take five seconds. The rest of a submission's time is for
/// its tests.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Limits the bytes of the answers, and of the commands. The answers of the starter code have three thousand.
const MAX_TOML_BYTES: u64 = 64 << 10;

/// The libraries that the programs are built with.
const LIBRARIES: [&str; 2] = ["common", "net-utils"];

/// The names of all files that cargo builds from a submission start with this.
const BUILT_PREFIX: &str = "day01";

/// The sources of programs, by name.
type Sources = BTreeMap<&'static str, Files>;

/// Compiles one submission after the other. The libraries are compiled once, before any submission.
pub struct Builder {
    root: PathBuf,
    workspace: PathBuf,
    programs: PathBuf,
    target: PathBuf,
    look_ups: PathBuf,
    /// The script that restricts the compiler, and the compiler.
    restricted: Option<(PathBuf, PathBuf)>,
    /// The folders in which commands are looked up.
    path: OsString,
    submissions: usize,
    /// Programs that were built before, by name and sources. The same sources aren't compiled twice.
    known: BTreeMap<(&'static str, Files), PathBuf>,
}

impl Builder {
    /// Prepares the workspace in the work folder of the repository at `root`, and compiles the libraries.
    pub fn new(
        root: &Path,
        work_folder: &WorkFolder,
        isolation: &Isolation,
        progress: impl Fn(&Message),
    ) -> Result<Builder> {
        let arguments = ["build", "--workspace", "--quiet", "--bin", LOOK_UPS.name];
        let look_ups =
            cargo_build::build(root, &arguments, &[], Source::Trusted, cargo_build::TIMEOUT)?;
        let look_ups = look_ups.executable(LOOK_UPS.name)?;

        let own = &work_folder.path;
        let (workspace, programs) = (own.join("workspace"), own.join("programs"));
        for name in members() {
            fs::create_dir_all(workspace.join(name))?;
            let manifest = fs::read(root.join(name).join("Cargo.toml"))?;
            write_if_changed(&workspace.join(name).join("Cargo.toml"), &manifest)?;
        }
        for library in LIBRARIES {
            let sources = read_tree(&root.join(library).join("src"))?;
            write_tree(&workspace.join(library).join("src"), &sources)?;
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        fs::write(workspace.join("Cargo.toml"), only_the_programs(&manifest)?)?;
        fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
        remove(&programs)?;

        let target = own.join("target");
        if !target.exists() {
            progress(&message!("compiling-libraries"));
        }
        fs::create_dir_all(&target)?;
        let toolchain = cargo_build::toolchain(&workspace)?;
        let mut restricted = None;
        if let Some(text) = isolation.compiler_script(&toolchain, &workspace, &target)? {
            let script = own.join("compiler.sh");
            write_if_changed(&script, text.as_bytes())?;
            make_executable(&script)?;
            restricted = Some((script, toolchain.join("bin/rustc")));
        }
        let builder = Builder {
            root: root.to_owned(),
            workspace,
            programs,
            target,
            look_ups: look_ups.to_owned(),
            restricted,
            path: isolation.path(),
            submissions: 0,
            known: BTreeMap::new(),
        };
        builder.remove_built()?;
        let empty = PROGRAMS.iter().map(|program| (program.name, empty_program())).collect();
        let built = builder.compile(&empty, cargo_build::TIMEOUT)?;
        for program in &PROGRAMS {
            built.executable(program.name).explain(message!("libraries-do-not-build"))?;
        }
        builder.remove_built()?;
        Ok(builder)
    }

    /// Compiles the programs of a submission. Fails for reasons outside the sources, or if the folder isn't a
    /// submission.
    pub fn build(&mut self, folder: &Path, student: Student) -> Result<Submission> {
        let start = Instant::now();
        let mut reader = SubmissionReader::open(&SUBMISSION_PATHS.map(Path::new), folder)?;
        let place = self.programs.join(self.submissions.to_string());
        self.submissions += 1;
        fs::create_dir_all(&place)?;

        let answers = take_answers(&mut reader, &place);
        let commands = take_commands(&mut reader, &place.join("folder"));
        let mut commands = commands.map_err(from_error);
        let mut to_build = Sources::new();
        let mut programs = PROGRAMS.each_ref().map(|program| {
            let commands = commands.as_mut().map_err(|problem| problem.clone())?;
            if let Some(words) = commands.remove(program.name) {
                check_installed(program.name, &words, &self.path)?;
                return Ok(Start::Command { folder: place.join("folder"), words });
            }
            let files = self.sources(&mut reader, program.name);
            let key = (program.name, files.map_err(|error| problem(program.name, error))?);
            match self.known.get(&key) {
                Some(path) => Ok(Start::Program(path.clone())),
                None => {
                    to_build.extend([key]);
                    Err(Message::default())
                }
            }
        });
        if !to_build.is_empty() {
            let built = self.compile(&to_build, TIMEOUT)?;
            for (program, start) in PROGRAMS.iter().zip(&mut programs) {
                let Some(files) = to_build.remove(program.name) else { continue };
                *start = match built.executable(program.name) {
                    Ok(path) => {
                        let kept = place.join(program.name);
                        let kept = kept.with_extension(env::consts::EXE_EXTENSION);
                        fs::rename(path, &kept)?;
                        make_executable(&kept)?;
                        self.known.insert((program.name, files), kept.clone());
                        Ok(Start::Program(kept))
                    }
                    Err(error) => Err(error),
                };
            }
            // The next submission must not find these files.
            self.remove_built()?;
        }
        Ok(Submission {
            student,
            folder: folder.to_owned(),
            answers: answers.map_err(|error| problem(ANSWERS, error)),
            programs,
            look_ups: self.look_ups.clone(),
            seed: 0,
            build_time: start.elapsed(),
            errors: Vec::new(),
        })
    }

    /// Runs cargo on the sources of these programs.
    fn compile(&self, sources: &Sources, limit: Duration) -> Result<cargo_build::BuildOutput> {
        for program in &PROGRAMS {
            let folder = self.workspace.join(program.name).join("src");
            // Cargo needs a source file even of a program that it doesn't build.
            write_tree(&folder, sources.get(program.name).unwrap_or(&empty_program()))?;
        }
        let mut arguments = vec!["build", "--offline", "--keep-going", "--quiet"];
        arguments.extend(sources.keys().flat_map(|name| ["--bin", name]));
        // These programs are neither debugged nor rebuilt.
        let mut variables: Vec<(&str, OsString)> = vec![
            ("CARGO_TARGET_DIR", self.target.clone().into()),
            ("CARGO_PROFILE_DEV_DEBUG", "0".into()),
            ("CARGO_INCREMENTAL", "0".into()),
        ];
        if let Some((script, compiler)) = &self.restricted {
            variables.push(("RUSTC", compiler.into()));
            variables.push(("RUSTC_WORKSPACE_WRAPPER", script.into()));
        }
        cargo_build::build(&self.workspace, &arguments, &variables, Source::Untrusted, limit)
    }

    /// Reads the sources of a program. The starter code replaces files that weren't submitted.
    fn sources(&self, reader: &mut SubmissionReader, program: &str) -> Result<Files> {
        let path = Path::new(program).join("src");
        // Cargo would build each file in `bin` as one more program.
        let own = reader.files(&path, |inside| inside.starts_with("bin"))?;
        let own = own.ok_or_else(|| message!("no-such-file", file = path.display()))?;
        let mut sources = read_tree(&self.root.join(&path))?;
        sources.extend(read_tree(&self.root.join(STARTER).join(path))?);
        sources.extend(own);
        Ok(sources)
    }

    /// Removes everything that was built from a submission.
    fn remove_built(&self) -> Result<()> {
        let mut folders = vec![self.target.clone()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name.starts_with(BUILT_PREFIX) {
                    remove(&path)?;
                } else if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }
}

/// What keeps a file of the submission from being used.
fn problem(program: &str, error: anyhow::Error) -> Message {
    message!("problem", program, why = from_error(error))
}

fn take_answers(reader: &mut SubmissionReader, place: &Path) -> Result<PathBuf> {
    let copy = place.join("answers.toml");
    let answers = reader.file(Path::new(ANSWERS), MAX_TOML_BYTES)?;
    fs::write(&copy, answers.ok_or_else(|| message!("no-such-file", file = ANSWERS))?)?;
    Ok(copy)
}

/// Reads the commands that start a submission's programs, and copies its files.
fn take_commands(
    reader: &mut SubmissionReader,
    copy: &Path,
) -> Result<BTreeMap<String, Vec<Word>>> {
    let Some(text) = reader.file(Path::new(COMMANDS), MAX_TOML_BYTES)? else {
        return Ok(BTreeMap::new());
    };
    let text = String::from_utf8(text).explain(message!("cannot-use", file = COMMANDS))?;
    // These were written by tools.
    let left_out = |inside: &Path| {
        let name = inside.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || ["__pycache__", "target"].contains(&&*name)
    };
    let own = reader.files(Path::new(""), left_out)?.unwrap_or_default();
    write_tree(copy, &own)?;
    #[cfg(unix)]
    for path in own.keys().filter(|path| reader.is_executable(path)) {
        make_executable(&copy.join(path))?;
    }
    commands(&text, |path| own.contains_key(path.strip_prefix(".").unwrap_or(path)))
}

fn members() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.name).chain(LIBRARIES)
}

/// Returns the sources of a program that does nothing.
fn empty_program() -> Files {
    Files::from([("main.rs".into(), b"fn main() {}\n".to_vec())])
}

/// Returns the workspace's manifest with the programs and their libraries as its only members.
fn only_the_programs(manifest: &str) -> Result<String> {
    let (before, members) =
        manifest.split_once("members = [").context("Cargo.toml has no list of members")?;
    let (_, after) = members.split_once(']').context("Cargo.toml has no list of members")?;
    let names = self::members().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    Ok(format!("{before}members = [{names}]{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_has_no_other_members() {
        let manifest = "[workspace]\nmembers = [\n    \"net-utils\",\n    \"tests\",\n]\n[more]\n";
        let expected = "[workspace]\nmembers = [\"day01-tcp-server\", \"day01-tcp-client\", \
                        \"day01-udp\", \"common\", \"net-utils\"]\n[more]\n";
        assert_eq!(only_the_programs(manifest).unwrap(), expected);
    }
}
