//! Checks every page of the site in both languages, light and dark, on a desktop and a phone. The
//! site is built with the command from the README and opened as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::{Browser, DESKTOP, View, file_url};

/// The folders of both languages.
const FOLDERS: [&str; 2] = ["en", "zh"];

/// Returns what the checks need to know about a page.
pub(crate) const INSPECT_PAGE: &str = include_str!("inspect_page.js");

/// Loads frames that a page would load only when they're scrolled into view.
const LOAD_FRAMES: &str = r#"Promise.all([...document.querySelectorAll("iframe[loading=lazy]")]
    .map(frame => new Promise(loaded => {
        frame.addEventListener("load", () => loaded());
        frame.loading = "eager";
        frame.src += "";
    })))"#;

/// Builds the site once for all tests, and returns its folder.
fn site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| {
        let dest = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--locked", "--manifest-path", "site/Cargo.toml"])
            .args(["--", "--dest"])
            .arg(&dest)
            .current_dir(root())
            .output()
            .expect("can't start cargo");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "can't build the site: {errors}");
        let index = String::from_utf8_lossy(&output.stdout);
        assert!(Path::new(index.trim()).is_file(), "no start page {index:?}");
        dest
    })
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Returns all pages of a language, relative to the site: `en/server.html`.
fn pages(folder: &str) -> BTreeSet<PathBuf> {
    let mut pages = BTreeSet::new();
    let mut folders = vec![site().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("can't read a folder of the site") {
            let path = entry.expect("can't read a folder of the site").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "html") {
                let page = path.strip_prefix(site()).expect("the page is outside the site");
                pages.insert(page.to_owned());
            }
        }
    }
    pages
}

fn url(page: impl AsRef<Path>) -> Result<String> {
    file_url(&site().join(page))
}

/// Returns the anchors of the sections of the notes, in order.
fn sections(notes: &str) -> Vec<String> {
    let notes = fs::read_to_string(root().join(notes)).expect("can't read the notes");
    let lines: Vec<&str> = notes.lines().collect();
    let named = lines.windows(2).filter(|pair| pair[1].starts_with("## "));
    named.filter_map(|pair| pair[0].split('"').nth(1).map(str::to_owned)).collect()
}

#[test]
fn each_section_is_a_page_in_both_languages() {
    let [english, chinese] = FOLDERS.map(|folder| -> BTreeSet<PathBuf> {
        let pages = pages(folder);
        pages.iter().filter_map(|page| page.strip_prefix(folder).ok()).map(Path::to_owned).collect()
    });
    assert_eq!(english, chinese);
    let sections = sections("NOTES.md");
    assert!(sections.len() > 20, "{sections:?}");
    assert_eq!(sections, self::sections("NOTES.zh-CN.md"));
    for section in sections {
        assert!(english.contains(&PathBuf::from(format!("{section}.html"))), "no page {section}");
    }
}

#[test]
fn every_page_is_readable_on_a_light_desktop() -> Result<()> {
    every_page_is_readable(DESKTOP)
}

#[test]
fn every_page_is_readable_on_a_dark_desktop() -> Result<()> {
    every_page_is_readable(DESKTOP.dark())
}

#[test]
fn every_page_is_readable_on_a_light_phone() -> Result<()> {
    every_page_is_readable(View::new(360))
}

#[test]
fn every_page_is_readable_on_a_dark_phone() -> Result<()> {
    every_page_is_readable(View::new(360).dark())
}

fn every_page_is_readable(view: View) -> Result<()> {
    let browser = Browser::start_at("about:blank", view)?;
    let window = browser.evaluate("innerWidth")?.as_u64().context("the window has no width")?;
    let mut problems = Vec::new();
    let mut diagrams = 0;
    for page in FOLDERS.iter().flat_map(|folder| pages(folder)) {
        browser.go(&url(&page)?)?;
        browser.evaluate(LOAD_FRAMES)?;
        let content = browser.evaluate(INSPECT_PAGE)?;
        let mut found = browser.problems()?;
        let width = browser.scroll_width()?;
        if width > window {
            found.push(format!("{width} pixels wide in a window of {window}"));
        }
        found.extend(strings(&content["tooWide"]).map(|element| format!("too wide: {element}")));
        found.extend(strings(&content["lowContrast"]).map(|text| format!("low contrast: {text}")));
        if content["hasMermaidSource"] == true {
            found.push("a diagram is shown as text".to_owned());
        }
        for diagram in content["diagrams"].as_array().into_iter().flatten() {
            diagrams += 1;
            let colours = diagram["labelColours"].as_array().context("labels")?;
            let hidden = colours.iter().any(|colour| *colour == content["background"]);
            let described = diagram["description"].as_str().is_some_and(|text| text.len() > 20);
            let narrow = diagram["width"].as_f64() < Some(100.0);
            if colours.is_empty() || hidden || !described || narrow {
                found.push(format!("an unreadable diagram: {diagram}"));
            }
        }
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", page.display())));
    }
    assert_eq!(problems, Vec::<String>::new());
    // Each diagram is on the page of its section, and on the page for printing.
    let notes = fs::read_to_string(root().join("NOTES.md"))?;
    assert_eq!(diagrams, notes.matches("```mermaid").count() * 2 * FOLDERS.len());
    Ok(())
}

