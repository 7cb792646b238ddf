//! The message catalogue. A message is a key with named arguments. It becomes text in the reader's
//! language only when it's shown.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A message in no language yet: see [`message!`](crate::message).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    /// Its key in the catalogue.
    pub key: String,
    /// The values for each `{name}` in its text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Argument>,
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    /// Shown as it is: a number, or something that a program or the operating system printed.
    Text(String),
    /// Shown in the reader's language.
    Message(Message),
}

/// A [`Message`] with a key of the catalogue and named arguments.
///
/// ```
/// let status = 3;
/// let how = tests::message!("exit-status", status);
/// let message = tests::message!("ended", how = how);
/// assert_eq!(message.to_string(), "your program ended (exit status 3)");
/// ```
#[macro_export]
macro_rules! message {
    ($key:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::Message::new(
            $key,
            [$((stringify!($name), $crate::message!(@value $name $(= $value)?).into())),*],
        )
    };
    (@value $name:ident = $value:expr) => { $value };
    (@value $name:ident) => { $name };
}

impl Message {
    /// A message with these arguments.
    pub fn new<const N: usize>(key: impl Into<String>, args: [(&str, Argument); N]) -> Self {
        let args = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { key: key.into(), args }
    }
}

impl Message {
    /// Whether this is a message with this key, or has one among its arguments.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.key == key
            || self.args.values().any(|argument| match argument {
                Argument::Message(message) => message.contains(key),
                Argument::Text(_) => false,
            })
    }
}

/// Text that isn't translated, such as the output of a program.
impl<T: AsRef<str>> From<T> for Message {
    fn from(text: T) -> Self {
        message!("text", text = text.as_ref())
    }
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.to_string()
    }
}

impl From<Message> for Argument {
    fn from(mut message: Message) -> Self {
        match &*message.key {
            "text" => message.args.remove("text").unwrap_or(Argument::Text(String::new())),
            _ => Argument::Message(message),
        }
    }
}

impl From<&Message> for Argument {
    fn from(message: &Message) -> Self {
        message.clone().into()
    }
}

macro_rules! shown_as_text {
    ($($type:ty),*) => {
        $(impl From<$type> for Argument {
            fn from(value: $type) -> Self {
                Argument::Text(value.to_string())
            }
        })*
    };
}

shown_as_text!(
    &str,
    String,
    &String,
    Cow<'_, str>,
    char,
    u8,
    u16,
    u32,
    u64,
    usize,
    i32,
    SocketAddr,
    IpAddr,
    io::Error,
    &io::Error,
    path::Display<'_>
);

/// In English, if it's a message of the tests. Commands show their messages with [`Catalogue::show`].
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(Language::En, &[]));
        match ENGLISH.find(&self.key) {
            Some(_) => f.write_str(&ENGLISH.show(self)),
            None => write!(f, "{} {:?}", self.key, self.args),
        }
    }
}

impl std::error::Error for Message {}

/// A language of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English
    En,
    /// 中文
    Zh,
}

/// A message's text in each language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    en: String,
    zh: String,
}

/// The texts of all messages in one language.
#[derive(Debug, Clone)]
pub struct Catalogue {
    texts: BTreeMap<String, String>,
    /// The language of the texts.
    pub language: Language,
}

impl Catalogue {
    /// The messages of the tests, and those of other files.
    pub fn new(language: Language, files: &[&str]) -> Self {
        let mut texts = BTreeMap::new();
        for file in [include_str!("../messages.toml")].iter().chain(files) {
            let table: BTreeMap<String, Text> = toml::from_str(file).expect("a valid catalogue");
            texts.extend(table.into_iter().map(|(key, Text { en, zh })| match language {
                Language::En => (key, en),
                Language::Zh => (key, zh),
            }));
        }
        Self { texts, language }
    }

    /// The text of a message in the catalogue, with its placeholders.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The text of a message without arguments. If it's missing, its key.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// A message in this language.
    pub fn show(&self, message: &Message) -> String {
        // In one pass, so that braces in an argument aren't replaced.
        let mut rest = self.get(&message.key);
        let mut shown = String::new();
        while let Some((before, after)) = rest.split_once('{')
            && let Some((hole, after)) = after.split_once('}')
        {
            shown += before;
            let (name, forms) = hole.split_once(' ').unwrap_or((hole, ""));
            let value = match message.args.get(name) {
                Some(Argument::Text(text)) => text,
                Some(Argument::Message(message)) => &self.show(message),
                None => hole,
            };
            shown += value;
            if let Some((one, many)) = forms.split_once('|') {
                shown += " ";
                shown += if value == "1" { one } else { many };
            }
            rest = after;
        }
        shown + rest
    }
}
