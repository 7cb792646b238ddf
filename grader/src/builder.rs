//! Compiles submissions in a workspace of the grader's own, with the manifests and libraries of this
//! repository. Nothing but the programs' sources comes from a submission.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use homework::grading::cargo_build::{self, Source};
use homework::grading::marks::Student;
use homework::grading::submission::{
    ANSWERS, COMMANDS, LOOK_UPS, PROGRAMS, Program, SUBMISSION_PATHS, Start, Submission, Word,
    commands,
};
use homework::messages::{Explain as _, Message, from_error, message};

use crate::isolation::Isolation;
use crate::submission_files::{Files, SubmissionReader, read_tree, write_tree};
use crate::work_folder::WorkFolder;

/// Timeout for compiling one submission. Ours take five seconds. The rest of a submission's time is for
/// its tests.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Limits the bytes of the answers, and of the commands. The starter code has three thousand.
const MAX_FORM_BYTES: u64 = 64 << 10;

/// The libraries that the programs are built with.
const LIBRARIES: [&str; 2] = ["common", "net-utils"];

/// The names of all files that cargo builds from a submission start with this.
const BUILT_PREFIX: &str = "day01";

/// Compiles one submission after the other. The libraries are compiled once, before any submission.
#[derive(Debug)]
pub struct Builder {
    root: PathBuf,
    workspace: PathBuf,
    programs: PathBuf,
    target: PathBuf,
    look_ups: PathBuf,
    /// The script that restricts the compiler, and the compiler.
    restricted: Option<(PathBuf, PathBuf)>,
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
            update(&workspace.join(name).join("Cargo.toml"), &manifest)?;
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
        let restricted = match isolation.compiler_script(&toolchain, &workspace, &target)? {
            Some(text) => {
                let script = own.join("compiler.sh");
                update(&script, text.as_bytes())?;
                make_executable(&script)?;
                Some((script, toolchain.join("bin/rustc")))
            }
            None => None,
        };
        let builder = Builder {
            root: root.to_owned(),
            workspace,
            programs,
            target,
            look_ups: look_ups.to_owned(),
            restricted,
            submissions: 0,
            known: BTreeMap::new(),
        };
        builder.remove_built()?;
        let nothing = [const { None }; PROGRAMS.len()];
        let built = builder.compile(&nothing, PROGRAMS.iter().collect(), cargo_build::TIMEOUT)?;
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
        let sources = PROGRAMS.each_ref().map(|program| Path::new(program.name).join("src"));
        let mut reader = SubmissionReader::open(&SUBMISSION_PATHS.map(Path::new), folder)?;
        let place = self.programs.join(self.submissions.to_string());
        self.submissions += 1;
        fs::create_dir_all(&place)?;

