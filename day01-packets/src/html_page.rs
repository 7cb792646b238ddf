//! The exchange as an HTML page to step through: `--html FILE`.
//!
//! The page is one file that loads nothing else. `page.html` is its skeleton and `page.css` its style;
//! `exchange_panel.js` draws an exchange, `page.js` steps through it, and `page_messages.js` has the
//! texts in both languages. Without JavaScript it shows the diagram as text.

mod page_data;

pub use page_data::Request;

pub fn page(request: &Request, diagram: &str) -> String {
    let diagram = diagram.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let parts = [
        ("/* page.css */", include_str!("html_page/page.css")),
        ("<!-- diagram -->", &diagram),
        ("/* data */", &page_data::json(request)),
        ("/* page_messages.js */", include_str!("html_page/page_messages.js")),
        ("/* exchange_panel.js */", include_str!("html_page/exchange_panel.js")),
        ("/* page.js */", include_str!("html_page/page.js")),
    ];
    let mut page = String::new();
    let mut rest = include_str!("html_page/page.html");
    for (marker, part) in parts {
        // Search only the skeleton: a message may contain a marker.
        let (before, after) = rest.split_once(marker).unwrap_or((rest, ""));
        page += before;
        page += part;
        rest = after;
    }
    page + rest
}
