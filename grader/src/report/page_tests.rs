//! Pages of a small class with made-up marks, and with hostile names and outputs.

use std::fs;
use std::path::{Path, PathBuf};

use ::tests::{
    Action, CapturedOutput, Difference, Endpoint, Excerpt, ProgramOutput, Report, TestStep, message,
};
use homework::formats::{Gradebook, Skipped};
use homework::grading::marks::{Failure, Marks, Outcome, SkipReason, Student, TaskMark};
use homework::grading::rubric::Rubric;
use homework::messages::{Language, Messages};
use tempfile::TempDir;

use super::{output_folder, write};

/// Text that would run a script if it weren't escaped.
const HOSTILE: &str = r#""'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;"#;

const SECOND_LINE: &str = "server_inner_loop::a_second_line_is_answered";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

struct Folder(TempDir);

impl Folder {
    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// Returns the failure of a server that changes a byte in the middle of a long line.
fn failure() -> Failure {
    let (program, socket) = (Endpoint::Program(0), Endpoint::Socket(1));
    let long = message!("bytes", count = 3000_usize, text = "\"xxxx\"...");
    let start = Action::Start { command: "day01-tcp-server --port 0".to_owned() };
    let connect = Action::Connect { to: ([127, 0, 0, 1], 8888).into() };
    let rest =
        |first: &str| Excerpt { first: first.to_owned(), next: "zz".to_owned(), left_out: 1297 };
    let stdout = CapturedOutput { total: 9000, lines: vec![HOSTILE.to_owned(); 30], left_out: 70 };
    Failure::Reported(Box::new(Report {
        expected: long.clone(),
        actual: long.clone(),
        differs: Some(Difference {
            at: 1700,
            left_out: 1680,
            equal: "eeee".to_owned(),
            expected: rest("y"),
            actual: rest(HOSTILE),
        }),
        cause: Some("differs".to_owned()),
        finding: None,
        steps: [(program, start), (socket, connect), (socket, Action::Send { bytes: long })]
            .map(|(endpoint, action)| TestStep { endpoint, action })
            .into(),
        programs: vec![ProgramOutput {
            command: "day01-tcp-server --port 0".to_owned(),
            ended: message!("exit-status", status = 0),
            stdout,
            stderr: CapturedOutput { total: 0, lines: Vec::new(), left_out: 0 },
        }],
        mistake: None,
        remark: None,
        section: "server-recv-send".to_owned(),
    }))
}

/// Returns marks with this failure, or with all points and a remark.
fn marks(rubric: &Rubric, folder: &str, failure: Option<&Failure>) -> Marks {
    let outcome = |name: &str| match failure {
        Some(failure) if name == SECOND_LINE => Outcome::Failed(failure.clone()),
        Some(_) if name.starts_with("both") => {
            Outcome::Skipped(SkipReason::Task("server-inner-loop".to_owned()))
        }
        None if name == SECOND_LINE => {
            let remark = Some(format!("it's busy {HOSTILE}").into());
            Outcome::Passed(Some(Box::new(Report { remark, ..Report::default() })))
        }
        _ => Outcome::Passed(None),
    };
    let tasks = rubric.tasks().map(|task| TaskMark {
        tests: task.tests.iter().map(|name| (name.clone(), outcome(name))).collect(),
        task: task.clone(),
    });
    Marks {
        student: Student::from_folder(Path::new(folder)),
        seed: 7,
        problems: failure.iter().map(|_| format!("{HOSTILE}\u{202e}").into()).collect(),
        tasks: tasks.collect(),
    }
}

fn new_report(language: Language, names: &[&str]) -> Folder {
    let folder = Folder(tempfile::tempdir().unwrap());
    report(&folder, language, names).unwrap();
    folder
}

/// Writes the pages of a class. All folders but the first fail.
fn report(folder: &Folder, language: Language, names: &[&str]) -> anyhow::Result<()> {
    let rubric = Rubric::from_workspace(&root())?;
    let failure = failure();
    let own = names.iter().enumerate();
    let marks: Vec<Marks> = own
        .map(|(place, name)| marks(&rubric, name, Some(&failure).filter(|_| place > 0)))
        .collect();
    let skipped: Vec<Skipped> = vec![("class/broken.zip".to_owned(), HOSTILE.to_owned())];
    let gradebook =
        Gradebook { rubric: &rubric, marks: &marks, skipped: &skipped, seed: Some(7), pairs: None };
    let messages = Messages::new(language);
    write(folder.0.path(), &root(), &messages, &gradebook, (&[], &[HOSTILE.to_owned()]), None)
}

#[test]
fn every_student_has_a_page() {
    let class = ["class/Alice Wong", "class/王小明", "class/Alice Wong"];
    let folder = new_report(Language::En, &class);
    let names = folder.names();
    assert_eq!(
        names,
        [
            "index.html",
            "student-001-alice-wong.html",
            "student-002.html",
            "student-003-alice-wong.html",
            "student-004-broken-zip.html",
            "student-005-script-alert-1-script-img-src-x-onerror.html",
        ]
    );
    let class = folder.page("index.html");
    for name in &names[1..] {
        assert!(class.contains(&format!("href=\"{name}\"")), "{name}");
    }
    for text in ["2 of 3", "listed more than once", "couldn't be graded", "no submission"] {
        assert!(class.contains(text), "{text}");
    }
}

#[test]
fn a_failure_is_drawn_with_the_first_difference() {
    let folder = new_report(Language::En, &["class/right", "class/wrong"]);
    let page = folder.page("student-002-wrong.html");
    for text in [
        "the test → your server: </span><span class=\"said\">connects</span>",
        "1680 bytes",
        "<span>eeee</span><mark>y</mark>zz",
        "1297 bytes",
        "at byte 1700",
        "NOTES.md#server-recv-send",
        "Server, step 5: recv and send",
        "cargo run -p homework -- try server_inner_loop::a_second_line_is_answered --seed 7",
        "not run, because &quot;server: inner loop&quot; isn't complete: 5 tests",
        "70 lines",
        "<strong>87.5</strong> / 100",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn a_remark_on_a_complete_task_is_shown() {
    let page = new_report(Language::En, &["class/right"]).page("student-001-right.html");
    assert!(page.contains("costs no points: it's busy"), "{page}");
}

#[test]
fn text_of_submissions_is_escaped_and_pages_load_nothing() {
    let folder = new_report(Language::En, &["right", &format!("class/{HOSTILE}")]);
    let mut hostile = 0;
    for name in folder.names() {
        let page = folder.page(&name);
        let scripts = usize::from(name == "index.html");
        assert_eq!(page.matches("<script").count(), scripts, "{name}");
        hostile += page.matches("&lt;script&gt;").count();
        for never in
            ["<img", "src=\"", "<link", "@import", "url(", "http://", "https://", "\u{202e}"]
        {
            assert!(!page.contains(never), "{never} in {name}");
        }
    }
    assert!(hostile > 10, "{hostile}");
}

#[test]
fn a_page_is_in_one_language() {
    let folder = Folder(tempfile::tempdir().unwrap());
    for (language, tag, says) in
        [(Language::En, "en", "Most common failures"), (Language::Zh, "zh-CN", "常见错误")]
    {
        report(&folder, language, &["class/right", "class/wrong"]).unwrap();
        let class = folder.page("index.html");
        assert!(class.contains(&format!("<html lang=\"{tag}\">")) && class.contains(says));
    }
    for name in folder.names() {
        let page = folder.page(&name);
        for key in ["report-", "pairs-"] {
            // A missing message shows as its key.
            assert!(!page.contains(&format!(">{key}")), "{key} in {name}");
        }
    }
    let page = folder.page("student-002-wrong.html");
    assert!(page.contains("NOTES.zh-CN.md#server-recv-send") && page.contains("你的服务端"));
}

#[test]
fn only_pages_of_a_report_are_replaced() {
    let folder = new_report(Language::En, &["a", "b", "c"]);
    report(&folder, Language::En, &["a"]).unwrap();
    assert_eq!(folder.names().len(), 4);
    assert!(output_folder::check(folder.0.path()).is_ok());

    for (name, text) in [("thesis.doc", "mine"), ("student-9.html", "<p>mine"), ("index.html", "-")]
    {
        let old = fs::read(folder.0.path().join(name)).ok();
        fs::write(folder.0.path().join(name), text).unwrap();
        let refused = report(&folder, Language::En, &["b"]).unwrap_err().to_string();
        assert!(refused.contains(name), "{refused}");
        assert!(folder.0.path().join("student-001-a.html").exists(), "a page was removed");
        match old {
            Some(page) => fs::write(folder.0.path().join(name), page).unwrap(),
            None => fs::remove_file(folder.0.path().join(name)).unwrap(),
        }
    }
    fs::create_dir(folder.0.path().join("student-8.html")).unwrap();
    assert!(output_folder::check(folder.0.path()).is_err());
}
