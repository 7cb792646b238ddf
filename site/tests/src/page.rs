//! A page in a tab: what a reader does with it, and what it shows.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::wire::Wire;
use crate::{DEADLINE, key, problem};

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    width: u32,
    height: u32,
    dark: bool,
    still: bool,
}

impl View {
    /// In a window so many CSS pixels wide, by day.
    #[must_use]
    pub fn new(width: u32) -> Self {
        Self { width, height: 800, dark: false, still: false }
    }

    /// So many pixels high, in place of 800.
    #[must_use]
    pub fn height(self, height: u32) -> Self {
        Self { height, ..self }
    }

    /// By a reader who prefers a dark screen.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// By a reader who wants nothing to move.
    #[must_use]
    pub fn still(self) -> Self {
        Self { still: true, ..self }
    }
}

/// A tab. It is closed when it is dropped.
#[derive(Debug)]
pub struct Page<'browser> {
    wire: &'browser mut Wire,
    target: String,
    session: String,
    view: View,
    problems: Vec<String>,
}

impl<'browser> Page<'browser> {
    pub(crate) fn new(wire: &'browser mut Wire, view: View) -> Result<Self> {
        let made = wire.call(None, "Target.createTarget", json!({ "url": "about:blank" }))?;
        let target = text(&made["targetId"])?;
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = wire.call(None, "Target.attachToTarget", attach)?;
        let session = text(&attached["sessionId"])?;
        let mut page = Self { wire, target, session, view, problems: Vec::new() };
        for domain in ["Page", "Runtime", "Log", "Network", "Inspector"] {
            page.call(&format!("{domain}.enable"), json!({}))?;
        }
        page.look(view)?;
        Ok(page)
    }

    /// Looks at the page in another way from now on.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn look(&mut self, view: View) -> Result<()> {
        self.view = view;
        let size = json!({
            "width": view.width, "height": view.height, "deviceScaleFactor": 1,
            // A narrow window is a telephone: it obeys the page's viewport, and is touched.
            "mobile": view.width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        self.call(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": view.width < 600, "maxTouchPoints": 1 }),
        )?;
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": if view.dark { "dark" } else { "light" } },
            { "name": "prefers-reduced-motion", "value": if view.still { "reduce" } else { "" } },
        ]});
        self.call("Emulation.setEmulatedMedia", media)?;
        Ok(())
    }

    /// Opens `url` in this tab and waits until it has loaded.
    ///
    /// # Errors
    ///
    /// When the address leads nowhere, or nothing is loaded within the deadline.
    pub fn go(&mut self, url: &str) -> Result<()> {
        self.gather();
        let answer = self.call("Page.navigate", json!({ "url": url }))?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("cannot open {url}: {error}; does it exist?");
        }
        // Without a loader, only the place within the page is another.
        if !answer["loaderId"].is_null() {
            self.loaded(url)?;
        }
        self.settle()
    }

    /// Does something that leads to another page, and waits until that has loaded.
    ///
    /// # Errors
    ///
    /// When it leads nowhere within the deadline.
    pub fn follow(&mut self, act: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.gather();
        act(self)?;
        self.loaded("another page")?;
        self.settle()
    }

    fn loaded(&mut self, what: &str) -> Result<()> {
        let until = Instant::now() + DEADLINE;
        loop {
            let event = self.wire.event(until).with_context(|| format!("{what} does not load"))?;
            self.problems.extend(problem::of(&event));
            if event["method"] == "Page.loadEventFired" {
                return Ok(());
            }
        }
    }

    /// Waits for what the page does right behind its loading: fonts, and what it put off.
    fn settle(&mut self) -> Result<()> {
        self.evaluate("document.fonts.ready.then(() => new Promise(done => setTimeout(done)))")?;
        Ok(())
    }

    /// The value of an expression in the page; of a promise, what it promised.
    ///
    /// # Errors
    ///
    /// When it throws.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        )?;
        let thrown = &answer["exceptionDetails"];
        if !thrown.is_null() {
            bail!("{expression} throws {}", thrown["exception"]["description"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression in the page is true.
    ///
    /// # Errors
    ///
    /// When it is not so within the deadline.
    pub fn wait_for(&mut self, expression: &str) -> Result<()> {
        let until = Instant::now() + DEADLINE;
        while self.evaluate(&format!("!!({expression})"))? != true {
            if Instant::now() > until {
                bail!("{expression} did not come true within {} s", DEADLINE.as_secs());
            }
            // Asked anew rather than told: the page may change in any way.
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Clicks in the middle of the first element that a CSS selector names, as a hand does.
    ///
    /// # Errors
    ///
    /// When there is none, or it has no place on the screen.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let quoted = json!(selector);
        let place = self.evaluate(&format!(
            "(() => {{
                const element = document.querySelector({quoted});
                if (!element) return null;
                // The first line of it: of a link over two, the middle may be beside both.
                const place = () => element.getClientRects()[0];
                let box = place();
                if (box && (box.top < 0 || box.bottom > innerHeight)) {{
                    element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                    box = place();
                }}
                return box && box.width && box.height
                    ? {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }} : null;
            }})()"
        ))?;
        if place.is_null() {
            bail!("nothing on the page is {selector:?}, or it is hidden");
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({
                    "type": kind, "x": place["x"], "y": place["y"], "clickCount": 1,
                    "button": if kind == "mouseMoved" { "none" } else { "left" },
                }),
            )?;
        }
        Ok(())
    }

    /// Presses a key by the name that the web gives it: `ArrowRight`, `Enter`, `s`.
    ///
    /// # Errors
    ///
    /// When there is no such key.
    pub fn press(&mut self, name: &str) -> Result<()> {
        let mut event = key::down(name)?;
        self.call("Input.dispatchKeyEvent", event.clone())?;
        event["type"] = json!("keyUp");
        event["text"] = json!("");
        self.call("Input.dispatchKeyEvent", event)?;
        Ok(())
    }

    /// Types text where the cursor is, in any script, as an input method does.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn write(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({ "text": text }))?;
        Ok(())
    }

    /// What the window shows, as a PNG.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn screenshot(&mut self) -> Result<Vec<u8>> {
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png" }))?;
        let data = text(&answer["data"])?;
        data_encoding::BASE64.decode(data.as_bytes()).context("the picture is no base64")
    }

    /// The page as it is printed, as a PDF.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn print(&mut self) -> Result<Vec<u8>> {
        let answer = self.call("Page.printToPDF", json!({ "printBackground": true }))?;
        let data = text(&answer["data"])?;
        data_encoding::BASE64.decode(data.as_bytes()).context("the print is no base64")
    }

    /// How wide the document is. Wider than the window, it scrolls sideways.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn scroll_width(&mut self) -> Result<u64> {
        let width = self.evaluate("document.documentElement.scrollWidth")?;
        width.as_u64().context("the page has no width")
    }

    /// What went wrong since this was last asked, a line each: whatever the page said on the
    /// console, exceptions, what did not load, and what was asked for from elsewhere.
    ///
    /// # Errors
    ///
    /// When Chromium does not answer.
    pub fn problems(&mut self) -> Result<Vec<String>> {
        self.settle()?;
        self.gather();
        Ok(std::mem::take(&mut self.problems))
    }

    fn gather(&mut self) {
        self.problems.extend(self.wire.events().filter_map(|event| problem::of(&event)));
    }

    fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.wire.call(Some(&self.session), method, parameters)
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        let _ = self.wire.call(None, "Target.closeTarget", json!({ "targetId": self.target }));
        // What it still said is not of the next page.
        let _ = self.wire.events().count();
    }
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("Chromium answered without what was asked for")
}
