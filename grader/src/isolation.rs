//! How the grader restricts untrusted code: a sandbox, an unprivileged user, or not at all.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use common::one_line;
use homework::grade_options::GradeOptions;
use homework::grading::submission::Submission;
use homework::grading::test_suite::{Launcher, Variables, direct_command};
use homework::messages::message;

use crate::sandbox::{self, Sandbox};
use crate::unprivileged;

#[derive(Debug, Clone)]
pub enum Isolation {
    /// Every compiler, test and program runs in a sandbox of its own.
    Sandbox(Sandbox),
    /// Compilers and programs run as a user who owns nothing.
    Unprivileged,
    /// Everything runs with the rights of the grader. Only `--no-sandbox` allows this.
    None,
}

impl Isolation {
    /// Chooses the strongest isolation that works on this machine and that the options allow.
    pub fn choose(root: &Path, options: &GradeOptions) -> Result<Self> {
        if options.no_sandbox {
            return Ok(Isolation::None);
        }
        let mut why = match Sandbox::new() {
            Ok(sandbox) => return Ok(Isolation::Sandbox(sandbox)),
            Err(why) => why,
        };
        if options.as_nobody {
            match unprivileged::check(root) {
                Ok(()) => return Ok(Isolation::Unprivileged),
                Err(error) => why = error,
            }
        }
        bail!(message!("no-sandbox", why = one_line(&why)))
    }

    /// Returns the folders in which a submission's command is looked up.
    pub fn path(&self) -> OsString {
        match self {
            Isolation::Sandbox(_) => sandbox::PATH.into(),
            Isolation::Unprivileged | Isolation::None => env::var_os("PATH").unwrap_or_default(),
        }
    }

    /// Returns the shell script that starts a compiler under these restrictions, if there are any.
    pub fn compiler_script(
        &self,
        toolchain: &Path,
        sources: &Path,
        target: &Path,
    ) -> Result<Option<String>> {
        Ok(match self {
            Isolation::Sandbox(sandbox) => Some(sandbox.compiler(toolchain, sources, target)),
            Isolation::Unprivileged => {
                unprivileged::give_away(target)?;
                Some(unprivileged::compiler())
            }
            Isolation::None => None,
        })
    }
}

impl Launcher for Isolation {
    fn command(&self, binary: &Path, submission: &Submission, variables: Variables) -> Command {
        match self {
            Isolation::Sandbox(sandbox) => sandbox.test_command(binary, submission, variables),
            Isolation::Unprivileged => {
                direct_command(binary, submission, variables, &unprivileged::program())
            }
            Isolation::None => direct_command(binary, submission, variables, ""),
        }
    }
}
