//! The hand-out.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

pub fn new(_root: &Path, _folder: &Path) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
