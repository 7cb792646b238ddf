//! Lines of Chinese, joined. Where a line ends in a paragraph a page shows a space, and Chinese has
//! none between its characters.

use mdbook_markdown::pulldown_cmark::Event;

use crate::markdown;

/// A chapter whose paragraphs go on from one line to the next without a space, where the one ends
/// and the other begins in Chinese.
pub(crate) fn join(text: &str) -> String {
    let mut replacements = Vec::new();
    for (event, range) in markdown::pieces(text) {
        if event != Event::SoftBreak {
            continue;
        }
        // The next line may be indented, or quoted.
        let next = text[range.start..].trim_start_matches(['\n', ' ', '>']);
        let end = text.len() - next.len();
        let before = text[..range.start].chars().next_back();
        if before.is_some_and(is_wide) && next.chars().next().is_some_and(is_wide) {
            replacements.push((range.start..end, String::new()));
        }
    }
    markdown::replace(text, &replacements)
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
        assert_eq!(join("three\nsegments 三\nfour\n"), "three\nsegments 三\nfour\n");
        assert_eq!(join("```text\n三\n次\n```\n"), "```text\n三\n次\n```\n");
    }
}
