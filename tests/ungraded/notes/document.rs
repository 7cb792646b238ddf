//! Reads a Markdown document, as far as the tests need it.

/// One edition of the notes.
pub struct Document {
    pub name: &'static str,
    pub text: String,
}

/// A fenced block: ```` ```console ````.
pub struct Block<'a> {
    /// The number of the first line inside the fence.
    pub line: usize,
    pub kind: &'a str,
    /// Whether it's in a block quote.
    pub quoted: bool,
    pub text: String,
}

/// The start of each line of a block quote.
const QUOTE: &str = "> ";

/// One line of the document.
enum Line<'a> {
    /// The opening fence, with its info string.
    Fence {
        kind: &'a str,
        quoted: bool,
    },
    /// A line inside a fenced block.
    Code(&'a str),
    /// The closing fence.
    EndOfFence,
    Prose(&'a str),
}

impl Document {
    fn lines(&self) -> impl Iterator<Item = (usize, Line<'_>)> {
        // What each line of the open block starts with: nothing, or the mark of a block quote.
        let mut fenced = None;
        self.text.lines().enumerate().map(move |(index, line)| {
            let quoted = line.starts_with(QUOTE);
            let line = match (fenced, line.strip_prefix(QUOTE)) {
                (Some(true), Some(rest)) => rest,
                (Some(true), None) => line.trim_start_matches('>'),
                (None, Some(rest)) if rest.starts_with("```") => rest,
                _ => line,
            };
            let kind = match (fenced, line.strip_prefix("```")) {
                (Some(_), Some("")) => Line::EndOfFence,
                (Some(_), _) => return (index + 1, Line::Code(line)),
                (None, Some(kind)) => Line::Fence { kind, quoted },
                (None, None) => return (index + 1, Line::Prose(line)),
            };
            fenced = if fenced.is_none() { Some(quoted) } else { None };
            (index + 1, kind)
        })
    }

    /// Returns all fenced blocks.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for (number, line) in self.lines() {
            match (line, blocks.last_mut()) {
                (Line::Fence { kind, quoted }, _) => {
                    blocks.push(Block { line: number + 1, kind, quoted, text: String::new() });
                }
                (Line::Code(line), Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                _ => {}
            }
        }
        blocks
    }

    /// Returns depth and anchor of every section, as in `## host`.
    pub fn sections(&self) -> Vec<String> {
        self.outline(false)
    }

    /// The same, with the console blocks of each section.
    pub fn sections_and_consoles(&self) -> Vec<String> {
        self.outline(true)
    }

    fn outline(&self, consoles: bool) -> Vec<String> {
        let mut outline = Vec::new();
        let mut anchor = "";
        let mut in_console = false;
        for (_, line) in self.lines() {
            match line {
                Line::Prose(line) if line.starts_with('#') => {
                    let depth = line.split(' ').next().unwrap_or_default();
                    outline.push(format!("{depth} {anchor}"));
                    anchor = "";
                }
                Line::Prose(line) => anchor = anchor_in(line).unwrap_or(""),
                Line::Fence { kind, .. } => in_console = kind == "console",
                Line::Code(line) if consoles && in_console => outline.push(line.to_owned()),
                _ => {}
            }
        }
        outline
    }

    /// Returns the names of all anchors.
    pub fn anchors(&self) -> impl Iterator<Item = &str> {
        self.prose().filter_map(anchor_in)
    }

    /// Returns the targets of all links.
    pub fn links(&self) -> Vec<&str> {
        self.prose()
            .flat_map(|line| line.split("](").skip(1))
            .filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
            .collect()
    }

    /// Returns the lines that no renderer wraps.
    pub fn lines_of_code_and_tables(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter_map(|(number, line)| match line {
            Line::Code(line) => Some((number, line)),
            Line::Prose(line) if line.starts_with('|') => Some((number, line)),
            _ => None,
        })
    }

    fn prose(&self) -> impl Iterator<Item = &str> {
        self.lines().filter_map(|(_, line)| match line {
            Line::Prose(line) => Some(line),
            _ => None,
        })
    }
}

fn anchor_in(line: &str) -> Option<&str> {
    line.strip_prefix("<a id=\"")?.strip_suffix("\"></a>")
}

/// Returns the sections that a text refers to, with their edition: what follows `NOTES.md#`, and
/// the sections that tests give to their harness.
pub fn mentioned_anchors(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let behind = |start: &'static str, edition: &'static str| {
        text.split(start).skip(1).map(move |rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            (edition, &rest[..end.unwrap_or(rest.len())])
        })
    };
    let harnesses = text
        .split(concat!("Harness::", "new("))
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'))
        .map(|(anchor, _)| ("NOTES.md", anchor));
    behind(concat!("NOTES.md", "#"), "NOTES.md")
        .chain(behind(concat!("NOTES.zh-CN.md", "#"), "NOTES.zh-CN.md"))
        // `NOTES.md#{section}` in source code refers to no section.
        .filter(|(_, anchor)| !anchor.is_empty())
        .chain(harnesses)
}

/// Returns the width of a line in terminal columns. A Chinese character takes two.
pub fn columns(line: &str) -> usize {
    // Chinese characters, their punctuation, and full-width ASCII.
    let is_wide = |c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}');
    line.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}
