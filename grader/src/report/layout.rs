//! What all pages have around them. A page is one file: nothing is loaded, from nowhere.

use homework::messages::Messages;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What says that a page is one of ours.
pub const MARK: &str = r#"<meta name="generator" content="homework of day 01">"#;

/// How the pages look.
const STYLE: &str = include_str!("style.css");

/// What makes tables sortable. Without it they are as readable.
const SORT: &str = include_str!("sort.js");

/// What may happen in a page: its own style, and this one script, which is known by its SHA-256
/// (`openssl dgst -sha256 -binary sort.js | base64`). Whatever else got into a page would not run.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'sha256-vpWqxZcqXZbYw5P9j+lPZYycQhEoXer3LOWbNT7M/rM='";

/// A whole page.
pub fn page(messages: &Messages, title: &str, body: &Markup) -> String {
    whole(messages, title, body, None)
}

/// A whole page with tables that can be sorted.
pub fn sorted(messages: &Messages, title: &str, body: &Markup) -> String {
    whole(messages, title, body, Some(SORT))
}

fn whole(messages: &Messages, title: &str, body: &Markup, script: Option<&str>) -> String {
    html! {
        (DOCTYPE)
        html lang=(messages.tag()) {
            head {
                meta charset="utf-8";
                (PreEscaped(MARK))
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                @if let Some(script) = script { script { (PreEscaped(script)) } }
            }
        }
    }
    .into_string()
}

/// A table that scrolls inside of itself where it is wider than the screen, with the keyboard, too.
pub fn wide(title: &str, table: &Markup) -> Markup {
    html! { div.wide tabindex="0" role="region" aria-label=(title) { (table) } }
}

/// How much of something there is, as a line that is filled so far. It only shows what is written
/// beside it.
pub fn bar(part: u32, all: u32) -> Markup {
    let percent = u64::from(part) * 100 / u64::from(all.max(1));
    html! { span.bar aria-hidden="true" { span style=(format!("width:{percent}%")) {} } }
}
