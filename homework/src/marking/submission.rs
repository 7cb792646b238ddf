//! What a student hands in: the sources of the programs, or the commands that start them, and the
//! answers.
//!
//! Somebody else's programs are built in a workspace of the grader's own, with the manifests, the
//! libraries and the unchanged files of this repository, so that nothing else in a student's
//! folder has a say in the mark.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::marking::cargo;

/// A program that is handed in.
#[derive(Debug)]
pub struct Program {
    /// The name of the program and of its folder.
    pub name: &'static str,
    /// The variable that tells the tests where it is.
    pub variable: &'static str,
}

/// The programs that are handed in.
pub const PROGRAMS: [Program; 3] = [
    Program { name: "day01-tcp-server", variable: "DAY01_TCP_SERVER" },
    Program { name: "day01-tcp-client", variable: "DAY01_TCP_CLIENT" },
    Program { name: "day01-udp", variable: "DAY01_UDP" },
];

/// The look-ups, which are given.
const LOOK_UPS: Program = Program { name: "net-utils", variable: "NET_UTILS" };

/// The answers to question 1, in a student's folder.
const ANSWERS: &str = "homework/answers.toml";

/// The commands of programs in other languages, in a student's folder.
const COMMANDS: &str = "homework/commands.toml";

/// The most bytes that the sources of one program may have. Ours have 40 thousand.
const LARGEST: usize = 4 << 20;

/// A path at which there is never a program.
const MISSING: &str = "no/such/program";

/// A folder that is marked.
#[derive(Debug)]
pub struct Submission {
    /// The folder, as it was named on the command line.
    pub folder: PathBuf,
    /// The answers to question 1. The file may be missing.
    pub answers: PathBuf,
    /// How each of [`PROGRAMS`] is started, or why it cannot be tested.
    pub commands: [Result<OsString, String>; PROGRAMS.len()],
    /// How the look-ups are started.
    look_ups: OsString,
}

impl Submission {
    /// The variables that tell the tests which programs to start.
    pub fn programs(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        let missing = || OsString::from(MISSING);
        let own = PROGRAMS.iter().zip(&self.commands);
        own.map(move |(program, command)| {
            (program.variable, command.clone().unwrap_or_else(|_| missing()))
        })
        .chain([(LOOK_UPS.variable, self.look_ups.clone())])
    }

    /// What keeps programs from being tested, with the name of each.
    pub fn problems(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = PROGRAMS.iter().zip(&self.commands);
        own.filter_map(|(program, command)| Some((program.name, command.as_ref().err()?.as_str())))
    }
}

/// Builds the programs of the workspace at `root`, in their own place: a student's own folder.
///
/// # Errors
///
/// Cargo cannot be started. That a program does not build is no error.
pub fn build_own(root: &Path, beyond: bool) -> Result<Submission> {
    let needed = if beyond { PROGRAMS.len() } else { 2 };
    let mut arguments = vec!["build", "--workspace", "--keep-going", "--quiet"];
    arguments.extend(PROGRAMS[..needed].iter().flat_map(|program| ["--bin", program.name]));
    if beyond {
        arguments.extend(["--bin", LOOK_UPS.name]);
    }
    let built = cargo::build(root, &arguments, &[])?;
    let commands = commands(root)?;
    let command = |program: &Program| match commands.get(program.name) {
        Some(command) => Ok(command.into()),
        None => built.executable(program.name).map(|path| path.as_os_str().to_owned()),
    };
    Ok(Submission {
        folder: root.to_owned(),
        answers: root.join(ANSWERS),
        commands: PROGRAMS.each_ref().map(command),
        look_ups: command(&LOOK_UPS).unwrap_or_else(|_| MISSING.into()),
    })
}

