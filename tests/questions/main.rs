//! Grades the answers to the three questions, `homework/answers.toml`.
//!
//! Run it with `cargo test -p tests --test questions`. To grade another file, set
//! `HOMEWORK_ANSWERS=/path/to/answers.toml`.
//!
//! The right answers aren't in this file, only a hash of each part, so that you don't read them by
//! accident. The hash isn't a lock: a program could try all possible answers.

use std::path::{Path, PathBuf};
use std::{env, fs};

use tests::{Message, Report, message, workspace};
use toml::{Table, Value};

const LAYERS: &[&str] =
    &["application", "presentation", "session", "transport", "network", "data link", "physical"];
const TCP_IP_LAYERS: &[&str] = &["application", "transport", "network", "link"];
const ENDS_AND_FLAGS: &[&str] = &["client", "server", "syn", "ack", "ack syn", "fin"];
const ENDS: &[&str] = &["client", "server"];
const FLAGS: &[&str] = &["syn", "ack", "ack syn"];
const FLAGS_OF_CLOSE: &[&str] = &["fin", "ack"];

#[test]
fn the_seven_layers_in_order() {
    check("osi", LAYERS, 0x4f76_36c2_0541_8720, "osi");
}

#[test]
fn the_osi_layers_of_each_layer_of_tcp_ip() {
    check("tcp_ip", LAYERS, 0x2f16_ac51_874c_ea64, "tcp-ip");
}

#[test]
fn the_layer_that_adds_each_header() {
    check("headers", TCP_IP_LAYERS, 0x4b69_0978_586f_486e, "journey");
}

#[test]
fn the_segments_of_the_handshake() {
    check("handshake", ENDS_AND_FLAGS, 0x5f8d_81ab_9c3a_f75b, "handshake");
}

#[test]
fn the_segments_of_the_close() {
    check("close", ENDS_AND_FLAGS, 0xc83d_2514_386a_17e7, "close");
}

#[test]
fn why_three_segments_can_close() {
    check("close_in_three", &["a", "b", "c", "d"], 0xbfc1_c130_bbdd_3d00, "close");
}

#[test]
fn tcp_or_udp_for_ten_uses() {
    check("uses", &["tcp", "udp"], 0x60a1_5fc4_9b16_4a21, "three-questions");
}

#[test]
fn what_tcp_promises() {
    check("tcp", &["true", "false"], 0xf3fe_92d1_f0b7_f7d3, "tcp");
}

#[test]
fn what_udp_promises() {
    check("udp", &["true", "false"], 0x4c3d_463b_78fb_7159, "udp");
}

/// Answers in Chinese, and their English words.
const IN_CHINESE: &[(&str, &str)] = &[
    ("应用层", "application"),
    ("表示层", "presentation"),
    ("会话层", "session"),
    ("传输层", "transport"),
    ("运输层", "transport"),
    ("网络层", "network"),
    ("网际层", "network"),
    ("数据链路层", "data link"),
    ("链路层", "data link"),
    ("物理层", "physical"),
    ("物理链路层", "link"),
    ("网络接口层", "link"),
    ("客户端", "client"),
    ("服务端", "server"),
    ("服务器", "server"),
    ("对", "true"),
    ("正确", "true"),
    ("错", "false"),
    ("错误", "false"),
];

/// What a Chinese input method types instead of ASCII quotes, commas, equals signs and brackets.
const FULL_WIDTH: &[char] = &['“', '”', '‘', '’', '＂', '，', '、', '＝', '［', '］', '｛', '｝'];

/// Fails unless a part of the answers is complete, valid and right.
#[track_caller]
fn check(part: &str, words: &[&str], right: u64, section: &str) {
    let actual = match read(&path(), part, words) {
        Ok(answers) if fingerprint(&answers) == right => return,
        Ok(_) => message!("not-right", part),
        Err(problem) => problem,
    };
    let report = Report {
        expected: message!("expected-answers", part),
        cause: Some(actual.key.clone()),
        actual,
        section: section.to_owned(),
        ..Report::default()
    };
    report.fail()
}

fn path() -> PathBuf {
    match env::var_os("HOMEWORK_ANSWERS") {
        Some(path) => workspace().join(path),
        None => workspace().join("homework/answers.toml"),
    }
}

