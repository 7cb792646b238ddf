//! Rebuilds mdBook's search index so that it finds Chinese. mdBook splits text into words at spaces,
//! which Chinese doesn't use. Here every two adjacent Chinese characters are a word. In the browser,
//! `theme/chinese_search.js` splits queries the same way.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use elasticlunr::lang::English;
use elasticlunr::{IndexBuilder, Language, Pipeline};
use serde_json::Value;

/// What mdBook writes around the JSON of the index.
const PREFIX: &str = "window.search = Object.assign(window.search, JSON.parse('";
const SUFFIX: &str = "'));";

const FIELDS: [&str; 3] = ["title", "body", "breadcrumbs"];

/// Replaces the index in `folder`.
pub(crate) fn rebuild(folder: &Path) -> Result<()> {
    let path = folder.join("searchindex.js");
    let written =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let json = written
        .trim()
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX))
        .context("the format of searchindex.js has changed; adapt site/src/search_index.rs")?;
    let mut search: Value = serde_json::from_str(&json.replace("\\'", "'").replace("\\\\", "\\"))?;

    let mut builder = IndexBuilder::with_language(Box::new(EnglishAndChinese));
    for field in FIELDS {
        builder = builder.add_field(field);
    }
    let mut index = builder.build();
    let documents = search["index"]["documentStore"]["docs"]
        .as_object()
        .context("mdBook's search index has no documents")?;
    for (number, document) in documents {
        let [title, body, path] = FIELDS.map(|field| document[field].as_str().unwrap_or_default());
        // mdBook repeats the title of a chapter: once for the chapter, once for its heading.
        let mut path: Vec<&str> = path.split(" » ").collect();
        path.dedup();
        index.add_doc(number, [title, body, &path.join(" » ")]);
    }
    search["index"] = serde_json::to_value(index)?;

    let json = search.to_string().replace('\\', "\\\\").replace('\'', "\\'");
    fs::write(&path, format!("{PREFIX}{json}{SUFFIX}"))
        .with_context(|| format!("can't write {}", path.display()))
}

/// English with Chinese.
struct EnglishAndChinese;

impl Language for EnglishAndChinese {
    fn name(&self) -> String {
        "English".to_owned()
    }

    fn code(&self) -> String {
        "en".to_owned()
    }

    fn tokenize(&self, text: &str) -> Vec<String> {
        words(text)
    }

    fn make_pipeline(&self) -> Pipeline {
        let mut pipeline = English::new().make_pipeline();
        // In the browser, this step removes everything that isn't ASCII.
        pipeline.queue.retain(|step| step.name() != "trimmer");
        pipeline
    }
}

/// Splits text into words: runs of letters and digits, with single dots inside (`127.0.0.1`), and
/// pairs of adjacent Chinese characters. The last character of a run of Chinese is also a word.
fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.to_lowercase().chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let next = characters.get(index + 1).copied().unwrap_or(' ');
        if is_chinese(character) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            words.push(match is_chinese(next) {
                true => [character, next].iter().collect(),
                false => character.to_string(),
            });
        } else if is_word_character(character)
            || character == '.' && !word.is_empty() && is_word_character(next)
        {
            word.push(character);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn is_word_character(character: char) -> bool {
    (character.is_alphanumeric() || character == '_') && !is_chinese(character)
}

fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn english_and_chinese_are_split_into_words() {
        assert_eq!(words("It ends. TIME-WAIT"), ["it", "ends", "time", "wait"]);
        assert_eq!(
            words("绑定 127.0.0.1，端口号"),
            ["绑定", "定", "127.0.0.1", "端口", "口号", "号"]
        );
        assert_eq!(words("用SO_REUSEADDR."), ["用", "so_reuseaddr"]);
    }
}
