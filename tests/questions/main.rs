//! Question 1 of the homework: judges `homework/answers.toml`, without a teacher.
//!
//! Run it: `cargo test -p tests --test questions`. Judge another file:
//! `HOMEWORK_ANSWERS=/path/to/answers.toml cargo test -p tests --test questions`.
//!
//! This file does not hold the right answers, only a number made from each part of them, so
//! that nobody comes across them by reading. It is no lock: a program could try all there are.

use std::path::{Path, PathBuf};
use std::{env, fs};

use tests::Report;
use toml::{Table, Value};

const LAYERS: &[&str] =
    &["application", "presentation", "session", "transport", "network", "data link", "physical"];
const TCP_IP_LAYERS: &[&str] = &["application", "transport", "network", "link"];
const ENDS_AND_FLAGS: &[&str] = &["client", "server", "syn", "ack", "ack syn", "fin"];

#[test]
fn the_seven_layers_in_order() {
    judge("osi", LAYERS, 0x4aa3_1346_e398_d5ae, "osi");
}

#[test]
fn the_osi_layers_of_each_layer_of_tcp_ip() {
    judge("tcp_ip", LAYERS, 0x2f16_ac51_874c_ea64, "tcp-ip");
}

#[test]
fn the_layer_that_adds_each_header() {
    judge("headers", TCP_IP_LAYERS, 0x4b69_0978_586f_486e, "journey");
}

#[test]
fn the_segments_of_the_handshake() {
    judge("handshake", ENDS_AND_FLAGS, 0x5f8d_81ab_9c3a_f75b, "handshake");
}

#[test]
fn the_segments_of_the_close() {
    judge("close", ENDS_AND_FLAGS, 0xc83d_2514_386a_17e7, "close");
}

#[test]
fn why_three_segments_can_close() {
    judge("close_in_three", &["a", "b", "c", "d"], 0xbfc1_c130_bbdd_3d00, "close");
}

#[test]
fn tcp_or_udp_for_ten_uses() {
    judge("uses", &["tcp", "udp"], 0x60a1_5fc4_9b16_4a21, "three-questions");
}

#[test]
fn what_tcp_promises() {
    judge("tcp", &["true", "false"], 0xf3fe_92d1_f0b7_f7d3, "tcp");
}

#[test]
fn what_udp_promises() {
    judge("udp", &["true", "false"], 0x4c3d_463b_78fb_7159, "udp");
}

/// Fails unless a part of the answers is complete, in the words of the form, and right.
#[track_caller]
fn judge(part: &str, words: &[&str], right: u64, section: &str) {
    let path = path();
    let came = match read(&path, part, words) {
        Ok(answers) if fingerprint(&answers) == right => return,
        Ok(_) => format!("[{part}] is not all right yet"),
        Err(mistake) => mistake,
    };
    let expected = format!("the right answers in [{part}] of {}", path.display());
    Report { expected, came, section: section.to_owned(), ..Report::default() }.fail()
}

fn path() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match env::var_os("HOMEWORK_ANSWERS") {
        Some(path) => workspace.join(path),
        None => workspace.join("homework/answers.toml"),
    }
}

/// The answers of a part, each with its name, so that the order of the lines does not matter.
fn read(path: &Path, part: &str, words: &[&str]) -> Result<Vec<String>, String> {
    let text =
        fs::read_to_string(path).map_err(|error| format!("cannot read the file: {error}"))?;
    let form: Table = toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("line {line} is not as the form has it: {}", error.message().replace('\n', ", "))
    })?;
    let Some(Value::Table(part_of_form)) = form.get(part) else {
        return Err(format!("the part [{part}] is missing"));
    };
    let mut answers = Vec::new();
    for (name, value) in part_of_form {
        collect(&format!("{part}.{name}"), value, words, &mut answers)?;
    }
    answers.sort();
    Ok(answers)
}

/// Adds `name = word` for every word of a value, or says what is wrong with it.
fn collect(
    name: &str,
    value: &Value,
    words: &[&str],
    answers: &mut Vec<String>,
) -> Result<(), String> {
    match value {
        Value::Array(values) if values.is_empty() => return Err(format!("{name} is blank")),
        // The order matters only from top to bottom.
        Value::Array(values) => {
            let in_order = name.ends_with("from_top_to_bottom");
            for (index, value) in values.iter().enumerate() {
                let place =
                    if in_order { format!(", number {}", index + 1) } else { String::new() };
                collect(&format!("{name}{place}"), value, words, answers)?;
            }
        }
        Value::Table(values) => {
            for (key, value) in values {
                collect(&format!("{name}.{key}"), value, words, answers)?;
            }
        }
        Value::String(text) => {
            // "SYN, ACK" and "ack+syn" are the same flags.
            let mut parts: Vec<String> = text
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_ascii_lowercase)
                .collect();
            if parts.iter().any(|word| word == "syn" || word == "ack") {
                parts.sort();
            }
            let word = parts.join(" ");
            if word.is_empty() {
                return Err(format!("{name} is blank"));
            }
            if !words.contains(&word.as_str()) {
                return Err(format!("{name} must be one of the words: {}", words.join(", ")));
            }
            answers.push(format!("{name} = {word}"));
        }
        Value::Boolean(answer) if words.contains(&"true") => {
            answers.push(format!("{name} = {answer}"));
        }
        _ => return Err(format!("{name} must be one of the words: {}", words.join(", "))),
    }
    Ok(())
}

/// FNV-1a of 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fingerprint(answers: &[String]) -> u64 {
    answers.join("\n").bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
