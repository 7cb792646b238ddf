//! The exchange as a page to step through: `--html FILE`.
//!
//! One file with everything in it, which asks for nothing else: it can be opened, sent to somebody
//! or set into another page as it is. `page.html` is its frame and `page.css` how it looks; `panel.js`
//! draws an exchange, `page.js` leads through its steps, with the `words.js` of both languages; `data`
//! is what the page knows. Without scripts it shows the picture as text.

mod data;
mod json;

pub use data::Asked;

/// The page, with what goes into it in the order of its places.
pub fn page(asked: &Asked, picture: &str) -> String {
    let parts = [
        ("/* page.css */", include_str!("html/page.css")),
        ("<!-- the picture -->", &escaped(picture)),
        ("/* data */", &data::data(asked)),
        ("/* words.js */", include_str!("html/words.js")),
        ("/* panel.js */", include_str!("html/panel.js")),
        ("/* page.js */", include_str!("html/page.js")),
    ];
    let mut page = String::new();
    let mut rest = include_str!("html/page.html");
    for (place, part) in parts {
        // What was filled in is not searched: a message may say anything.
        let (before, behind) = rest.split_once(place).unwrap_or((rest, ""));
        page += before;
        page += part;
        rest = behind;
    }
    page + rest
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
