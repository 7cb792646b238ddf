//! Runs cargo to build tests and submissions, and reads the compiler's errors.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use common::one_line;
use serde_json::Value;

use crate::messages::{Explain as _, Message, message};
use crate::process;

/// The time limit for building this workspace. The first build takes a minute on a slow machine.
pub const TIMEOUT: Duration = Duration::from_secs(600);

/// The argument for compiler errors with colours.
pub const COLOURED: &str = "--message-format=json-diagnostic-rendered-ansi";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From the user who runs this program.
    Trusted,
    /// From someone else.
    Untrusted,
}

#[derive(Debug, Default)]
pub struct BuildOutput {
    /// The names and paths of programs and test binaries.
    pub executables: Vec<(String, PathBuf)>,
    pub errors: Vec<CompilerError>,
    /// The last error of cargo itself.
    pub cargo_error: Message,
}

#[derive(Debug, Clone)]
pub struct CompilerError {
    /// The program, test or library that doesn't compile.
    pub target: String,
    /// An error in a library keeps programs from compiling.
    is_library: bool,
    /// In one line, with its position.
    line: String,
    /// As the compiler prints it.
    pub text: String,
}

impl BuildOutput {
    /// Returns the path of an executable, or why it wasn't built.
    pub fn executable(&self, name: &str) -> Result<&Path, Message> {
        if let Some((_, path)) = self.executables.iter().find(|(built, _)| built == name) {
            return Ok(path);
        }
        let own = self.errors.iter().find(|error| error.target == name);
        let error = own.or_else(|| self.errors.iter().find(|error| error.is_library));
        let why = error.map_or_else(|| self.cargo_error.clone(), |error| (&error.line).into());
        Err(message!("does-not-build", program = name, why))
    }
}

/// Returns the folder of the Rust toolchain that builds a workspace.
pub fn toolchain(workspace: &Path) -> Result<PathBuf> {
    let mut command = Command::new("rustc");
    command.args(["--print", "sysroot"]).current_dir(workspace);
    let ended =
        process::run(&mut command, TIMEOUT).explain(message!("cannot-run", file = "rustc"))?;
    let path = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
    ensure!(ended.succeeded() && !path.is_empty(), message!("no-toolchain"));
    Ok(path.into())
}

/// Runs `cargo` in a workspace. Fails only for reasons outside the sources, such as a full disk or Ctrl-C.
/// Sources that don't compile, or not in time, aren't an error.
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
    // Cargo accepts only one message format.
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
    ensure!(!process::interrupted(), message!("interrupted"));

    let mut built = BuildOutput::default();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    if let Some(line) = stderr.lines().find(|line| is_system_failure(line)) {
        bail!(message!("system-failed", why = one_line(line)));
    }
    let mut errors = stderr.lines().filter(|line| line.starts_with("error")).map(one_line);
    built.cargo_error = match (errors.next_back(), stderr.lines().find_map(exceeded_limit)) {
        _ if ended.status.is_none() => {
            message!("compiler-stopped", seconds = limit.as_secs())
        }
        (_, Some(limit)) => message!(limit),
        (error, None) => error.map_or_else(|| message!("compiler-silent"), Message::from),
    };
    for line in ended.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        if let Some(path) = message["executable"].as_str() {
            built.executables.push((target, path.into()));
        } else if message["message"]["level"] == "error" {
            let kinds = message["target"]["kind"].as_array();
            let is_library = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"));
            let message = &message["message"];
            // An error in the sources has a position.
            let has_place = message["spans"].as_array().is_some_and(|spans| !spans.is_empty());
            let text = message["rendered"].as_str().unwrap_or_default();
            if let Some(line) = text.lines().find(|line| is_system_failure(line))
                && !has_place
            {
                bail!(message!("system-failed", why = one_line(line)));
            }
            let (line, text) = (in_one_line(message), text.to_owned());
            built.errors.push(CompilerError { target, is_library, line, text });
        }
    }
    Ok(built)
}

/// Returns whether the compiler may read an environment variable of this process.
fn is_passed_on(name: &str, whose: Source) -> bool {
    // `cargo run` and `cargo test` set these for this program, not for the one it starts.
    let of_this_program = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    // Sources can read all of them: `env!("TOKEN")`.
    let needed = ["PATH", "HOME", "CARGO", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    match whose {
        Source::Trusted => !of_this_program,
        Source::Untrusted => cfg!(windows) && !of_this_program || needed.contains(&name),
    }
}

/// Returns whether a line of cargo or the compiler reports a failure that sources can't cause.
fn is_system_failure(line: &str) -> bool {
    let is_killed = line.contains("process didn't exit successfully")
        && ["(signal: 9,", "(exit status: 137)"].iter().any(|end| line.contains(end));
    // The linker writes through mapped memory, so a full disk kills it.
    let is_full = ["No space left on device", "Disk quota exceeded", "signal 7 [Bus error]"];
    is_killed || is_full.iter().any(|text| line.contains(text))
}

/// Returns the resource limit that stopped the compiler, if one did.
fn exceeded_limit(line: &str) -> Option<&'static str> {
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

fn in_one_line(message: &Value) -> String {
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
    fn a_compiler_error_is_one_line_with_its_position() {
        let message = serde_json::json!({
            "message": "cannot find value `socket`\nin this scope",
            "code": { "code": "E0425" },
            "spans": [{ "is_primary": true, "file_name": "src/main.rs", "line_start": 12 }],
        });
        let expected = "error[E0425]: cannot find value `socket` in this scope (src/main.rs:12)";
        assert_eq!(in_one_line(&message), expected);
    }

    #[test]
    fn a_program_whose_library_fails_gets_the_error_of_the_library() {
        let (target, line, text) = ("common".to_owned(), "error: no".to_owned(), String::new());
        let errors = vec![CompilerError { target, is_library: true, line, text }];
        let built = BuildOutput { errors, ..BuildOutput::default() };
        let error = built.executable("day01-udp").unwrap_err();
        assert_eq!(error, message!("does-not-build", program = "day01-udp", why = "error: no"));
    }

    #[test]
    fn a_full_disk_and_a_killed_compiler_are_system_failures() {
        for line in [
            "error: failed to write /target/x: No space left on device (os error 28)",
            "  process didn't exit successfully: `rustc main.rs` (signal: 9, SIGKILL: kill)",
            "  process didn't exit successfully: `box rustc main.rs` (exit status: 137)",
        ] {
            assert!(is_system_failure(line), "{line}");
        }
        assert!(!is_system_failure("error: aborting due to 1 previous error"));
        let line = "  process didn't exit successfully: `rustc` (signal: 24, SIGXCPU: time)";
        assert_eq!(exceeded_limit(line), Some("compiler-out-of-time"));
    }
}
