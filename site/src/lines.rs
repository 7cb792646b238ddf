//! Lines of Chinese, joined. Where a line ends in a paragraph a page shows a space, and Chinese has
//! none between its characters.

use mdbook_markdown::pulldown_cmark::Event;

use crate::markdown;

/// A chapter whose paragraphs go on from one line to the next without a space, where the one ends
/// and the other begins in Chinese.
pub(crate) fn join(text: &str) -> String {
    let mut replacements = Vec::new();
    let mut before = None;
    let mut line_end = None;
    for (event, range) in markdown::pieces(text) {
        match event {
            Event::SoftBreak => line_end = Some(range.start),
            // What stands between, as the brackets of a link, is not shown.
            Event::Text(shown) | Event::Code(shown) => {
                if let (Some(start), Some(before), Some(next)) =
                    (line_end.take(), before, shown.chars().next())
                    && needs_no_space(before, next)
                {
                    // The next line may be indented, or quoted.
                    let rest = text[start..].trim_start_matches(['\n', ' ', '>']);
                    replacements.push((start..text.len() - rest.len(), String::new()));
                }
                before = shown.chars().next_back();
            }
            _ => {}
        }
    }
    markdown::replace(text, &replacements)
}

/// Between two wide characters, and beside punctuation, which brings its own space along.
fn needs_no_space(before: char, next: char) -> bool {
    is_wide(before) && is_wide(next)
        || "，。、；：！？）”》…".contains(before)
        || "（“《".contains(next)
}

/// Chinese characters and their punctuation, quotes included: Chinese text has them wide.
fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '“' | '”' | '…')
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn only_chinese_is_joined() {
        assert_eq!(join("- 三次\n  握手。\n  “好”\n"), "- 三次握手。“好”\n");
        assert_eq!(join("> 引用，\n> 继续\n"), "> 引用，继续\n");
        assert_eq!(
            join("有[七层](#osi)、\n[旅程](#j)，\nTCP\n"),
            "有[七层](#osi)、[旅程](#j)，TCP\n"
        );
        assert_eq!(join("协议\nTCP\n和 `IP`\n（`ip`）\n"), "协议\nTCP\n和 `IP`（`ip`）\n");
        assert_eq!(join("three\nsegments 三\nfour\n"), "three\nsegments 三\nfour\n");
        assert_eq!(join("```text\n三\n次\n```\n"), "```text\n三\n次\n```\n");
    }
}
