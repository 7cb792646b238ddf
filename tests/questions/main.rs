//! Grades the answers to the three questions, `homework/answers.toml`.
//!
//! Run it with `cargo test -p tests --test questions`. To grade another file, set
//! `HOMEWORK_ANSWERS=/path/to/answers.toml`.
//!
//! The right answers aren't in this file, only a hash of each part, so that you don't read them by
//! accident. The hash isn't a lock: a program could try all possible answers.

mod form_text; // the text of a part, and slips in it
mod itself; // tests of these files, which the grader doesn't count
mod words; // which word an answer means

use std::path::{Path, PathBuf};
use std::{env, fs};

use tests::{Message, Report, message, workspace};
use toml::Value;

use crate::form_text::shortened;
use crate::words::{
    ENDS, FLAG_OF_CLOSE, FLAGS, LAYERS, OPTIONS, PROTOCOLS, TCP_IP_LAYERS, TRUTH, Words, word,
};

#[test]
fn the_seven_layers_in_order() {
    check("osi", &LAYERS, 0x4f76_36c2_0541_8720, "osi");
}

#[test]
fn the_osi_layers_of_each_layer_of_tcp_ip() {
    check("tcp_ip", &LAYERS, 0x2f16_ac51_874c_ea64, "tcp-ip");
}

#[test]
fn the_layer_that_adds_each_header() {
    check("headers", &TCP_IP_LAYERS, 0x4b69_0978_586f_486e, "journey");
}

#[test]
fn the_segments_of_the_handshake() {
    check("handshake", &FLAGS, 0x5f8d_81ab_9c3a_f75b, "handshake");
}

#[test]
fn the_segments_of_the_close() {
    check("close", &FLAG_OF_CLOSE, 0xc83d_2514_386a_17e7, "close");
}

#[test]
fn why_three_segments_can_close() {
    check("close_in_three", &OPTIONS, 0xbfc1_c130_bbdd_3d00, "close");
}

#[test]
fn tcp_or_udp_for_ten_uses() {
    check("uses", &PROTOCOLS, 0x60a1_5fc4_9b16_4a21, "three-questions");
}

#[test]
fn what_tcp_promises() {
    check("tcp", &TRUTH, 0xf3fe_92d1_f0b7_f7d3, "tcp");
}

#[test]
fn what_udp_promises() {
    check("udp", &TRUTH, 0x4c3d_463b_78fb_7159, "udp");
}

/// Fails unless a part of the answers is complete, valid and right.
#[track_caller]
fn check(part: &str, words: &Words, right: u64, section: &str) {
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
fn read(path: &Path, part: &str, words: &Words) -> Result<Vec<String>, Message> {
    let bytes = fs::read(path).map_err(|why| message!("unreadable", file = path.display(), why))?;
    let mut answers = Vec::new();
    for (name, value) in form_text::parse(&bytes, part)? {
        collect(&format!("{part}.{name}"), &value, words, &mut answers)?;
    }
    answers.sort();
    Ok(answers)
}

/// Adds `name = word` for every word of a value. Fails if one is blank or isn't one of the words.
fn collect(
    name: &str,
    value: &Value,
    words: &Words,
    answers: &mut Vec<String>,
) -> Result<(), Message> {
    let blank = || message!("blank", name);
    let given = match value {
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
                let words = if key == "from" { &ENDS } else { words };
                collect(&format!("{name}.{key}"), value, words, answers)?;
            }
            return Ok(());
        }
        Value::String(text) if text.trim().is_empty() => return Err(blank()),
        Value::String(text) => text.clone(),
        Value::Boolean(answer) => answer.to_string(),
        Value::Integer(number) => number.to_string(),
        other => other.type_str().to_owned(),
    };
    let Some(word) = word(&given, words) else {
        let words = message!(words.list);
        return Err(message!("not-a-choice", name, given = shortened(&given), words));
    };
    answers.push(format!("{name} = {word}"));
    Ok(())
}

/// FNV-1a of 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fingerprint(answers: &[String]) -> u64 {
    answers.join("\n").bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
