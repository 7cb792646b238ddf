//! Builds and runs another program of the workspace.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use homework::messages::{Explain as _, message};

/// Returns whether the package has been built.
pub fn is_built(package: &str) -> bool {
    let name = format!("{package}{}", env::consts::EXE_SUFFIX);
    env::current_exe().is_ok_and(|own| own.with_file_name(name).is_file())
}

/// Builds a package and runs it with the arguments of this process. A student copy has no `grader`.
pub fn run(root: &Path, package: &str) -> Result<ExitCode> {
    let manifest = ["", "course"].map(|parent| root.join(parent).join(package));
    ensure!(
        manifest.iter().any(|folder| folder.join("Cargo.toml").is_file()),
        message!("no-package", package)
    );
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args(["run", "--quiet", "--package", package, "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).arg("--").args(env::args_os().skip(1));
    let failed = || message!("cannot-run", file = cargo.to_string_lossy());
    // On Unix it replaces this process, and so gets its signals.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut command)).explain(failed());
    #[cfg(not(unix))]
    {
        // The child process gets Ctrl-C too, and handles it.
        ctrlc::set_handler(|| ())?;
        let status = command.status().explain(failed())?;
        let status = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(status.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
