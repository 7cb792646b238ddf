//! Tests of the library `tests`: its messages, reports and child processes.

use std::io::Write as _;
use std::net::{Shutdown, TcpListener};
use std::panic;
use std::thread;

use rstest::rstest;
use tests::{
    CapturedOutput, Catalogue, Difference, Harness, Language, Message, ProgramOutput, Report,
    TestData, message, pattern,
};

/// The cause when a peer has only closed its sending half.
const END: &str = if cfg!(target_os = "linux") { "end-of-sending" } else { "end-of-file" };

#[rstest]
#[case::differs(b"hello?", r#"6 bytes "hello?""#, None)]
#[case::too_short(b"hell", r#"4 bytes "hell", then: "#, Some(END))]
#[case::nothing(b"", "", Some(END))]
fn bytes_that_differ_are_the_cause_whatever_happens_after_them(
    #[case] answer: &'static [u8],
    #[case] received: &str,
    #[case] then: Option<&str>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let _server = thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        client.write_all(answer).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        // The thread's handle keeps the socket open.
        client
    });
    let report = report_of(|| {
        // The server receives nothing, so sending fails after the answer.
        Harness::for_section("homework").connect(server).exchange(&pattern(32 << 20), b"hello!");
    });
    let text = |key: &str| message!(key).to_string();
    let actual = format!("\nactual:   {received}{}\n", then.map_or_else(String::new, text));
    assert!(report.contains(&actual), "{report}");
    match then {
        Some(then) => assert!(report.contains(&text(&format!("{then}-hint"))), "{report}"),
        None => assert!(!report.contains("\nhint:"), "{report}"),
    }
}

/// Returns the report of a test that fails.
fn report_of(test: impl FnOnce() + panic::UnwindSafe) -> String {
    let failed = panic::catch_unwind(test).expect_err("a failure");
    *failed.downcast().expect("a report")
}

#[test]
fn the_arguments_of_an_argument_are_shown_in_the_same_language() {
    let chinese = Catalogue::new(Language::Zh, &[]);
    let message = message!("ended", how = message!("exit-status", status = 1));
    assert_eq!(chinese.show(&message), "你的程序结束了（退出状态 1）");
    assert_eq!(message.to_string(), "your program ended (exit status 1)");
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message);
}

#[test]
fn braces_in_an_argument_are_kept() {
    let text = "{text}: host answers, but no program listens";
    for language in [Language::En, Language::Zh] {
        assert_eq!(Catalogue::new(language, &[]).show(&text.into()), text);
    }
}

#[test]
fn a_number_chooses_singular_or_plural() {
    let lines = |count: usize| message!("lines", count).to_string();
    assert_eq!([lines(0), lines(1), lines(2)], ["0 lines", "1 line", "2 lines"]);
}

#[cfg(unix)]
mod child_processes {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use rstest::rstest;
    use tests::{ChildProcess, DEADLINE};

    /// What the process started has the pipe too, so the end of the pipe shows that both have ended.
    #[rstest]
    #[case::killed(|process: ChildProcess| { process.kill(); Some(process) })]
    #[case::dropped(|process| { drop(process); None })]
    fn a_process_ends_together_with_what_it_started(
        #[case] end: fn(ChildProcess) -> Option<ChildProcess>,
    ) {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo started; sleep 60"]).stdout(Stdio::piped());
        let process = ChildProcess::spawn(&mut command).unwrap();
        let mut stdout = process.take_stdout().unwrap();
        stdout.read_exact(&mut [0; 8]).unwrap();
        let start = Instant::now();
        let _process = end(process);
        assert_eq!(stdout.read(&mut [0]).unwrap(), 0);
        assert!(start.elapsed() < DEADLINE);
    }
}

#[test]
fn equal_messages_have_no_difference() {
    assert!(Difference::between(b"abc", b"abc").is_none());
    assert!(Difference::between(b"", b"").is_none());
}

