//! What a test sends: numbers, lengths and texts that depend on the seed.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::ops::RangeInclusive;

/// The environment variable with the seed of the test data, a number. Without it, the seed is 0.
pub const SEED: &str = "HOMEWORK_SEED";

/// Chinese words, of which a line has one.
const CHINESE: [&str; 8] =
    ["你好", "世界", "网络", "套接字", "服务端", "客户端", "端口号", "三次握手"];

/// English words, of which a line has one.
const ENGLISH: [&str; 8] =
    ["hello", "network", "socket", "port", "bytes", "stream", "segment", "handshake"];

/// The data of one test. It differs from seed to seed, but every seed has the same kinds of data, so that
/// a mark doesn't depend on it.
///
/// ```
/// let mut data = tests::TestData::new("documentation");
/// assert!((13..=40).contains(&data.number(13..=40)));
/// assert_eq!(data.text(1000).len(), 1000);
/// assert_ne!(data.message(), data.message());
/// ```
#[derive(Debug)]
pub struct TestData {
    seed: String,
    test: &'static str,
    drawn: usize,
    lines: usize,
}

impl TestData {
    /// The data of the test with this name. No two tests have the same.
    pub fn new(test: &'static str) -> Self {
        Self::with_seed(env::var(SEED).unwrap_or_else(|_| "0".to_owned()), test)
    }

    /// The same with another seed than that of the environment.
    pub fn with_seed(seed: String, test: &'static str) -> Self {
        let mut data = Self { seed, test, drawn: 0, lines: 0 };
        data.lines = data.number(0..=100);
        data
    }

    /// A number in this range.
    pub fn number(&mut self, range: RangeInclusive<usize>) -> usize {
        self.drawn += 1;
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let number = hasher.hash_one((&self.seed, self.test, self.drawn)) as usize;
        range.start() + number % (range.end() - range.start() + 1)
    }

    /// A text of this many bytes. Its words are numbers that go up in equal steps, so that no two places
    /// look the same, and a missing, repeated or moved part shows.
    pub fn text(&mut self, bytes: usize) -> String {
        let (first, step) = (self.number(10_000..=80_000), self.number(1..=9));
        let words = (0..=bytes / 6).map(|word| format!("{} ", first + step * word));
        let mut text: String = words.collect();
        text.truncate(bytes);
        if text.ends_with(' ') {
            text.replace_range(bytes - 1.., "-");
        }
        text
    }

    /// A message for a client: English or Chinese words and a number, with single or double spaces between
    /// them. One of five is a single letter, and one of five is longer, but not over 250 bytes.
    pub fn message(&mut self) -> String {
        self.lines += 1;
        self.message_of_kind(self.lines % 5)
    }

    /// A message of at most 15 bytes, for two programs that are connected to each other: one may have a
    /// buffer of 16 bytes, and the other may call recv once for each line.
    pub fn short_message(&mut self) -> String {
        self.lines += 1;
        let number = self.number(10..=999);
        let (english, chinese) = (self.one_of(&ENGLISH), self.one_of(&CHINESE));
        match self.lines % 4 {
            0 => format!("{english} {number}"),
            1 => format!("{chinese}{number}"),
            2 => format!("{number}  {}", number / 7),
            _ => self.message_of_kind(3),
        }
    }

    fn message_of_kind(&mut self, kind: usize) -> String {
        let number = self.number(100..=99_999);
        let (english, chinese) = (self.one_of(&ENGLISH), self.one_of(&CHINESE));
        match kind {
            0 => format!("{english} {number}"),
            1 => format!("{chinese}{number}"),
            2 => format!("{number}  {chinese}  {english}"),
            3 => self.one_of(&["a", "b", "c", "x", "y", "z"]).to_owned(),
            _ => format!("{english} {}", self.text(number % 150 + 50)),
        }
    }

    /// A line for a server: a message, an empty line, one with a space at both ends, or one with a zero
    /// byte. All kinds occur in eight lines.
    pub fn line(&mut self) -> String {
        self.lines += 1;
        match self.lines % 8 {
            5 => "\n".to_owned(),
            6 => format!(" {} \n", self.message_of_kind(2)),
            7 => format!("{}\0{}\n", self.message_of_kind(1), self.message_of_kind(0)),
            kind => self.message_of_kind(kind) + "\n",
        }
    }

    /// A server's reply: a line of at most 1,000 bytes, which fits into the buffer of every client.
    pub fn reply(&mut self) -> String {
        let number = self.number(0..=99_999);
        let long =
            if number.is_multiple_of(4) { self.text(number % 850 + 100) } else { String::new() };
        let chinese = self.one_of(&CHINESE);
        format!("reply {number} {chinese} {long}").trim_end().to_owned() + "\n"
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.number(0..=words.len() - 1)]
    }
}
