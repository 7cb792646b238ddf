//! A whole watch in a hand-out, as the screen shows it: from nothing to 100.
//!
//! It compiles the hand-out, which takes minutes:
//! `cargo test -p watch -- --ignored`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use homework::commands::new;
use homework::messages::{Language, Messages};

use crate::terminal_emulator::{SOON, Screen};

/// How long something may take for which a hand-out is compiled, on a busy machine.
const COMPILED: Duration = Duration::from_secs(300);

/// How long the verdict after a save may take, on a busy machine: with a client that never ends, the
/// deadlines of the tests.
const VERDICT: Duration = Duration::from_secs(60);

const SERVER: &str = "day01-tcp-server/src/main.rs";
const CLIENT: &str = "day01-tcp-client/src/main.rs";
const ANSWERS: &str = "homework/answers.toml";

/// A hand-out, and the watch in it.
struct StudentCopy {
    folder: PathBuf,
    messages: Messages,
    screen: Screen,
    _alone: MutexGuard<'static, ()>,
}

/// One watch at a time: what is compiled for all of them lies in one place, where the programs of
/// one would be taken for those of another.
static ALONE: Mutex<()> = Mutex::new(());

impl StudentCopy {
    /// Begins as the README says: `cargo run -p homework`.
    fn begin(name: &str, language: Language, locale: &str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&folder);
        let messages = Messages::new(language);
        new::new(&root(), &folder, &messages).unwrap();
        let screen = Screen::start(&cargo(&folder, locale), 90, 40);
        StudentCopy { folder, messages, screen, _alone: alone }
    }

    fn text(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.messages.fill(key, values)
    }

    /// Waits for these points, and for these messages by their keys.
    #[track_caller]
    fn wait_for(&self, points: &str, keys: &[&str], time: Duration) {
        let points = self.text("of-100", &[("points", points)]);
        let mut messages = vec![points.as_str()];
        messages.extend(keys.iter().map(|key| self.messages.get(key)));
        self.screen.wait_for(&messages, time);
    }

    /// Changes a file as an editor does: a new one takes its name.
    fn save(&self, file: &str, before: &str, after: &str) {
        let text = fs::read_to_string(self.folder.join(file)).unwrap();
        assert!(text.contains(before), "{file} has no {before}");
        self.save_whole(file, &text.replacen(before, after, 1));
    }

    fn save_whole(&self, file: &str, text: &str) {
        let new = self.folder.join(file).with_extension("swp");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.folder.join(file)).unwrap();
    }
}

