//! The search index, made anew of what mdBook gathered: mdBook cuts text at spaces, and Chinese has
//! none. Here every two characters side by side are a word; `theme/search.js` cuts what is
//! searched for in the same way.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use elasticlunr::lang::English;
use elasticlunr::{IndexBuilder, Language, Pipeline};
use serde_json::Value;

/// How mdBook writes it.
const BEFORE: &str = "window.search = Object.assign(window.search, JSON.parse('";
const AFTER: &str = "'));";

/// What is searched.
const FIELDS: [&str; 3] = ["title", "body", "breadcrumbs"];

/// Makes the index of the book in `folder` anew.
pub(crate) fn index(folder: &Path) -> Result<()> {
    let path = folder.join("searchindex.js");
    let written = fs::read_to_string(&path)
        .with_context(|| format!("mdBook made no search index {}", path.display()))?;
    let json = written
        .trim()
        .strip_prefix(BEFORE)
        .and_then(|rest| rest.strip_suffix(AFTER))
        .context("mdBook writes its search index in another way now; see book/src/search.rs")?;
    let mut search: Value = serde_json::from_str(&json.replace("\\'", "'").replace("\\\\", "\\"))?;

    let mut builder = IndexBuilder::with_language(Box::new(BothLanguages));
    for field in FIELDS {
        builder = builder.add_field(field);
    }
    let mut index = builder.build();
    let documents = search["index"]["documentStore"]["docs"]
        .as_object()
        .context("mdBook's search index has no documents")?;
    for (number, document) in documents {
        let [title, body, path] = FIELDS.map(|field| document[field].as_str().unwrap_or_default());
        // mdBook names a chapter, and then its heading, which is the same.
        let mut path: Vec<&str> = path.split(" » ").collect();
        path.dedup();
        index.add_doc(number, [title, body, &path.join(" » ")]);
    }
    search["index"] = serde_json::to_value(index)?;

    let json = search.to_string().replace('\\', "\\\\").replace('\'', "\\'");
    fs::write(&path, format!("{BEFORE}{json}{AFTER}"))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// English words among Chinese ones.
struct BothLanguages;

impl Language for BothLanguages {
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
        // In the browser it takes away all that is not ASCII.
        pipeline.queue.retain(|step| step.name() != "trimmer");
        pipeline
    }
}

/// Letters and digits that stand together, with dots between them (`127.0.0.1`), and every two
/// Chinese characters that do. The last of those is a word, too: so one alone is found.
fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.to_lowercase().chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (place, &character) in characters.iter().enumerate() {
        let next = characters.get(place + 1).copied().unwrap_or(' ');
        if is_chinese(character) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            words.push(match is_chinese(next) {
                true => [character, next].iter().collect(),
                false => character.to_string(),
            });
        } else if is_of_word(character) || character == '.' && !word.is_empty() && is_of_word(next)
        {
            word.push(character);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn is_of_word(character: char) -> bool {
    (character.is_alphanumeric() || character == '_') && !is_chinese(character)
}

fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_of_both_languages() {
        assert_eq!(words("It ends. TIME-WAIT"), ["it", "ends", "time", "wait"]);
        assert_eq!(
            words("绑定 127.0.0.1，端口号"),
            ["绑定", "定", "127.0.0.1", "端口", "口号", "号"]
        );
        assert_eq!(words("用SO_REUSEADDR."), ["用", "so_reuseaddr"]);
    }
}
