//! A real Chromium, without a window, for tests that look at pages as a reader meets them.
//!
//! ```no_run
//! use site_tests::{Browser, View};
//! # fn main() -> anyhow::Result<()> {
//! let Some(mut browser) = Browser::start()? else { return Ok(()) };
//! let mut page = browser.open("file:///tmp/page.html", View::new(360).dark())?;
//! page.click("button")?;
//! assert!(page.evaluate("document.body.innerText")?.to_string().contains("hello"));
//! assert!(page.scroll_width()? <= 360);
//! assert_eq!(page.problems()?, Vec::<String>::new());
//! # Ok(())
//! # }
//! ```
//!
//! Nothing leaves this host: names other than loopback's do not resolve, and asking for one is a
//! problem of the page. Every wait has a deadline. When the [`Browser`] is dropped, also by a
//! panic, its processes and its folder are gone.

mod chromium;
mod key;
mod page;
mod problem;
mod wire;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use chromium::Chromium;
pub use chromium::installed;
pub use page::{Page, View};
use wire::Wire;

/// How long anything is waited for. A page takes a tenth of a second; a machine that builds
/// something else meanwhile, some seconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// A running Chromium.
#[derive(Debug)]
pub struct Browser {
    // Dropped in this order: first the conversation, then the process.
    wire: Wire,
    _chromium: Chromium,
}

impl Browser {
    /// Starts a Chromium with a profile of its own. `None`, and a line on standard error that
    /// says so, where none is installed.
    ///
    /// # Errors
    ///
    /// Where one is installed and does not start.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = installed() else { return Ok(None) };
        let chromium = Chromium::start(&program)?;
        let wire = Wire::connect(&chromium.address)?;
        Ok(Some(Self { wire, _chromium: chromium }))
    }

    /// Opens `url` in a tab of its own and waits until it has loaded. [`Page::go`] opens the next
    /// one in the same tab, which is faster.
    ///
    /// # Errors
    ///
    /// When the address leads nowhere, or nothing is loaded within the deadline.
    pub fn open(&mut self, url: &str, view: View) -> Result<Page<'_>> {
        let mut page = Page::new(&mut self.wire, view)?;
        page.go(url)?;
        Ok(page)
    }
}

/// The address of a file, to be opened as a page.
///
/// # Errors
///
/// When there is no such file.
pub fn file_url(path: &Path) -> Result<String> {
    let path = path
        .canonicalize()
        .with_context(|| format!("cannot open {} as a page; make it first", path.display()))?;
    let mut url = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(url)
}
