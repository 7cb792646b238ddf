//! Parses Markdown as mdBook does, and replaces parts of it.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{Event, Parser};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

pub(crate) fn parse(text: &str) -> Parser<'_> {
    new_cmark_parser(text, &MarkdownOptions::default())
}

/// Returns each event with its byte range in `text`.
pub(crate) fn parse_with_ranges(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    parse(text).into_offset_iter()
}

/// Replaces byte ranges, which must be in ascending order.
pub(crate) fn replace(text: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut replaced = String::new();
    let mut end = 0;
    for (range, new) in replacements {
        replaced += &text[end..range.start];
        replaced += new;
        end = range.end;
    }
    replaced + &text[end..]
}
