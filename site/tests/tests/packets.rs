//! The page that `day01-packets --html` writes, as a reader meets it: with keys, a mouse, a finger or
//! a screen reader; wide and narrow, light and dark, alone and inside another page. What it tells of
//! each step is held against the picture in words. The file is long because a reader has many ways.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};
use site_tests::{Browser, Page, View, file_url};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What `day01-packets` prints, built as it is now.
fn packets(arguments: &[&str]) -> Result<String> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["run", "-q", "-p", "day01-packets", "--manifest-path", manifest, "--"])
        .args(arguments)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "day01-packets {arguments:?}: {said}");
    Ok(String::from_utf8(output.stdout)?)
}

/// A page in a folder of its own, and its address.
fn write(arguments: &[&str]) -> Result<(TempDir, String)> {
    let folder = TempDir::with_prefix("packets-")?;
    let file = folder.path().join("page.html");
    packets(&[arguments, &["--html", file.to_str().context("a path in UTF-8")?]].concat())?;
    let url = file_url(&file)?;
    Ok((folder, url))
}

/// The words of each row of a picture, in any order.
fn rows(picture: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = vec![];
    let mut time = String::new();
    let between = picture.lines().skip(3).take_while(|line| !line.is_empty());
    for line in between.filter(|line| line.contains('|')) {
        let (at, rest) = line.split_at(7);
        let mut words = words(rest);
        // A state for which there was no room beside its call has a line to itself.
        if let ([state], Some(last)) = (&words[..], rows.last_mut())
            && state.starts_with('[')
        {
            last.push(state.clone());
            last.sort();
            continue;
        }
        if !at.trim().is_empty() {
            time = at.trim().to_owned();
        }
        words.push(time.clone());
        words.sort();
        rows.push(words);
    }
    rows
}

/// The words of a line, without the lines and arrows of a picture and the punctuation of a sentence.
fn words(line: &str) -> Vec<String> {
    let words = line.split([' ', '|']).map(|word| word.trim_matches([',', ':']));
    let is_drawn = |word: &&str| word.chars().all(|character| "-<>x".contains(character));
    words.filter(|word| !is_drawn(word)).map(str::to_owned).collect()
}

/// The words of a sentence of the page, less those that say where the picture shows.
fn words_of_sentence(sentence: &str) -> Vec<String> {
    let mut words = words(sentence);
    words.retain(|word| !["ms", "client", "server", "to"].contains(&&word[..]));
    words.sort();
    words
}

fn said(page: &mut Page) -> Result<String> {
    let said = page.evaluate("document.getElementById('said').innerText")?;
    Ok(said.as_str().context("the step is told")?.to_owned())
}

/// The sentences of the ladder, for a screen reader.
fn ladder(page: &mut Page) -> Result<Vec<String>> {
    let sentences = page.evaluate(
        "[...document.querySelectorAll('.ladder > li:not([hidden])')].map(row =>
            row.querySelector('.open-frame')?.getAttribute('aria-label')
                ?? row.querySelector('.unseen').textContent)",
    )?;
    Ok(serde_json::from_value(sentences)?)
}

/// Chooses a value of a `<select>`, as a hand does.
fn choose(page: &mut Page, id: &str, value: &str) -> Result<()> {
    page.evaluate(&format!(
        "(() => {{
            const select = document.getElementById({});
            select.value = {};
            select.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()",
        json!(id),
        json!(value)
    ))?;
    Ok(())
}

fn step(page: &mut Page) -> Result<Value> {
    page.evaluate("document.getElementById('slider').valueAsNumber")
}

const LOSSY: [&str; 7] = ["tcp", "hello", "你好", "--loss", "20", "--seed", "36"];

