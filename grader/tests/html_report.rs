//! Grades a class and checks the pages of its report, in both languages, and that other files aren't touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use homework::commands::new;
use homework::messages::{Language, Messages};

use crate::fixtures::{assert_contains, done, empty, grader, root, with_server, with_solution};

/// A folder's name that would act in a page if it weren't escaped.
const HOSTILE: &str = "<script>alert(1)<-script> '&amp; \u{202e}";

/// Writes a submission whose server changes one byte in the middle of a long line.
fn with_one_wrong_byte(folder: &Path) {
    done(folder);
    let right = root().join("homework/solutions/right/server_with_std_sockets.rs");
    let right = fs::read_to_string(right).unwrap();
    let send = "        connection.write_all(";
    let wrong = right.replace(send, &format!("        spoil(&mut buffer[..length]);\n{send}"));
    assert_ne!(right, wrong);
    let spoil = "
fn spoil(part: &mut [u8]) {
    static SEEN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let before = SEEN.fetch_add(part.len(), std::sync::atomic::Ordering::Relaxed);
    if let Some(byte) = 2000_usize.checked_sub(before).and_then(|at| part.get_mut(at)) {
        *byte = b'?';
    }
}
";
    with_server(folder, &(wrong + spoil));
}

/// Writes a class with submissions of every kind.
fn class(place: &Path) -> Vec<PathBuf> {
    let [starter, right, far, hostile, nothing] =
        ["starter", "right", "far", HOSTILE, "nothing"].map(|name| place.join(name));
    new::new(root(), &starter, &Messages::new(Language::En)).unwrap();
    done(&right);
    with_one_wrong_byte(&far);
    with_solution(&hostile, "day01-tcp-server", "wrong/server_that_adds_a_newline.rs");
    fs::create_dir(&nothing).unwrap();
    vec![starter, right.clone(), far, hostile, nothing, right]
}

fn report(place: &Path, language: &str, folders: &[PathBuf]) -> Output {
    let mut grade = grader(&["--lang", language, "grade", "--seed", "7"]);
    grade.arg("--results").arg(place.join("results"));
    grade.arg("--students").arg(place.join("students.csv"));
    grade.arg("--report").arg(place.join("report")).args(folders).output().unwrap()
}

#[test]
#[ignore = "takes a minute: grades five folders"]
fn the_report_of_a_class_has_a_page_for_each_student() {
    let place = empty("report");
    let folders = class(&place);
    let students = "name,folder,submitted\n王小明,right,2026-03-01 21:15\nNobody,no-such-folder,\n";
    fs::write(place.join("students.csv"), students).unwrap();
    let page = |name: &str| fs::read_to_string(place.join("report").join(name)).unwrap();

    let graded = report(&place, "en", &folders);
    assert_contains(&String::from_utf8_lossy(&graded.stderr), &["the report: ", "index.html"]);
    let class = page("index.html");
    assert_contains(&class, &["<html lang=\"en\">", "王小明", "2026-03-01 21:15"]);
    assert_contains(&class, &["listed more than once", "couldn't be graded", "no submission"]);
    let far = page("student-003-far.html");
    assert_contains(&far, &["your server", "</span><mark>?</mark>"]);
    let names: Vec<_> = fs::read_dir(place.join("report")).unwrap().map(Result::unwrap).collect();
    assert_eq!(names.len(), folders.len() + 2);
    for name in names.iter().map(|entry| entry.file_name().into_string().unwrap()) {
        let page = page(&name);
        assert!(name.bytes().all(|it| it.is_ascii_alphanumeric() || b"-.".contains(&it)), "{name}");
        assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'), "{name}");
        assert!(!page.contains("http:") && !page.contains("src="), "{name}");
    }

    // The same in Chinese, from the saved results.
    report(&place, "zh", &folders);
    let class = page("index.html");
    assert_contains(&class, &["<html lang=\"zh-CN\">", "分数分布"]);

    // A folder with other files is refused before anything is graded.
    fs::write(place.join("report/mine.txt"), "mine").unwrap();
    let refused = report(&place, "en", &folders);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!((refused.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("mine.txt") && said.contains("choose an empty folder"), "{said}");
    assert!(page("index.html").contains("zh-CN") && place.join("report/mine.txt").exists());
}
