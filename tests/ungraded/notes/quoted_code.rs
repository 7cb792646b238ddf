//! Checks that the Rust code in the notes is the code of the programs.

use std::fs;

use super::document::Block;
use super::{EDITIONS, edition};
use tests::workspace;

/// The files a reader opens next to the notes: the finished files and the starter code.
const LESSON_FILES: [&str; 8] = [
    "day01-tcp-server/src/main.rs",
    "day01-tcp-client/src/main.rs",
    "day01-udp/src/server.rs",
    "day01-udp/src/client.rs",
    "homework/starter/day01-tcp-server/src/main.rs",
    "homework/starter/day01-tcp-client/src/main.rs",
    "homework/starter/day01-udp/src/server.rs",
    "homework/starter/day01-udp/src/client.rs",
];

/// Code in the notes that isn't in any program.
const EXAMPLES: &str = "tests/ungraded/notes/code_outside_programs.rs";

#[test]
fn every_rust_block_quotes_a_lesson_file() {
    let files = LESSON_FILES.iter().chain([&EXAMPLES]).map(|path| {
        let text = fs::read_to_string(workspace().join(path));
        text.unwrap_or_else(|error| panic!("can't read {path}: {error}"))
    });
    let files: Vec<String> = files.collect();
    let files: Vec<Vec<&str>> = files.iter().map(|text| trimmed(text)).collect();

    let mut made_up = Vec::new();
    for edition in EDITIONS.map(edition) {
        let blocks = edition.blocks();
        let rust: Vec<&Block> = blocks.iter().filter(|block| block.kind == "rust").collect();
        assert!(!rust.is_empty(), "{} has no block of Rust", edition.name);
        for Block { line, text, .. } in rust {
            if !files.iter().any(|file| contains_block(file, text)) {
                let nowhere = trimmed(text)
                    .into_iter()
                    .find(|line| !is_left_out(line) && !files.iter().any(|f| f.contains(line)));
                let why = nowhere.map_or_else(
                    || "its lines do not follow each other like this in any one file".to_owned(),
                    |line| format!("no file has the line {line:?}"),
                );
                made_up.push(format!("{}:{line}: {why}", edition.name));
            }
        }
    }
    assert!(
        made_up.is_empty(),
        "Rust that is neither in a lesson file nor in {EXAMPLES}: {made_up:#?}"
    );
}

#[test]
fn a_rust_block_follows_each_python_block() {
    let mut alone = Vec::new();
    for edition in EDITIONS.map(edition) {
        let blocks = edition.blocks();
        let mut following = blocks.iter().skip(1);
        for Block { line, kind, .. } in &blocks {
            let next = following.next();
            if *kind == "python" && next.is_none_or(|next| next.kind != "rust") {
                alone.push(format!("{}:{line}", edition.name));
            }
        }
    }
    assert!(alone.is_empty(), "Python that no Rust follows: {alone:#?}");
}

#[test]
fn both_editions_show_the_same_code() {
    let [english, chinese] = EDITIONS.map(edition).map(|edition| {
        let blocks = edition.blocks().into_iter();
        let code = blocks.filter(|block| matches!(block.kind, "python" | "rust"));
        code.map(|block| format!("{}:\n{}", block.kind, block.text)).collect::<String>()
    });
    snapbox::assert_data_eq!(chinese, snapbox::Data::text(english).raw());
}

/// Returns whether a file has the lines of a block, in order. They must be consecutive except where
/// the block has a mark for omitted lines.
fn contains_block(file: &[&str], block: &str) -> bool {
    let lines = trimmed(block);
    let mut rest = file;
    lines.split(|line| is_left_out(line)).filter(|piece| !piece.is_empty()).all(|piece| {
        let start = rest.windows(piece.len()).position(|window| window == piece);
        rest = start.map_or(&[], |start| &rest[start + piece.len()..]);
        start.is_some()
    })
}

fn trimmed(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}

fn is_left_out(line: &str) -> bool {
    matches!(line, "// ..." | "...")
}