        let answers = take_answers(&mut reader, &place);
        let mut named = take_commands(&mut reader, &place.join("folder"))?;
        let mut to_build = [const { None }; PROGRAMS.len()];
        let mut programs = PROGRAMS.each_ref().map(|_| Err(Message::default()));
        for (number, program) in PROGRAMS.iter().enumerate() {
            programs[number] = match named.remove(program.name) {
                Some(words) => Ok(Start::Command { folder: place.join("folder"), words }),
                None => match self.sources(&mut reader, &sources[number]) {
                    Ok(files) => {
                        to_build[number] = Some(files);
                        Err(Message::default())
                    }
                    Err(error) => Err(problem(program.name, error)),
                },
            };
        }
        self.build_all(to_build, &mut programs, &place)?;
        Ok(Submission {
            student,
            folder: folder.to_owned(),
            answers: answers.map_err(|error| problem(ANSWERS, error)),
            programs,
            look_ups: self.look_ups.clone(),
            build_time: start.elapsed(),
            compiler: None,
            compilers: Vec::new(),
        })
    }

    /// Compiles programs and moves them into the folder `place`.
    fn build_all(
        &mut self,
        mut to_build: [Option<Files>; PROGRAMS.len()],
        programs: &mut [Result<Start, Message>; PROGRAMS.len()],
        place: &Path,
    ) -> Result<()> {
        for (number, program) in PROGRAMS.iter().enumerate() {
            let Some(files) = to_build[number].take() else { continue };
            let key = (program.name, files);
            match self.known.get(&key) {
                Some(path) => programs[number] = Ok(Start::Program(path.clone())),
                None => to_build[number] = Some(key.1),
            }
        }
        let wanted = PROGRAMS.iter().zip(&to_build);
        let wanted: Vec<_> =
            wanted.filter(|(_, files)| files.is_some()).map(|(program, _)| program).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let built = self.compile(&to_build, wanted, TIMEOUT)?;
        for (number, program) in PROGRAMS.iter().enumerate() {
            let Some(files) = to_build[number].take() else { continue };
            programs[number] = match built.executable(program.name) {
                Ok(path) => {
                    let kept = place.join(program.name);
                    let kept = kept.with_extension(std::env::consts::EXE_EXTENSION);
                    fs::rename(path, &kept)?;
                    make_executable(&kept)?;
                    self.known.insert((program.name, files), kept.clone());
                    Ok(Start::Program(kept))
                }
                Err(error) => Err(error),
            };
        }
        // The next submission must not find these files.
        self.remove_built()
    }

    /// Runs cargo on these sources of the programs.
    fn compile(
        &self,
        sources: &[Option<Files>; PROGRAMS.len()],
        wanted: Vec<&Program>,
        limit: Duration,
    ) -> Result<cargo_build::BuildOutput> {
        // Cargo needs a source file even of a program that it doesn't build.
        let empty = Files::from([("main.rs".into(), b"fn main() {}\n".to_vec())]);
        for (program, files) in PROGRAMS.iter().zip(sources) {
            let folder = self.workspace.join(program.name).join("src");
            write_tree(&folder, files.as_ref().unwrap_or(&empty))?;
        }
        let mut arguments = vec!["build", "--offline", "--keep-going", "--quiet"];
        arguments.extend(wanted.into_iter().flat_map(|program| ["--bin", program.name]));
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
    fn sources(&self, reader: &mut SubmissionReader, path: &Path) -> Result<Files> {
        // Cargo would build each file in `bin` as one more program.
        let own = reader.files(path, |inside| inside.starts_with("bin"))?;
        let own = own.ok_or_else(|| message!("no-such-file", file = path.display()))?;
        let mut sources = read_tree(&self.root.join(path))?;
        sources.extend(read_tree(&self.root.join("homework/starter").join(path))?);
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

/// Copies the answers.
fn take_answers(reader: &mut SubmissionReader, place: &Path) -> Result<PathBuf> {
    let copy = place.join("answers.toml");
    let answers = reader.file(Path::new(ANSWERS), MAX_FORM_BYTES)?;
    fs::write(&copy, answers.ok_or_else(|| message!("no-such-file", file = ANSWERS))?)?;
    Ok(copy)
}

/// Reads the commands that start a submission's programs, and copies its files.
fn take_commands(
    reader: &mut SubmissionReader,
    copy: &Path,
) -> Result<BTreeMap<String, Vec<Word>>> {
    let Some(text) = reader.file(Path::new(COMMANDS), MAX_FORM_BYTES)? else {
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

/// Removes a file or folder if it exists.
fn remove(path: &Path) -> Result<()> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false if path.symlink_metadata().is_ok() => fs::remove_file(path),
        false => Ok(()),
    };
    removed.explain(message!("cannot-remove", file = path.display()))
}

/// Lets every user run a file.
#[cfg_attr(not(unix), expect(unused_variables, reason = "files need no permission"))]
fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Writes a file if it has changed.
fn update(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).explain(message!("cannot-write", file = to.display()))
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