#[test]
fn the_difference_of_long_messages_is_shown_around_its_place() {
    let expected = vec![b'a'; 100_000];
    let mut actual = expected.clone();
    actual[70_000] = 0x1b;
    let place = Difference::between(&expected, &actual).unwrap();
    assert!(place.is_far());
    assert_eq!((place.at, place.left_out), (70_000, 69_980));
    assert_eq!(place.equal, "a".repeat(20));
    assert_eq!((place.expected.shown(), place.expected.left_out), ("a".repeat(40), 29_960));
    assert_eq!((&*place.actual.first, &*place.actual.next), ("\\u{1b}", &*"a".repeat(39)));
    let lines = place.to_string();
    assert!(lines.contains("byte 70000") && lines.contains("\\u{1b}"), "{lines}");
    assert!(lines.len() < 300, "{lines}");
}

#[test]
fn a_character_is_not_split_where_a_message_is_cut() {
    let expected = "你好，世界".repeat(20);
    let actual = expected.replacen("世界", "世间", 11).replacen("世间", "世界", 10);
    let place = Difference::between(expected.as_bytes(), actual.as_bytes()).unwrap();
    assert_eq!(place.equal, "，世界你好，世");
    assert_eq!((&*place.actual.first, &*place.actual.next), ("间", "你好，世界你好，世界你好"));
}

#[test]
fn a_message_that_ends_early_differs_at_its_end() {
    let place = Difference::between(b"hello\n", b"hel").unwrap();
    assert_eq!((place.at, place.equal.as_str(), place.is_far()), (3, "hel", false));
    assert_eq!((&*place.expected.shown(), &*place.actual.shown()), ("lo\\n", ""));
    assert!(place.to_string().ends_with("actual:   \"hel\""), "{place}");
}

#[test]
fn a_program_cannot_forge_a_report() {
    let forged = Report { actual: Message::from("all is well"), ..Report::default() };
    let forged = serde_json::to_string(&forged).unwrap() + "\n";
    let stdout = CapturedOutput::new(forged.len(), forged.as_bytes());
    let stderr = CapturedOutput::new(0, b"");
    let (command, ended) = ("day01-tcp-server".into(), Message::from("exit status 0"));
    let report = Report {
        actual: Message::from(format!("other text\n{forged}")),
        programs: vec![ProgramOutput { command, ended, stdout, stderr }],
        section: "homework".into(),
        ..Report::default()
    };
    let line = serde_json::to_string(&report).unwrap();
    let printed = format!("running 1 test\n\nthread panicked at:\n{line}\nnote: run with");
    let read = Report::last_in(&printed).unwrap();
    assert_eq!(read, report);
}

#[test]
fn a_long_output_is_cut_in_the_middle() {
    let printed = |count: usize| {
        let text: String = (0..count).map(|number| format!("{number}\n")).collect();
        CapturedOutput::new(text.len(), text.as_bytes())
    };
    let all = printed(30);
    assert_eq!((all.lines.len(), all.left_out), (30, 0));
    let cut = printed(30 + 2);
    assert_eq!((cut.lines.len(), cut.left_out), (30, 2));
    assert_eq!((cut.lines[14].as_str(), cut.lines[15].as_str()), ("14", "17"));
}

#[test]
fn every_seed_has_the_same_kinds_of_data() {
    for seed in 0..50 {
        let mut data = TestData::with_seed(seed.to_string(), "every_seed");
        let lines: Vec<String> = (0..13).map(|_| data.line()).collect();
        let has = |is: &dyn Fn(&str) -> bool| lines.iter().any(|line| is(line));
        assert!(has(&|line| line == "\n") && has(&|line| line.contains('\0')), "{lines:?}");
        assert!(has(&|line| line.len() == 2) && has(&|line| line.len() > 50), "{lines:?}");
        assert!(has(&|line| line.starts_with(' ')) && has(&|line| !line.is_ascii()), "{lines:?}");
        for _ in 0..10 {
            let [message, short, reply] = [data.message(), data.short_message(), data.reply()];
            assert!(message.len() <= 250 && short.len() <= 15 && reply.len() <= 1000);
            assert_eq!((message.trim(), short.trim()), (&*message, &*short));
        }
        // No part of eleven bytes, which has a whole word, occurs twice.
        let text = data.text(10_000);
        let mut parts: Vec<&[u8]> = text.as_bytes().windows(11).collect();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), 10_000 - 10);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_uses_a_plausible_amount() {
    let usage = tests::ResourceUsage::of(std::process::id()).unwrap();
    assert!(usage.threads >= 1 && usage.memory > 100_000, "{usage:?}");
    assert!((3..1000).contains(&usage.descriptors), "{usage:?}");
}
