//! The book, as a reader meets it: every page of both languages, by day and by night, on a screen
//! and on a telephone. It is made with the README's command, and opened as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use site_tests::{Browser, Page, View, file_url};
use serde_json::{Value, json};

/// Both books.
const FOLDERS: [&str; 2] = ["en", "zh"];

/// What of a page the checks look at.
const LOOK: &str = include_str!("book/look.js");

/// Frames are loaded when a reader comes near: here at once.
const LOAD_FRAMES: &str = r#"Promise.all([...document.querySelectorAll("iframe[loading=lazy]")]
    .map(frame => new Promise(loaded => {
        frame.addEventListener("load", loaded);
        frame.loading = "eager";
        frame.src += "";
    })))"#;

/// The site, made once for all tests.
fn site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| {
        let dest = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
        let made = Command::new(env!("CARGO"))
            .args([
                "run",
                "--quiet",
                "--locked",
                "--manifest-path",
                "site/Cargo.toml",
                "--",
                "--dest",
            ])
            .arg(&dest)
            .current_dir(root())
            .output()
            .expect("cargo starts");
        assert!(made.status.success(), "no book: {}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8_lossy(&made.stdout);
        assert!(Path::new(said.trim()).is_file(), "it says that the first page is {said:?}");
        dest
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository")
}

/// All pages of a book, as places in the site: `en/server.html`.
fn pages(folder: &str) -> BTreeSet<PathBuf> {
    let mut pages = BTreeSet::new();
    let mut folders = vec![site().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the site") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "html") {
                pages.insert(path.strip_prefix(site()).expect("in the site").to_owned());
            }
        }
    }
    pages
}

fn url(page: impl AsRef<Path>) -> Result<String> {
    file_url(&site().join(page))
}

/// The names of the notes' sections, in their order.
fn sections(notes: &str) -> Vec<String> {
    let notes = fs::read_to_string(root().join(notes)).expect("the notes");
    let lines: Vec<&str> = notes.lines().collect();
    let named = lines.windows(2).filter(|pair| pair[1].starts_with("## "));
    named.filter_map(|pair| pair[0].split('"').nth(1).map(str::to_owned)).collect()
}

#[test]
fn each_section_is_a_chapter_in_both_languages() {
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
fn every_page_is_whole_on_a_screen_by_day() -> Result<()> {
    every_page_is_whole(View::new(1280))
}

#[test]
fn every_page_is_whole_on_a_screen_by_night() -> Result<()> {
    every_page_is_whole(View::new(1280).dark())
}

#[test]
fn every_page_is_whole_on_a_telephone_by_day() -> Result<()> {
    every_page_is_whole(View::new(360))
}

#[test]
fn every_page_is_whole_on_a_telephone_by_night() -> Result<()> {
    every_page_is_whole(View::new(360).dark())
}

fn every_page_is_whole(view: View) -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open("about:blank", view)?;
    let window = tab.evaluate("innerWidth")?.as_u64().context("a window")?;
    let mut wrong = Vec::new();
    let mut drawn = 0;
    for page in FOLDERS.iter().flat_map(|folder| pages(folder)) {
        tab.go(&url(&page)?)?;
        tab.evaluate(LOAD_FRAMES)?;
        let seen = tab.evaluate(LOOK)?;
        let mut found = tab.problems()?;
        let width = tab.scroll_width()?;
        if width > window {
            found.push(format!("it is {width} pixels wide, in a window of {window}"));
        }
        found.extend(strings(&seen["wide"]).map(|what| format!("wider than its place: {what}")));
        found.extend(strings(&seen["faint"]).map(|what| format!("hard to read: {what}")));
        if seen["source"] == true {
            found.push("a diagram is left as text".to_owned());
        }
        for diagram in seen["diagrams"].as_array().into_iter().flatten() {
            drawn += 1;
            let labels = diagram["shown"].as_array().context("labels")?;
            let hidden = labels.iter().any(|colour| *colour == seen["paper"]);
            let words = diagram["words"].as_str().is_some_and(|words| words.len() > 20);
            if labels.is_empty() || hidden || !words || diagram["width"].as_f64() < Some(100.0) {
                found.push(format!("a diagram cannot be read: {diagram}"));
            }
        }
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}", page.display())));
    }
    assert_eq!(wrong, Vec::<String>::new());
    // Each chapter's, and all of them once more on the page for printing.
    let notes = fs::read_to_string(root().join("NOTES.md"))?;
    assert_eq!(drawn, notes.matches("```mermaid").count() * 2 * FOLDERS.len());
    Ok(())
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open("about:blank", View::new(1280))?;
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut links: Vec<(String, String)> = Vec::new();
    for page in FOLDERS.iter().flat_map(|folder| pages(folder)) {
        let here = url(&page)?;
        tab.go(&here)?;
        let seen = tab.evaluate(LOOK)?;
        links.extend(strings(&seen["links"]).map(|link| (here.clone(), link)));
        ids.insert(here, strings(&seen["ids"]).collect());
    }
    let mut inside = 0;
    let mut wrong = BTreeSet::new();
    for (page, link) in links {
        if link.starts_with("https://") {
            continue;
        }
        inside += 1;
        let (target, fragment) = link.split_once('#').unwrap_or((&link, ""));
        let file = target.strip_prefix("file://").unwrap_or("no file");
        let leads = match ids.get(target) {
            Some(ids) => fragment.is_empty() || ids.contains(fragment),
            // A style sheet, a picture; or the packets, which are told in the fragment what to show.
            None => {
                let told = file.contains("/packets/");
                Path::new(file).is_file() && (fragment.is_empty() || told)
            }
        };
        if !leads {
            wrong.insert(format!("{page} links to {link}"));
        }
    }
    assert_eq!(wrong, BTreeSet::new());
    assert!(inside > 1000, "only {inside} links were found");
    Ok(())
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned))
}

