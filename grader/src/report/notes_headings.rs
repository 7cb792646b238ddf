//! The titles of the notes' sections, for references to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use homework::messages::Messages;
use maud::{Markup, html};

#[derive(Debug, Default)]
pub struct NotesHeadings {
    titles: BTreeMap<String, String>,
}

impl NotesHeadings {
    /// Reads the titles from the notes in the language of `messages`. Without notes there are none.
    pub fn read(root: &Path, messages: &Messages) -> Self {
        let section = messages.section("");
        let text = fs::read_to_string(root.join(section.trim_end_matches('#')));
        Self::parse(&text.unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let titles = lines.windows(2).filter_map(|pair| {
            let anchor = pair[0].strip_prefix("<a id=\"")?.strip_suffix("\"></a>")?;
            let title = pair[1].strip_prefix('#')?.trim_start_matches('#').trim();
            Some((anchor.to_owned(), title.to_owned()))
        });
        Self { titles: titles.collect() }
    }

    /// Returns a reference to a section such as `NOTES.md#close`, with its title.
    pub fn reference(&self, messages: &Messages, section: &str) -> Markup {
        let anchor = section.split_once('#').map_or(section, |(_, anchor)| anchor);
        html! {
            span.read {
                (messages.get("report-read")) " "
                @if let Some(title) = self.titles.get(anchor) { cite { (title) } " " }
                code { (section) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_the_title_that_follows_its_anchor() {
        let titles =
            NotesHeadings::parse("<a id=\"close\"></a>\n## Four & four\n\ntext\n# other\n");
        assert_eq!(titles.titles.len(), 1);
        let messages = Messages::new(homework::messages::Language::En);
        let reference = titles.reference(&messages, "NOTES.md#close").into_string();
        assert!(
            reference.contains("<cite>Four &amp; four</cite> <code>NOTES.md#close</code>"),
            "{reference}"
        );
        assert!(!titles.reference(&messages, "NOTES.md#udp").into_string().contains("cite"));
    }
}
