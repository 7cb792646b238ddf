//! A headless Chromium in one tab: opens a page, acts as a reader does, and lists what went wrong.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use thirtyfour::common::print::PrintParameters;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, TypingData, WebDriver,
};
use tokio::runtime::{self, Runtime};

use crate::chromedriver::{Chromedriver, DEADLINE};

const FLAGS: [&str; 12] = [
    "--headless=new",
    // Chromium doesn't start as root otherwise, nor in most containers. All pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--password-store=basic",
    // No request leaves this host, not even to look up a name.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
];

/// A desktop in light colours.
pub(crate) const DESKTOP: View = View { width: 1280, dark: false, reduced_motion: false };

/// The reader's screen and preferences.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    width: u32,
    dark: bool,
    reduced_motion: bool,
}

impl View {
    /// A window `width` CSS pixels wide, in light colours. Below 600 it's a phone with a touch screen.
    pub(crate) fn new(width: u32) -> Self {
        Self { width, dark: false, reduced_motion: false }
    }

    /// Prefers dark colours.
    pub(crate) fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// Prefers no animations.
    pub(crate) fn reduced_motion(self) -> Self {
        Self { reduced_motion: true, ..self }
    }
}

/// A running Chromium with an empty profile. Dropping it kills all its processes.
pub(crate) struct Browser {
    driver: WebDriver,
    runtime: Runtime,
    _chromedriver: Chromedriver,
}

impl Browser {
    pub(crate) fn start() -> Result<Self> {
        let chromedriver = Chromedriver::start()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        let profile = chromedriver.folder().join("profile");
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
        capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
        let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build()?;
        let session = WebDriver::builder(&chromedriver.url, capabilities).client(client);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let driver = runtime.block_on(session.connect()).context("can't start Chromium")?;
        let browser = Self { driver, runtime, _chromedriver: chromedriver };
        // mdBook's print page opens the print dialog, and Chromium prints only once at a time.
        let no_dialog = json!({ "source": "window.print = () => {}" });
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", no_dialog)?;
        Ok(browser)
    }

    /// Starts a browser and opens `url`.
    pub(crate) fn start_at(url: &str, view: View) -> Result<Self> {
        let browser = Self::start()?;
        browser.open(url, view)?;
        Ok(browser)
    }

    /// Opens `url` as a new reader would, and forgets the problems of the page before.
    pub(crate) fn open(&self, url: &str, view: View) -> Result<()> {
        // Or an address that differs only in its fragment wouldn't load again.
        self.go("about:blank")?;
        self.problems()?;
        self.set_view(view)?;
        self.go(url)
    }

    /// Opens `url` and waits until it has loaded.
    pub(crate) fn go(&self, url: &str) -> Result<()> {
        self.runtime
            .block_on(self.driver.goto(url))
            .with_context(|| format!("can't open {url}"))?;
        self.settle()
    }

