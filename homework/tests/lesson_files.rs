//! The lesson on one wall: each lesson file is one screen or two, and its class version is the same
//! file less its loops.

#![expect(clippy::unwrap_used, reason = "a failed test may panic: that is how it reports")]

use std::fs;
use std::path::Path;

const LESSON_FILES: [&str; 4] = [
    "day01-tcp-server/src/main.rs",
    "day01-tcp-client/src/main.rs",
    "day01-udp/src/server.rs",
    "day01-udp/src/client.rs",
];

fn lines(path: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap().lines().map(str::to_owned).collect()
}

/// How many lines of one are not in the other, in this order: what `diff` shows.
fn difference(one: &[String], other: &[String]) -> usize {
    // The longest sequence of lines that both have: its length for each pair of beginnings.
    let mut longest = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (i, line) in one.iter().enumerate() {
        for (j, same) in other.iter().enumerate() {
            longest[i + 1][j + 1] = match line == same {
                true => longest[i][j] + 1,
                false => longest[i][j + 1].max(longest[i + 1][j]),
            };
        }
    }
    one.len() + other.len() - 2 * longest[one.len()][other.len()]
}

#[test]
fn a_lesson_file_has_at_most_110_lines_and_its_starter_90() {
    for file in LESSON_FILES {
        let (finished, class) = (lines(file), lines(&format!("homework/starter/{file}")));
        assert!(finished.len() <= 110, "{file} has {} lines", finished.len());
        assert!(class.len() <= 90, "the class version of {file} has {} lines", class.len());
        let difference = difference(&finished, &class);
        assert!(difference <= 30, "{difference} lines of {file} differ");
    }
}

#[test]
fn nothing_stands_in_a_lesson_file_that_the_lesson_has_not_taught() {
    let words = ["Arc", "Mutex", "Atomic", "Once", "mpsc", "thread::"];
    let server = lines(LESSON_FILES[0]).join("\n");
    for word in words {
        assert!(!server.contains(word), "{word} in {}", LESSON_FILES[0]);
    }
    for file in LESSON_FILES {
        let class = lines(&format!("homework/starter/{file}")).join("\n");
        for word in words.into_iter().chain(["Sending", "Threads"]) {
            assert!(!class.contains(word), "{word} in the class version of {file}");
        }
    }
}

#[test]
fn only_what_differs_is_kept_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("starter");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let file = path.strip_prefix(&root).unwrap().display().to_string();
                    files.push(file.replace('\\', "/"));
                }
            }
        }
    }
    files.sort();
    let mut expected = LESSON_FILES.to_vec();
    expected.extend(["README.md", "README.zh-CN.md", "homework/answers.toml"]);
    // What marks each push: for students alone.
    expected.push(".github/workflows/homework.yml");
    expected.sort_unstable();
    assert_eq!(files, expected);
}
