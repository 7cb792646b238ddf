//! Creates the files of `--pcap` and `--html`. An existing file is replaced only with `--force`.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::anyhow;

/// Creates the file for `what`: call it before printing, so that the output isn't followed by an
/// error.
pub fn create(what: &str, path: &Path, force: bool) -> anyhow::Result<File> {
    let file = if force { File::create(path) } else { File::create_new(path) };
    file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow!(
            "can't create the {what} {path:?}: the file exists; choose another name, or replace it \
             with --force"
        ),
        _ => anyhow!("can't create the {what} {path:?}: {error}; choose a file that you may write"),
    })
}
