//! What cargo builds for the grader: the tests of this repository, and the programs that were
//! handed in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use common::one_line;
use serde_json::Value;

use crate::messages::{Explain as _, Message, message};
use crate::process;

/// How long one call of cargo for what is ours may take. A first build takes a minute on a slow
/// machine.
pub const TIMEOUT: Duration = Duration::from_secs(600);

/// The argument that asks for the compiler's words in its colours.
pub const COLOURED: &str = "--message-format=json-diagnostic-rendered-ansi";

/// Source sources are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Those of who runs this program.
    Trusted,
    /// Somebody else's.
    Untrusted,
}

/// What a call of cargo built.
#[derive(Debug, Default)]
pub struct BuildOutput {
    /// The name of each program or test binary, and where it is.
    pub executables: Vec<(String, PathBuf)>,
    /// The name of what could not be built, and the compiler's error, in one line.
    pub errors: Vec<(String, String)>,
    /// The first error in a library: what needs it is not built either.
    pub library_error: Option<String>,
    /// The compiler's first error, as it says it.
    pub first_error: Option<String>,
    /// The same of each program and test binary that does not build.
    pub first_errors: Vec<(String, String)>,
    /// The last line that cargo itself printed.
    pub last_words: Message,
}

impl BuildOutput {
    /// Where an executable is, or why it is not there.
    pub fn executable(&self, name: &str) -> Result<&Path, Message> {
        if let Some((_, path)) = self.executables.iter().find(|(built, _)| built == name) {
            return Ok(path);
        }
        let own = self.errors.iter().find(|(failed, _)| failed == name).map(|(_, error)| error);
        let error = own.or(self.library_error.as_ref());
        let why = error.map_or_else(|| self.last_words.clone(), Message::from);
        Err(message!("does-not-build", program = name, why))
    }
}

/// Where the toolchain is with which a workspace is built.
///
/// # Errors
///
/// The compiler does not say.
pub fn toolchain(workspace: &Path) -> Result<PathBuf> {
    let mut command = Command::new("rustc");
    command.args(["--print", "sysroot"]).current_dir(workspace);
    let ended =
        process::run(&mut command, TIMEOUT).explain(message!("cannot-run", file = "rustc"))?;
    let path = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
    if !ended.succeeded() || path.is_empty() {
        bail!(message!("no-toolchain"));
    }
    Ok(path.into())
}

/// Calls `cargo` in a workspace, at most so long.
///
/// # Errors
///
/// Cargo cannot be started, Ctrl-C came, or the system fails: then what was not built is not the
/// fault of who wrote it. That something does not build, or not in time, is no error here.
pub fn build(
    workspace: &Path,
    arguments: &[&str],
    variables: &[(&str, OsString)],
    whose: Source,
    limit: Duration,
) -> Result<BuildOutput> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace);
    // It takes one form only.
    if !arguments.contains(&COLOURED) {
        command.arg("--message-format=json");
    }
    for (name, _) in env::vars_os() {
        if !is_passed_on(&name.to_string_lossy(), whose) {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let ended =
        process::run(&mut command, limit).explain(message!("cannot-run", file = "cargo"))?;
    if process::interrupted() {
        bail!(message!("interrupted"));
    }

    let mut built = BuildOutput::default();
    let said = String::from_utf8_lossy(&ended.stderr);
    if let Some(line) = said.lines().find(|line| is_of_the_system(line)) {
        bail!(message!("system-failed", why = one_line(line)));
    }
    let mut errors = said.lines().filter(|line| line.starts_with("error")).map(one_line);
    built.last_words = match (errors.next_back(), said.lines().find_map(limit_that_was_met)) {
        _ if ended.status.is_none() => {
            message!("compiler-stopped", seconds = limit.as_secs())
        }
        (_, Some(limit)) => message!(limit),
        (error, None) => error.map_or_else(|| message!("compiler-silent"), Message::from),
    };
    for line in ended.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        if let Some(path) = message["executable"].as_str() {
            built.executables.push((name, path.into()));
        } else if message["message"]["level"] == "error" {
            let kinds = message["target"]["kind"].as_array();
            let of_a_library = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"));
            let message = &message["message"];
            // An error in somebody's source has a place there.
            let has_place = message["spans"].as_array().is_some_and(|spans| !spans.is_empty());
            let text = message["rendered"].as_str().unwrap_or_default();
            if let Some(line) = text.lines().find(|line| is_of_the_system(line))
                && !has_place
            {
                bail!(message!("system-failed", why = one_line(line)));
            }
            built.first_error.get_or_insert_with(|| text.to_owned());
            if !built.first_errors.iter().any(|(other, _)| *other == name) {
                built.first_errors.push((name.clone(), text.to_owned()));
            }
            let error = compiler_error(message);
            if of_a_library {
                built.library_error.get_or_insert_with(|| error.clone());
            }
            built.errors.push((name, error));
        }
    }
    Ok(built)
}