/// The command of the README.
fn cargo(folder: &Path, locale: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--locked", "--offline", "--package", "homework"]);
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("watch-target"));
    cargo.env("LANG", locale).env_remove("LC_ALL").env_remove("NO_COLOR");
    cargo.env_remove("CARGO_MANIFEST_DIR").current_dir(folder);
    cargo
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn from_0_to_100(name: &str, language: Language, locale: &str) {
    let mut watch = StudentCopy::begin(name, language, locale);

    // Nothing is done yet; the next thing, and where.
    watch.wait_for("0", &["ask-server-inner-loop", "keys"], COMPILED);
    let place = format!("{SERVER}:71");
    watch.screen.wait_for(&[&place, watch.messages.get("did-connect")], VERDICT);

    // A typing error: the compiler's own words, in its colours, and its place.
    watch.save(SERVER, "if let received", "if let recieved");
    watch.screen.wait_for(&["error[E0425]", &format!("{SERVER}:78")], VERDICT);
    let is_red = watch.screen.ask(|screen| {
        let row = (0..40).find(|&row| screen.contents_between(row, 0, row, 9).contains("error[E0"));
        screen.cell(row.unwrap(), 0).unwrap().fgcolor() != vt100::Color::Default
    });
    assert!(is_red, "the compiler's words are not in its colours");

    // The inner loop: what passed is shown, and the task stays.
    watch.save(SERVER, "if let recieved", "while let received");
    let task = watch.messages.task("server-inner-loop").to_owned();
    let done = watch.text("task-done", &[("task", &task)]);
    watch.wait_for("20", &["test-server_inner_loop::a_client_that_ends_is_let_go"], VERDICT);
    watch.screen.wait_for(&[&done, "|- 4", "<-"], VERDICT);

    // On at a key; hints, one after the other.
    watch.screen.press("\r");
    watch.wait_for("20", &["ask-server-outer-loop"], SOON);
    assert!(!watch.screen.contents().contains("1/3"));
    for step in 1..=3 {
        watch.screen.press("h");
        let hint = watch.messages.get(&format!("hint-server-outer-loop-{step}")).to_owned();
        let start = hint.split('{').next().unwrap();
        watch.screen.wait_for(&[&format!("{step}/3"), start], SOON);
    }

    // The outer loop. Ten saves in a second: the last one counts.
    let server = fs::read_to_string(watch.folder.join(SERVER)).unwrap();
    for _ in 0..9 {
        watch.save(SERVER, "serve_client(", "serve_client( ");
    }
    let once = "    serve_client(&listener, &arguments);\n    totals::print(steps);\n    \
                Ok(ExitCode::SUCCESS)\n";
    assert!(server.contains(once));
    let again = "    loop {\n        serve_client(&listener, &arguments);\n    }\n";
    watch.save_whole(SERVER, &server.replace(once, again));
    watch.wait_for(
        "40",
        &["test-server_outer_loop::a_client_that_says_nothing_does_not_end_it"],
        VERDICT,
    );

    // A client that never ends. Meanwhile the keys work.
    watch.screen.press("l");
    watch.screen.wait_for(&[watch.messages.get("keys-list"), "4 ✗"], SOON);
    watch.screen.press("4");
    watch.wait_for("40", &["ask-client-loop"], SOON);
    let first = "if let Some(message) = input.next_message()? {";
    let for_ever = "let message = input.next_message()?.unwrap_or_default();\n    loop {";
    watch.save(CLIENT, first, for_ever);
    watch.screen.wait_for(&["✗", "- - ✗"], VERDICT);
    watch.wait_for("40", &["ask-client-loop"], VERDICT);

    // Back to the class version, after a question; what was there is kept.
    watch.screen.press("r");
    let asked = watch.text("reset-question", &[("program", "day01-tcp-client")]);
    watch.screen.wait_for(&[&asked], SOON);
    watch.screen.press("n");
    watch.wait_for("40", &["ask-client-loop"], SOON);
    assert!(fs::read_to_string(watch.folder.join(CLIENT)).unwrap().contains(for_ever));
    watch.screen.press("ry");
    watch.screen.wait_for(&["kept/1"], SOON);
    assert!(fs::read_to_string(watch.folder.join(CLIENT)).unwrap().contains(first));
    let kept = watch.folder.join("kept/1").join(CLIENT);
    assert!(fs::read_to_string(kept).unwrap().contains(for_ever));

    // The client's loop: with it, both are in conversation.
    watch.save(CLIENT, first, "while let Some(message) = input.next_message()? {");
    watch.wait_for("70", &[], VERDICT);

    // The calls of the client; or how to get what shows them.
    watch.screen.press("c");
    let has_strace = Command::new("strace").arg("-V").output().is_ok();
    watch.screen.wait_for(&[if has_strace { "socket" } else { "strace" }], VERDICT);
    if has_strace {
        watch.screen.wait_for(&["connect", "127.0.0.1"], VERDICT);
    }
    watch.screen.press("\x1b");

    // To talk to the server oneself: on the ordinary screen.
    watch.screen.press("l2");
    watch.wait_for("70", &["test-server_inner_loop::line_after_line_is_answered"], SOON);
    watch.screen.press("t");
    watch.screen.wait_for(&[watch.messages.get("prompt-server"), "listening on"], SOON);
    assert!(!watch.screen.ask(vt100::Screen::alternate_screen));
    watch.screen.press("hello\r");
    watch.screen.wait_for(&[&watch.messages.say("6 bytes \"hello\\n\"")], SOON);
    watch.screen.press("\x1b");
    watch.wait_for("70", &["keys"], SOON);

    // To the client, as its keyboard and its server; and with both.
    watch.screen.press("l4");
    watch.wait_for("70", &["test-client_loop::line_after_line_of_a_pipe_is_sent"], SOON);
    watch.screen.press("t");
    watch.screen.wait_for(&[watch.messages.get("talk-connected")], SOON);
    watch.screen.press("one\r");
    let came = format!("<── {}", watch.messages.say("4 bytes \"one\\n\""));
    watch.screen.wait_for(&[&came, watch.messages.get("prompt-reply")], SOON);
    watch.screen.press("two\r");
    let client = watch.messages.get("your-client").to_owned();
    watch.screen.wait_for(&[&format!("{client} | two")], SOON);
    watch.screen.press("\x04");
    let end = watch
        .text("talk-ended", &[("who", &client), ("how", &watch.messages.say("exit status 0"))]);
    watch.screen.wait_for(&[&end], SOON);
    watch.screen.press("\x1b");
    watch.wait_for("70", &["keys"], SOON);
    watch.screen.press("l5");
    watch.wait_for("70", &["test-both_programs::a_second_conversation_follows_the_first"], SOON);
    watch.screen.press("t");
    watch
        .screen
        .wait_for(&[watch.messages.get("talk-both"), watch.messages.get("prompt-client")], SOON);
    let talk = watch.text("talk-both", &[]);
    watch.screen.wait_until("the client of both", SOON, |screen| {
        let shown: String = screen.contents().split_whitespace().collect();
        let talk: String = talk.split_whitespace().collect();
        shown.rsplit_once(&talk).is_some_and(|(_, talk)| talk.contains("2connect"))
    });
    watch.screen.press("three\r");
    watch.screen.wait_for(&[&format!("{client} | three")], SOON);
    watch.screen.press("\x1b");
    watch.wait_for("70", &["keys"], SOON);

    // The questions: one here, the others with an editor.
    watch.screen.press("a");
    watch.screen.wait_for(&["[osi]", watch.messages.get("keys-questions")], SOON);
    let layers = "application, presentation, session, transport, network, data link, physical";
    watch.screen.press(layers);
    watch.screen.press("\r");
    watch.screen.wait_for(&["[tcp_ip]"], SOON);
    watch.screen.press("\x1b");
    watch.wait_for("73.3", &[], VERDICT);
    let answers = fs::read_to_string(root().join(ANSWERS)).unwrap();
    watch.save_whole(ANSWERS, &answers);
    watch.wait_for("100", &["done"], VERDICT);

    // What worked in the hand-out and no longer does comes first, whatever the task.
    watch.save(SERVER, "listener.listen(arguments.backlog)", "listener.set_reuse_address(true)");
    watch.wait_for("50", &["ask-server-works"], VERDICT);
    watch.screen.press("ry");
    watch.wait_for("50", &["ask-server-inner-loop"], VERDICT);

    watch.screen.press("q");
    let StudentCopy { folder, messages, screen, _alone } = watch;
    assert!(screen.wait_for_end().success());
    in_the_shell(&folder, &messages, locale);
}

