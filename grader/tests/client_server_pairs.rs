//! Every client with every server: who is to blame, and who is not.
//!
//! It takes a minute, so it runs where it is asked for:
//! `cargo test -p grader -- --ignored client_server_pairs`

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::fixtures::{copy, done, empty, homework, root};

/// A homework with a solution in the place of one program.
fn with(folder: &Path, program: &str, solution: &str) {
    done(folder);
    let sources = folder.join(program).join("src");
    copy(&root().join("homework/solutions").join(solution), &sources.join("main.rs"));
    copy(&root().join("homework/solutions/lines.rs"), &sources.join("lines.rs"));
}

#[test]
#[ignore = "takes a minute: marks four folders, and lets all of them talk to each other"]
fn only_who_fails_with_the_finished_program_is_to_blame() {
    let place = empty("pairs");
    let [right, server, client, broken] =
        ["right", "server", "client", "broken"].map(|name| place.join(name));
    done(&right);
    with(&server, "day01-tcp-server", "wrong/server_without_the_outer_loop.rs");
    with(&client, "day01-tcp-client", "wrong/client_without_a_loop.rs");
    done(&broken);
    fs::write(broken.join("day01-tcp-client/src/main.rs"), "fn main() { no_such() }").unwrap();

    let mut grade = homework(&["--lang", "en", "grade", "--format", "json", "--pairs"]);
    grade.arg("--results").arg(place.join("results"));
    grade.arg("--report").arg(place.join("report"));
    let graded = grade.args([&right, &server, &client, &broken]).output().unwrap();
    let said = String::from_utf8(graded.stderr).unwrap();
    let graded: Value = serde_json::from_slice(&graded.stdout).unwrap();
    let pairs = graded["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 25, "{said}");
    let names = [None, Some("right"), Some("server"), Some("client"), Some("broken")];
    let expected = [
        // With the finished client, and those of right, server, client and broken.
        ["passed", "passed", "passed", "failed client", "not tried"],
        ["passed", "passed", "passed", "not tried client", "not tried"],
        [
            "failed server",
            "not tried server",
            "not tried server",
            "not tried server client",
            "not tried",
        ],
        ["passed", "passed", "passed", "not tried client", "not tried"],
        ["passed", "passed", "passed", "not tried client", "not tried"],
    ];
    for (place, pair) in pairs.iter().enumerate() {
        let (row, column) = (place / 5, place % 5);
        assert_eq!(pair["server"].as_str(), names[row]);
        assert_eq!(pair["client"].as_str(), names[column]);
        let blames = pair["blames"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        let given: Vec<&str> =
            [pair["result"].as_str().unwrap()].into_iter().chain(blames).collect();
        assert_eq!(given.join(" "), expected[row][column], "{pair}");
    }
    for line in [
        "servers that fail with the finished client: server\n",
        "clients that fail with the finished server: client\n",
        "12 of 20 pairs",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let class = fs::read_to_string(place.join("report/index.html")).unwrap();
    assert!(class.contains("<table class=\"matrix\">") && class.contains(">SC</td>"));
}