#[test]
fn it_fits_every_screen_and_asks_for_nothing() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut grounds = vec![];
    for arguments in [&LOSSY[..], &["udp", "hello", "--no-server"], &["tcp", &"x".repeat(9000)]] {
        let (_folder, url) = write(arguments)?;
        for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
            let view = View::new(width);
            let mut page = browser.open(&url, if dark { view.dark() } else { view })?;
            grounds.push((dark, page.evaluate("getComputedStyle(document.body).backgroundColor")?));
            let views = page.evaluate("document.querySelectorAll('#views button').length")?;
            for number in 1..=views.as_u64().context("some views")? {
                page.click(&format!("#views button:nth-child({number})"))?;
                page.press("End")?;
                page.evaluate(
                    "document.querySelectorAll('.open-frame').forEach(frame => frame.click());
                    document.querySelectorAll('details').forEach(one => one.open = true)",
                )?;
                let scrolls = page.scroll_width()?;
                assert!(scrolls <= u64::from(width), "{} is {scrolls} wide", arguments[0]);
                let wider = page.evaluate(
                    "[...document.querySelectorAll('.ladder, .panel')]
                        .filter(one => one.scrollWidth > one.clientWidth).length",
                )?;
                assert_eq!(wider, 0, "a ladder of {} scrolls sideways at {width}", arguments[0]);
            }
            assert_eq!(page.problems()?, Vec::<String>::new());
        }
    }
    let differs =
        grounds.iter().all(|(dark, ground)| (*dark == grounds[1].0) == (*ground == grounds[1].1));
    assert!(differs && grounds[0].1 != grounds[1].1, "dark and light: {grounds:?}");
    Ok(())
}

