//! The subcommands of `homework`, and rules for the lesson files, the starter code and the messages.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod calls_command; // `calls`: right and wrong programs in several languages
mod hint_and_reset; // `hint` and `reset` in a student copy
mod lesson_file_limits; // the sizes of the lesson files, and what the starter code leaves out
mod message_keys; // the catalogues against the sources
mod student_copy; // `new`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the command `homework`, in English.
fn homework(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homework"));
    command.args(arguments).env("LANG", "C.UTF-8").env_remove("LC_ALL");
    command
}

fn new(folder: &Path) -> Output {
    homework(&["new"]).arg(folder).output().unwrap()
}

/// Writes a student copy to an empty folder.
fn student_copy(name: &str) -> PathBuf {
    // Made once, because `new` runs git and cargo.
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = empty_folder("student-copy");
        let output = new(&folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    let folder = empty_folder(name);
    for file in files(&COPY) {
        let copy = folder.join(file.strip_prefix(&*COPY).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(file, copy).unwrap();
    }
    folder
}

fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns all files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