/// The commands that a folder names for its programs.
fn commands(folder: &Path) -> Result<BTreeMap<String, String>> {
    let path = folder.join(COMMANDS);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let commands: BTreeMap<String, String> = toml::from_str(&text).with_context(|| {
        format!("{} has lines such as day01-tcp-server = \"python3 server.py\"", path.display())
    })?;
    let own_folder = std::path::absolute(folder)?;
    let mut found = BTreeMap::new();
    for (name, command) in commands {
        if !PROGRAMS.iter().any(|program| program.name == name) {
            bail!("{} names {name:?}, which is no program of the homework", path.display());
        }
        // Files of the folder by their full paths, wherever the command is started.
        let words = command.split_whitespace().map(|word| match own_folder.join(word) {
            file if file.is_file() => file.display().to_string(),
            _ => word.to_owned(),
        });
        found.insert(name, words.collect::<Vec<_>>().join(" "));
    }
    Ok(found)
}

/// The workspace in which the grader builds what is handed in, one folder after the other. The
/// libraries are compiled for the first one only.
#[derive(Debug)]
pub struct Builder {
    root: PathBuf,
    workspace: PathBuf,
    programs: PathBuf,
    target: PathBuf,
    look_ups: OsString,
    built: usize,
    /// Keeps a second grader waiting: they would take each other's programs away.
    _lock: File,
}

impl Builder {
    /// Prepares the workspace below the `target` folder of this repository, at `root`.
    ///
    /// # Errors
    ///
    /// Something cannot be read or written, or the look-ups of this repository do not build.
    pub fn new(root: &Path) -> Result<Builder> {
        let arguments = ["build", "--workspace", "--quiet", "--bin", LOOK_UPS.name];
        let look_ups = cargo::build(root, &arguments, &[])?;
        let look_ups = look_ups.executable(LOOK_UPS.name).map_err(anyhow::Error::msg)?;

        let own = root.join("target/homework");
        fs::create_dir_all(&own)?;
        let lock = File::create(own.join("lock"))?;
        lock.lock()?;
        let workspace = own.join("workspace");
        for name in members() {
            fs::create_dir_all(workspace.join(name))?;
            update(&root.join(name).join("Cargo.toml"), &workspace.join(name).join("Cargo.toml"))?;
        }
        for library in LIBRARIES {
            replace(
                &workspace.join(library).join("src"),
                read_all(&root.join(library).join("src"))?,
            )?;
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        fs::write(workspace.join("Cargo.toml"), only_the_programs(&manifest)?)?;
        fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;

        let programs = own.join("programs");
        if programs.exists() {
            fs::remove_dir_all(&programs)?;
        }
        let target = own.join("target");
        let (root, look_ups) = (root.to_owned(), look_ups.as_os_str().to_owned());
        Ok(Builder { root, workspace, programs, target, look_ups, built: 0, _lock: lock })
    }

    /// Whether the libraries are still to be compiled, which takes longer than all the rest.
    pub fn is_new(&self) -> bool {
        !self.target.exists()
    }

    /// Builds what is in a folder.
    ///
    /// # Errors
    ///
    /// It is not a homework, or the system fails. A program that does not build is no error.
    pub fn build(&mut self, folder: &Path) -> Result<Submission> {
        let named = commands(folder)?;
        let has = |program: &Program| sources(folder, program).is_dir();
        if named.is_empty() && !PROGRAMS.iter().any(has) {
            bail!("not a homework: there is no {}", sources(folder, &PROGRAMS[0]).display());
        }
        let mut own_error = [const { None }; PROGRAMS.len()];
        let mut arguments = vec!["build", "--offline", "--keep-going", "--quiet"];
        for (program, own_error) in PROGRAMS.iter().zip(&mut own_error) {
            match self.take_sources(folder, program) {
                Ok(()) => arguments.extend(["--bin", program.name]),
                Err(error) => {
                    *own_error = Some(format!("{} does not build: {error:#}", program.name));
                }
            }
        }
        // Nobody debugs these programs, nor builds the same ones twice.
        let variables: [(&str, OsString); 3] = [
            ("CARGO_TARGET_DIR", self.target.clone().into()),
            ("CARGO_PROFILE_DEV_DEBUG", "0".into()),
            ("CARGO_INCREMENTAL", "0".into()),
        ];
        let built = cargo::build(&self.workspace, &arguments, &variables);

        // The next folder's programs are built to the same place: keep these.
        let kept = self.programs.join(self.built.to_string());
        self.built += 1;
        fs::create_dir_all(&kept)?;
        let mut commands = [const { Err(String::new()) }; PROGRAMS.len()];
        for ((program, own_error), command) in PROGRAMS.iter().zip(own_error).zip(&mut commands) {
            if let Some(named) = named.get(program.name) {
                *command = Ok(named.into());
                continue;
            }
            let path = match (&built, own_error) {
                (_, Some(error)) => Err(error),
                (Err(error), _) => Err(format!("{} does not build: {error:#}", program.name)),
                (Ok(built), _) => built.executable(program.name),
            };
            *command = match path {
                Ok(path) => {
                    let copy =
                        kept.join(program.name).with_extension(std::env::consts::EXE_EXTENSION);
                    fs::copy(path, &copy)?;
                    Ok(copy.into())
                }
                Err(error) => Err(error),
            };
        }
        let answers = std::path::absolute(folder.join(ANSWERS))?;
        let (folder, look_ups) = (folder.to_owned(), self.look_ups.clone());
        Ok(Submission { folder, answers, commands, look_ups })
    }

    /// Puts the sources of a program into the workspace. Those that are there already stay
    /// untouched, so that cargo has nothing to do for them. Files that were not handed in are
    /// those of this repository.
    fn take_sources(&self, folder: &Path, program: &Program) -> Result<()> {
        let to = sources(&self.workspace, program);
        let files = read_all(&sources(folder, program)).and_then(|own| {
            let mut files = read_all(&sources(&self.root, program))?;
            files.extend(own);
            Ok(files)
        });
        match files {
            Ok(files) => replace(&to, files),
            Err(error) => {
                // Cargo needs some source, also of a program that it does not build.
                let nothing = BTreeMap::from([("main.rs".into(), b"fn main() {}\n".to_vec())]);
                replace(&to, nothing)?;
                Err(error)
            }
        }
    }
}

/// What the programs are built with.
const LIBRARIES: [&str; 2] = ["lesson", "net-utils"];

fn members() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.name).chain(LIBRARIES)
}

