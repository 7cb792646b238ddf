//! What tests and commands say in English has its Chinese: a sentence that somebody adds and
//! forgets in phrases.toml is found here, in the source that says it.

use std::fs;
use std::path::{Path, PathBuf};

use homework::phrases::in_chinese;

/// The calls that say something, with the arguments that are said: counted from 0.
const SAY: &[(&str, &[usize])] = &[
    ("Harness::new", &[1]),
    (".check", &[1, 2]),
    (".fail", &[0, 1]),
    (".fail_for", &[1, 2]),
    ("wait_for_exit", &[0]),
    ("wait_for_exit_within", &[1]),
    ("Came::new", &[0]),
    ("unreadable", &[0]),
    ("bail!", &[0]),
    ("context", &[0]),
];

/// Files whose errors are for the programmer: of the rubric and of the workspace itself.
const NOT_FOR_STUDENTS: &[&str] =
    &["rubric.rs", "builder.rs", "sandbox.rs", "test_suite.rs", "cargo_build.rs"];

#[test]
fn every_sentence_of_a_test_or_a_command_has_its_chinese() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = package
        .ancestors()
        .map(|folder| folder.join("tests"))
        .find(|tests| tests.join("day01").is_dir());
    let tests = tests.expect("the tests are next door");
    let mut files = Vec::new();
    for folder in ["src", "day01", "homework", "questions"] {
        sources(&tests.join(folder), &mut files);
    }
    let of_tests = files.len();
    sources(&package.join("src"), &mut files);
    // A hand-out has no desk.
    if package.join("grader").is_dir() {
        sources(&package.join("../grader/src"), &mut files);
    }
    assert!(of_tests > 20 && files.len() > of_tests, "{files:?}");

    let mut missing = Vec::new();
    for file in files {
        if NOT_FOR_STUDENTS.iter().any(|name| file.ends_with(Path::new("grading").join(name))) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code: Vec<&str> =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for mut sentence in said(&code.join("\n")) {
            if sentence.ends_with(' ') {
                sentence += "something";
            }
            // A value alone is no sentence, nor is a path or the key of a text.
            let is_sentence = sentence.contains(' ') && !sentence.starts_with(['/', '{']);
            if is_sentence && in_chinese(&with_values(&sentence)).is_ascii() {
                missing.push(format!("{}: {sentence:?}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "phrases.toml has no Chinese for\n{}", missing.join("\n"));
}

#[expect(clippy::unwrap_used, reason = "it is a test's")]
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// A sentence in whose holes something stands: a number fits them all.
fn with_values(sentence: &str) -> String {
    let mut parts = sentence.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += "7";
        text += part.split_once('}').map_or("", |(_, after)| after);
    }
    text
}

/// The strings in the arguments that are said, of every such call in a source.
fn said(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, arguments) in SAY {
        let call = format!("{name}(");
        for (at, _) in code.match_indices(&call) {
            for (argument, text) in strings(&code[at + call.len()..]) {
                if arguments.contains(&argument) {
                    found.push(text);
                }
            }
        }
    }
    found
}

/// The strings up to the parenthesis that closes a call, each with the number of its argument.
fn strings(code: &str) -> Vec<(usize, String)> {
    let (mut found, mut depth, mut argument) = (Vec::new(), 0, 0);
    let mut rest = code.chars();
    while let Some(next) = rest.next() {
        match next {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => argument += 1,
            '"' => {
                let mut text = String::new();
                while let Some(next) = rest.next() {
                    match next {
                        '"' => break,
                        '\\' => match rest.next() {
                            // The line goes on behind the spaces of the next one.
                            Some('\n') => rest = rest.as_str().trim_start().chars(),
                            escaped => text.extend(escaped),
                        },
                        _ => text.push(next),
                    }
                }
                found.push((argument, text));
            }
            '\'' => {
                // A character, or the start of a lifetime.
                let mut after = rest.clone();
                let character = after.next();
                let skipped = if character == Some('\\') { after.next() } else { character };
                if skipped.is_some() && after.next() == Some('\'') {
                    rest = after;
                }
            }
            _ => {}
        }
    }
    found
}
