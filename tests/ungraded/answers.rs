//! Whole files of answers, as the test target `questions` grades them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use tests::{Argument, Catalogue, Language, Message, Report, tests_named, workspace};

/// Grades a file. Returns what was seen of each part that isn't right.
fn failed(name: &str, answers: &[u8]) -> BTreeMap<String, Message> {
    // Several cases about the same part run at the same time.
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{number}.toml"));
    fs::write(&file, answers).expect("a writable folder");
    static QUESTIONS: LazyLock<PathBuf> =
        LazyLock::new(|| tests_named("questions").expect("a test binary"));
    let mut questions = Command::new(&*QUESTIONS);
    questions
        .args(["--nocapture", "--test-threads=1", "--skip", "itself"])
        .env(Report::VARIABLE, "json");
    let output = questions.env("HOMEWORK_ANSWERS", file).output().expect("a program");
    let printed = String::from_utf8(output.stderr).expect("UTF-8");
    let reports = printed.lines().filter_map(Report::last_in);
    let failed: BTreeMap<_, _> = reports
        .map(|report| match &report.expected.args["part"] {
            Argument::Text(part) => (part.clone(), report.actual),
            Argument::Message(_) => unreachable!(),
        })
        .collect();
    assert_eq!(output.status.success(), failed.is_empty(), "{printed}");
    failed
}

fn right_answers() -> String {
    fs::read_to_string(workspace().join("homework/answers.toml")).expect("a file")
}

/// Returns the right answers with these texts replaced.
fn edited(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(right_answers(), |text, (before, after)| {
        assert!(text.contains(before), "{before}");
        text.replace(before, after)
    })
}

#[test]
fn right_answers_count_in_every_form() {
    let forms: [&[(&str, &str)]; 4] = [
        &[],
        &[
            ("\"application\"", "\"应用层\""),
            ("\"presentation\"", "\"表示层\""),
            ("\"session\"", "\"会话层\""),
            ("\"transport\"", "\"运输层\""),
            ("\"network\"", "\"网络层\""),
            ("\"data link\"", "\"链路层\""),
            ("\"physical\"", "\"物理层\""),
            ("\"link\"", "\"数据链路层\""),
            ("\"client\"", "\"客户机\""),
            ("\"server\"", "\"服务器端\""),
            ("\"SYN ACK\"", "\"SYN 和 ACK\""),
            ("\"FIN\"", "\"FIN ACK\""),
            ("\"c\"", "\"选c\""),
            ("\"tcp\"", "\"TCP协议\""),
            ("= true", "= \"√\""),
            ("= false", "= \"×\""),
        ],
        &[
            ("\"application\"", "\"Application layer\""),
            ("\"data link\"", "\"datalink\""),
            ("\"network\"", "\"ＮＥＴＷＯＲＫ\""),
            ("\"client\"", "\"client端\""),
            ("\"SYN ACK\"", "\"SYN=1,ACK=1\""),
            ("\"SYN\"", "\"SYN=1, seq=x\""),
            ("\"c\"", "\"Ｃ\""),
            ("= true", "= \"是\""),
            ("= false", "= \"F\""),
        ],
        &[("\"SYN ACK\"", "\"SYNACK\""), ("= true", "= \"yes\""), ("= false", "= \"否\"")],
    ];
    for changes in forms {
        assert_eq!(failed("right", edited(changes).as_bytes()), BTreeMap::new());
    }
    let windows = format!("\u{feff}{}", right_answers().replace('\n', "\r\n"));
    assert_eq!(failed("right", windows.as_bytes()), BTreeMap::new());
}

