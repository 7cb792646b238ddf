//! The process: where it is, how it starts, and that nothing of it stays.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, anyhow};
use tempfile::TempDir;

use crate::DEADLINE;

/// The names under which systems have it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What keeps it from asking anybody for anything, and from asking its user.
const FLAGS: [&str; 14] = [
    "--headless",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
    // No name but those of this host: what a page asks for elsewhere never leaves it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
];

/// The Chromium of this system, or a line on standard error that there is none. The line goes
/// past what `cargo test` catches, so that it is seen although the test passes.
#[must_use]
pub fn installed() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        let _ = writeln!(
            io::stderr(),
            "no page was opened: none of {} is in PATH; install Chromium and run this again",
            NAMES.join(", ")
        );
    }
    found
}

/// A running one, with its own profile.
#[derive(Debug)]
pub(crate) struct Chromium {
    process: Child,
    /// Where it listens for what it is to do.
    pub(crate) address: String,
    /// Goes last: the process writes to it.
    _profile: TempDir,
}

impl Chromium {
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let profile = TempDir::with_prefix("browser-")
            .context("cannot make a folder for Chromium's profile; look at the temporary folder")?;
        let mut command = Command::new(program);
        command
            .args(FLAGS)
            .args(as_root())
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // What it keeps beside a profile goes there, too.
            .env("XDG_CONFIG_HOME", profile.path())
            .env("XDG_CACHE_HOME", profile.path())
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn().with_context(|| {
            format!("cannot start {}; try to start it by hand", program.display())
        })?;
        let mut started = Self { process, address: String::new(), _profile: profile };
        started.address = started.listening().with_context(|| {
            format!(
                "{} does not say where it listens; start it by hand with {}",
                program.display(),
                FLAGS[..2].join(" ")
            )
        })?;
        Ok(started)
    }

    /// Waits for the line that says where it listens, and reads on behind it, so that the
    /// process never waits for a reader.
    fn listening(&mut self) -> Result<String> {
        let stderr = self.process.stderr.take().context("its standard error is not read")?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut said = String::new();
            for line in BufReader::new(stderr).lines().map_while(io::Result::ok) {
                if let Some(address) = line.strip_prefix("DevTools listening on ") {
                    let _ = sender.send(Ok(address.to_owned()));
                }
                // Of a process that talks for long, the beginning is enough for an error.
                if said.len() < 2000 {
                    said += &line;
                    said.push('\n');
                }
            }
            let _ = sender.send(Err(anyhow!("it ended, and said {said:?}")));
        });
        receiver.recv_timeout(DEADLINE).context("waited in vain")?
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Its renderers are of its group, and would write to the profile while that is removed.
        #[cfg(unix)]
        if let Ok(id) = i32::try_from(self.process.id()) {
            let group = nix::unistd::Pid::from_raw(id);
            let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Chromium does not put root into a sandbox, and does not start without one unless told.
fn as_root() -> Option<&'static str> {
    #[cfg(unix)]
    if nix::unistd::geteuid().is_root() {
        return Some("--no-sandbox");
    }
    None
}
