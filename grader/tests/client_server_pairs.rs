//! Runs every client against every server (`--pairs`), and checks which of them is at fault.

use std::fs;

use serde_json::Value;

use crate::fixtures::{assert_contains, done, empty, grader, with_solution};

#[test]
#[ignore = "takes a minute: grades four folders and runs all pairs"]
fn only_programs_that_fail_with_the_finished_ones_are_at_fault() {
    let place = empty("pairs");
    let [right, server, client, broken] =
        ["right", "server", "client", "broken"].map(|name| place.join(name));
    done(&right);
    with_solution(&server, "day01-tcp-server", "wrong/server_without_the_outer_loop.rs");
    with_solution(&client, "day01-tcp-client", "wrong/client_without_a_loop.rs");
    done(&broken);
    fs::write(broken.join("day01-tcp-client/src/main.rs"), "fn main() { no_such() }").unwrap();

    let mut grade = grader(&["--lang", "en", "grade", "--format", "json", "--pairs"]);
    grade.arg("--results").arg(place.join("results"));
    grade.arg("--report").arg(place.join("report"));
    let graded = grade.args([&right, &server, &client, &broken]).output().unwrap();
    let said = String::from_utf8(graded.stderr).unwrap();
    let graded: Value = serde_json::from_slice(&graded.stdout).unwrap();
    let pairs = graded["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 25, "{said}");
    let names = [None, Some("right"), Some("server"), Some("client"), Some("broken")];
    let expected = [
        // Columns: the clients of the finished programs, right, server, client and broken.
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
        let mut given = vec![pair["result"].as_str().unwrap()];
        given.extend(pair["blames"].as_array().unwrap().iter().filter_map(Value::as_str));
        assert_eq!(given.join(" "), expected[row][column], "{pair}");
    }
    assert_contains(&said, &["servers that fail with the finished client: server\n"]);
    assert_contains(&said, &["clients that fail with the finished server: client\n"]);
    assert_contains(&said, &["12 of 20 pairs"]);
    let class = fs::read_to_string(place.join("report/index.html")).unwrap();
    assert_contains(&class, &["<table class=\"matrix\">", ">SC</td>"]);
}
