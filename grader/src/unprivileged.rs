//! Where no boxes can be made, as in most containers: strangers' programs, and the compiler that
//! reads their sources, run as a user to whom nothing belongs. What others may not read is out of
//! their reach, and they can stop or change nothing of the grader's. They still see which processes
//! run, meet each other in the network, and reach what lies outside. So this is for a container that
//! is there for one submission and is thrown away.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::sandbox::{COMPILER_LIMITS, PROGRAM_LIMITS, SECRETS, is_root};

/// The number of that user. It has no name, and is not the one that others are called nobody by: the
/// system counts the processes of a user in all containers together.
const NOBODY: &str = "61723";

/// The most processes and threads of that user, instead of those for a program in a box.
const PROCESSES: &str = "--nproc=2000";

/// Finds out whether programs can be run so here, and whether what is secret in the workspace at
/// `root` is so for that user.
///
/// # Errors
///
/// Why not.
pub fn check(root: &Path) -> Result<(), String> {
    if !is_root() {
        return Err("only root can become another user".to_owned());
    }
    let run = |command: &str, arguments: &[&Path]| {
        let mut trial = Command::new("setpriv");
        trial.args(become_nobody()).arg(command).args(arguments);
        trial.stdin(Stdio::null()).output().map_err(|error| format!("setpriv: {error}"))
    };
    let ended = run("true", &[])?;
    if !ended.status.success() {
        return Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned());
    }
    // It stands for all the others: the finished programs, and the answers in the tests.
    let secret = root.join("homework/rubric.toml");
    if run("cat", &[&secret])?.status.success() {
        return Err(format!("everybody can read {0}; chmod -R go-rwx {0}", root.display()));
    }
    Ok(())
}

fn become_nobody() -> [String; 5] {
    let [user, group] = ["--reuid", "--regid"].map(|option| format!("{option}={NOBODY}"));
    [user, group, "--clear-groups".to_owned(), "--no-new-privs".to_owned(), "--".to_owned()]
}

/// The text of a program that starts the compiler with the arguments that it gets.
pub fn compiler() -> String {
    let limits = COMPILER_LIMITS.join(" ");
    format!("#!/bin/sh\nexec prlimit {limits} -- setpriv {} \"$@\"\n", become_nobody().join(" "))
}

/// The folder into which the compiler writes, below that of cargo, is that user's.
///
/// # Errors
///
/// It cannot be given away.
#[cfg(unix)]
pub fn give_away(target: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::chown;

    let folder = target.join("debug/deps");
    std::fs::create_dir_all(&folder)?;
    let number = NOBODY.parse().ok();
    chown(folder, number, number)
}

/// There is no such user.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn give_away(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The words before a command that starts a program.
pub fn program() -> String {
    let mut words = vec!["env".to_owned()];
    words.extend(SECRETS.iter().flat_map(|name| ["-u".to_owned(), (*name).to_owned()]));
    words.push("setpriv".to_owned());
    words.extend(become_nobody());
    words.push("prlimit".to_owned());
    let limits = PROGRAM_LIMITS.iter().filter(|limit| !limit.starts_with("--nproc"));
    words.extend(limits.map(|&limit| limit.to_owned()));
    words.extend([PROCESSES.to_owned(), "--".to_owned()]);
    words.join(" ") + " "
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_nothing_and_is_nobody() {
        let words = program();
        assert!(words.starts_with("env -u HOMEWORK_ANSWERS "), "{words}");
        assert!(words.contains(" setpriv --reuid=61723 --regid=61723 --clear-groups "), "{words}");
        assert!(words.ends_with(" --nproc=2000 -- "), "{words}");
        assert!(!words.contains("--nproc=40"), "{words}");
    }
}