#[test]
fn the_keys_lead_through_the_rows_of_the_picture() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for arguments in [&LOSSY[..], &["udp", "hello", "--no-server"], &["tcp", "hello", "--unread"]] {
        let (_folder, url) = write(arguments)?;
        let mut page = browser.open(&url, View::new(1280).still())?;
        let rows = rows(&packets(arguments)?);
        assert!(rows.len() > 6, "a picture with rows: {rows:?}");
        for (number, row) in (1..).zip(&rows) {
            let said = said(&mut page)?;
            let first = said.lines().next().unwrap_or_default();
            assert_eq!(&words_of_sentence(first), row, "step {number}: {said}");
            assert_eq!(ladder(&mut page)?.last().map(String::as_str), Some(first));
            page.press("ArrowRight")?;
        }
        assert_eq!(step(&mut page)?, rows.len(), "no step but those of the picture");
        assert_eq!(ladder(&mut page)?.len(), rows.len());
        for (key, number) in
            [("ArrowLeft", rows.len() - 1), ("Home", 1), ("ArrowLeft", 1), ("End", rows.len())]
        {
            page.press(key)?;
            assert_eq!(step(&mut page)?, number, "{key}");
        }
        assert_eq!(page.problems()?, Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn states_and_waiting_calls_change_with_the_steps() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    let mut page = browser.open(&url, View::new(1280).still())?;
    let mut seen = vec![];
    for _ in 0..40 {
        for host in ["client", "server"] {
            let card = page.evaluate(&format!(
                "[...document.querySelectorAll('.host.{host} :is(.call, .waits, .state)')]
                    .map(one => one.innerText).join('/')"
            ))?;
            seen.push(format!("{host} {}", card.as_str().context("a card")?));
        }
        page.press("ArrowRight")?;
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
        at += next.with_context(|| format!("{card:?} does not come, in\n{}", seen.join("\n")))?;
    }
    Ok(())
}

#[test]
fn a_frame_opens_layer_by_layer() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    let mut page = browser.open(&format!("{url}#step=14"), View::new(1280))?;
    let layers = "document.querySelectorAll('.layers').length";
    let named = "[...document.querySelectorAll('.layer > summary')].map(one => one.innerText)";
    let all = json!([
        "2 link Ethernet 14 bytes",
        "3 network IPv4 20 bytes",
        "4 transport TCP 20 bytes",
        "7 application message 5 bytes"
    ]);
    // With a mouse or a finger, and again to close it.
    page.click(".row.now .open-frame")?;
    assert_eq!(page.evaluate(named)?, all);
    let nested = page.evaluate("document.querySelector('.layers > p').innerText")?;
    assert_eq!(nested, r#"[Ethernet 14 [IPv4 20 [TCP 20 ["hello" 5]]]] = 59 bytes"#);
    let innermost = "document.querySelector('.layer .layer .layer .layer > summary').innerText";
    assert_eq!(page.evaluate(innermost)?, all[3]);
    let expanded = "document.querySelector('.row.now .open-frame').getAttribute('aria-expanded')";
    assert_eq!(page.evaluate(expanded)?, "true");
    page.click(".row.now .open-frame")?;
    assert_eq!(page.evaluate(layers)?, 0);
    assert_eq!(page.evaluate(expanded)?, "false");
    // With the keys alone: the frame of this step, wherever the focus is not on a button,
    page.evaluate("document.activeElement.blur()")?;
    page.press("Enter")?;
    assert_eq!(page.evaluate(named)?, all);
    page.press("Escape")?;
    assert_eq!(page.evaluate(layers)?, 0);
    // and every other one by its button.
    page.evaluate("document.querySelector('.open-frame').focus()")?;
    page.press("Enter")?;
    page.wait_for("document.querySelectorAll('.layer').length == 2")?;
    assert_eq!(page.evaluate(named)?[1], "2 link, for 3 ARP 28 bytes");
    assert_eq!(page.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn another_loss_or_seed_is_another_exchange() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    let mut page = browser.open(&url, View::new(1280).still())?;
    let mut all = vec![];
    for (loss, seed) in [("0", "1"), ("20", "3"), ("20", "4"), ("40", "4")] {
        choose(&mut page, "loss", loss)?;
        choose(&mut page, "seed", seed)?;
        page.press("End")?;
        let sentences: Vec<_> =
            ladder(&mut page)?.iter().map(|one| words_of_sentence(one)).collect();
        let picture = packets(&["tcp", "hello", "--loss", loss, "--seed", seed])?;
        assert_eq!(sentences, rows(&picture), "--loss {loss} --seed {seed}");
        // A loss is marked in words and in form, not by a colour alone.
        let lost = sentences.iter().filter(|words| words.contains(&"lost".to_owned())).count();
        let marked = page.evaluate(
            "[...document.querySelectorAll('.row.lost .arrow')].filter(arrow =>
                getComputedStyle(arrow, '::after').content.includes('✕')
                && getComputedStyle(arrow, '::before').borderTopStyle === 'dashed').length",
        )?;
        assert_eq!(marked, lost);
        all.push(sentences);
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "all four differ");
    Ok(())
}

#[test]
fn raw_numbers_language_and_protocol_can_be_chosen() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    let mut page = browser.open(&format!("{url}#step=14"), View::new(1280).still())?;
    assert!(said(&mut page)?.contains("seq 1 ack 1"));
    page.click("#raw")?;
    assert!(said(&mut page)?.contains("seq 1972616945 ack 2658078156"));
    page.click("#language")?;
    assert_eq!(
        said(&mut page)?,
        "40 毫秒，客户端发给服务端：data: 5 bytes seq 1972616945 ack 2658078156"
    );
    assert_eq!(page.evaluate("document.documentElement.lang")?, "zh");

    // Side by side one clock leads both.
    page.click("[data-view=both]")?;
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
    let last = page.evaluate("document.getElementById('slider').max")?;
    let last: u64 = last.as_str().context("a number of steps")?.parse()?;
    for _ in 1..last {
        page.press("ArrowRight")?;
        assert_eq!(page.evaluate(apart)?, false, "one is ahead of the other");
    }
    assert_eq!(page.evaluate("document.querySelectorAll('.row[hidden]').length")?, 0);
    assert_eq!(page.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn it_plays_and_a_finger_turns_it() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    let mut page = browser.open(&url, View::new(360))?;
    page.press(" ")?;
    page.wait_for("document.getElementById('slider').valueAsNumber >= 3")?;
    page.press(" ")?;
    assert_eq!(page.evaluate("document.getElementById('play').innerText")?, "Play");

    let swipe = |by: i32| {
        format!(
            "(() => {{
                const target = document.querySelector('.ladder');
                const touch = (clientX) => new Touch({{ identifier: 1, target, clientX, clientY: 9 }});
                const send = (name, x) => target.dispatchEvent(new TouchEvent(name,
                    {{ bubbles: true, changedTouches: [touch(x)] }}));
                send('touchstart', 200);
                send('touchend', 200 + {by});
            }})()"
        )
    };
    for (by, key, number) in [(-90, "Home", 2), (90, "End", 31), (-9, "Home", 1)] {
        page.press(key)?;
        page.evaluate(&swipe(by))?;
        assert_eq!(step(&mut page)?, number, "a finger moves by {by}");
    }
    assert_eq!(page.problems()?, Vec::<String>::new());
    Ok(())
}

