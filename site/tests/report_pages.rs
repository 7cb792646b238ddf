//! Checks the report of `homework grade --report`: wide and narrow, light and dark, with the keyboard,
//! in print. Grades a small class with difficult names first, which takes a minute:
//! `cargo test report -- --ignored`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::Key;

use crate::browser::{Browser, View, file_url};
use crate::site_pages::{INSPECT_PAGE, root};

/// A folder name that runs a script if the report doesn't escape it.
const HOSTILE: &str = "<img src=x onerror=alert(1)> & \"'";

/// A folder name that is wider than a phone and has no place to break.
const LONG: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

/// Creates a submission: the starter code, with some files replaced.
fn create_submission(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    let starter = "homework/starter";
    for file in
        ["day01-tcp-server/src/main.rs", "day01-tcp-client/src/main.rs", "homework/answers.toml"]
    {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().context("the file has no folder")?)?;
        fs::copy(root().join(starter).join(file), to)?;
    }
    for (from, to) in files {
        fs::copy(root().join("homework").join(from), folder.join(to))?;
    }
    Ok(())
}

/// Grades a class, and returns the folder of its report.
fn write_report(place: &Path, language: &str) -> Result<PathBuf> {
    let class = place.join("class");
    let server = "day01-tcp-server/src/main.rs";
    let right = "solutions/right/server_with_std_sockets.rs";
    let wrong = "solutions/wrong/server_that_adds_a_newline.rs";
    if !class.exists() {
        create_submission(&class.join(HOSTILE), &[(wrong, server)])?;
        create_submission(&class.join(LONG), &[])?;
        let complete = [("answers.toml", "homework/answers.toml"), (right, server)];
        create_submission(&class.join("王小明"), &complete)?;
        fs::create_dir(class.join("nothing"))?;
    }
    let students = "name,folder,submitted\nZoë,王小明,2026-03-01 21:15\nNora,no-such-folder,\n";
    fs::write(place.join("students.csv"), students)?;
    let out = place.join("report");
    let mut grade = Command::new(env!("CARGO"));
    grade.args(["run", "-q", "-p", "grader", "--manifest-path"]).arg(root().join("Cargo.toml"));
    grade.args(["--", "--lang", language, "grade", "--no-sandbox", "--pairs", "--seed", "7"]);
    grade.arg("--results").arg(place.join("results")).arg("--report").arg(&out);
    grade.arg("--students").arg(place.join("students.csv"));
    for entry in [HOSTILE, LONG, "王小明", "nothing"] {
        grade.arg(class.join(entry));
    }
    let graded = grade.output()?;
    let errors = String::from_utf8_lossy(&graded.stderr);
    ensure!(out.join("index.html").is_file(), "no report: {errors}");
    Ok(out)
}

/// Fails if the page scrolls sideways or has text with too little contrast.
fn check_layout(browser: &Browser, view: View, width: u64) -> Result<()> {
    browser.set_view(view)?;
    ensure!(browser.scroll_width()? <= width, "the page scrolls sideways at {width}");
    let low_contrast = &browser.evaluate(INSPECT_PAGE)?["lowContrast"];
    ensure!(*low_contrast == json!([]), "low contrast: {low_contrast}");
    Ok(())
}

fn student_names(browser: &Browser) -> Result<Value> {
    browser.evaluate(
        "[...document.querySelectorAll('.all-students tbody th a')].map(it => it.innerText)",
    )
}

#[test]
#[ignore = "takes a minute: grades a small class"]
fn every_page_of_the_report_is_readable() -> Result<()> {
    let browser = Browser::start()?;
    let place = TempDir::with_prefix("report-")?;
    for (language, tag) in [("zh", "zh-CN"), ("en", "en")] {
        let out = write_report(place.path(), language)?;
        let index = file_url(&out.join("index.html"))?;
        browser.open(&index, View::new(1280))?;
        let mut pages = vec![index.clone()];
        let students = browser.evaluate(
            "[...document.querySelectorAll('.all-students tbody th a')].map(it => it.href)",
        )?;
        let students = students.as_array().context("no list of students")?;
        ensure!(students.len() == 5, "{students:?}");
        pages.extend(students.iter().filter_map(Value::as_str).map(str::to_owned));
        for url in &pages {
            browser.go(url).with_context(|| format!("can't follow the link to {url}"))?;
            ensure!(browser.evaluate("document.documentElement.lang")? == tag, "{url}");
            for width in [360, 1280] {
                for view in [View::new(width), View::new(width).dark()] {
                    let checked = check_layout(&browser, view, width.into());
                    checked.with_context(|| format!("{url}, {view:?}"))?;
                }
            }
            let broken = browser.evaluate(
                "[...document.querySelectorAll('a[href^=\"#\"]')]
                    .filter(it => !document.querySelector(it.getAttribute('href'))).length",
            )?;
            ensure!(broken == 0, "{broken} links without a target in {url}");
            let pdf = browser.print()?;
            ensure!(pdf.starts_with(b"%PDF"), "can't print {url}");
            let problems = browser.problems()?;
            ensure!(problems.is_empty(), "{url}: {problems:?}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "takes a minute: grades a small class"]
fn the_table_can_be_sorted_with_mouse_and_keyboard() -> Result<()> {
    let place = TempDir::with_prefix("report-")?;
    let out = write_report(place.path(), "en")?;
    let browser = Browser::start_at(&file_url(&out.join("index.html"))?, View::new(1280))?;
    let initial = json!([HOSTILE, LONG, "Zoë", "nothing", "Nora"]);
    ensure!(student_names(&browser)? == initial, "{}", student_names(&browser)?);

    // By points, highest first, then lowest first. Students without points come last.
    browser.click(".all-students th:nth-child(2) button")?;
    let highest = student_names(&browser)?;
    ensure!(highest[0] == "Zoë" && highest[3] == "nothing", "{highest}");
    browser.click(".all-students th:nth-child(2) button")?;
    let lowest = student_names(&browser)?;
    ensure!(lowest[0] == "nothing" && lowest[4] == "Zoë", "{lowest}");
    let sorted = "document.querySelector('.all-students [aria-sort]').getAttribute('aria-sort')";
    ensure!(browser.evaluate(sorted)? == "ascending");

    // By name, with the keyboard.
    browser.evaluate("document.querySelector('.all-students th:nth-child(1) button').focus()")?;
    browser.press(Key::Enter)?;
    let by_name = student_names(&browser)?;
    ensure!(by_name == json!([HOSTILE, LONG, "Nora", "nothing", "Zoë"]), "{by_name}");
    // By time of submission, in the last column: some rows have one wide cell before it.
    browser.click(".all-students th:last-child button")?;
    browser.click(".all-students th:last-child button")?;
    let by_time = student_names(&browser)?;
    ensure!(by_time[0] == "Zoë", "{by_time}");
    ensure!(browser.problems()?.is_empty());

    // A wide table scrolls within its own frame.
    browser.set_view(View::new(360))?;
    let inside = "(() => { const it = document.querySelector('.matrix').parentElement;
        return getComputedStyle(it).overflowX === 'auto' && it.tabIndex === 0; })()";
    ensure!(browser.evaluate(inside)? == true);
    Ok(())
}
