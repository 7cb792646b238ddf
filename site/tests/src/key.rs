//! Keys by the names that the web gives them.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// A key's own name, and the number that old pages and Chromium's own actions know it by.
const NAMED: [(&str, u32); 14] = [
    ("Backspace", 8),
    ("Tab", 9),
    ("Enter", 13),
    ("Escape", 27),
    ("PageUp", 33),
    ("PageDown", 34),
    ("End", 35),
    ("Home", 36),
    ("ArrowLeft", 37),
    ("ArrowUp", 38),
    ("ArrowRight", 39),
    ("ArrowDown", 40),
    ("Delete", 46),
    ("Shift", 16),
];

/// What Chromium is told when `key` goes down: a name of the list above, or one character.
pub(crate) fn down(key: &str) -> Result<Value> {
    if let Some((name, number)) = NAMED.iter().find(|(name, _)| *name == key) {
        let text = if *name == "Enter" { "\r" } else { "" };
        return Ok(json!({
            "key": name, "code": name, "text": text, "windowsVirtualKeyCode": number,
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
        }));
    }
    let mut characters = key.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        bail!("{key:?} is no key that can be pressed; add it to the list in browser/src/key.rs");
    };
    let upper = character.to_ascii_uppercase();
    let code = match upper {
        'A'..='Z' => format!("Key{upper}"),
        '0'..='9' => format!("Digit{upper}"),
        ' ' => "Space".to_owned(),
        _ => String::new(),
    };
    Ok(json!({
        "type": "keyDown", "key": key, "code": code, "text": key,
        "windowsVirtualKeyCode": u32::from(upper),
    }))
}
