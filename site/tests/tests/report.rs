//! The report of `homework -- grade --report`, as a teacher and a student meet it: on a telephone and
//! on a desk, by day and by night, with the keyboard, on paper. The class is a small one, with names as
//! nobody has them; it is marked for this, which takes a minute:
//! `cargo test --test report -- --ignored`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use site_tests::{Browser, Page, View, file_url};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What would run, if it became a part of a page.
const HOSTILE: &str = "<img src=x onerror=alert(1)> & \"'";

/// A name longer than any screen of a telephone, without a place to break it.
const LONG: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

/// The elements whose text is too faint to read on what is behind it: those of WCAG 2, 1.4.3.
const FAINT: &str = "(() => {
    const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => {
        const part = (it) => (it /= 255) <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            if ((color[3] ?? 1) > 0.99) return color;
        }
        return [255, 255, 255];
    };
    const isText = (node) => node.nodeType === 3 && node.textContent.trim();
    const faint = [];
    for (const element of document.body.querySelectorAll('*')) {
        const inSvg = element.closest('svg');
        if (element.matches('script, .spoken') || ![...element.childNodes].some(isText)) continue;
        const style = getComputedStyle(element);
        const [one, other] = [parse(inSvg ? style.fill : style.color), behind(element)].map(light);
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (ratio < 4.5) faint.push(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
    }
    return [...new Set(faint)];
})()";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A homework as it was handed out, with other files in the place of some.
fn hand_in(folder: &Path, files: &[(&str, &str)]) -> Result<()> {
    let class = "homework/starter";
    for file in
        ["day01-tcp-server/src/main.rs", "day01-tcp-client/src/main.rs", "homework/answers.toml"]
    {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().context("it is in a folder")?)?;
        fs::copy(root().join(class).join(file), to)?;
    }
    for (from, to) in files {
        fs::copy(root().join("homework").join(from), folder.join(to))?;
    }
    Ok(())
}

/// The report of a class in a language, and its folder.
fn report(place: &Path, language: &str) -> Result<PathBuf> {
    let class = place.join("class");
    let server = "day01-tcp-server/src/main.rs";
    let (answers, right) = ("answers.toml", "solutions/right/server_with_stds_listener.rs");
    if !class.exists() {
        hand_in(
            &class.join(HOSTILE),
            &[("solutions/wrong/server_that_adds_a_newline.rs", server)],
        )?;
        hand_in(&class.join(LONG), &[])?;
        hand_in(&class.join("王小明"), &[(answers, "homework/answers.toml"), (right, server)])?;
        fs::create_dir(class.join("nothing"))?;
    }
    let students = "name,folder,submitted\nZoë,王小明,2026-03-01 21:15\nNobody,no-such-folder,\n";
    fs::write(place.join("students.csv"), students)?;
    let out = place.join("report");
    let mut grade = Command::new(env!("CARGO"));
    grade.args(["run", "-q", "-p", "grader", "--manifest-path"]).arg(root().join("Cargo.toml"));
    // What is run is ours.
    grade.args(["--", "--lang", language, "grade", "--no-sandbox", "--pairs", "--seed", "7"]);
    grade.arg("--results").arg(place.join("results")).arg("--report").arg(&out);
    grade.arg("--students").arg(place.join("students.csv"));
    for entry in [HOSTILE, LONG, "王小明", "nothing"] {
        grade.arg(class.join(entry));
    }
    let graded = grade.output()?;
    let said = String::from_utf8_lossy(&graded.stderr);
    ensure!(out.join("index.html").is_file(), "no report: {said}");
    Ok(out)
}

/// What is wrong with a page in a view, whatever it is.
fn look(page: &mut Page, view: View, width: u64) -> Result<()> {
    page.look(view)?;
    ensure!(page.scroll_width()? <= width, "it scrolls sideways at {width}");
    ensure!(page.evaluate(FAINT)? == json!([]), "too faint: {}", page.evaluate(FAINT)?);
    Ok(())
}

