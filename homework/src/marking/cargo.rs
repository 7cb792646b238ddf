//! What cargo builds for the grader: the tests of this repository, and the programs that were
//! handed in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lesson::one_line;
use serde_json::Value;

use crate::bounded;

/// How long one call of cargo may take. A first build takes a minute on a slow machine; a
/// program that the compiler never finishes is not worth more.
const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// What a call of cargo built.
#[derive(Debug, Default)]
pub struct Built {
    /// The name of each program or test binary, and where it is.
    pub executables: Vec<(String, PathBuf)>,
    /// The name of what could not be built, and the compiler's error, in one line.
    pub errors: Vec<(String, String)>,
    /// The last line that cargo itself printed.
    pub last_words: String,
}

impl Built {
    /// Where an executable is, or why it is not there.
    pub fn executable(&self, name: &str) -> Result<&Path, String> {
        if let Some((_, path)) = self.executables.iter().find(|(built, _)| built == name) {
            return Ok(path);
        }
        // A program is not built either when a library that it needs was not.
        let own = self.errors.iter().find(|(failed, _)| failed == name);
        let why = own.or(self.errors.first()).map_or(&self.last_words, |(_, error)| error);
        Err(format!("{name} does not build: {why}"))
    }
}

/// Calls `cargo` in a workspace.
///
/// # Errors
///
/// Cargo cannot be started, or takes too long. That something does not build is no error here.
pub fn build(
    workspace: &Path,
    arguments: &[&str],
    variables: &[(&str, OsString)],
) -> Result<Built> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).arg("--message-format=json").current_dir(workspace);
    // What `cargo run` or `cargo test` set for this program is not for the one it starts.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let ended = bounded::run(&mut command, BUILD_LIMIT).context("cannot start cargo")?;
    if ended.status.is_none() {
        bail!("cargo was stopped after {} s", BUILD_LIMIT.as_secs());
    }

    let mut built = Built::default();
    let said = String::from_utf8_lossy(&ended.stderr);
    let mut errors = said.lines().filter(|line| line.starts_with("error")).map(one_line);
    built.last_words = errors.next_back().unwrap_or_else(|| "cargo does not say why".into());
    for line in ended.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        if let Some(path) = message["executable"].as_str() {
            built.executables.push((name, path.into()));
        } else if message["message"]["level"] == "error" {
            built.errors.push((name, compiler_error(&message["message"])));
        }
    }
    Ok(built)
}

/// A compiler's error in one line: what is wrong, and where.
fn compiler_error(message: &Value) -> String {
    let text = message["message"].as_str().unwrap_or("the compiler does not say why");
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
            Built { errors: vec![("net_utils".into(), "error: no".into())], ..Built::default() };
        let error = built.executable("day01-udp").unwrap_err();
        assert_eq!(error, "day01-udp does not build: error: no");
    }
}