/// Whether the compiler gets to know a variable of this program's environment.
fn is_passed_on(name: &str, whose: Source) -> bool {
    // What `cargo run` or `cargo test` set for this program is not for the one it starts.
    let of_this_program = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    // A source can ask for each of them: `env!("TOKEN")`.
    let needed = ["PATH", "HOME", "CARGO", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    match whose {
        Source::Trusted => !of_this_program,
        Source::Untrusted => cfg!(windows) && !of_this_program || needed.contains(&name),
    }
}

/// Whether this line of cargo or the compiler tells of a failure that no source can cause.
fn is_of_the_system(line: &str) -> bool {
    let is_killed = line.contains("process didn't exit successfully")
        && ["(signal: 9,", "(exit status: 137)"].iter().any(|end| line.contains(end));
    // The linker, which writes into memory, dies of a full disk.
    let is_full = ["No space left on device", "Disk quota exceeded", "signal 7 [Bus error]"];
    is_killed || is_full.iter().any(|text| line.contains(text))
}

/// What a compiler that ended so had too much of.
fn limit_that_was_met(line: &str) -> Option<&'static str> {
    if !line.contains("process didn't exit successfully") {
        return None;
    }
    let ended_with = |signal, status| {
        line.contains(&format!("(signal: {signal},"))
            || line.contains(&format!("(exit status: {status})"))
    };
    match () {
        () if ended_with(6, 134) => Some("compiler-out-of-memory"),
        () if ended_with(24, 152) => Some("compiler-out-of-time"),
        () if ended_with(25, 153) => Some("compiler-file-too-large"),
        () => None,
    }
}

/// A compiler's error in one line: what is wrong, and where.
fn compiler_error(message: &Value) -> String {
    let text = message["message"].as_str().unwrap_or("no message");
    let code = match message["code"]["code"].as_str() {
        Some(code) => format!("error[{code}]"),
        None => "error".to_owned(),
    };
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let place = spans.iter().find(|span| span["is_primary"] == true).map(|span| {
        let file = span["file_name"].as_str().unwrap_or_default().replace('\\', "/");
        format!(" ({file}:{})", span["line_start"])
    });
    one_line(&format!("{code}: {text}{}", place.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_error_is_one_line_with_its_place() {
        let message = serde_json::json!({
            "message": "cannot find value `socket`\nin this scope",
            "code": { "code": "E0425" },
            "spans": [{ "is_primary": true, "file_name": "src/main.rs", "line_start": 12 }],
        });
        let expected = "error[E0425]: cannot find value `socket` in this scope (src/main.rs:12)";
        assert_eq!(compiler_error(&message), expected);
    }

    #[test]
    fn a_program_whose_library_fails_gets_the_error_of_the_library() {
        let built =
            BuildOutput { library_error: Some("error: no".into()), ..BuildOutput::default() };
        let error = built.executable("day01-udp").unwrap_err();
        assert_eq!(error, message!("does-not-build", program = "day01-udp", why = "error: no"));
    }

    #[test]
    fn a_full_disk_and_a_killed_compiler_are_failures_of_the_system() {
        for line in [
            "error: failed to write /target/x: No space left on device (os error 28)",
            "  process didn't exit successfully: `rustc main.rs` (signal: 9, SIGKILL: kill)",
            "  process didn't exit successfully: `box rustc main.rs` (exit status: 137)",
        ] {
            assert!(is_of_the_system(line), "{line}");
        }
        assert!(!is_of_the_system("error: aborting due to 1 previous error"));
        let line = "  process didn't exit successfully: `rustc` (signal: 24, SIGXCPU: time)";
        assert_eq!(limit_that_was_met(line), Some("compiler-out-of-time"));
    }
}
