//! Removes line breaks between Chinese characters. HTML would show them as spaces.

use mdbook_markdown::pulldown_cmark::Event;

use crate::markdown_edits;

/// Removes line breaks within paragraphs where Chinese needs no space.
pub(crate) fn remove(text: &str) -> String {
    let mut replacements = Vec::new();
    let mut before = None;
    let mut line_break = None;
    for (event, range) in markdown_edits::parse_with_ranges(text) {
        match event {
            Event::SoftBreak => line_break = Some(range.start),
            Event::Text(shown) | Event::Code(shown) => {
                if let (Some(start), Some(before), Some(next)) =
                    (line_break.take(), before, shown.chars().next())
                    && needs_no_space(before, next)
                {
                    // The next line may be indented or quoted.
                    let rest = text[start..].trim_start_matches(['\n', ' ', '>']);
                    replacements.push((start..text.len() - rest.len(), String::new()));
                }
                before = shown.chars().next_back();
            }
            _ => {}
        }
    }
    markdown_edits::replace(text, &replacements)
}

/// Whether no space belongs between two characters: both are wide, or one is wide punctuation.
fn needs_no_space(before: char, next: char) -> bool {
    is_wide(before) && is_wide(next)
        || "，。、；：！？）”》…".contains(before)
        || "（“《".contains(next)
}

/// Chinese characters and punctuation, including quotes, which are wide in Chinese text.
fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '“' | '”' | '…')
}

#[cfg(test)]
mod tests {
    use super::remove;

    #[test]
    fn only_line_breaks_between_chinese_are_removed() {
        assert_eq!(remove("- 三次\n  握手。\n  “好”\n"), "- 三次握手。“好”\n");
        assert_eq!(remove("> 引用，\n> 继续\n"), "> 引用，继续\n");
        assert_eq!(
            remove("有[七层](#osi)、\n[旅程](#j)，\nTCP\n"),
            "有[七层](#osi)、[旅程](#j)，TCP\n"
        );
        assert_eq!(remove("协议\nTCP\n和 `IP`\n（`ip`）\n"), "协议\nTCP\n和 `IP`（`ip`）\n");
        assert_eq!(remove("three\nsegments 三\nfour\n"), "three\nsegments 三\nfour\n");
        assert_eq!(remove("```text\n三\n次\n```\n"), "```text\n三\n次\n```\n");
    }
}