fn names(page: &mut Page) -> Result<Value> {
    page.evaluate("[...document.querySelectorAll('.everybody tbody th a')].map(it => it.innerText)")
}

#[test]
#[ignore = "takes a minute: marks a small class"]
fn the_report_is_a_pleasure_to_read_anywhere() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let place = TempDir::with_prefix("report-")?;
    for (language, tag) in [("zh", "zh-CN"), ("en", "en")] {
        let out = report(place.path(), language)?;
        let index = file_url(&out.join("index.html"))?;
        let mut page = browser.open(&index, View::new(1280))?;
        let mut pages = vec![index.clone()];
        let students = page.evaluate(
            "[...document.querySelectorAll('.everybody tbody th a')].map(it => it.href)",
        )?;
        let students = students.as_array().context("a list of pages")?;
        ensure!(students.len() == 5, "{students:?}");
        pages.extend(students.iter().filter_map(Value::as_str).map(str::to_owned));
        for url in &pages {
            page.go(url).with_context(|| format!("a link leads to {url}"))?;
            ensure!(page.evaluate("document.documentElement.lang")? == tag, "{url}");
            for width in [360, 1280] {
                let view = View::new(width);
                look(&mut page, view, width.into()).with_context(|| format!("{url}, by day"))?;
                look(&mut page, view.dark(), width.into())
                    .with_context(|| format!("{url}, by night"))?;
            }
            let lost = page.evaluate(
                "[...document.querySelectorAll('a[href^=\"#\"]')]
                    .filter(it => !document.querySelector(it.getAttribute('href'))).length",
            )?;
            ensure!(lost == 0, "{lost} links lead nowhere in {url}");
            let paper = page.print()?;
            ensure!(paper.starts_with(b"%PDF"), "{url} cannot be printed");
            let problems = page.problems()?;
            ensure!(problems.is_empty(), "{url}: {problems:?}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "takes a minute: marks a small class"]
fn the_table_is_sorted_by_hand_and_by_keyboard() -> Result<()> {
    let Some(mut browser) = Browser::start()? else { return Ok(()) };
    let place = TempDir::with_prefix("report-")?;
    let out = report(place.path(), "en")?;
    let mut page = browser.open(&file_url(&out.join("index.html"))?, View::new(1280))?;
    let as_named = json!([HOSTILE, LONG, "Zoë", "nothing", "Nobody"]);
    ensure!(names(&mut page)? == as_named, "{}", names(&mut page)?);

    // The points: from the highest first, then from the lowest. Who has none is below all.
    page.click(".everybody th:nth-child(2) button")?;
    let highest = names(&mut page)?;
    ensure!(highest[0] == "Zoë" && highest[3] == "nothing", "{highest}");
    page.click(".everybody th:nth-child(2) button")?;
    let lowest = names(&mut page)?;
    ensure!(lowest[0] == "nothing" && lowest[4] == "Zoë", "{lowest}");
    let sorted = "document.querySelector('.everybody [aria-sort]').getAttribute('aria-sort')";
    ensure!(page.evaluate(sorted)? == "ascending");

    // The names, with the keyboard.
    page.evaluate("document.querySelector('.everybody th:nth-child(1) button').focus()")?;
    page.press("Enter")?;
    let by_name = names(&mut page)?;
    ensure!(by_name == json!([HOSTILE, LONG, "Nobody", "nothing", "Zoë"]), "{by_name}");
    // When they came: the last column, also for who has one wide cell before it.
    page.click(".everybody th:last-child button")?;
    page.click(".everybody th:last-child button")?;
    let by_time = names(&mut page)?;
    ensure!(by_time[0] == "Zoë", "{by_time}");
    ensure!(page.problems()?.is_empty());

    // A wide table scrolls inside of itself.
    page.look(View::new(360))?;
    let inside = "(() => { const it = document.querySelector('.matrix').parentElement;
        return getComputedStyle(it).overflowX === 'auto' && it.tabIndex === 0; })()";
    ensure!(page.evaluate(inside)? == true);
    Ok(())
}
