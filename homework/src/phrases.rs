//! What tests and commands say in English sentences, in Chinese: a phrase book, phrases.toml.
//!
//! The messages of the homework's own screens stand in the table of `messages`. A test is
//! not of the homework: what it says is data, which comes from it in English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The name that stands for a number only.
const COUNT: &str = "count";

/// English sentences and the Chinese ones, with a name in braces for anything.
static PHRASES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../phrases.toml")).expect("a test reads the same file")
});

/// A text in Chinese, each of its lines by itself. What is in no phrase, such as the words of a
/// program or of the system, stays as it is.
pub fn in_chinese(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn line(text: &str) -> String {
    // Of several phrases, the one with the most words of its own.
    let found = PHRASES.iter().filter_map(|(english, chinese)| {
        let values = values(english, text)?;
        Some((words(english), chinese, values))
    });
    let Some((_, chinese, values)) = found.max_by_key(|(words, ..)| *words) else {
        return text.to_owned();
    };
    let mut said = String::new();
    let mut rest = chinese.as_str();
    while let Some((before, name, after)) = hole(rest) {
        said += before;
        let value = values.iter().find(|(other, _)| *other == name);
        // What stands for anything may be a phrase itself.
        said += &value.map_or_else(|| name.to_owned(), |(_, value)| line(value));
        rest = after;
    }
    said + rest
}

/// What stands before the first hole of a phrase, its name, and what stands behind it.
fn hole(phrase: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = phrase.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// How many characters of a phrase are its own.
fn words(phrase: &str) -> usize {
    match hole(phrase) {
        Some((before, _, after)) => before.len() + words(after),
        None => phrase.len(),
    }
}

/// What stands in a text where a phrase has its holes, if the text is this phrase.
fn values<'a>(phrase: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let Some((before, name, after)) = hole(phrase) else {
        return (phrase == text).then(Vec::new);
    };
    let text = text.strip_prefix(before)?;
    let fits = |value: &str| {
        !value.is_empty() && (name != COUNT || value.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if after.is_empty() {
        return fits(text).then(|| vec![(name, text)]);
    }
    // Up to the next words of the phrase, as early as the rest of it fits.
    let next = hole(after).map_or(after, |(before, ..)| before);
    for (at, _) in text.match_indices(next) {
        if fits(&text[..at])
            && let Some(mut rest) = values(after, &text[at..])
        {
            rest.insert(0, (name, &text[..at]));
            return Some(rest);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_found_by_its_words_with_what_stands_in_it() {
        let why = "the compiler was stopped after 60 s";
        assert_eq!(
            in_chinese(&format!("day01-udp does not build: {why}")),
            "day01-udp 无法构建：编译器运行 60 秒后被停止"
        );
        assert_eq!(in_chinese("\"a to b\" on standard output"), "标准输出上有 \"a to b\"");
        assert_eq!(
            in_chinese("to send 3 bytes \"to \" to [::1]:7"),
            "把 3 字节 \"to \" 发给 [::1]:7"
        );
    }

    #[test]
    fn what_a_program_says_stays_as_it_is() {
        let words = "error[E0308]: mismatched types (day01-udp/src/main.rs:3)";
        assert_eq!(in_chinese(words), words);
    }

    #[test]
    fn each_phrase_has_the_same_names_in_both_languages() {
        for (english, chinese) in &*PHRASES {
            let names = |mut phrase: &str| {
                let mut names = Vec::new();
                while let Some((_, name, after)) = hole(phrase) {
                    names.push(name.to_owned());
                    phrase = after;
                }
                names.sort();
                names
            };
            assert_eq!(names(english), names(chinese), "{english}");
        }
    }
}