    pub(crate) fn set_view(&self, view: View) -> Result<()> {
        let is_phone = view.width < 600;
        let size = json!({
            "width": view.width, "height": 800, "deviceScaleFactor": 1, "mobile": is_phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size)?;
        let touch = json!({ "enabled": is_phone, "maxTouchPoints": 1 });
        self.devtools("Emulation.setTouchEmulationEnabled", touch)?;
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": if view.dark { "dark" } else { "light" } },
            { "name": "prefers-reduced-motion",
              "value": if view.reduced_motion { "reduce" } else { "" } },
        ]});
        self.devtools("Emulation.setEmulatedMedia", media)
    }

    /// Runs `action`, which leads to another page, and waits until that has loaded.
    pub(crate) fn follow(&self, action: impl FnOnce() -> Result<()>) -> Result<()> {
        self.evaluate("window.isOldPage = true")?;
        action()?;
        self.wait_for("!window.isOldPage && document.readyState == 'complete'")?;
        self.settle()
    }

    /// Waits for fonts, and for what the page put off until after it had loaded.
    fn settle(&self) -> Result<()> {
        self.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(done)))")?;
        Ok(())
    }

    /// Returns the value of a JavaScript expression; of a promise, what it resolves to.
    pub(crate) fn evaluate(&self, expression: &str) -> Result<Value> {
        let script = format!("return ({expression})");
        let returned = self.runtime.block_on(self.driver.execute(script, []));
        Ok(returned.with_context(|| format!("can't evaluate {expression}"))?.json().clone())
    }

    /// Returns the text that a JavaScript expression evaluates to.
    pub(crate) fn text(&self, expression: &str) -> Result<String> {
        let value = self.evaluate(expression)?;
        Ok(value.as_str().with_context(|| format!("{expression} is {value}"))?.to_owned())
    }

    /// Waits until a JavaScript expression is true. The page checks it before each frame it draws.
    pub(crate) fn wait_for(&self, condition: &str) -> Result<()> {
        let script = format!(
            "return (async () => {{
                while (!({condition})) await new Promise(requestAnimationFrame);
            }})()"
        );
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.runtime.block_on(self.driver.execute(script.as_str(), [])) {
                Ok(_) => return Ok(()),
                // A link was followed while the script ran.
                Err(error) if Instant::now() < deadline && is_unload(&error) => {}
                Err(error) => bail!("{condition} isn't true within {DEADLINE:?}: {error}"),
            }
        }
    }

    /// Clicks on the first element that matches a CSS selector. Fails if it's hidden or covered.
    pub(crate) fn click(&self, selector: &str) -> Result<()> {
        self.runtime
            .block_on(async { self.driver.find(By::Css(selector)).await?.click().await })
            .with_context(|| format!("can't click on {selector}"))
    }

    /// Presses keys.
    pub(crate) fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self.runtime.block_on(self.driver.action_chain().send_keys(keys).perform())?)
    }

    /// Inserts text where the cursor is, as an input method does: without any key event.
    pub(crate) fn insert_text(&self, text: &str) -> Result<()> {
        self.devtools("Input.insertText", json!({ "text": text }))
    }

    /// Returns a PDF of the page as printed.
    pub(crate) fn print(&self) -> Result<Vec<u8>> {
        let parameters = PrintParameters { background: true, ..PrintParameters::default() };
        Ok(self.runtime.block_on(self.driver.print_page(parameters))?)
    }

    /// Returns the width of the document. If it's wider than the window, the page scrolls sideways.
    pub(crate) fn scroll_width(&self) -> Result<u64> {
        let width = self.evaluate("document.documentElement.scrollWidth")?;
        width.as_u64().context("the page has no width")
    }

    /// Returns what went wrong since the last call: console output, exceptions, failed requests,
    /// and requests to other hosts.
    pub(crate) fn problems(&self) -> Result<Vec<String>> {
        self.settle()?;
        let mut problems = Vec::new();
        for entry in self.runtime.block_on(self.driver.get_log("browser"))? {
            problems.push(entry.message);
        }
        for entry in self.runtime.block_on(self.driver.get_log("performance"))? {
            let event: Value = serde_json::from_str(&entry.message)?;
            let url = event["message"]["params"]["request"]["url"].as_str().unwrap_or_default();
            if event["message"]["method"] == "Network.requestWillBeSent" && !is_local(url) {
                problems.push(format!("request to another host: {url}"));
            }
        }
        Ok(problems)
    }

    fn devtools(&self, method: &str, parameters: Value) -> Result<()> {
        self.runtime.block_on(self.driver.cdp().send_raw(method, parameters))?;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killing the processes is quicker than ending the session, and works when they hang.
        let _ = self.driver.clone().leak();
    }
}

fn is_unload(error: &thirtyfour::error::WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::JavascriptError(info) if info.to_string().contains("unload"))
}

/// Returns the `file:` address of a file.
pub(crate) fn file_url(path: &Path) -> Result<String> {
    let path = path.canonicalize().with_context(|| format!("can't open {}", path.display()))?;
    let url = reqwest::Url::from_file_path(&path).ok().context("the path isn't absolute")?;
    Ok(url.into())
}

/// Whether a request for `url` stays on this host.
fn is_local(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    match url.host_str() {
        Some(host) => ["127.0.0.1", "localhost", "[::1]"].contains(&host),
        None => ["file", "data", "blob", "about"].contains(&url.scheme()),
    }
}

#[test]
fn only_files_and_loopback_are_local() {
    for url in ["file:///a", "data:,a", "http://127.0.0.1:80/", "http://localhost", "ws://[::1]/"] {
        assert!(is_local(url), "{url}");
    }
    for url in ["https://example.com/", "http://127.0.0.1.example.com/", "//cdn/", "ftp:x"] {
        assert!(!is_local(url), "{url}");
    }
}