/// The same without a terminal, and one by one as subcommands.
fn in_the_shell(folder: &Path, messages: &Messages, locale: &str) {
    let run = |arguments: &[&str]| {
        let ended = cargo(folder, locale).arg("--").args(arguments).output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.code(), String::from_utf8(said).unwrap())
    };
    let place = format!("{SERVER}:71");
    let points = messages.fill("of-100", &[("points", "50")]);
    let (status, said) = run(&[]);
    assert_eq!(status, Some(0), "{said}");
    for text in [&points, messages.get("ask-server-inner-loop"), &place] {
        assert!(said.contains(text), "{said}");
    }
    let (status, said) = run(&["list"]);
    assert!(status == Some(0) && said.contains(&points) && said.contains(&place), "{said}");
    let (status, said) = run(&["hint"]);
    assert!(status == Some(0) && said.contains(messages.get("hint-server-inner-loop-1")), "{said}");

    let (status, said) = run(&["try", "the_server_answers_one_message", "--seed", "1"]);
    assert!(status == Some(0) && said.contains(messages.get("passed")), "{said}");
    assert!(said.contains("|<-") && !said.contains("\"hello\\n\""), "{said}");
    let (status, said) = run(&["try", "a_second_line_is_answered"]);
    assert!(status == Some(1) && said.contains("- ✗") && said.contains("\"two\\n\""), "{said}");
    assert!(said.contains("| 5 recv     4 bytes from"), "{said}");
    let (status, said) = run(&["try", "is_served"]);
    assert!(status == Some(1) && said.contains("server_outer_loop::client_after"), "{said}");
}

/// Measures, and fails only if nothing comes: `--nocapture` shows the time.
#[test]
#[ignore = "compiles a hand-out"]
fn how_long_it_takes_from_a_save_to_the_verdict() {
    let mut watch = StudentCopy::begin("watch-time", Language::En, "C.UTF-8");
    watch.wait_for("0", &["ask-server-inner-loop"], COMPILED);
    let mut times = Vec::new();
    for _ in 0..5 {
        for (before, after, seen) in
            [("if let", "while let", "20 of 100"), ("while let", "if let", "- - ✗")]
        {
            let start = Instant::now();
            let [before, after] = [before, after].map(|text| format!("{text} received"));
            watch.save(SERVER, &before, &after);
            watch.screen.wait_for(&[seen], VERDICT);
            times.push(start.elapsed());
        }
    }
    times.sort();
    let [least, median, most] = [0, 5, 9].map(|at: usize| times[at].as_secs_f64());
    let times = format!("{median:.2} s ({least:.2} to {most:.2})");
    _ = writeln!(io::stdout(), "from a save of {SERVER} to the verdict: {times}");
    watch.screen.press("q");
    assert!(watch.screen.wait_for_end().success());
}

#[test]
#[ignore = "compiles a hand-out"]
fn from_nothing_to_100() {
    from_0_to_100("watch-en", Language::En, "C.UTF-8");
}

#[test]
#[ignore = "compiles a hand-out"]
fn from_nothing_to_100_in_chinese() {
    from_0_to_100("watch-zh", Language::Zh, "zh_CN.UTF-8");
}
