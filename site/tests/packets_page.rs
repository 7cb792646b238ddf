//! Checks the page that `day01-packets --html` writes: with keyboard, mouse, touch and screen reader;
//! wide and narrow, light and dark, alone and in a frame. Each step must say the same as the sequence
//! diagram in the terminal.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::Key;

use crate::browser::{Browser, DESKTOP, View, file_url};
use crate::diagram_parser::{rows, words_of_sentence};
use crate::http_server::serve;

/// Builds and runs `day01-packets`, and returns its output.
fn packets(arguments: &[&str]) -> Result<String> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["run", "-q", "-p", "day01-packets", "--manifest-path", manifest, "--"])
        .args(arguments)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "day01-packets {arguments:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

/// Writes a page to a temporary folder, and returns the folder and the address of the page.
fn write_page(arguments: &[&str]) -> Result<(TempDir, String)> {
    let folder = TempDir::with_prefix("packets-")?;
    let file = folder.path().join("page.html");
    packets(&[arguments, &["--html", file.to_str().context("the path isn't UTF-8")?]].concat())?;
    let url = file_url(&file)?;
    Ok((folder, url))
}

/// Opens the page of `tcp hello`.
fn open_hello(fragment: &str, view: View) -> Result<Browser> {
    let (_folder, url) = write_page(&["tcp", "hello"])?;
    Browser::start_at(&format!("{url}{fragment}"), view)
}

/// Returns the description of the current step.
fn description(browser: &Browser) -> Result<String> {
    browser.text("document.getElementById('said').innerText")
}

/// Returns the rows shown so far, as a screen reader reads them.
fn spoken_rows(browser: &Browser) -> Result<Vec<String>> {
    let sentences = browser.evaluate(
        "[...document.querySelectorAll('.diagram > li:not([hidden])')].map(row =>
            row.querySelector('.open-frame')?.getAttribute('aria-label')
                ?? row.querySelector('.unseen').textContent)",
    )?;
    Ok(serde_json::from_value(sentences)?)
}

/// Selects an option of a `<select>`.
fn select_option(browser: &Browser, id: &str, value: &str) -> Result<()> {
    let script = "(() => {
        const select = document.getElementById('ID');
        select.value = 'VALUE';
        select.dispatchEvent(new Event('change', { bubbles: true }));
    })()";
    browser.evaluate(&script.replace("ID", id).replace("VALUE", value)).map(drop)
}

fn step(browser: &Browser) -> Result<Value> {
    browser.evaluate("document.getElementById('slider').valueAsNumber")
}

const LOSSY: [&str; 7] = ["tcp", "hello", "你好", "--loss", "20", "--seed", "36"];

#[test]
fn the_page_fits_every_screen_and_makes_no_requests() -> Result<()> {
    let browser = Browser::start()?;
    let (mut light, mut dark) = (BTreeSet::new(), BTreeSet::new());
    for arguments in [&LOSSY[..], &["udp", "hello", "--no-server"], &["tcp", &"x".repeat(9000)]] {
        let (_folder, url) = write_page(arguments)?;
        for (width, is_dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
            let view = View::new(width);
            browser.open(&url, if is_dark { view.dark() } else { view })?;
            let colours = if is_dark { &mut dark } else { &mut light };
            colours.insert(browser.text("getComputedStyle(document.body).backgroundColor")?);
            let views = browser.evaluate("document.querySelectorAll('#views button').length")?;
            for number in 1..=views.as_u64().context("the page has no views")? {
                browser.click(&format!("#views button:nth-child({number})"))?;
                browser.press(Key::End)?;
                browser.evaluate(
                    "document.querySelectorAll('.open-frame').forEach(frame => frame.click()),
                    document.querySelectorAll('details').forEach(one => one.open = true)",
                )?;
                let scrolls = browser.scroll_width()?;
                assert!(scrolls <= u64::from(width), "{} is {scrolls} wide", arguments[0]);
                let wider = browser.evaluate(
                    "[...document.querySelectorAll('.diagram, .panel')]
                        .filter(one => one.scrollWidth > one.clientWidth).length",
                )?;
                assert_eq!(wider, 0, "the diagram of {} scrolls sideways at {width}", arguments[0]);
            }
            assert_eq!(browser.problems()?, Vec::<String>::new());
        }
    }
    assert_eq!((light.len(), dark.len()), (1, 1), "light: {light:?}, dark: {dark:?}");
    assert_ne!(light, dark);
    Ok(())
}

