//! That the harness sees what a page does wrong, and leaves nothing behind.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use anyhow::Result;
use site_tests::{Browser, View};

/// Without it a telephone makes room for a page of a big screen.
const NARROW: &str = "<meta name='viewport' content='width=device-width'>";

/// A page without fault, and what each test adds to it.
fn page(body: &str) -> String {
    format!("data:text/html;charset=utf-8,<!doctype html><title>t</title>{NARROW}{body}")
}

#[test]
fn a_faultless_page_has_no_problem() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab = browser.open(&page("<p>你好"), View::new(360))?;
    assert_eq!(tab.problems()?, Vec::<String>::new());
    assert_eq!(tab.evaluate("document.body.innerText")?, "你好");
    assert_eq!(tab.scroll_width()?, 360);
    Ok(())
}

#[test]
fn every_kind_of_problem_is_seen() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    for (body, said) in [
        ("<script>console.error('oh')</script>", "console.error: oh"),
        ("<script>console.log('ah')</script>", "console.log: ah"),
        ("<script>throw new Error('no')</script>", "exception: Error: no"),
        ("<script>Promise.reject(new Error('late'))</script>", "exception: Error: late"),
        ("<img src='https://example.com/a.png'>", "asks elsewhere: https://example.com/a.png"),
        ("<img src='http://127.0.0.1:1/a.png'>", "not loaded: Image"),
        ("<iframe srcdoc='<script>console.error(1)</script>'></iframe>", "console.error: 1"),
    ] {
        let problems = browser.open(&page(body), View::new(800))?.problems()?;
        assert!(problems.iter().any(|problem| problem.starts_with(said)), "{body}: {problems:?}");
    }
    Ok(())
}

#[test]
fn an_answer_of_404_is_seen() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnone",
            );
        }
    });
    let problems = browser.open(&format!("http://{address}/"), View::new(800))?.problems()?;
    assert!(
        problems.iter().any(|problem| problem.starts_with("answered with 404")),
        "{problems:?}"
    );
    Ok(())
}

#[test]
fn keys_clicks_and_text_arrive() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let body = "<button onclick='pressed = true'>b</button><input>\
        <script>keys = []; addEventListener('keydown', e => keys.push(e.key))</script>";
    let mut tab = browser.open(&page(body), View::new(800))?;
    tab.click("button")?;
    assert_eq!(tab.evaluate("pressed")?, true);
    tab.click("input")?;
    tab.write("包")?;
    tab.press("s")?;
    tab.press("ArrowLeft")?;
    tab.wait_for("keys.join() == 's,ArrowLeft'")?;
    assert_eq!(tab.evaluate("document.querySelector('input').value")?, "包s");
    assert!(tab.click("table").is_err(), "there is no table");
    Ok(())
}

#[test]
fn dark_narrow_and_still_are_what_the_page_sees() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let mut tab =
        browser.open(&page("<p style='width: 500px'>w"), View::new(360).dark().still())?;
    assert_eq!(tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")?, true);
    assert_eq!(tab.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")?, true);
    assert!(tab.scroll_width()? >= 500);
    assert!(tab.screenshot()?.starts_with(b"\x89PNG"));
    tab.look(View::new(800))?;
    assert_eq!(tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")?, false);
    Ok(())
}
