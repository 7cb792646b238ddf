//! The homework's messages, in the language of the person who reads them: messages.toml.

use std::env;
use std::ops::Deref;

use ::tests::Catalogue;

pub use ::tests::{Language, Message, message};

use crate::phrases;

/// The language that the environment asks for: POSIX, section 8.2, Internationalization Variables.
pub fn language_of_environment() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let first = variables.iter().filter_map(env::var_os).find(|value| !value.is_empty());
    match first {
        Some(locale) if locale.to_string_lossy().starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

/// The messages in one language: those of the tests and of the homework.
#[derive(Debug, Clone)]
pub struct Messages(Catalogue);

impl Deref for Messages {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.0
    }
}

impl Messages {
    /// The messages in a language.
    pub fn new(language: Language) -> Self {
        Messages(Catalogue::new(language, &[include_str!("../messages.toml")]))
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

    /// A message whose arguments are texts.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let args = values.iter().map(|&(name, value)| (name.to_owned(), value.into()));
        self.show(&Message { key: key.to_owned(), args: args.collect() })
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