#[test]
fn links_to_code_show_the_code() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for (section, file) in [
        ("server", "day01-tcp-server/src/main.rs"),
        ("client", "day01-tcp-client/src/main.rs"),
        ("udp-programs", "day01-udp/src/server.rs"),
        ("udp-programs", "day01-udp/src/client.rs"),
    ] {
        for folder in FOLDERS {
            let mut tab =
                browser.open(&url(format!("{folder}/{section}.html"))?, View::new(1280))?;
            tab.follow(|tab| tab.click(&format!("main a[href$='{file}.html']")))?;
            let shown = tab.evaluate("document.querySelector('.numbered code').textContent")?;
            let code = fs::read_to_string(root().join(file))?;
            assert_eq!(shown.as_str().map(str::trim_end), Some(code.trim_end()), "{file}");
            let numbers = tab.evaluate("document.querySelector('.numbered').dataset.numbers")?;
            let last = numbers.as_str().and_then(|numbers| numbers.lines().last());
            assert_eq!(last, Some(code.lines().count().to_string().as_str()));
        }
    }
    Ok(())
}

#[test]
fn chapters_show_their_packets() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open("about:blank", View::new(1280))?;
    for (section, expected) in [
        ("journey", "data: 5 bytes"),
        ("handshake", "handshake 1/3"),
        ("close", "close 1/4"),
        ("udp", "datagram: 5 bytes"),
    ] {
        for folder in FOLDERS {
            tab.go(&url(format!("{folder}/{section}.html"))?)?;
            let frame = tab.evaluate("document.querySelector('.packets iframe').src")?;
            let link = tab.evaluate("document.querySelector('.packets a').href")?;
            assert_eq!(frame, link);
            // Of files, a page may not look into its frames: it is opened by itself.
            tab.go(frame.as_str().context("an address")?)?;
            let said = tab.evaluate("document.getElementById('said').innerText")?;
            assert!(said.as_str().is_some_and(|said| said.contains(expected)), "{section}: {said}");
            assert_eq!(tab.evaluate("document.documentElement.lang")?, folder, "{section}");
            assert_eq!(tab.problems()?, Vec::<String>::new(), "{section}");
        }
    }
    Ok(())
}

#[test]
fn the_switch_stays_on_the_section() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open("about:blank", View::new(1280))?;
    for page in pages("en") {
        // What is shown in a frame where there is no script.
        if page.ends_with("toc.html") {
            continue;
        }
        let other = Path::new("zh").join(page.strip_prefix("en")?);
        tab.go(&url(&page)?)?;
        assert_eq!(switched(&mut tab)?, url(&other)?);
        assert_eq!(switched(&mut tab)?, url(&page)?);
    }
    // The section in the middle of a chapter, wherever in it the reader is.
    tab.go(&format!("{}#server-listen", url("zh/server.html")?))?;
    assert_eq!(switched(&mut tab)?, format!("{}#server-listen", url("en/server.html")?));
    tab.evaluate("document.getElementById('nagle').scrollIntoView()")?;
    tab.evaluate("scrollBy(0, 300)")?;
    assert_eq!(switched(&mut tab)?, format!("{}#nagle", url("zh/server.html")?));
    let top = tab.evaluate("document.getElementById('nagle').getBoundingClientRect().top")?;
    assert!(top.as_f64().is_some_and(|top| (0.0..200.0).contains(&top)), "Nagle at {top}");
    Ok(())
}

fn switched(tab: &mut Page<'_>) -> Result<String> {
    tab.follow(|tab| tab.click("a.language"))?;
    let place = tab.evaluate("location.href")?;
    Ok(place.as_str().context("a place")?.to_owned())
}

