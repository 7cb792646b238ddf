//! What a student hands in: the sources of four programs, and the answers. They are built in a
//! workspace of the grader's own, with the manifests and the libraries of this repository, so
//! that nothing else in a student's folder has a say in the mark.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// A program that is handed in.
#[derive(Debug)]
pub struct Program {
    /// The name of the program and of its folder.
    pub name: &'static str,
    /// The variable that tells the tests where it is.
    pub variable: &'static str,
}

/// The programs that are handed in.
pub const PROGRAMS: [Program; 4] = [
    Program { name: "day01-tcp-server", variable: "DAY01_TCP_SERVER" },
    Program { name: "day01-tcp-client", variable: "DAY01_TCP_CLIENT" },
    Program { name: "day01-udp", variable: "DAY01_UDP" },
    Program { name: "net-utils", variable: "NET_UTILS" },
];

/// The answers to question 1, in a student's folder.
const ANSWERS: &str = "homework/answers.toml";

/// The most bytes that the sources of one program may have. Ours have 40 thousand.
const LARGEST: usize = 4 << 20;

/// A folder that is marked.
#[derive(Debug)]
pub struct Submission {
    /// The folder, as it was named on the command line.
    pub folder: PathBuf,
    /// The answers to question 1. The file may be missing.
    pub answers: PathBuf,
    /// Where each of [`PROGRAMS`] is, or why it cannot be tested.
    pub programs: [Result<PathBuf, String>; PROGRAMS.len()],
}

/// The workspace in which the grader builds what is handed in, one folder after the other. The
/// libraries are compiled for the first one only.
#[derive(Debug)]
pub struct Builder {
    workspace: PathBuf,
    programs: PathBuf,
    target: PathBuf,
    built: usize,
    /// Keeps a second grader waiting: they would take each other's programs away.
    _lock: File,
}

impl Builder {
    /// Prepares the workspace below the `target` folder of this repository, at `root`.
    ///
    /// # Errors
    ///
    /// Something cannot be read or written.
    pub fn new(root: &Path) -> Result<Builder> {
        let own = root.join("target/homework");
        fs::create_dir_all(&own)?;
        let lock = File::create(own.join("lock"))?;
        lock.lock()?;
        let workspace = own.join("workspace");
        for Program { name, .. } in PROGRAMS {
            fs::create_dir_all(workspace.join(name))?;
            update(&root.join(name).join("Cargo.toml"), &workspace.join(name).join("Cargo.toml"))?;
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        fs::write(workspace.join("Cargo.toml"), only_the_programs(&manifest)?)?;
        fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;

        let programs = own.join("programs");
        if programs.exists() {
            fs::remove_dir_all(&programs)?;
        }
        Ok(Builder { workspace, programs, target: own.join("target"), built: 0, _lock: lock })
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
        if !PROGRAMS.iter().any(|program| sources(folder, program).is_dir()) {
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
        let mut programs = [const { Err(String::new()) }; PROGRAMS.len()];
        for ((program, own_error), kept_program) in
            PROGRAMS.iter().zip(own_error).zip(&mut programs)
        {
            let path = match (&built, own_error) {
                (_, Some(error)) => Err(error),
                (Err(error), _) => Err(format!("{} does not build: {error:#}", program.name)),
                (Ok(built), _) => built.executable(program.name),
            };
            *kept_program = match path {
                Ok(path) => {
                    let copy =
                        kept.join(program.name).with_extension(std::env::consts::EXE_EXTENSION);
                    fs::copy(path, &copy)?;
                    Ok(copy)
                }
                Err(error) => Err(error),
            };
        }
        let answers = std::path::absolute(folder.join(ANSWERS))?;
        Ok(Submission { folder: folder.to_owned(), answers, programs })
    }

    /// Puts the sources of a program into the workspace. Those that are there already stay
    /// untouched, so that cargo has nothing to do for them.
    fn take_sources(&self, folder: &Path, program: &Program) -> Result<()> {
        let to = sources(&self.workspace, program);
        let mut files = BTreeMap::new();
        let found = read_all(&sources(folder, program), Path::new(""), &mut files);
        let found = found.and_then(|()| match files.contains_key(Path::new("main.rs")) {
            true => Ok(()),
            false => bail!("there is no {}/src/main.rs", program.name),
        });
        let mut there = BTreeMap::new();
        // On the first time nothing is there.
        _ = read_all(&to, Path::new(""), &mut there);
        if found.is_ok() && files == there {
            return Ok(());
        }
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        if let Err(error) = found {
            // Cargo needs some source, also of a program that it does not build.
            fs::create_dir_all(&to)?;
            fs::write(to.join("main.rs"), "fn main() {}\n")?;
            fs::write(to.join("lib.rs"), "")?;
            return Err(error);
        }
        for (path, bytes) in files {
            let path = to.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

/// Where the sources of a program are.
fn sources(workspace: &Path, program: &Program) -> PathBuf {
    workspace.join(program.name).join("src")
}

/// Reads all files of a folder. Whatever is no file or folder itself, such as a link to
/// somewhere else, is left out.
fn read_all(root: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
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
            read_all(root, &path, files)?;
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
    let names = PROGRAMS.map(|program| format!("{:?}", program.name)).join(", ");
    Ok(format!("{before}members = [{names}]{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_has_the_programs_and_nothing_else() {
        let manifest = "[workspace]\nmembers = [\n    \"net-utils\",\n    \"tests\",\n]\n[more]\n";
        let expected = "[workspace]\nmembers = [\"day01-tcp-server\", \"day01-tcp-client\", \
                        \"day01-udp\", \"net-utils\"]\n[more]\n";
        assert_eq!(only_the_programs(manifest).unwrap(), expected);
    }
}
