//! Data as JSON, inside a page: four functions instead of a library, which would add a third to the
//! time that this program takes to build.

use std::fmt::Write as _;

/// A text. Nothing in it can end the element of the page that it stands in: what HTML or an old
/// script would read as its own is written as a number.
pub fn text(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

/// Values in their order.
pub fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", Vec::from_iter(values).join(","))
}

/// Values with their names.
pub fn object<const N: usize>(members: [(&str, String); N]) -> String {
    object_of(members)
}

/// Values with their names, as many as there are.
pub fn object_of<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{}:{value}", text(name)));
    format!("{{{}}}", Vec::from_iter(members).join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element_that_it_stands_in() {
        let json = text("</script><!-- & \u{2028}\n\"\\你好");
        let expected = r#""\u003c/script\u003e\u003c!-- \u0026 \u2028\u000a\"\\你好""#;
        assert_eq!(json, expected);
    }
}
