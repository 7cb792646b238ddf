//! The message catalogue of the homework, messages.toml, in the user's language.

use std::env;
use std::ops::Deref;

use ::tests::{Argument, Catalogue};
use common::one_line;

pub use ::tests::{Language, Message, message};

/// The language of the environment: POSIX, section 8.2, Internationalization Variables.
pub fn language_of_environment() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let first = variables.iter().filter_map(env::var_os).find(|value| !value.is_empty());
    match first {
        Some(locale) if locale.to_string_lossy().starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

pub trait Explain<T> {
    /// Returns the message instead of the error, which becomes its argument `why`.
    fn explain(self, message: Message) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Explain<T> for Result<T, E> {
    fn explain(self, mut message: Message) -> anyhow::Result<T> {
        self.map_err(|error| {
            message.args.insert("why".to_owned(), from_error(error.into()).into());
            message.into()
        })
    }
}

pub fn from_error(error: anyhow::Error) -> Message {
    error.downcast().unwrap_or_else(|error| one_line(&format!("{error:#}")).into())
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
    pub fn new(language: Language) -> Self {
        Messages(Catalogue::new(language, &[include_str!("../messages.toml")]))
    }

    /// The language tag for HTML (RFC 5646).
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

    /// Translates an error. Errors of the operating system stay in English.
    pub fn error(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<Message>() {
            Ok(message) => anyhow::Error::msg(self.show(&message)),
            Err(error) => error,
        }
    }

    pub fn task<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(&format!("task-{name}")).unwrap_or(name)
    }

    /// The title of a test. Tests for extra credit have only their names.
    pub fn test<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(&format!("test-{name}")).unwrap_or(name)
    }

    /// The same with the name for `try` in brackets.
    pub fn test_with_name(&self, name: &str) -> String {
        let short = name.rsplit("::").next().unwrap_or(name);
        self.find(&format!("test-{name}"))
            .map_or_else(|| name.to_owned(), |title| format!("{title} ({short})"))
    }

    /// The advice to read a section, given by its link.
    pub fn read(&self, notes: &str) -> String {
        self.show(&message!("read", notes))
    }

    /// The points or tests of a task, such as `7.5 of 10`.
    pub fn of(&self, one: impl Into<Argument>, all: impl Into<Argument>) -> String {
        self.show(&message!("of", one = one, all = all))
    }

    /// The link to a section of the notes in this language.
    pub fn section(&self, anchor: &str) -> String {
        match self.language {
            Language::En => format!("NOTES.md#{anchor}"),
            Language::Zh => format!("NOTES.zh-CN.md#{anchor}"),
        }
    }
}