#[test]
fn search_finds_words_of_both_languages() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for (book, typed, section) in [
        ("en", "half-close", "close"),
        ("en", "Nagle's algorithm", "server"),
        ("en", "127.0.0.1", "host"),
        // In the middle of sentences, where no space is beside them.
        ("zh", "三次握手", "handshake"),
        ("zh", "字节流", "tcp"),
        ("zh", "缓冲区", "server"),
        // A single character, and a word of English.
        ("zh", "帧", "journey"),
        ("zh", "SO_REUSEADDR", "server"),
    ] {
        let mut tab = browser.open(&url(format!("{book}/homework.html"))?, View::new(1280))?;
        tab.press("s")?;
        tab.wait_for("document.activeElement.id == 'mdbook-searchbar'")?;
        tab.write(typed)?;
        // The page looks when a key comes up.
        tab.press("End")?;
        let results = "document.querySelectorAll('#mdbook-searchresults a')";
        tab.wait_for(&format!("{results}.length")).with_context(|| format!("found {typed}"))?;
        let link = tab.evaluate(&format!(
            "[...{results}].findIndex(link => link.href.includes('/{section}.html'))"
        ))?;
        assert!(link.as_i64() >= Some(0), "{typed}: no result in {section}");
        let teaser =
            tab.evaluate(&format!("document.querySelectorAll('.teaser')[{link}].textContent"))?;
        let length = teaser.as_str().map_or(0, |text| text.chars().count());
        assert!((1..300).contains(&length), "{typed}: {teaser}");
        let marked = "[...document.querySelectorAll('#mdbook-searchresults em')]\
            .some(em => em.textContent.toLowerCase() == words)";
        let first = typed.split(' ').next().unwrap_or_default().to_lowercase();
        assert_eq!(
            tab.evaluate(&marked.replace("words", &json!(first).to_string()))?,
            true,
            "{typed}"
        );

        let link =
            format!("#mdbook-searchresults li:nth-child({}) a", link.as_i64().unwrap_or(0) + 1);
        tab.follow(|tab| tab.click(&link))?;
        tab.wait_for("document.querySelector('mark')").context(typed)?;
        assert_eq!(tab.problems()?, Vec::<String>::new(), "{typed}");
    }
    Ok(())
}

#[test]
fn what_is_nowhere_is_not_found() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for (book, typed) in [("en", "xylophone"), ("zh", "握次三手")] {
        let mut tab = browser.open(&url(format!("{book}/tcp.html"))?, View::new(360))?;
        tab.click("#mdbook-search-toggle")?;
        tab.write(typed)?;
        tab.press("End")?;
        tab.wait_for("document.getElementById('mdbook-searchresults-header').textContent")?;
        let found = tab.evaluate("document.querySelectorAll('#mdbook-searchresults li').length")?;
        assert_eq!(found, 0, "{typed}");
    }
    Ok(())
}

#[test]
fn the_reader_chooses_light_or_dark() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let paper = "getComputedStyle(document.documentElement).backgroundColor";
    let mut tab = browser.open(&url("zh/tcp.html")?, View::new(1280))?;
    let light = tab.evaluate(paper)?;
    tab.click("#mdbook-theme-toggle")?;
    let offered = tab.evaluate("document.getElementById('mdbook-theme-list').innerText")?;
    assert_eq!(offered.as_str().map(|text| text.lines().count()), Some(3), "{offered}");
    tab.click("#mdbook-theme-navy")?;
    let dark = tab.evaluate(paper)?;
    assert_ne!(light, dark);
    // It is kept, in the other language, too, and what the system prefers is the beginning.
    tab.go(&url("en/udp.html")?)?;
    assert_eq!(tab.evaluate(paper)?, dark);
    drop(tab);
    let mut tab = browser.open(&url("en/udp.html")?, View::new(1280))?;
    tab.evaluate("localStorage.clear()")?;
    tab.look(View::new(1280).dark())?;
    tab.go(&url("en/udp.html")?)?;
    assert_eq!(tab.evaluate(paper)?, dark);
    Ok(())
}

#[test]
fn each_book_can_be_printed() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for folder in FOLDERS {
        let mut tab = browser.open(&url(format!("{folder}/tcp.html"))?, View::new(1280).dark())?;
        tab.follow(|tab| tab.click(".right-buttons a[href$='print.html']"))?;
        let headings = tab.evaluate("document.querySelectorAll('main h1').length")?;
        assert!(headings.as_u64() > Some(25), "only {headings} chapters are printed");
        assert!(tab.print()?.starts_with(b"%PDF"));
    }
    Ok(())
}

#[test]
fn the_first_page_is_of_a_language_that_the_reader_has() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open(&url("index.html")?, View::new(360))?;
    tab.wait_for("document.querySelector('h1')")?;
    assert_eq!(tab.evaluate("location.href")?, url("en/index.html")?);
    assert_eq!(tab.problems()?, Vec::<String>::new());
    Ok(())
}