#[test]
fn every_link_has_a_target() -> Result<()> {
    let browser = Browser::start_at("about:blank", DESKTOP)?;
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut links: Vec<(String, String)> = Vec::new();
    for page in FOLDERS.iter().flat_map(|folder| pages(folder)) {
        let here = url(&page)?;
        browser.go(&here)?;
        let content = browser.evaluate(INSPECT_PAGE)?;
        links.extend(strings(&content["links"]).map(|link| (here.clone(), link)));
        ids.insert(here, strings(&content["ids"]).collect());
    }
    let mut internal = 0;
    let mut broken = BTreeSet::new();
    for (page, link) in links {
        if link.starts_with("https://") {
            continue;
        }
        internal += 1;
        let (target, fragment) = link.split_once('#').unwrap_or((&link, ""));
        let file = target.strip_prefix("file://").unwrap_or("no file");
        let works = match ids.get(target) {
            Some(ids) => fragment.is_empty() || ids.contains(fragment),
            // The fragment of a packets page is the view to show.
            None if file.contains("/packets/") => Path::new(file).is_file(),
            // A style sheet or an image.
            None => Path::new(file).is_file() && fragment.is_empty(),
        };
        if !works {
            broken.insert(format!("{page} links to {link}"));
        }
    }
    assert_eq!(broken, BTreeSet::new());
    assert!(internal > 1000, "only {internal} links");
    Ok(())
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned))
}

#[test]
fn links_to_code_show_the_code() -> Result<()> {
    let browser = Browser::start()?;
    for (section, file) in [
        ("server", "day01-tcp-server/src/main.rs"),
        ("client", "day01-tcp-client/src/main.rs"),
        ("udp-programs", "day01-udp/src/server.rs"),
        ("udp-programs", "day01-udp/src/client.rs"),
    ] {
        for folder in FOLDERS {
            browser.open(&url(format!("{folder}/{section}.html"))?, DESKTOP)?;
            browser.follow(|| browser.click(&format!("main a[href$='{file}.html']")))?;
            let shown = browser.text("document.querySelector('.numbered code').textContent")?;
            let code = fs::read_to_string(root().join(file))?;
            assert_eq!(shown.trim_end(), code.trim_end(), "{file}");
            let numbers = browser.text("document.querySelector('.numbered').dataset.numbers")?;
            assert_eq!(numbers.lines().last(), Some(&*code.lines().count().to_string()));
        }
    }
    Ok(())
}

#[test]
fn sections_show_their_packets() -> Result<()> {
    let browser = Browser::start_at("about:blank", DESKTOP)?;
    for (section, expected) in [
        ("journey", "data: 5 bytes"),
        ("handshake", "handshake 1/3"),
        ("close", "close 1/4"),
        ("udp", "datagram: 5 bytes"),
    ] {
        for folder in FOLDERS {
            browser.go(&url(format!("{folder}/{section}.html"))?)?;
            let frame = browser.text("document.querySelector('.packets iframe').src")?;
            let link = browser.evaluate("document.querySelector('.packets a').href")?;
            assert_eq!(link, frame);
            // Pages from files have no access to their frames, so the frame is opened by itself.
            browser.go(&frame)?;
            let text = browser.text("document.getElementById('said').innerText")?;
            assert!(text.contains(expected), "{section}: {text}");
            assert_eq!(browser.evaluate("document.documentElement.lang")?, folder, "{section}");
            assert_eq!(browser.problems()?, Vec::<String>::new(), "{section}");
        }
    }
    Ok(())
}

#[test]
fn the_language_switch_stays_on_the_section() -> Result<()> {
    let browser = Browser::start_at("about:blank", DESKTOP)?;
    for page in pages("en") {
        // The table of contents for browsers without scripts has no switch.
        if page.ends_with("toc.html") {
            continue;
        }
        let other = Path::new("zh").join(page.strip_prefix("en")?);
        browser.go(&url(&page)?)?;
        assert_eq!(switch_language(&browser)?, url(&other)?);
        assert_eq!(switch_language(&browser)?, url(&page)?);
    }
    // A subsection in the middle of a page, from its address or from where the reader scrolled to.
    browser.go(&format!("{}#server-listen", url("zh/server.html")?))?;
    assert_eq!(switch_language(&browser)?, format!("{}#server-listen", url("en/server.html")?));
    browser.evaluate("document.getElementById('nagle').scrollIntoView()")?;
    browser.evaluate("scrollBy(0, 300)")?;
    assert_eq!(switch_language(&browser)?, format!("{}#nagle", url("zh/server.html")?));
    let top = browser.evaluate("document.getElementById('nagle').getBoundingClientRect().top")?;
    assert!(top.as_f64().is_some_and(|top| (0.0..200.0).contains(&top)), "#nagle is at {top}");
    Ok(())
}

/// Clicks on the language switch, and returns the new address.
fn switch_language(browser: &Browser) -> Result<String> {
    browser.follow(|| browser.click("a.language"))?;
    browser.text("location.href")
}

