//! The text of the answers file, part by part, so that a slip costs only the part that it's in.

use tests::{Message, message};
use toml::{Table, Value};

/// What a Chinese input method types instead of ASCII quotes, commas, equals signs and brackets.
const FULL_WIDTH: &[char] = &[
    '“', '”', '‘', '’', '＂', '，', '、', '；', '＝', '［', '］', '｛', '｝', '【', '】', '「',
    '」',
];

/// The parts of the answers file.
const PARTS: [&str; 9] =
    ["osi", "tcp_ip", "headers", "handshake", "close", "close_in_three", "uses", "tcp", "udp"];

/// Parses a part of the answers file. An error names the line, and what to write there.
pub fn parse(bytes: &[u8], part: &str) -> Result<Table, Message> {
    let text = text_of(bytes, part);
    let not_utf8 = |bytes: &[u8], at| Err(message!("not-utf8", line = line_at(bytes, at)));
    if text.trim().is_empty() {
        // No header is found in an encoding such as UTF-16.
        return match std::str::from_utf8(bytes) {
            Ok(_) => Err(message!("missing-part", part)),
            Err(error) => not_utf8(bytes, error.valid_up_to()),
        };
    }
    let parsed: Result<Table, _> = toml::from_str(&text);
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    // In GBK, 选 happens to be a letter of UTF-8, as some others are.
    let is_misread =
        |c: char| c == char::REPLACEMENT_CHARACTER || ('\u{80}'..'\u{800}').contains(&c);
    // It does no harm in a comment.
    if !is_utf8
        && parsed.as_ref().map_or(true, |form| format!("{form:?}").contains(is_misread))
        && let Some(at) = text.find(is_misread)
    {
        return not_utf8(text.as_bytes(), at);
    }
    match parsed {
        Ok(mut form) => match form.remove(part) {
            Some(Value::Table(answers)) => Ok(answers),
            _ => Err(message!("missing-part", part)),
        },
        Err(error) => Err(slip(&text).unwrap_or_else(|| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = line_at(text.as_bytes(), at);
            let text = text.lines().nth(line - 1).unwrap_or_default().trim();
            message!("invalid-line", line, text = shortened(text))
        })),
    }
}

/// Returns the number of the line at this byte, from 1.
fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Returns the lines of a part. All other lines, and comments, are empty, which keeps the line numbers.
/// Bytes that aren't UTF-8 become U+FFFD.
fn text_of(bytes: &[u8], part: &str) -> String {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut text = String::new();
    let mut is_inside = false;
    for line in bytes.split(|&byte| byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        if let Some(name) = header(&line) {
            is_inside = name == part;
        }
        if is_inside && !line.trim_start().starts_with('#') {
            text += &line;
        }
        text.push('\n');
    }
    text
}

/// Returns the part that begins in a line like `[osi]`, also if one bracket is missing or full-width.
fn header(line: &str) -> Option<&str> {
    let line = without_comment(line);
    let name = line.trim_matches(BRACKETS).trim();
    (name.len() < line.len() && PARTS.contains(&name)).then_some(name)
}

const BRACKETS: [char; 6] = ['[', ']', '［', '］', '【', '】'];

