//! Markdown as mdBook reads it, and replacing pieces of it.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{Event, OffsetIter, Parser};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

pub(crate) fn parse(text: &str) -> Parser<'_> {
    new_cmark_parser(text, &MarkdownOptions::default())
}

/// What it consists of, and where.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let pieces: OffsetIter<'_> = parse(text).into_offset_iter();
    pieces
}

/// Puts other text in the place of pieces, which come in the order in which they stand.
pub(crate) fn replace(text: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut replaced = String::new();
    let mut done = 0;
    for (range, new) in replacements {
        replaced += &text[done..range.start];
        replaced += new;
        done = range.end;
    }
    replaced + &text[done..]
}