#[test]
fn search_finds_words_of_both_languages() -> Result<()> {
    let browser = Browser::start()?;
    for (folder, query, section) in [
        ("en", "half-close", "close"),
        ("en", "Nagle's algorithm", "server"),
        ("en", "127.0.0.1", "host"),
        // Words within sentences, without spaces around them.
        ("zh", "三次握手", "handshake"),
        ("zh", "字节流", "tcp"),
        ("zh", "缓冲区", "server"),
        // A single character, and an English word.
        ("zh", "帧", "journey"),
        ("zh", "SO_REUSEADDR", "server"),
    ] {
        browser.open(&url(format!("{folder}/homework.html"))?, DESKTOP)?;
        browser.press("s")?;
        browser.wait_for("document.activeElement.id == 'mdbook-searchbar'")?;
        browser.insert_text(query)?;
        // mdBook searches when a key is released.
        browser.press(Key::End)?;
        let results = "document.querySelectorAll('#mdbook-searchresults a')";
        browser
            .wait_for(&format!("{results}.length"))
            .with_context(|| format!("no results for {query}"))?;
        let link = browser.evaluate(&format!(
            "[...{results}].findIndex(link => link.href.includes('/{section}.html'))"
        ))?;
        assert!(link.as_i64() >= Some(0), "{query}: no result in {section}");
        let teaser = format!("document.querySelectorAll('.teaser')[{link}].textContent");
        let teaser = browser.text(&teaser)?;
        assert!((1..300).contains(&teaser.chars().count()), "{query}: {teaser}");
        let marked = "[...document.querySelectorAll('#mdbook-searchresults em')]\
            .some(em => em.textContent.toLowerCase() == words)";
        let first = query.split(' ').next().unwrap_or_default().to_lowercase();
        let is_marked = browser.evaluate(&marked.replace("words", &json!(first).to_string()))?;
        assert_eq!(is_marked, true, "{query}");

        let number = link.as_i64().unwrap_or(0) + 1;
        let link = format!("#mdbook-searchresults li:nth-child({number}) a");
        browser.follow(|| browser.click(&link))?;
        browser.wait_for("document.querySelector('mark')").context(query)?;
        assert_eq!(browser.problems()?, Vec::<String>::new(), "{query}");
    }
    Ok(())
}

#[test]
fn search_finds_nothing_for_words_that_do_not_occur() -> Result<()> {
    let browser = Browser::start()?;
    for (folder, query) in [("en", "xylophone"), ("zh", "握次三手")] {
        browser.open(&url(format!("{folder}/tcp.html"))?, View::new(360))?;
        browser.click("#mdbook-search-toggle")?;
        browser.insert_text(query)?;
        browser.press(Key::End)?;
        browser.wait_for("document.getElementById('mdbook-searchresults-header').textContent")?;
        let found =
            browser.evaluate("document.querySelectorAll('#mdbook-searchresults li').length")?;
        assert_eq!(found, 0, "{query}");
    }
    Ok(())
}

#[test]
fn the_theme_can_be_chosen_and_is_kept() -> Result<()> {
    let browser = Browser::start_at(&url("zh/tcp.html")?, DESKTOP)?;
    let background = "getComputedStyle(document.documentElement).backgroundColor";
    let light = browser.evaluate(background)?;
    browser.click("#mdbook-theme-toggle")?;
    let offered = browser.text("document.getElementById('mdbook-theme-list').innerText")?;
    assert_eq!(offered.lines().count(), 3, "{offered}");
    browser.click("#mdbook-theme-navy")?;
    let dark = browser.evaluate(background)?;
    assert_ne!(light, dark);
    // The other language keeps it. Without a choice, the system's preference counts.
    browser.go(&url("en/udp.html")?)?;
    assert_eq!(browser.evaluate(background)?, dark);
    browser.open(&url("en/udp.html")?, DESKTOP)?;
    browser.evaluate("localStorage.clear()")?;
    browser.set_view(DESKTOP.dark())?;
    browser.go(&url("en/udp.html")?)?;
    assert_eq!(browser.evaluate(background)?, dark);
    Ok(())
}

#[test]
fn both_languages_can_be_printed() -> Result<()> {
    let browser = Browser::start()?;
    for folder in FOLDERS {
        browser.open(&url(format!("{folder}/tcp.html"))?, DESKTOP.dark())?;
        browser.follow(|| browser.click(".right-buttons a[href$='print.html']"))?;
        let headings = browser.evaluate("document.querySelectorAll('main h1').length")?;
        assert!(headings.as_u64() > Some(25), "only {headings} sections are printed");
        assert!(browser.print()?.starts_with(b"%PDF"));
    }
    Ok(())
}

#[test]
fn the_start_page_leads_to_the_language_of_the_browser() -> Result<()> {
    let browser = Browser::start_at(&url("index.html")?, View::new(360))?;
    browser.wait_for("document.querySelector('h1')")?;
    assert_eq!(browser.evaluate("location.href")?, url("en/index.html")?);
    assert_eq!(browser.problems()?, Vec::<String>::new());
    Ok(())
}
