//! The fields of homework/answers.toml, each with its question in the comments above it. Writing an
//! answer leaves the rest of the file unchanged.

use anyhow::Result;
use homework::messages::{Language, message};
use toml_edit::{Array, Decor, DocumentMut, Item, Key, Table, TableLike, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The table and the keys that lead to the field.
    pub path: Vec<String>,
    /// The answer as the student types it: the words of an array are separated by commas.
    pub answer: String,
    /// The comments above the field and its table, in both languages.
    comments: Vec<String>,
}

impl Field {
    pub fn question(&self, language: Language) -> impl Iterator<Item = &str> {
        let lines = self.comments.iter().map(String::as_str);
        lines.filter(move |line| is_chinese(line) == (language == Language::Zh))
    }
}

pub fn read_fields(text: &str) -> Result<Vec<Field>> {
    let document: DocumentMut = text.parse()?;
    let mut fields = Vec::new();
    collect(document.as_table(), &[], &[], &mut fields);
    Ok(fields)
}

fn collect(table: &dyn TableLike, path: &[String], comments: &[String], fields: &mut Vec<Field>) {
    for (name, item) in table.iter() {
        let path = [path, &[name.to_owned()]].concat();
        let mut comments = comments.to_vec();
        let decors = [table.key(name).map(Key::leaf_decor), item.as_table().map(Table::decor)];
        comments.extend(decors.into_iter().flatten().flat_map(last_comment));
        let answer = match item {
            Item::Value(Value::String(word)) => word.value().clone(),
            Item::Value(Value::Array(words)) => {
                let words = words.iter().filter_map(Value::as_str);
                words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
            }
            // Students may write true instead of "true".
            Item::Value(value) if !value.is_inline_table() => {
                value.clone().decorated("", "").to_string()
            }
            _ => {
                if let Some(inner) = item.as_table_like() {
                    collect(inner, &path, &comments, fields);
                }
                continue;
            }
        };
        fields.push(Field { path, answer, comments });
    }
}

/// Returns the text with a new answer in the field at this path.
pub fn write_answer(text: &str, path: &[String], answer: &str) -> Result<String> {
    let mut document: DocumentMut = text.parse()?;
    let field = path.iter().try_fold(document.as_item_mut(), |item, name| item.get_mut(name));
    let field = field.and_then(Item::as_value_mut);
    let field = field.ok_or_else(|| message!("no-field", name = path.join(".")))?;
    let decor = field.decor().clone();
    *field = match field {
        Value::Array(_) => {
            // Chinese input methods type other commas.
            let words = answer.split([',', '，', '、']).map(str::trim);
            Array::from_iter(words.filter(|word| !word.is_empty())).into()
        }
        _ => answer.trim().into(),
    };
    *field.decor_mut() = decor;
    Ok(document.to_string())
}

/// Returns the lines of the comment that ends right above a key or table.
fn last_comment(decor: &Decor) -> Vec<String> {
    let before = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let lines = before.lines().rev().map_while(|line| line.strip_prefix('#'));
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.into_iter().rev().map(str::to_owned).collect()
}

/// Returns whether a line is in Chinese. Lines in either language quote words of the other.
fn is_chinese(line: &str) -> bool {
    let chinese = line.chars().filter(|character| ('\u{3000}'..'\u{a000}').contains(character));
    let letters = line.chars().filter(char::is_ascii_alphabetic);
    3 * chinese.count() > letters.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers file of the starter code. A student copy doesn't have it at this path.
    fn starter_answers() -> String {
        let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../homework/starter");
        std::fs::read_to_string(format!("{starter}/homework/answers.toml")).unwrap()
    }

    #[test]
    fn every_field_has_a_question_in_both_languages() {
        let fields = read_fields(&starter_answers()).unwrap();
        assert_eq!(fields.len(), 44);
        assert_eq!(fields[0].path, ["osi", "from_top_to_bottom"]);
        assert_eq!(fields[9].path, ["handshake", "first", "from"]);
        assert_eq!(read_fields("a = true # why\n").unwrap()[0].answer, "true");
        for field in &fields {
            assert!(field.answer.is_empty(), "{field:?}");
            for language in [Language::En, Language::Zh] {
                assert!(field.question(language).next().is_some(), "{field:?}");
                for line in field.question(language) {
                    let has_chinese_mark = line.chars().any(|c| "，。？：；、".contains(c));
                    let is_right = has_chinese_mark == (language == Language::Zh);
                    assert!(is_right || line.len() < 70, "{line}");
                }
            }
        }
    }

    #[test]
    fn writing_an_answer_leaves_the_rest_unchanged() {
        let path = ["handshake", "first", "flags"].map(String::from);
        let before = starter_answers();
        let after = write_answer(&before, &path, " SYN ").unwrap();
        assert_eq!(after, before.replacen("flags = \"\"", "flags = \"SYN\"", 1));
        let path = ["tcp_ip", "link"].map(String::from);
        let after = write_answer(&after, &path, "数据链路层，physical").unwrap();
        assert!(after.contains("\nlink = [\"数据链路层\", \"physical\"]\n"), "{after}");
        let after = write_answer("a =  \"\" # why\n", &["a".to_owned()], "b").unwrap();
        assert_eq!(after, "a =  \"b\" # why\n");
    }
}
