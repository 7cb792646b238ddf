//! The frame of every page. A page is one file and loads nothing.

use std::fmt::Display;

use homework::messages::Messages;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Marks a page as one that the grader wrote, so that a later run may replace it.
pub const MARK: &str = r#"<meta name="generator" content="homework of day 01">"#;

const STYLE: &str = include_str!("style.css");

/// Makes tables sortable.
const SORT: &str = include_str!("sort.js");

/// Allows the page's own style and the script with this hash
/// (`openssl dgst -sha256 -binary sort.js | base64`), and nothing else, as a second line of defence.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'sha256-4BtNFH7yBGYTveTbvaau8nrltvHIhNBjK8UbFAgQnwA='";

/// Returns a page. With `sortable`, its tables can be sorted.
pub fn page(messages: &Messages, title: &str, body: &Markup, sortable: bool) -> String {
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
                @if sortable { script { (PreEscaped(SORT)) } }
            }
        }
    }
    .into_string()
}

/// Draws the titles of columns, given by their keys. All but the first are above numbers.
pub fn column_titles(messages: &Messages, keys: &[&str]) -> Markup {
    html! {
        thead {
            tr {
                @for (number, key) in keys.iter().enumerate() {
                    th.number[number > 0] scope="col" { (messages.get(key)) }
                }
            }
        }
    }
}

/// Draws `one of all`.
pub fn of(messages: &Messages, one: &str, all: impl Display) -> String {
    messages.fill("of", &[("one", one), ("all", &all.to_string())])
}

/// Wraps a table so that it scrolls if it's wider than the screen, with the keyboard too.
pub fn scrollable(title: &str, table: &Markup) -> Markup {
    html! { div.wide tabindex="0" role="region" aria-label=(title) { (table) } }
}

/// Draws a bar for a number that the page also shows as text.
pub fn bar(part: u32, all: u32) -> Markup {
    let percent = u64::from(part) * 100 / u64::from(all.max(1));
    html! { span.bar aria-hidden="true" { span style=(format!("width:{percent}%")) {} } }
}
