//! The lesson files are short and simple, and the starter code has no loop and doesn't hint at one.

use std::fs;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use crate::{files, root};

/// The lesson files, and the most lines that each may have.
const LESSON_FILES: [(&str, usize); 4] = [
    ("day01-tcp-server/src/main.rs", 85),
    ("day01-tcp-client/src/main.rs", 80),
    ("day01-udp/src/server.rs", 60),
    ("day01-udp/src/client.rs", 60),
];

const STARTERS: [&str; 2] = ["homework/starter", "homework/starter-zh"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The starter code in both languages: the paths of the files, and their texts.
fn starter_files() -> impl Iterator<Item = (String, String)> {
    STARTERS.into_iter().flat_map(|starter| {
        LESSON_FILES.map(|(file, _)| {
            let path = format!("{starter}/{file}");
            let text = read(&path);
            (path, text)
        })
    })
}

/// Returns the code of a file without its comments, and with its strings replaced by `""`; and the
/// strings. Comments and strings must end on their line.
fn split(text: &str) -> (String, Vec<String>) {
    let (mut code, mut strings) = (String::new(), Vec::new());
    for line in text.lines() {
        let line = line.split("//").next().unwrap().trim();
        for (index, part) in line.split('"').enumerate() {
            match index % 2 {
                0 => code += part,
                _ => {
                    code += "\"\"";
                    strings.push(part.to_owned());
                }
            }
        }
        code.push('\n');
    }
    (code, strings)
}

fn words(text: &str, is_inside: impl Fn(char) -> bool) -> Vec<String> {
    text.split(|c| !is_inside(c)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[test]
fn lesson_files_are_short() {
    for (file, most) in LESSON_FILES {
        let lines = read(file).lines().count();
        assert!(lines <= most, "{file} has {lines} lines");
    }
    for (path, text) in starter_files() {
        assert!(text.lines().count() <= 75, "{path} has {} lines", text.lines().count());
    }
}

#[test]
fn lesson_files_are_simple() {
    let files = LESSON_FILES.map(|(file, _)| (file.to_owned(), read(file)));
    for (path, text) in files.into_iter().chain(starter_files()) {
        let (code, _) = split(&text);
        // `|error|`, and `||` for a closure without parameters.
        let closures = code.matches('|').count() / 2;
        assert!(closures <= 2, "{path} has {closures} closures");
        assert!(!code.contains("format_args!"), "{path} uses format_args!");
        for signature in code.split("\nfn ").skip(1).chain(code.split("\npub fn ").skip(1)) {
            let (_, parameters) = signature.split_once('(').unwrap();
            let (parameters, _) = parameters.split_once(')').unwrap();
            let number = parameters.matches(':').count();
            assert!(number <= 3, "{path}: {number} parameters: {parameters}");
        }
        for word in ["Arc", "Mutex", "Atomic", "Once", "mpsc", "std::thread"] {
            assert!(!code.contains(word), "{path} uses {word}, which the lesson doesn't teach");
        }
    }
}

#[test]
fn the_starter_code_has_no_loop() {
    for (path, text) in starter_files() {
        let (code, _) = split(&text);
        for keyword in ["loop", "while", "for"] {
            let found = words(&code, |c| c.is_alphanumeric() || c == '_')
                .iter()
                .any(|word| word == keyword);
            assert!(!found, "{path} has a {keyword}");
        }
    }
}

#[test]
fn no_word_of_the_starter_code_hints_at_a_loop() {
    for (path, text) in starter_files() {
        for hint in [
            "again", "another", "continue", "each", "every", "inner", "loop", "loops", "more",
            "next", "outer", "repeat", "until", "while",
        ] {
            let found = words(&text, char::is_alphanumeric).iter().any(|word| word == hint);
            assert!(!found, "{path} has the word {hint:?}");
        }
        for hint in ["循环", "每", "直到", "再", "又", "下一", "只要", "继续", "重复", "依次", "逐"]
        {
            assert!(!text.contains(hint), "{path} has the word {hint:?}");
        }
        assert!(!text.contains("as long as"), "{path} has the words \"as long as\"");
    }
}

/// Lines that only one of the two has, not counting their indentation: a loop indents its body.
fn difference(one: &str, other: &str) -> usize {
    let [one, other] = [one, other].map(|text| text.lines().map(str::trim).collect::<Vec<_>>());
    capture_diff_slices(Algorithm::Myers, &one, &other)
        .iter()
        .filter(|change| change.tag() != DiffTag::Equal)
        .map(|change: &DiffOp| change.old_range().len() + change.new_range().len())
        .sum()
}

#[test]
fn the_starter_code_differs_from_the_finished_file_in_30_lines() {
    for (file, _) in LESSON_FILES {
        let difference = difference(&read(file), &read(&format!("{}/{file}", STARTERS[0])));
        assert!(difference <= 30, "{difference} lines of {file} differ");
    }
}

#[test]
fn both_languages_have_the_same_code() {
    let placeholders = |text: &String| {
        let rests = text.split('{').skip(1);
        let mut found: Vec<_> =
            rests.map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
        found.sort();
        found
    };
    for (file, _) in LESSON_FILES {
        let [english, chinese] = STARTERS.map(|starter| read(&format!("{starter}/{file}")));
        let [(code, strings), (chinese_code, chinese_strings)] =
            [&english, &chinese].map(|text| split(text));
        assert_eq!(code, chinese_code, "{file}");
        for (string, translation) in strings.iter().zip(&chinese_strings) {
            assert_eq!(placeholders(string), placeholders(translation), "{file}: {translation:?}");
        }
        // Every line with a comment has one in Chinese.
        for (english, chinese) in english.lines().zip(chinese.lines()) {
            let comment = |line: &str| line.split_once("//").map(|(_, comment)| comment.to_owned());
            assert_eq!(comment(english).is_some(), comment(chinese).is_some(), "{file}: {chinese}");
            let is_chinese =
                |text: String| text.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(comment(chinese).is_none_or(is_chinese), "{file}: {chinese}");
        }
    }
}

#[test]
fn only_files_that_differ_exist_twice() {
    let mut expected = LESSON_FILES.map(|(file, _)| file).to_vec();
    for starter in STARTERS.into_iter().rev() {
        expected.sort_unstable();
        let folder = root().join(starter);
        let expected_paths: Vec<_> = expected.iter().map(|file| folder.join(file)).collect();
        assert_eq!(files(&folder), expected_paths);
        // Only in English; the workflow that grades each push is for students only.
        expected.extend(["README.md", "README.zh-CN.md", "homework/answers.toml"]);
        expected.push(".github/workflows/homework.yml");
    }
}