/// Where the sources of a program are.
fn sources(workspace: &Path, program: &Program) -> PathBuf {
    workspace.join(program.name).join("src")
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Makes these all the files of a folder, unless they are already.
fn replace(folder: &Path, files: Files) -> Result<()> {
    if folder.exists() {
        if read_all(folder).is_ok_and(|there| there == files) {
            return Ok(());
        }
        fs::remove_dir_all(folder)?;
    }
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Reads all files of a folder. Whatever is no file or folder itself, such as a link to
/// somewhere else, is left out.
fn read_all(folder: &Path) -> Result<Files> {
    let mut files = BTreeMap::new();
    read_below(folder, Path::new(""), &mut files)?;
    Ok(files)
}

fn read_below(root: &Path, below: &Path, files: &mut Files) -> Result<()> {
    let folder = root.join(below);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()));
    for entry in entries? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            // Cargo takes each file in it for one more program.
            if path == Path::new("bin") {
                continue;
            }
            read_below(root, &path, files)?;
        } else if kind.is_file() {
            let size: usize = files.values().map(Vec::len).sum();
            if size as u64 + entry.metadata()?.len() > LARGEST as u64 {
                bail!("its sources have more than {} MiB", LARGEST >> 20);
            }
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Copies a file that has changed.
fn update(from: &Path, to: &Path) -> io::Result<()> {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes)
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
                        \"day01-udp\", \"lesson\", \"net-utils\"]\n[more]\n";
        assert_eq!(only_the_programs(manifest).unwrap(), expected);
    }
}