/// The answers of a part, as sorted `name = word`: the order of the lines doesn't matter.
fn read(path: &Path, part: &str, words: &[&str]) -> Result<Vec<String>, Message> {
    let text = fs::read_to_string(path)
        .map_err(|why| message!("unreadable", file = path.display(), why))?;
    let form: Table = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let of_line = text.lines().nth(line - 1).unwrap_or_default();
        match of_line.chars().find(|character| FULL_WIDTH.contains(character)) {
            Some(character) => message!("full-width", line, character),
            None => message!("invalid-line", line, why = error.message().replace('\n', ", ")),
        }
    })?;
    let Some(Value::Table(part_of_form)) = form.get(part) else {
        return Err(message!("missing-part", part));
    };
    let mut answers = Vec::new();
    for (name, value) in part_of_form {
        collect(&format!("{part}.{name}"), value, words, &mut answers)?;
    }
    answers.sort();
    Ok(answers)
}

/// Adds `name = word` for every word of a value. Fails if one is blank or isn't one of the words.
fn collect(
    name: &str,
    value: &Value,
    words: &[&str],
    answers: &mut Vec<String>,
) -> Result<(), Message> {
    let blank = || message!("blank", name);
    match value {
        Value::Array(values) if values.is_empty() => return Err(blank()),
        // The order matters only in this list.
        Value::Array(values) => {
            let in_order = name.ends_with("from_top_to_bottom");
            for (index, value) in values.iter().enumerate() {
                let place = if in_order { format!(" #{}", index + 1) } else { String::new() };
                collect(&format!("{name}{place}"), value, words, answers)?;
            }
            return Ok(());
        }
        Value::Table(values) => {
            for (key, value) in values {
                let words = match key.as_str() {
                    "from" => ENDS,
                    "flags" => FLAGS,
                    "flag" => FLAGS_OF_CLOSE,
                    _ => words,
                };
                collect(&format!("{name}.{key}"), value, words, answers)?;
            }
            return Ok(());
        }
        Value::String(text) if text.trim().is_empty() => return Err(blank()),
        Value::String(text) => {
            if let Some(word) = word(text, words) {
                answers.push(format!("{name} = {word}"));
                return Ok(());
            }
        }
        Value::Boolean(answer) if words.contains(&"true") => {
            answers.push(format!("{name} = {answer}"));
            return Ok(());
        }
        _ => {}
    }
    let in_chinese = IN_CHINESE.iter().filter(|(_, word)| words.contains(word));
    let words: Vec<&str> =
        words.iter().copied().chain(in_chinese.map(|(chinese, _)| *chinese)).collect();
    let words = words.iter().map(|word| match *word {
        "ack syn" => "SYN ACK".to_owned(),
        "syn" | "ack" | "fin" => word.to_uppercase(),
        _ => (*word).to_owned(),
    });
    let words: Vec<String> = words.collect();
    Err(message!("not-a-choice", name, words = words.join(", ")))
}

/// Which of the words an answer means, if any.
fn word(text: &str, words: &[&str]) -> Option<String> {
    // "SYN, ACK", "ack+syn" and "SYN，ACK" are the same flags.
    let mut parts: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    if parts.iter().any(|part| part == "syn" || part == "ack") {
        parts.sort();
    }
    let given = parts.join(" ");
    let in_chinese = IN_CHINESE.iter().filter(|(chinese, _)| *chinese == given);
    let mut meant = in_chinese.map(|(_, word)| *word).chain([given.as_str()]);
    // 链路层 is both a layer of OSI and one of TCP/IP.
    let link = given == "链路层" && words.contains(&"link");
    let found = if link { Some("link") } else { meant.find(|word| words.contains(word)) };
    found.map(str::to_owned)
}

/// FNV-1a of 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fingerprint(answers: &[String]) -> u64 {
    answers.join("\n").bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Tests of this file. The grader doesn't count them.
mod itself {
    use super::*;

    #[test]
    fn an_answer_counts_in_either_language() {
        let means = |text: &str, words: &[&str]| word(text, words);
        assert_eq!(means("应用层", LAYERS).as_deref(), Some("application"));
        assert_eq!(means(" Data  Link ", LAYERS).as_deref(), Some("data link"));
        assert_eq!(means("链路层", LAYERS).as_deref(), Some("data link"));
        assert_eq!(means("链路层", TCP_IP_LAYERS).as_deref(), Some("link"));
        assert_eq!(means("客户端", ENDS_AND_FLAGS).as_deref(), Some("client"));
        assert_eq!(means("SYN，ACK", ENDS_AND_FLAGS).as_deref(), Some("ack syn"));
        assert_eq!(means("对", &["true", "false"]).as_deref(), Some("true"));
        assert_eq!(means("maybe", &["true", "false"]), None);
    }
}
