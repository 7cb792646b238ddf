//! What the homework says, in the language of the person who reads it: one table, messages.toml.

use std::collections::BTreeMap;
use std::env;

use clap::ValueEnum;
use serde::Deserialize;

use crate::phrases;

/// A language of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// 中文
    Zh,
}

impl Language {
    /// The language that the environment asks for: POSIX, section 8.2, Internationalization
    /// Variables.
    pub fn of_environment() -> Self {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let first = variables.iter().filter_map(env::var_os).find(|value| !value.is_empty());
        match first {
            Some(locale) if locale.to_string_lossy().starts_with("zh") => Language::Zh,
            _ => Language::En,
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    en: String,
    zh: String,
}

/// The messages in one language.
#[derive(Debug, Clone)]
pub struct Messages {
    table: BTreeMap<String, Text>,
    language: Language,
}

impl Messages {
    /// The messages in a language.
    pub fn new(language: Language) -> Self {
        let table = toml::from_str(include_str!("../messages.toml"));
        Messages { table: table.expect("a test reads the same table"), language }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The language, as pages name it (RFC 5646).
    pub fn tag(&self) -> &'static str {
        match self.language {
            Language::En => "en",
            Language::Zh => "zh-CN",
        }
    }

    /// A text, if there is one for this key.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.table.get(key).map(|text| match self.language {
            Language::En => text.en.as_str(),
            Language::Zh => text.zh.as_str(),
        })
    }

    /// A text. One that is missing shows as its key.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// A text with each `{name}` in it replaced by its value.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        // From left to right, so that nothing in a value is taken for a name.
        let mut rest = self.get(key);
        let mut text = String::new();
        while let Some((before, after)) = rest.split_once('{')
            && let Some((name, after)) = after.split_once('}')
        {
            text += before;
            let value = values.iter().find(|(other, _)| *other == name);
            text += value.map_or(name, |(_, value)| value);
            rest = after;
        }
        text + rest
    }

    /// A sentence of a test or a command, which say them in English.
    pub fn say(&self, english: &str) -> String {
        match self.language {
            Language::En => english.to_owned(),
            Language::Zh => phrases::in_chinese(english),
        }
    }

    /// An error, with all that led to it, in one line.
    pub fn error(&self, error: anyhow::Error) -> anyhow::Error {
        match self.language {
            Language::En => error,
            Language::Zh => {
                let said: Vec<String> =
                    error.chain().map(|part| self.say(&part.to_string())).collect();
                anyhow::Error::msg(said.join("："))
            }
        }
    }

    /// A task of the rubric, as people call it.
    pub fn task<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(&format!("task-{name}")).unwrap_or(name)
    }

    /// What a test looks at. Those extra credit have their names only.
    pub fn test<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(&format!("test-{name}")).unwrap_or(name)
    }

    /// The same, with the name by which it is run alone in brackets.
    pub fn test_with_name(&self, name: &str) -> String {
        match self.find(&format!("test-{name}")) {
            Some(title) => {
                format!("{title} ({})", name.rsplit_once("::").map_or(name, |(_, name)| name))
            }
            None => name.to_owned(),
        }
    }

    /// A section of the notes in this language.
    pub fn section(&self, anchor: &str) -> String {
        match self.language {
            Language::En => format!("NOTES.md#{anchor}"),
            Language::Zh => format!("NOTES.zh-CN.md#{anchor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages_with_the_same_values() {
        let names = |text: &str| {
            let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
            let mut names: Vec<String> = parts.map(|(name, _)| name.to_owned()).collect();
            names.sort();
            names
        };
        for (key, Text { en, zh }) in &Messages::new(Language::En).table {
            assert!(!en.is_empty() && !zh.is_empty(), "{key}");
            assert_eq!(names(en), names(zh), "{key}");
        }
    }

    #[test]
    fn a_value_is_not_read_as_a_text() {
        let messages = Messages::new(Language::En);
        let filled = messages.fill("of", &[("one", "{all}"), ("all", "2")]);
        assert_eq!(filled, "{all} of 2");
    }
}
