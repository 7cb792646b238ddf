//! The homework's messages, in the language of the person who reads them: messages.toml.

use std::env;
use std::ops::Deref;

use ::tests::Catalogue;
use common::one_line;

pub use ::tests::{Language, Message, message};

/// The language that the environment asks for: POSIX, section 8.2, Internationalization Variables.
pub fn language_of_environment() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let first = variables.iter().filter_map(env::var_os).find(|value| !value.is_empty());
    match first {
        Some(locale) if locale.to_string_lossy().starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

/// Turns an error into a [`Message`].
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

/// An error as a message.
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

    /// An error in this language. One of the operating system stays as it is.
    pub fn error(&self, error: anyhow::Error) -> anyhow::Error {
        error
            .downcast::<Message>()
            .map_or_else(|error| error, |it| anyhow::Error::msg(self.show(&it)))
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