#[test]
fn nothing_moves_for_those_who_want_it_still() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (_folder, url) = write(&["tcp", "hello"])?;
    for (view, moves) in [(View::new(1280), true), (View::new(1280).still(), false)] {
        let mut page = browser.open(&format!("{url}#step=6"), view)?;
        page.press("ArrowRight")?;
        let moving = page.evaluate("document.getAnimations().length > 0")?;
        assert_eq!(moving, moves);
        assert_eq!(page.evaluate("document.querySelectorAll('.parcel').length")?, 1);
    }
    Ok(())
}

/// Answers every question with one of two pages, as a server of the book would.
fn serve(around: String, inside: String) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap_or(0);
            let is_inside = request[..length].starts_with(b"GET /page.html");
            let page = if is_inside { &inside } else { &around };
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8";
            let _ = write!(connection, "{head}\r\nContent-Length: {}\r\n", page.len());
            let _ = write!(connection, "Connection: close\r\n\r\n{page}");
        }
    });
    Ok(format!("http://{address}/"))
}

#[test]
fn inside_another_page_it_has_its_language_and_colours() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let (folder, url) = write(&["tcp", "hello"])?;
    let inside = fs::read_to_string(folder.path().join("page.html"))?;
    let around = "<!doctype html><html lang='zh-CN' class='coal'><link rel=icon href='data:,'>\
        <meta name='viewport' content='width=device-width'><body style='margin: 0'>\
        <iframe src='page.html#step=9' style='width: 100%; height: 600px; border: 0'></iframe>";
    let mut page = browser.open(&serve(around.to_owned(), inside)?, View::new(360))?;
    let within = |what: &str| {
        format!(
            "(({{ document, root }}) => {what})({{
            document: frames[0].document, root: frames[0].document.documentElement }})"
        )
    };
    assert_eq!(page.evaluate(&within("root.lang"))?, "zh");
    assert_eq!(page.evaluate(&within("root.dataset.theme"))?, "dark");
    assert_eq!(page.evaluate(&within("document.getElementById('slider').value"))?, "9");
    assert_eq!(page.evaluate(&within("root.scrollWidth"))?, 360);
    // Another choice of the reader's, while it is open.
    page.evaluate("document.documentElement.className = 'light'")?;
    page.wait_for(&within("root.dataset.theme === 'light'"))?;
    // A click into it, and its keys are its own.
    page.click("iframe")?;
    page.evaluate(&within("document.activeElement.blur()"))?;
    page.press("End")?;
    assert_eq!(page.evaluate(&within("document.getElementById('slider').value"))?, "32");
    assert_eq!(page.problems()?, Vec::<String>::new());

    drop(page);

    // From a file, whose pages are strangers to each other, it is told.
    let around = around.replace("src='page.html#step=9'", &format!("src='{url}'"));
    fs::write(folder.path().join("around.html"), around)?;
    let mut page = browser.open(&file_url(&folder.path().join("around.html"))?, View::new(1280))?;
    page.evaluate("frames[0].postMessage({ theme: 'dark', lang: 'zh' }, '*')")?;
    assert_eq!(page.problems()?, Vec::<String>::new());
    Ok(())
}
