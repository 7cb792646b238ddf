//! Checks the browser itself: it reports what a page does wrong, and passes on input.

use anyhow::Result;
use thirtyfour::Key;

use crate::browser::{Browser, View};
use crate::http_server::serve;

/// Without it a phone lays the page out for a big screen.
const VIEWPORT: &str = "<meta name='viewport' content='width=device-width'>";

/// A page without problems but those in `body`.
fn page(body: &str) -> String {
    format!("data:text/html;charset=utf-8,<!doctype html><title>t</title>{VIEWPORT}{body}")
}

#[test]
fn a_correct_page_has_no_problems() -> Result<()> {
    let browser = Browser::start()?;
    browser.open(&page("<p>你好"), View::new(360))?;
    assert_eq!(browser.problems()?, Vec::<String>::new());
    assert_eq!(browser.evaluate("document.body.innerText")?, "你好");
    assert_eq!(browser.scroll_width()?, 360);
    Ok(())
}

#[test]
fn every_kind_of_problem_is_reported() -> Result<()> {
    let browser = Browser::start()?;
    for (body, expected) in [
        ("<script>console.error('oh')</script>", "\"oh\""),
        ("<script>console.log('ah')</script>", "\"ah\""),
        ("<script>throw new Error('no')</script>", "Uncaught Error: no"),
        ("<script>Promise.reject(new Error('late'))</script>", "Uncaught Error: late"),
        (
            "<img src='https://example.com/a.png'>",
            "request to another host: https://example.com/a.png",
        ),
        ("<img src='http://127.0.0.1:1/a.png'>", "http://127.0.0.1:1/a.png - Failed to load"),
        ("<iframe srcdoc='<script>console.error(1)</script>'></iframe>", "about:srcdoc 0:16 1"),
    ] {
        browser.open(&page(body), View::new(800))?;
        let problems = browser.problems()?;
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{body}: {problems:?}");
    }
    Ok(())
}

#[test]
fn status_404_is_reported() -> Result<()> {
    let browser = Browser::start()?;
    browser.open(&serve(|_| ("404 Not Found", "none".to_owned()))?, View::new(800))?;
    let problems = browser.problems()?;
    assert!(problems.iter().any(|problem| problem.contains("404")), "{problems:?}");
    Ok(())
}

#[test]
fn keys_clicks_and_text_reach_the_page() -> Result<()> {
    let browser = Browser::start()?;
    let body = "<button onclick='pressed = true'>b</button><input>\
        <script>keys = []; addEventListener('keydown', e => keys.push(e.key))</script>";
    browser.open(&page(body), View::new(800))?;
    browser.click("button")?;
    assert_eq!(browser.evaluate("pressed")?, true);
    browser.click("input")?;
    browser.insert_text("包")?;
    browser.press("s")?;
    browser.press(Key::Left)?;
    browser.wait_for("keys.join() == 's,ArrowLeft'")?;
    assert_eq!(browser.evaluate("document.querySelector('input').value")?, "包s");
    assert!(browser.click("table").is_err(), "there is no table");
    Ok(())
}

#[test]
fn the_page_sees_the_view() -> Result<()> {
    let browser = Browser::start()?;
    browser.open(&page("<p style='width: 500px'>w"), View::new(360).dark().reduced_motion())?;
    assert_eq!(browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")?, true);
    assert_eq!(browser.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")?, true);
    assert!(browser.scroll_width()? >= 500);
    browser.set_view(View::new(800))?;
    assert_eq!(browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")?, false);
    Ok(())
}
