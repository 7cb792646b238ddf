//! Builds somebody else's programs, in a workspace of the grader's own: with the manifests, the
//! libraries and the unchanged files of this repository, so that nothing else in a student's
//! folder has a say in the mark.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use common::one_line;

use crate::isolation::Isolation;
use crate::submission_files::{self as files, Files, SubmissionReader};
use crate::work_folder::WorkFolder;
use homework::grading::cargo::{self, Whose};
use homework::grading::mark::Student;
use homework::grading::submission::{
    ANSWERS, COMMANDS, LOOK_UPS, PLACES, PROGRAMS, Program, Start, Submission, Word, commands,
};

/// How long the programs of one folder may be compiled. Ours take five seconds; one that the
/// compiler never finishes must leave time to test the others.
const LIMIT: Duration = Duration::from_secs(60);

/// The most bytes of the answers, and of the commands. The form has three thousand.
const LARGEST_FORM: u64 = 64 << 10;

/// What the programs are built with.
const LIBRARIES: [&str; 2] = ["common", "net-utils"];

/// How the names of all that is built of a submission begin.
const BUILT: &str = "day01";

/// The workspace in which the grader builds what is handed in, one folder after the other. The
/// libraries are compiled once, and before anybody's program.
#[derive(Debug)]
pub struct Builder {
    root: PathBuf,
    workspace: PathBuf,
    programs: PathBuf,
    target: PathBuf,
    look_ups: PathBuf,
    /// What starts the compiler in its box, and the compiler itself.
    boxed: Option<(PathBuf, PathBuf)>,
    folders: usize,
    /// What was built already, by its sources: the same need not be built twice.
    known: BTreeMap<(&'static str, Files), PathBuf>,
}

impl Builder {
    /// Prepares the workspace in the grader's own place in this repository, at `root`, and
    /// compiles the libraries. In a sandbox each compiler has a box of its own; `as_nobody` it
    /// is a user of its own. Says what takes time.
    ///
    /// # Errors
    ///
    /// Something cannot be read or written, or the libraries do not build.
    pub fn new(
        root: &Path,
        own: &WorkFolder,
        isolation: &Isolation,
        progress: impl Fn(&str),
    ) -> Result<Builder> {
        let arguments = ["build", "--workspace", "--quiet", "--bin", LOOK_UPS.name];
        let look_ups = cargo::build(root, &arguments, &[], Whose::Own, cargo::LIMIT)?;
        let look_ups = look_ups.executable(LOOK_UPS.name).map_err(anyhow::Error::msg)?;

        let own = &own.path;
        let (workspace, programs) = (own.join("workspace"), own.join("programs"));
        for name in members() {
            fs::create_dir_all(workspace.join(name))?;
            let manifest = fs::read(root.join(name).join("Cargo.toml"))?;
            update(&workspace.join(name).join("Cargo.toml"), &manifest)?;
        }
        for library in LIBRARIES {
            let sources = files::of_ours(&root.join(library).join("src"))?;
            files::replace(&workspace.join(library).join("src"), &sources)?;
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        fs::write(workspace.join("Cargo.toml"), only_the_programs(&manifest)?)?;
        fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
        remove(&programs)?;

        let target = own.join("target");
        if !target.exists() {
            progress("compiling the libraries as well, this first time: that takes a minute");
        }
        fs::create_dir_all(&target)?;
        let toolchain = cargo::toolchain(&workspace)?;
        let boxed = match isolation.compiler_script(&toolchain, &workspace, &target)? {
            Some(text) => {
                let script = own.join("compiler-in-its-box");
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
            boxed,
            folders: 0,
            known: BTreeMap::new(),
        };
        builder.remove_built()?;
        let nothing = [const { None }; PROGRAMS.len()];
        let built = builder.compile(&nothing, PROGRAMS.iter().collect(), cargo::LIMIT)?;
        for program in &PROGRAMS {
            let built = built.executable(program.name).map_err(anyhow::Error::msg);
            built.context("the libraries of the programs cannot be built")?;
        }
        builder.remove_built()?;
        Ok(builder)
    }

    /// Builds what a student has handed in, in a folder.
    ///
    /// # Errors
    ///
    /// It is not a homework, or the system fails. A program that does not build is no error.
    pub fn build(&mut self, folder: &Path, student: Student) -> Result<Submission> {
        let start = Instant::now();
        let sources = PROGRAMS.each_ref().map(|program| Path::new(program.name).join("src"));
        let mut handed_in = SubmissionReader::with_one_of(&PLACES.map(Path::new), folder)?;
        let place = self.programs.join(self.folders.to_string());
        self.folders += 1;
        fs::create_dir_all(&place)?;

        let answers = take_answers(&mut handed_in, &place);
        let mut named = take_commands(&mut handed_in, &place.join("folder"))?;
        let mut to_build = [const { None }; PROGRAMS.len()];
        let mut programs = [const { Err(String::new()) }; PROGRAMS.len()];
        for (number, program) in PROGRAMS.iter().enumerate() {
            programs[number] = match named.remove(program.name) {
                Some(words) => Ok(Start::Command { folder: place.join("folder"), words }),
                None => match self.sources(&mut handed_in, &sources[number]) {
                    Ok(files) => {
                        to_build[number] = Some(files);
                        Err(String::new())
                    }
                    Err(error) => Err(format!("{}: {error:#}", program.name)),
                },
            };
        }
        self.build_all(to_build, &mut programs, &place)?;
        for problem in programs.iter_mut().filter_map(|program| program.as_mut().err()) {
            *problem = one_line(problem);
        }
        Ok(Submission {
            student,
            folder: folder.to_owned(),
            answers: answers.map_err(|error| one_line(&format!("{ANSWERS}: {error:#}"))),
            programs,
            look_ups: self.look_ups.clone(),
            build_time: start.elapsed(),
            compiler: None,
            compilers: Vec::new(),
        })
    }

    /// Builds programs from their sources, and puts them into a place of their own.
    fn build_all(
        &mut self,
        mut to_build: [Option<Files>; PROGRAMS.len()],
        programs: &mut [Result<Start, String>; PROGRAMS.len()],
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
        let built = self.compile(&to_build, wanted, LIMIT)?;
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
        // Nobody else's program may find it here.
        self.remove_built()
    }

    /// Calls cargo, with these sources of the programs.
    fn compile(
        &self,
        sources: &[Option<Files>; PROGRAMS.len()],
        wanted: Vec<&Program>,
        limit: Duration,
    ) -> Result<cargo::Built> {
        // Cargo needs some source, also of a program that it does not build.
        let nothing = Files::from([("main.rs".into(), b"fn main() {}\n".to_vec())]);
        for (program, files) in PROGRAMS.iter().zip(sources) {
            let folder = self.workspace.join(program.name).join("src");
            files::replace(&folder, files.as_ref().unwrap_or(&nothing))?;
        }
        let mut arguments = vec!["build", "--offline", "--keep-going", "--quiet"];
        arguments.extend(wanted.into_iter().flat_map(|program| ["--bin", program.name]));
        // Nobody debugs these programs, nor builds the same ones twice.
        let mut variables: Vec<(&str, OsString)> = vec![
            ("CARGO_TARGET_DIR", self.target.clone().into()),
            ("CARGO_PROFILE_DEV_DEBUG", "0".into()),
            ("CARGO_INCREMENTAL", "0".into()),
        ];
        if let Some((script, compiler)) = &self.boxed {
            variables.push(("RUSTC", compiler.into()));
            variables.push(("RUSTC_WORKSPACE_WRAPPER", script.into()));
        }
        cargo::build(&self.workspace, &arguments, &variables, Whose::Strangers, limit)
    }

    /// The sources of a program. Those that were not handed in are the ones that were handed out.
    fn sources(&self, handed_in: &mut SubmissionReader, path: &Path) -> Result<Files> {
        // Cargo takes each file in `bin` for one more program.
        let own = handed_in.files(path, |inside| inside.starts_with("bin"))?;
        let own = own.with_context(|| format!("there is no {}", path.display()))?;
        let mut sources = files::of_ours(&self.root.join(path))?;
        sources.extend(files::of_ours(&self.root.join("homework/starter").join(path))?);
        sources.extend(own);
        Ok(sources)
    }

    /// Removes what was built of a submission.
    fn remove_built(&self) -> Result<()> {
        let mut folders = vec![self.target.clone()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name.starts_with(BUILT) {
                    remove(&path)?;
                } else if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }
}

/// Copies the answers, so that they are what they were when they are judged.
fn take_answers(handed_in: &mut SubmissionReader, place: &Path) -> Result<PathBuf> {
    let copy = place.join("answers.toml");
    let answers = handed_in.file(Path::new(ANSWERS), LARGEST_FORM)?;
    fs::write(&copy, answers.context("there is no such file")?)?;
    Ok(copy)
}

/// The commands that a folder names for its programs, and a copy of its files for them.
fn take_commands(
    handed_in: &mut SubmissionReader,
    copy: &Path,
) -> Result<BTreeMap<String, Vec<Word>>> {
    let Some(text) = handed_in.file(Path::new(COMMANDS), LARGEST_FORM)? else {
        return Ok(BTreeMap::new());
    };
    let text = String::from_utf8(text).with_context(|| format!("{COMMANDS} is no text"))?;
    // What tools leave behind is not what somebody wrote.
    let left_out = |inside: &Path| {
        let name = inside.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || ["__pycache__", "target"].contains(&&*name)
    };
    let own = handed_in.files(Path::new(""), left_out)?.unwrap_or_default();
    files::replace(copy, &own)?;
    #[cfg(unix)]
    for path in own.keys().filter(|path| handed_in.is_executable(path)) {
        make_executable(&copy.join(path))?;
    }
    commands(&text, |path| own.contains_key(path.strip_prefix(".").unwrap_or(path)))
}

fn members() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.name).chain(LIBRARIES)
}

/// Removes a file or a folder, if there is one.
fn remove(path: &Path) -> Result<()> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false if path.symlink_metadata().is_ok() => fs::remove_file(path),
        false => Ok(()),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

/// Lets everybody run a file.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there is nothing to be done"))]
fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Writes a file that has changed.
fn update(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

/// The manifest of this repository's workspace, with no members but the programs.
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
    fn the_workspace_has_the_programs_and_nothing_else() {
        let manifest = "[workspace]\nmembers = [\n    \"net-utils\",\n    \"tests\",\n]\n[more]\n";
        let expected = "[workspace]\nmembers = [\"day01-tcp-server\", \"day01-tcp-client\", \
                        \"day01-udp\", \"common\", \"net-utils\"]\n[more]\n";
        assert_eq!(only_the_programs(manifest).unwrap(), expected);
    }
}
