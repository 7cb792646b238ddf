//! Runs untrusted code as an unprivileged user, where sandboxes can't be made, as in most containers.
//!
//! That user can't read the grader's secrets, or change or stop anything of the grader. But it sees which
//! processes run and has the network, and all programs share it. That's only safe in a container which is
//! thrown away after one submission.

use std::path::Path;
use std::process::Command;

use crate::sandbox::{
    COMPILER_LIMITS, PROGRAM_LIMITS, PROGRAM_VARIABLES, SECRETS, check_success, is_root,
};

/// The number of the user and its group. No other program should use it: the kernel counts the processes
/// of a user in all containers together.
const USER: u32 = 61723;

/// Limits the processes and threads of all programs together.
const PROCESSES: &str = "--nproc=2000";

/// Checks that programs can run as that user, and that it can't read the secrets of the workspace at
/// `root`. An error says why not.
pub fn check(root: &Path) -> Result<(), String> {
    if !is_root() {
        return Err("only root can become another user".to_owned());
    }
    check_success(Command::new("setpriv").args(change_user()).arg("true"))?;
    // The finished programs and the answers have the same permissions.
    let secret = root.join("homework/rubric.toml");
    if check_success(Command::new("setpriv").args(change_user()).arg("cat").arg(secret)).is_ok() {
        return Err(format!("every user can read {0}; run chmod -R go-rwx {0}", root.display()));
    }
    Ok(())
}

/// Returns the arguments with which `setpriv` runs a command as that user.
fn change_user() -> [String; 5] {
    let [user, group] = ["--reuid", "--regid"].map(|option| format!("{option}={USER}"));
    [user, group, "--clear-groups".to_owned(), "--no-new-privs".to_owned(), "--".to_owned()]
}

/// Returns a shell script that runs its arguments, a compiler and its options, as that user.
pub fn compiler() -> String {
    let limits = COMPILER_LIMITS.join(" ");
    format!("#!/bin/sh\nexec prlimit {limits} -- setpriv {} \"$@\"\n", change_user().join(" "))
}

/// Makes that user the owner of the folder below `target` into which the compiler writes.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there's no such user"))]
pub fn give_away(target: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = target.join("debug/deps");
        std::fs::create_dir_all(&folder)?;
        std::os::unix::fs::chown(folder, Some(USER), Some(USER))?;
    }
    Ok(())
}

/// Returns the words that go in front of a program's command.
pub fn program() -> String {
    let mut words = vec!["env".to_owned()];
    words.extend(SECRETS.iter().map(|name| format!("-u {name}")));
    words.extend(PROGRAM_VARIABLES.map(str::to_owned));
    words.push("setpriv".to_owned());
    words.extend(change_user());
    words.push("prlimit".to_owned());
    let limits = PROGRAM_LIMITS.iter().filter(|limit| !limit.starts_with("--nproc"));
    words.extend(limits.chain([&PROCESSES, &"-- "]).map(|&limit| limit.to_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_runs_unprivileged_and_without_secrets() {
        let words = program();
        assert!(words.starts_with("env -u HOMEWORK_ANSWERS "), "{words}");
        assert!(words.contains(" setpriv --reuid=61723 --regid=61723 --clear-groups "), "{words}");
        assert!(words.ends_with(" --nproc=2000 -- "), "{words}");
        assert!(!words.contains("--nproc=400"), "{words}");
    }
}
