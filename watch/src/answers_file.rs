//! The form with the questions, homework/answers.toml: its blanks one by one, each with what is asked
//! above it. What is written into a blank leaves all the rest of the file as it is.

use std::ops::Range;

use anyhow::{Context, Result};
use homework::messages::Language;
use toml::de::{DeTable, DeValue};

/// A blank of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// The names on the way to it: the part, and the keys in it.
    pub path: Vec<String>,
    /// What is in it.
    pub value: Value,
    /// Where that stands in the text.
    place: Range<usize>,
    /// Where the line of its key begins, and that of its part.
    lines: (usize, usize),
}

/// What is in a blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One word.
    Word(String),
    /// Several.
    Words(Vec<String>),
}

impl Value {
    /// As it is typed: words behind each other with commas.
    pub fn typed(&self) -> String {
        match self {
            Value::Word(word) => word.clone(),
            Value::Words(words) if words.iter().all(String::is_empty) => String::new(),
            Value::Words(words) => words.join(", "),
        }
    }

    /// Whether nothing is in it yet.
    pub fn is_blank(&self) -> bool {
        self.typed().is_empty()
    }

    /// The same kind of value, as it was typed: also with the comma of a Chinese keyboard.
    fn of(&self, typed: &str) -> Value {
        let words = typed.split([',', '，', '、']).map(|word| word.trim().to_owned());
        match self {
            Value::Word(_) => Value::Word(typed.trim().to_owned()),
            Value::Words(_) => Value::Words(words.filter(|word| !word.is_empty()).collect()),
        }
    }

    fn in_toml(&self) -> String {
        match self {
            Value::Word(word) => basic_string(word),
            Value::Words(words) => {
                format!(
                    "[{}]",
                    words.iter().map(|word| basic_string(word)).collect::<Vec<_>>().join(", ")
                )
            }
        }
    }
}

/// A word as TOML has it: its control characters are of no use to an answer.
fn basic_string(word: &str) -> String {
    let word: String = word.chars().filter(|character| !character.is_control()).collect();
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The blanks of a form, in the order in which they stand there.
///
/// # Errors
///
/// The text is no TOML.
pub fn blanks(text: &str) -> Result<Vec<Blank>> {
    let table = DeTable::parse(text).context("the form cannot be read")?;
    let mut blanks = Vec::new();
    for (part, value) in table.get_ref() {
        let start = start_of_line(text, part.span().start);
        if let DeValue::Table(keys) = value.get_ref() {
            collect(text, &[part.get_ref().as_ref()], start, keys, &mut blanks);
        }
    }
    blanks.sort_by_key(|blank| blank.place.start);
    Ok(blanks)
}

fn collect(text: &str, path: &[&str], part: usize, table: &DeTable, blanks: &mut Vec<Blank>) {
    for (key, value) in table {
        let path = [path, &[key.get_ref().as_ref()]].concat();
        let value_of = match value.get_ref() {
            DeValue::Table(inner) => {
                collect(text, &path, part, inner, blanks);
                continue;
            }
            DeValue::String(word) => Value::Word(word.to_string()),
            DeValue::Array(words) => {
                let words = words.iter().filter_map(|word| word.get_ref().as_str());
                Value::Words(words.map(str::to_owned).collect())
            }
            // No answer is of another kind.
            _ => continue,
        };
        blanks.push(Blank {
            path: path.iter().map(|&name| name.to_owned()).collect(),
            value: value_of,
            place: value.span(),
            lines: (start_of_line(text, key.span().start), part),
        });
    }
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The text with something else in the blank at this path, as it was typed.
///
/// # Errors
///
/// The text is no TOML, or has no such blank.
pub fn filled(text: &str, path: &[String], typed: &str) -> Result<String> {
    let blanks = blanks(text)?;
    let blank = blanks.iter().find(|blank| blank.path == path);
    let blank = blank.with_context(|| format!("the form has no {}", path.join(".")))?;
    let (before, after) = (&text[..blank.place.start], &text[blank.place.end..]);
    Ok(format!("{before}{}{after}", blank.value.of(typed).in_toml()))
}

impl Blank {
    /// What is asked, in one language: the comments above its part, and above the key itself.
    pub fn question(&self, text: &str, language: Language) -> Vec<String> {
        let (key, part) = self.lines;
        let mut lines = comments_above(text, part, language);
        if key != part {
            lines.extend(comments_above(text, key, language));
        }
        lines
    }
}

/// The comment that ends above a place in the text, without the glyphs before it.
fn comments_above(text: &str, at: usize, language: Language) -> Vec<String> {
    let lines: Vec<&str> =
        text[..at].lines().rev().map_while(|line| line.strip_prefix('#')).collect();
    let lines = lines.into_iter().rev().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.filter(|line| is_chinese(line) == (language == Language::Zh)).map(str::to_owned).collect()
}

/// Whether a line is Chinese: it may have English words in it, as the English lines have Chinese ones.
fn is_chinese(line: &str) -> bool {
    let chinese = line.chars().filter(|character| ('\u{3000}'..'\u{a000}').contains(character));
    let letters = line.chars().filter(char::is_ascii_alphabetic);
    3 * chinese.count() > letters.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form that is handed out. It is not there where it was handed out to.
    fn form() -> String {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../homework/starter/homework/answers.toml");
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_form_that_is_handed_out_has_a_question_for_each_blank_in_both_languages() {
        let form = form();
        let blanks = blanks(&form).unwrap();
        assert_eq!(blanks.len(), 44);
        assert_eq!(blanks[0].path, ["osi", "from_top_to_bottom"]);
        assert_eq!(blanks[9].path, ["handshake", "first", "from"]);
        for blank in &blanks {
            assert!(blank.value.is_blank(), "{blank:?}");
            for language in [Language::En, Language::Zh] {
                let question = blank.question(&form, language);
                assert!(!question.is_empty(), "{blank:?}");
                for line in question {
                    assert!(
                        (language == Language::Zh)
                            == line.chars().any(|c| "，。？：；、".contains(c))
                            || line.len() < 70,
                        "{line}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_written_into_a_blank_leaves_the_rest_as_it_is() {
        let path = ["handshake", "first", "flags"].map(String::from);
        let form = form();
        let filled = filled(&form, &path, " SYN ").unwrap();
        let expected = form.replacen("flags = \"\"", "flags = \"SYN\"", 1);
        assert_eq!(filled, expected);
        let path = ["tcp_ip", "link"].map(String::from);
        let filled = super::filled(&filled, &path, "数据链路层，physical").unwrap();
        assert!(filled.contains("\nlink = [\"数据链路层\", \"physical\"]\n"), "{filled}");
    }
}