#[test]
fn arrow_keys_step_through_the_rows_of_the_diagram() -> Result<()> {
    let browser = Browser::start()?;
    for arguments in [&LOSSY[..], &["udp", "hello", "--no-server"], &["tcp", "hello", "--unread"]] {
        let (_folder, url) = write_page(arguments)?;
        browser.open(&url, DESKTOP.reduced_motion())?;
        let rows = rows(&packets(arguments)?);
        assert!(rows.len() > 6, "{rows:?}");
        for (number, row) in (1..).zip(&rows) {
            let text = description(&browser)?;
            let first = text.lines().next().unwrap_or_default();
            assert_eq!(&words_of_sentence(first), row, "step {number}: {text}");
            assert_eq!(spoken_rows(&browser)?.last().map(String::as_str), Some(first));
            browser.press(Key::Right)?;
        }
        assert_eq!(step(&browser)?, rows.len(), "one step for each row");
        assert_eq!(spoken_rows(&browser)?.len(), rows.len());
        for (key, number) in
            [(Key::Left, rows.len() - 1), (Key::Home, 1), (Key::Left, 1), (Key::End, rows.len())]
        {
            browser.press(key.clone())?;
            assert_eq!(step(&browser)?, number, "{key:?}");
        }
        assert_eq!(browser.problems()?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn states_and_blocked_calls_change_with_the_steps() -> Result<()> {
    let browser = open_hello("", DESKTOP.reduced_motion())?;
    let mut seen = vec![];
    for _ in 0..40 {
        for host in ["client", "server"] {
            let card = browser.text(&format!(
                "[...document.querySelectorAll('.host.{host} :is(.call, .waits, .state)')]
                    .map(one => one.innerText).join('/')"
            ))?;
            seen.push(format!("{host} {card}"));
        }
        browser.press(Key::Right)?;
    }
    let mut at = 0;
    for card in [
        "server 3 listen//LISTEN",
        "server 4 accept/waits/LISTEN",
        "client 2 connect/waits/SYN-SENT",
        "server 4 accept/waits/SYN-RECEIVED",
        "client 2 connect returns//ESTABLISHED",
        "client 3 recv/waits/FIN-WAIT-1",
        "server 4 accept/waits/CLOSE-WAIT",
        "client 3 recv/waits/FIN-WAIT-2",
        "server 6 close//LAST-ACK",
        "client 3 recv/waits/TIME-WAIT",
        "server 6 close//CLOSED",
        "client 4 close//CLOSED",
    ] {
        let next = seen[at..].iter().position(|one| one == card);
        at += next.with_context(|| format!("{card:?} is missing in\n{}", seen.join("\n")))?;
    }
    Ok(())
}

#[test]
fn a_frame_opens_layer_by_layer() -> Result<()> {
    let browser = open_hello("#step=14", DESKTOP)?;
    let layers = "document.querySelectorAll('.layers').length";
    let named = "[...document.querySelectorAll('.layer > summary')].map(one => one.innerText)";
    let all = json!([
        "2 link Ethernet 14 bytes",
        "3 network IPv4 20 bytes",
        "4 transport TCP 20 bytes",
        "7 application message 5 bytes"
    ]);
    // A click opens it, the next one closes it.
    browser.click(".row.now .open-frame")?;
    assert_eq!(browser.evaluate(named)?, all);
    let nested = browser.evaluate("document.querySelector('.layers > p').innerText")?;
    assert_eq!(nested, r#"[Ethernet 14 [IPv4 20 [TCP 20 ["hello" 5]]]] = 59 bytes"#);
    let innermost = "document.querySelector('.layer .layer .layer .layer > summary').innerText";
    assert_eq!(browser.evaluate(innermost)?, all[3]);
    let expanded = "document.querySelector('.row.now .open-frame').getAttribute('aria-expanded')";
    assert_eq!(browser.evaluate(expanded)?, "true");
    browser.click(".row.now .open-frame")?;
    assert_eq!(browser.evaluate(layers)?, 0);
    assert_eq!(browser.evaluate(expanded)?, "false");
    // Enter opens the frame of the current step when no button has the focus,
    browser.evaluate("document.activeElement.blur()")?;
    browser.press(Key::Enter)?;
    assert_eq!(browser.evaluate(named)?, all);
    browser.press(Key::Escape)?;
    assert_eq!(browser.evaluate(layers)?, 0);
    // and the frame of the button that has it.
    browser.evaluate("document.querySelector('.open-frame').focus()")?;
    browser.press(Key::Enter)?;
    browser.wait_for("document.querySelectorAll('.layer').length == 2")?;
    assert_eq!(browser.evaluate(named)?[1], "2 link, for 3 ARP 28 bytes");
    assert_eq!(browser.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn loss_and_seed_change_the_exchange() -> Result<()> {
    let browser = open_hello("", DESKTOP.reduced_motion())?;
    let mut all = vec![];
    for (loss, seed) in [("0", "1"), ("20", "3"), ("20", "4"), ("40", "4")] {
        select_option(&browser, "loss", loss)?;
        select_option(&browser, "seed", seed)?;
        browser.press(Key::End)?;
        let sentences: Vec<_> =
            spoken_rows(&browser)?.iter().map(|one| words_of_sentence(one)).collect();
        let diagram = packets(&["tcp", "hello", "--loss", loss, "--seed", seed])?;
        assert_eq!(sentences, rows(&diagram), "--loss {loss} --seed {seed}");
        // A lost packet differs by its text and its arrow, not by colour alone.
        let lost = sentences.iter().filter(|words| words.contains(&"lost".to_owned())).count();
        let marked = browser.evaluate(
            "[...document.querySelectorAll('.row.lost .arrow')].filter(arrow =>
                getComputedStyle(arrow, '::after').content.includes('✕')
                && getComputedStyle(arrow, '::before').borderTopStyle === 'dashed').length",
        )?;
        assert_eq!(marked, lost);
        all.push(sentences);
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "two of the four are the same");
    Ok(())
}

#[test]
fn raw_numbers_language_and_protocol_can_be_switched() -> Result<()> {
    let browser = open_hello("#step=14", DESKTOP.reduced_motion())?;
    assert!(description(&browser)?.contains("seq 1 ack 1"));
    browser.click("#raw")?;
    assert!(description(&browser)?.contains("seq 1972616945 ack 2658078156"));
    browser.click("#language")?;
    assert_eq!(
        description(&browser)?,
        "40 毫秒，客户端→服务端：data: 5 bytes seq 1972616945 ack 2658078156"
    );
    assert_eq!(browser.evaluate("document.documentElement.lang")?, "zh");

    // Side by side, both sequence diagrams advance on the same clock.
    browser.click("[data-view=both]")?;
    let apart = "(() => {
        const [one, other] = [...document.querySelectorAll('.panel')].map(panel => {
            let time = 0;
            const rows = [...panel.querySelectorAll('.row')].map(row => {
                time = Number(row.querySelector('time').textContent || time);
                return { time, hidden: row.hidden };
            });
            const times = hidden => rows.filter(row => row.hidden === hidden).map(row => row.time);
            return { last: Math.max(0, ...times(false)), next: Math.min(1e9, ...times(true)) };
        });
        return one.next < other.last || other.next < one.last;
    })()";
    let last: u64 = browser.text("document.getElementById('slider').max")?.parse()?;
    for _ in 1..last {
        browser.press(Key::Right)?;
        assert_eq!(browser.evaluate(apart)?, false, "one diagram is ahead of the other");
    }
    assert_eq!(browser.evaluate("document.querySelectorAll('.row[hidden]').length")?, 0);
    assert_eq!(browser.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_page_plays_and_reacts_to_swipes() -> Result<()> {
    let browser = open_hello("", View::new(360))?;
    browser.press(" ")?;
    browser.wait_for("document.getElementById('slider').valueAsNumber >= 3")?;
    browser.press(" ")?;
    assert_eq!(browser.evaluate("document.getElementById('play').innerText")?, "Play");

    let swipe = |by: i32| {
        format!(
            "(() => {{
                const target = document.querySelector('.diagram');
                const touch = (clientX) => new Touch({{ identifier: 1, target, clientX, clientY: 9 }});
                const send = (name, x) => target.dispatchEvent(new TouchEvent(name,
                    {{ bubbles: true, changedTouches: [touch(x)] }}));
                send('touchstart', 200);
                send('touchend', 200 + {by});
            }})()"
        )
    };
    for (by, key, number) in [(-90, Key::Home, 2), (90, Key::End, 31), (-9, Key::Home, 1)] {
        browser.press(key)?;
        browser.evaluate(&swipe(by))?;
        assert_eq!(step(&browser)?, number, "swiped by {by} pixels");
    }
    assert_eq!(browser.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn nothing_moves_with_reduced_motion() -> Result<()> {
    let browser = Browser::start()?;
    let (_folder, url) = write_page(&["tcp", "hello"])?;
    for (view, moves) in [(DESKTOP, true), (DESKTOP.reduced_motion(), false)] {
        browser.open(&format!("{url}#step=6"), view)?;
        browser.press(Key::Right)?;
        let moving = browser.evaluate("document.getAnimations().length > 0")?;
        assert_eq!(moving, moves);
        assert_eq!(browser.evaluate("document.querySelectorAll('.parcel').length")?, 1);
    }
    Ok(())
}

#[test]
fn in_a_frame_the_page_adopts_language_and_colours() -> Result<()> {
    let browser = Browser::start()?;
    let (folder, url) = write_page(&["tcp", "hello"])?;
    let inside = fs::read_to_string(folder.path().join("page.html"))?;
    let around = "<!doctype html><html lang='zh-CN' class='coal'><link rel=icon href='data:,'>\
        <meta name='viewport' content='width=device-width'><body style='margin: 0'>\
        <iframe src='page.html#step=9' style='width: 100%; height: 600px; border: 0'></iframe>";
    let outer_page = around.to_owned();
    let respond = move |request: &[u8]| match request.starts_with(b"GET /page.html") {
        true => ("200 OK", inside.clone()),
        false => ("200 OK", outer_page.clone()),
    };
    browser.open(&serve(respond)?, View::new(360))?;
    let within = |what: &str| {
        format!(
            "(({{ document, root }}) => {what})({{
            document: frames[0].document, root: frames[0].document.documentElement }})"
        )
    };
    assert_eq!(browser.evaluate(&within("root.lang"))?, "zh");
    assert_eq!(browser.evaluate(&within("root.dataset.theme"))?, "dark");
    assert_eq!(browser.evaluate(&within("document.getElementById('slider').value"))?, "9");
    assert_eq!(browser.evaluate(&within("root.scrollWidth"))?, 360);
    // The reader switches the theme of the page around it.
    browser.evaluate("document.documentElement.className = 'light'")?;
    browser.wait_for(&within("root.dataset.theme === 'light'"))?;
    // After a click into the frame it gets the keys.
    browser.click("iframe")?;
    browser.evaluate(&within("document.activeElement.blur()"))?;
    browser.press(Key::End)?;
    assert_eq!(browser.evaluate(&within("document.getElementById('slider').value"))?, "32");
    assert_eq!(browser.problems()?, Vec::<String>::new());

    // Pages from files have no access to each other. There the outer page sends a message.
    let around = around.replace("src='page.html#step=9'", &format!("src='{url}'"));
    fs::write(folder.path().join("around.html"), around)?;
    browser.open(&file_url(&folder.path().join("around.html"))?, DESKTOP)?;
    browser.evaluate("frames[0].postMessage({ theme: 'dark', lang: 'zh' }, '*')")?;
    assert_eq!(browser.problems()?, Vec::<String>::new());
    Ok(())
}
