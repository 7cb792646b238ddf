//! The programs that are compared: ours, and those that this machine has.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tests::Program;

/// The path of each program, or why it's missing.
pub struct Programs(BTreeMap<&'static str, Result<PathBuf, String>>);

impl Programs {
    /// Builds our programs, and looks for the others. Fails if ours don't compile.
    pub fn find() -> Result<Self, String> {
        let mut programs = BTreeMap::from([("C", compiled()), ("python3", python())]);
        for ours in [Program::TcpServer, Program::TcpClient, Program::Udp, Program::NetUtils] {
            programs.insert(ours.name(), Ok(ours.path()?));
        }
        programs.extend(["socat", "ncat", "nc", "getent"].map(|name| (name, installed(name))));
        Ok(Self(programs))
    }

    /// Returns a command without input and output, which runs in the folder of our own peers.
    pub fn command(&self, name: &str) -> Result<Command, String> {
        let mut command = Command::new(self.0[name].as_ref().map_err(String::clone)?);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir(peers());
        Ok(command)
    }

    /// Returns a line for each missing program.
    pub fn missing(&self) -> Vec<String> {
        self.0.values().filter_map(|path| path.clone().err()).collect()
    }
}

fn installed(name: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut paths = env::split_paths(&path).map(|directory| directory.join(name));
    paths.find(|path| path.is_file()).ok_or_else(|| format!("{name} is not installed"))
}

/// Returns the interpreter itself: the first in PATH may be a script that searches for it on every
/// start.
fn python() -> Result<PathBuf, String> {
    let first = installed("python3")?;
    let output = Command::new(first).args(["-c", "import sys; print(sys.executable)"]).output();
    let output = output.map_err(|error| format!("python3: {error}"))?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if path.is_file() { Ok(path) } else { Err("python3 does not run".to_owned()) }
}

fn compiled() -> Result<PathBuf, String> {
    let program = temporary("echo-in-c");
    let mut compiler = Command::new(installed("cc")?);
    compiler.args(["-O2", "-pthread", "echo.c", "-o"]).arg(&program).current_dir(peers());
    let output = compiler.output().map_err(|error| format!("cc: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(program) } else { Err(format!("cc fails: {stderr}")) }
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/comparison/peers")
}

/// Returns the path of a file in cargo's target directory.
pub fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
