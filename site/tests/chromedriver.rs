//! Starts chromedriver on an ephemeral port, and kills it together with its browsers.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tests::ChildProcess;

/// Deadline for every blocking operation. A page takes a tenth of a second, but some seconds on a
/// machine that compiles at the same time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A running chromedriver. Dropping it kills its browsers, too.
pub(crate) struct Chromedriver {
    process: ChildProcess,
    folder: TempDir,
    /// Where it accepts commands.
    pub(crate) url: String,
}

impl Chromedriver {
    pub(crate) fn start() -> Result<Self> {
        let folder = TempDir::with_prefix("browser-").context("can't create a temporary folder")?;
        let mut command = Command::new("chromedriver");
        command
            .arg("--port=0")
            // Chromium also writes outside its profile folder.
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_CACHE_HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let process = ChildProcess::spawn(&mut command).context(
            "can't start chromedriver; install Chromium with its chromedriver \
             (Debian: chromium-driver)",
        )?;
        let mut started = Self { process, folder, url: String::new() };
        let port = started.port().context("chromedriver didn't report its port; run it by hand")?;
        started.url = format!("http://127.0.0.1:{port}");
        Ok(started)
    }

    /// An empty folder for Chromium's profile.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits for `ChromeDriver was started successfully on port 39657.`
    fn port(&self) -> Result<u16> {
        let stdout = self.process.take_stdout().context("its standard output isn't piped")?;
        let (sender, receiver) = mpsc::channel();
        // Reads to the end, so that chromedriver never blocks on a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    let _ = sender.send(port.trim_end_matches('.').parse());
                }
            }
        });
        Ok(receiver.recv_timeout(DEADLINE)??)
    }
}