/// Returns a line that has no quotation marks before its comment.
fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A word without quotation marks: a name, `true`, or a slip.
    Bare(&'a str),
    /// A word with its quotation marks.
    Quoted(&'a str),
    /// One of `= , [ ] { }`.
    Mark(char),
    EndOfLine,
}

/// Splits a part into tokens with their lines, without the header. Fails at a quotation mark or bracket that
/// is missing or full-width.
fn tokens(text: &str) -> Result<Vec<(Token<'_>, usize)>, Message> {
    let mut tokens = Vec::new();
    for (index, line_text) in text.lines().enumerate() {
        let line = index + 1;
        let mut rest = line_text;
        if header(rest).is_some() && !without_comment(rest).contains(FULL_WIDTH) {
            let header = without_comment(rest);
            match (header.starts_with('['), header.ends_with(']')) {
                (true, true) => continue,
                (true, false) => return Err(missing_bracket('[', line)),
                (false, _) => return Err(missing_bracket(']', line)),
            }
        }
        loop {
            rest = rest.trim_start();
            let length = match rest.chars().next() {
                None | Some('#') => break,
                Some(quote @ ('"' | '\'')) => match rest[1..].find(quote) {
                    Some(length) => length + 2,
                    None => return Err(message!("missing-quote", line)),
                },
                Some(character) if MARKS.contains(&character) => 1,
                Some(character) if FULL_WIDTH.contains(&character) => {
                    return Err(message!("full-width", line, character));
                }
                Some(_) => rest.find(ends_a_word).unwrap_or(rest.len()),
            };
            let (token, after) = rest.split_at(length);
            let first = token.chars().next().unwrap_or_default();
            tokens.push(match first {
                '"' | '\'' => (Token::Quoted(token), line),
                _ if MARKS.contains(&first) => (Token::Mark(first), line),
                _ => (Token::Bare(token), line),
            });
            rest = after;
        }
        tokens.push((Token::EndOfLine, line));
    }
    Ok(tokens)
}

const MARKS: [char; 6] = ['=', ',', '[', ']', '{', '}'];

fn ends_a_word(character: char) -> bool {
    let others = ['"', '\'', '#'];
    let mut all = MARKS.iter().chain(FULL_WIDTH).chain(&others);
    character.is_whitespace() || all.any(|&end| end == character)
}

/// Finds one of the usual slips in a part that isn't valid.
fn slip(text: &str) -> Option<Message> {
    use Token::{Bare, EndOfLine, Mark, Quoted};

    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(slip) => return Some(slip),
    };
    // The brackets that are open, and their lines.
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut before = (EndOfLine, 0);
    for (index, &(token, line)) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).map(|&(token, _)| token);
        let innermost = open.last().copied();
        let is_in_list = matches!(innermost, Some(('[', _)));
        match (before.0, token) {
            // A name: the list or table before it isn't closed.
            (_, Bare(_)) if is_in_list && next == Some(Mark('=')) => {
                return innermost.map(|(bracket, line)| missing_bracket(bracket, line));
            }
            (Quoted(_), Bare(_)) if innermost.is_some() && !is_in_list && line > before.1 => {
                return innermost.map(|(bracket, line)| missing_bracket(bracket, line));
            }
            (Mark('=' | '[' | ','), Bare(word)) if before.0 == Mark('=') || is_in_list => {
                if let Some(slip) = bare_answer(word, line) {
                    return Some(slip);
                }
            }
            (Quoted(word), Bare(_) | Quoted(_)) if innermost.is_some() => {
                return Some(message!("missing-comma", line = before.1, word = shortened(word)));
            }
            (Bare(name), Quoted(_)) if !is_in_list => {
                return Some(message!("missing-equals", line, name = shortened(name)));
            }
            (Bare(name), Bare(colon)) if colon.starts_with([':', '：']) => {
                return Some(message!("missing-equals", line, name = shortened(name)));
            }
            (_, Mark(bracket @ ('[' | '{'))) => open.push((bracket, line)),
            (_, Mark(bracket @ (']' | '}'))) => match open.pop() {
                Some((opening, _)) if other(opening) == bracket => {}
                Some((opening, line)) => return Some(missing_bracket(opening, line)),
                None => return Some(missing_bracket(bracket, line)),
            },
            (_, EndOfLine) if innermost.is_some() => continue,
            _ => {}
        }
        before = (token, line);
    }
    open.last().map(|&(bracket, line)| missing_bracket(bracket, line))
}

/// Returns what is wrong with an answer without quotation marks, if anything.
fn bare_answer(word: &str, line: usize) -> Option<Message> {
    if word == "true" || word == "false" || !word.starts_with(char::is_alphabetic) {
        return None;
    }
    let lower_case = word.to_lowercase();
    Some(match &*lower_case {
        "true" | "false" => message!("lower-case", line, word, lower_case),
        _ => message!("unquoted", line, word = shortened(word)),
    })
}

fn missing_bracket(bracket: char, line: usize) -> Message {
    message!("missing-bracket", line, bracket, missing = other(bracket))
}

fn other(bracket: char) -> char {
    match bracket {
        '[' => ']',
        ']' => '[',
        '{' => '}',
        _ => '{',
    }
}

/// Returns a text, or the start of a long one.
pub fn shortened(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { start + "…" } else { start }
}