/// A change of the right answers that costs one part.
#[rstest]
#[case::two_words("client\", flag = \"FIN\"", "client, server\", flag = \"FIN\"", "close")]
#[case::both_ends_in_a_list(
    "from = \"server\", flags",
    "from = [\"client\", \"server\"], flags",
    "handshake"
)]
#[case::one_flag_of_two("\"SYN ACK\"", "\"ACK\"", "handshake")]
#[case::a_flag_too_many("flags = \"ACK\"", "flags = \"SYN ACK\"", "handshake")]
#[case::no_flag("flags = \"ACK\"", "flags = \"SYN=1, ACK=0\"", "handshake")]
#[case::ack_with_fin("\"server\", flag = \"ACK\"", "\"server\", flag = \"FIN ACK\"", "close")]
#[case::swapped(
    "    \"application\",\n    \"presentation\"",
    "    \"presentation\",\n    \"application\"",
    "osi"
)]
#[case::a_layer_too_many(
    "[\"data link\", \"physical\"]",
    "[\"data link\", \"physical\", \"network\"]",
    "tcp_ip"
)]
#[case::a_layer_twice(
    "[\"data link\", \"physical\"]",
    "[\"data link\", \"physical\", \"physical\"]",
    "tcp_ip"
)]
#[case::two_options("\"c\"", "\"c, d\"", "close_in_three")]
#[case::both_protocols("a_payment = \"tcp\"", "a_payment = \"tcp/udp\"", "uses")]
#[case::the_other_truth("every_datagram_arrives = false", "every_datagram_arrives = \"√\"", "udp")]
#[case::both_truths("every_datagram_arrives = false", "every_datagram_arrives = \"是/否\"", "udp")]
#[case::blank("a_payment = \"tcp\"", "a_payment = \"\"", "uses")]
#[case::no_such_line("a_payment = \"tcp\"", "", "uses")]
#[case::unquoted("a_payment = \"tcp\"", "a_payment = tcp", "uses")]
#[case::capital("every_datagram_arrives = false", "every_datagram_arrives = False", "udp")]
#[case::missing_quote("because = \"c", "because = c", "close_in_three")]
#[case::missing_comma("    \"session\",", "    \"session\"", "osi")]
#[case::missing_bracket("[\"data link\", \"physical\"]", "[\"data link\", \"physical\"", "tcp_ip")]
#[case::full_width("from = \"client\", flag = \"FIN\"", "from = “client”, flag = \"FIN\"", "close")]
fn a_mistake_costs_the_part_that_it_is_in(
    #[case] before: &str,
    #[case] after: &str,
    #[case] part: &str,
) {
    let failed = failed(part, edited(&[(before, after)]).as_bytes());
    assert_eq!(failed.keys().collect::<Vec<_>>(), [part], "{failed:?}");
}

#[test]
fn gbk_costs_the_parts_with_chinese_answers() {
    let mut answers = edited(&[("because = \"c\"", "because = \"#\"")]).into_bytes();
    let at = answers.windows(3).position(|window| window == b"\"#\"").unwrap();
    // 选项c
    answers.splice(at + 1..at + 2, *b"\xd1\xa1\xcf\xeec");
    let failed = failed("gbk", &answers);
    assert_eq!(failed.keys().collect::<Vec<_>>(), ["close_in_three"], "{failed:?}");
    assert_eq!(failed["close_in_three"].key, "not-utf8");
}

#[test]
fn a_refusal_lists_the_words_of_the_form() {
    let failed = failed("refused", edited(&[("    \"session\"", "    \"middle\"")]).as_bytes());
    let form = right_answers();
    let form = form.split("[osi]").next().unwrap();
    for language in [Language::En, Language::Zh] {
        let shown = Catalogue::new(language, &[]).show(&failed["osi"]);
        assert!(shown.starts_with("osi.from_top_to_bottom #3 "), "{shown}");
        assert!(shown.contains("middle"), "{shown}");
        let words = shown.rsplit([':', '：']).next().unwrap().split([',', '、']).map(str::trim);
        assert_eq!(words.clone().count(), 7, "{shown}");
        for word in words {
            assert!(form.contains(word), "{word}");
        }
    }
}
