//! The message catalogues against the sources that use them, and the Chinese help against the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use clap::CommandFactory as _;
use homework::arguments::Arguments;

use crate::{files, homework, root};

/// Starts of keys that are put together at run time.
const COMPOSED: &[&str] =
    &["ask-", "calls-e", "csv-", "hint-", "report-in-general-", "task-", "test-"];

/// The messages of both files: the text in each language.
fn catalogue() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut messages = BTreeMap::new();
    for file in ["tests/messages.toml", "homework/messages.toml"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let table: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(&text).unwrap();
        for (key, texts) in table {
            assert!(messages.insert(key.clone(), texts).is_none(), "{key} is in both files");
        }
    }
    messages
}

fn arguments(text: &str) -> BTreeSet<&str> {
    let holes = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    holes.map(|(hole, _)| hole.split(' ').next().unwrap_or(hole)).collect()
}

/// The Rust files that use the catalogues.
fn sources() -> Vec<(PathBuf, String)> {
    let tests = ["tests/src", "tests/day01", "tests/homework", "tests/questions"];
    let folders = tests.into_iter().chain(["homework/src", "watch/src", "grader/src"]);
    let mut sources: Vec<_> = folders.flat_map(|folder| files(&root().join(folder))).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    sources.into_iter().map(read).collect()
}

/// The code between the parentheses of each call.
fn calls<'a>(code: &'a str, call: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(call).map(move |(at, _)| {
        let rest = &code[at + call.len()..];
        let mut depth = 1;
        let end = rest.find(|character| {
            depth += i32::from(character == '(') - i32::from(character == ')');
            depth == 0
        });
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// The key that a call begins with, and the names of its arguments.
fn key_and_names(call: &str) -> Option<(&str, BTreeSet<&str>)> {
    let (key, rest) = call.trim_start().strip_prefix('"')?.split_once('"')?;
    let (mut depth, mut names, mut part) = (0, BTreeSet::new(), 0);
    for (at, character) in rest.char_indices().chain([(rest.len(), ',')]) {
        depth += i32::from("([{".contains(character)) - i32::from(")]}".contains(character));
        if character == ',' && depth == 0 {
            let name = rest[part..at].split('=').next().unwrap_or_default().trim();
            names.extend(Some(name).filter(|name| !name.is_empty()));
            part = at + 1;
        }
    }
    Some((key, names))
}

#[test]
fn each_message_has_the_same_arguments_in_both_languages() {
    for (key, texts) in catalogue() {
        assert_eq!(texts.keys().collect::<Vec<_>>(), ["en", "zh"], "{key}");
        assert!(texts.values().all(|text| !text.is_empty()), "{key}");
        assert_eq!(arguments(&texts["en"]), arguments(&texts["zh"]), "{key}");
    }
}

#[test]
fn each_message_in_the_sources_exists_with_its_arguments() {
    let catalogue = catalogue();
    for (path, code) in sources() {
        let path = path.display();
        for (key, mut names) in calls(&code, "message!(").filter_map(key_and_names) {
            let texts = catalogue.get(key).unwrap_or_else(|| panic!("{path}: no message {key}"));
            let expected = arguments(&texts["en"]);
            // `explain` adds the cause.
            if code.contains("explain") && expected.contains("why") {
                names.insert("why");
            }
            assert_eq!(names, expected, "{path}: {key}");
        }
        for look_up in ["messages.get(", "messages.fill("] {
            for (key, _) in calls(&code, look_up).filter_map(key_and_names) {
                assert!(catalogue.contains_key(key), "{path}: no message {key}");
            }
        }
    }
}

#[test]
fn each_message_is_used() {
    let code: String = sources().into_iter().map(|(_, code)| code).collect();
    for key in catalogue().keys() {
        let is_used = code.contains(&format!("{key:?}"))
            || COMPOSED.iter().any(|start| key.starts_with(start))
            || key.strip_suffix("-hint").is_some_and(|cause| code.contains(&format!("{cause:?}")));
        assert!(is_used, "{key}");
    }
}

#[test]
fn a_test_reports_no_sentence_that_has_no_key() {
    for (path, code) in sources() {
        for call in calls(&code, "harness.check(").chain(calls(&code, "harness.fail(")) {
            let remove = |call: String, message| call.replace(message, "");
            let arguments = calls(call, "message!(").fold(call.to_owned(), remove);
            for text in arguments.split('"').skip(1).step_by(2) {
                let is_sentence = text.split(' ').filter(|word| word.len() > 1).count() > 2;
                assert!(!is_sentence, "{}: {text}", path.display());
            }
        }
    }
}

#[test]
fn every_command_and_argument_has_a_chinese_text() {
    let text = fs::read_to_string(root().join("homework/help.zh.toml")).unwrap();
    let texts: BTreeMap<String, String> = toml::from_str(&text).unwrap();
    let mut command = Arguments::command();
    command.build();
    let mut used = BTreeSet::new();
    for command in [&command].into_iter().chain(command.get_subcommands()) {
        let name = command.get_name();
        assert!(texts.contains_key(name), "{name}");
        used.insert(name.to_owned());
        for argument in command.get_arguments() {
            let keys = [format!("{name}.{}", argument.get_id()), format!(".{}", argument.get_id())];
            let key = keys.into_iter().find(|key| texts.contains_key(key));
            used.insert(key.unwrap_or_else(|| panic!("{name}: {}", argument.get_id())));
        }
    }
    assert_eq!(texts.into_keys().collect::<BTreeSet<_>>(), used);
}

#[test]
fn help_and_errors_are_in_chinese() {
    for arguments in [&["--lang", "zh", "--help"][..], &["--lang", "zh", "grade", "--help"]] {
        let text = String::from_utf8(homework(arguments).output().unwrap().stdout).unwrap();
        assert!(text.contains("用法：") && text.contains("选项"), "{text}");
        assert!(!["Usage", "Print", "Examples"].iter().any(|word| text.contains(word)), "{text}");
    }
    let error = homework(&["--lang", "zh", "gard"]).output().unwrap();
    let text = String::from_utf8(error.stderr).unwrap();
    assert!(text.contains("gard") && text.contains("--help"), "{text}");
    assert_eq!(error.status.code(), Some(2));
}
