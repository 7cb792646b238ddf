//! A student copy from 0 to 100 points, with every key of watch mode.
//!
//! The tests compile student copies, which takes minutes: `cargo test -p watch -- --ignored`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use homework::commands::new;
use homework::messages::{Language, Messages, message};

use crate::terminal_emulator::{SOON, Screen};

/// Deadline for the first result, which compiles everything.
const COMPILED: Duration = Duration::from_secs(300);

/// Deadline for the result of a save. A client that never exits takes the tests to their deadlines.
const GRADED: Duration = Duration::from_secs(60);

const SERVER: &str = "day01-tcp-server/src/main.rs";
const CLIENT: &str = "day01-tcp-client/src/main.rs";
const ANSWERS: &str = "homework/answers.toml";

/// Where the starter code has to change for the server's inner loop.
const INNER_LOOP_LINE: u32 = 65;

/// What the server's inner loop changes: the beginning of a line in the starter code, and what
/// replaces the line. `{}` is the line.
const INNER_LOOP: &[(&str, &str)] = &[
    ("let message = recv(", "while let Some(message) = recv(connection, &mut buffer)? {"),
    ("client.sent(", "{}\n}"),
];

const OUTER_LOOP: &[(&str, &str)] =
    &[("announce(", "{}\nloop {"), ("client_totals::print();", "}"), ("Ok(ExitCode::SUCCESS)", "")];

const CLIENT_LOOP: &[(&str, &str)] = &[
    ("let message = ", "while let Some(message) = input.read_message()? {"),
    ("output.show(", "{}\n}"),
];

const ENDLESS_LOOP: &[(&str, &str)] =
    &[("let message = ", "{}\nloop {"), ("output.show(", "{}\n}")];

fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (start, replacement) in edits {
        let line = lines.iter_mut().find(|line| line.trim_start().starts_with(start)).unwrap();
        *line = replacement.replace("{}", line);
    }
    lines.join("\n") + "\n"
}

struct StudentCopy {
    folder: PathBuf,
    messages: Messages,
    screen: Screen,
    _lock: MutexGuard<'static, ()>,
}

/// All copies share a target folder, so that the libraries are compiled once. Two at a time would
/// run each other's programs.
static TARGET_FOLDER: Mutex<()> = Mutex::new(());

impl StudentCopy {
    /// Writes a student copy, and starts watch mode in it with the command of the README.
    fn start(name: &str, language: Language, locale: &str) -> Self {
        let lock = TARGET_FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&folder);
        let messages = Messages::new(language);
        new::new(&root(), &folder, &messages).unwrap();
        let screen = Screen::start(&homework(&folder, locale), 90, 40);
        StudentCopy { folder, messages, screen, _lock: lock }
    }

    fn press(&mut self, keys: &str) {
        self.screen.press(keys);
    }

    #[track_caller]
    fn wait_for(&self, keys: &[&str]) {
        let texts: Vec<&str> = keys.iter().map(|key| self.messages.get(key)).collect();
        self.screen.wait_for(&texts, SOON);
    }

    #[track_caller]
    fn wait_for_points(&self, points: &str, key: &str, time: Duration) {
        let points = self.messages.fill("of-100", &[("points", points)]);
        self.screen.wait_for(&[&points, self.messages.get(key)], time);
    }

    /// The bytes of a text, as a session shows them.
    fn bytes(&self, text: &str) -> String {
        self.messages.show(&message!("bytes", count = text.len(), text = format!("{text:?}")))
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    #[track_caller]
    fn replace(&self, file: &str, [before, after]: [&str; 2]) {
        let text = self.read(file);
        assert!(text.contains(before), "{file} doesn't contain {before}");
        self.save(file, &text.replacen(before, after, 1));
    }

    fn edit(&self, file: &str, edits: &[(&str, &str)]) -> String {
        let text = edited(&self.read(file), edits);
        self.save(file, &text);
        text
    }

    /// Saves a file as many editors do, by renaming a new one.
    fn save(&self, file: &str, text: &str) {
        let new = self.folder.join(file).with_extension("swp");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.folder.join(file)).unwrap();
    }
}

/// The command of the README.
fn homework(folder: &Path, locale: &str) -> Command {
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

#[test]
#[ignore = "compiles a student copy"]
fn from_0_to_100_in_english() {
    from_0_to_100("watch-en", Language::En, "C.UTF-8");
}

#[test]
#[ignore = "compiles a student copy"]
fn from_0_to_100_in_chinese() {
    from_0_to_100("watch-zh", Language::Zh, "zh_CN.UTF-8");
}

fn from_0_to_100(name: &str, language: Language, locale: &str) {
    let mut copy = StudentCopy::start(name, language, locale);
    copy.wait_for_points("0", "ask-server-inner-loop", COMPILED);
    copy.wait_for(&["keys", "did-connect"]);
    copy.screen.wait_for(&[&format!("{SERVER}:{INNER_LOOP_LINE}")], SOON);

    inner_loop(&mut copy);
    outer_loop(&mut copy);
    client_loop(&mut copy);
    calls(&mut copy);
    interactive_sessions(&mut copy);
    questions(&mut copy);

    // A program that can do less than the starter code has to be fixed first.
    let not_listening = ["listener.listen(arguments.backlog)", "listener.set_reuse_address(true)"];
    copy.replace(SERVER, not_listening);
    copy.wait_for_points("50", "ask-server-works", GRADED);
    copy.press("ry");
    copy.wait_for_points("50", "ask-server-inner-loop", GRADED);

    copy.press("q");
    let StudentCopy { folder, messages, screen, _lock } = copy;
    assert!(screen.wait_for_end().success());
    subcommands(&folder, locale, &messages);
}

fn inner_loop(copy: &mut StudentCopy) {
    // A typing error: the compiler's output in its colours.
    let starter = copy.read(SERVER);
    copy.replace(SERVER, ["let message = recv(", "let mesage = recv("]);
    copy.screen.wait_for(&["error[E0425]", &format!("{SERVER}:")], GRADED);
    let is_coloured = copy.screen.inspect(|screen| {
        let row = (0..40).find(|&row| screen.contents_between(row, 0, row, 9).contains("error[E0"));
        screen.cell(row.unwrap(), 0).unwrap().fgcolor() != vt100::Color::Default
    });
    assert!(is_coloured, "the compiler's output has no colours");

    // A complete task stays on the screen, with the sequence diagram of a test.
    copy.save(SERVER, &edited(&starter, INNER_LOOP));
    let test = "test-server_inner_loop::a_line_after_a_pause_is_answered";
    copy.wait_for_points("20", test, GRADED);
    let task = copy.messages.task("server-inner-loop");
    let done = copy.messages.fill("task-done", &[("task", task)]);
    copy.screen.wait_for(&[&done, "|- ", "<-"], GRADED);
    copy.press("\r");
    copy.wait_for_points("20", "ask-server-outer-loop", SOON);
}

fn outer_loop(copy: &mut StudentCopy) {
    assert!(!copy.screen.contents().contains("1/3"), "no hint without being asked");
    for step in 1..=3 {
        copy.press("h");
        let key = match step {
            // What can be concluded from the failure.
            1 => "found-answered".to_owned(),
            _ => format!("hint-server-outer-loop-{step}"),
        };
        let hint = copy.messages.get(&key).to_owned();
        let start = hint.split('{').next().unwrap();
        copy.screen.wait_for(&[&format!("{step}/3"), start], SOON);
    }

    // A burst of saves. The last one counts.
    let server = copy.read(SERVER);
    for _ in 0..9 {
        copy.replace(SERVER, ["send_all(", "send_all( "]);
    }
    copy.save(SERVER, &server);
    copy.edit(SERVER, OUTER_LOOP);
    let test = "test-server_outer_loop::nothing_is_left_of_clients_that_are_gone";
    copy.wait_for_points("40", test, GRADED);
}

fn client_loop(copy: &mut StudentCopy) {
    copy.press("l");
    copy.wait_for(&["keys-list"]);
    copy.screen.wait_for(&["4 ✗"], SOON);
    copy.press("4");
    copy.wait_for_points("40", "ask-client-loop", SOON);
    let starter = copy.read(CLIENT);
    let endless = copy.edit(CLIENT, ENDLESS_LOOP);
    copy.screen.wait_for(&["- - ✗"], GRADED);
    copy.wait_for_points("40", "ask-client-loop", GRADED);

    // A reset asks first, and keeps a copy.
    let values = [("program", "day01-tcp-client")];
    let question = copy.messages.fill("reset-question", &values);
    copy.press("r");
    copy.screen.wait_for(&[&question], SOON);
    copy.press("n");
    copy.wait_for_points("40", "ask-client-loop", SOON);
    assert_eq!(copy.read(CLIENT), endless);
    copy.press("ry");
    copy.screen.wait_for(&["kept/1"], SOON);
    assert_eq!(copy.read(CLIENT), starter);
    assert_eq!(copy.read(&format!("kept/1/{CLIENT}")), endless);

    // Complete server and client earn the points for both.
    copy.edit(CLIENT, CLIENT_LOOP);
    copy.wait_for_points("70", "keys", GRADED);
}

fn calls(copy: &mut StudentCopy) {
    copy.press("c");
    match Command::new("strace").arg("-V").output() {
        Ok(_) => copy.screen.wait_for(&["socket", "connect", "127.0.0.1"], GRADED),
        Err(_) => copy.screen.wait_for(&["strace"], GRADED),
    }
    copy.press("\x1b");
}

fn interactive_sessions(copy: &mut StudentCopy) {
    // With the server, on the ordinary screen.
    start_session(copy, "l2", "test-server_inner_loop::every_line_is_answered");
    copy.wait_for(&["prompt-server"]);
    copy.screen.wait_for(&["listening on"], SOON);
    assert!(!copy.screen.inspect(vt100::Screen::alternate_screen));
    copy.press("hello\r");
    copy.screen.wait_for(&[&copy.bytes("hello\n")], SOON);
    copy.press("\x1b");
    copy.wait_for_points("70", "keys", SOON);

    // With the client.
    start_session(
        copy,
        "l4",
        "test-client_loop::every_line_from_a_pipe_is_sent_and_its_reply_shown",
    );
    copy.wait_for(&["talk-connected"]);
    copy.press("one\r");
    copy.wait_for(&["prompt-reply"]);
    copy.screen.wait_for(&[&format!("<── {}", copy.bytes("one\n"))], SOON);
    copy.press("two\r");
    let client = copy.messages.get("your-client").to_owned();
    copy.screen.wait_for(&[&format!("{client} | two")], SOON);
    copy.press("\x04");
    let status = copy.messages.show(&message!("exit-status", status = 0));
    let ended = copy.messages.fill("talk-ended", &[("who", &client), ("how", &status)]);
    copy.screen.wait_for(&[&ended], SOON);
    copy.press("\x1b");
    copy.wait_for_points("70", "keys", SOON);

    // With both. Below the first line of the session, the client connects.
    start_session(copy, "l5", "test-both_programs::a_second_client_is_served_after_the_first");
    copy.wait_for(&["talk-both", "prompt-client"]);
    let first_line: String = copy.messages.get("talk-both").split_whitespace().collect();
    copy.screen.wait_until("the client connects", SOON, |screen| {
        let shown: String = screen.contents().split_whitespace().collect();
        shown.rsplit_once(&first_line).is_some_and(|(_, below)| below.contains("2connect"))
    });
    copy.press("three\r");
    copy.screen.wait_for(&[&format!("{client} | three")], SOON);
    copy.press("\x1b");
    copy.wait_for_points("70", "keys", SOON);
}

/// Starts a session from the page of a task, which shows this test.
#[track_caller]
fn start_session(copy: &mut StudentCopy, task: &str, test: &str) {
    copy.press(task);
    copy.wait_for_points("70", test, SOON);
    copy.press("t");
}

fn questions(copy: &mut StudentCopy) {
    copy.press("a");
    copy.wait_for(&["keys-questions"]);
    copy.screen.wait_for(&["[osi]"], SOON);
    copy.press("application, presentation, session, transport, network, data link, physical\r");
    copy.screen.wait_for(&["[tcp_ip]"], SOON);
    copy.press("\x1b");
    copy.wait_for_points("73.3", "keys", GRADED);
    // The others in an editor.
    copy.save(ANSWERS, &fs::read_to_string(root().join(ANSWERS)).unwrap());
    copy.wait_for_points("100", "done", GRADED);
}

/// The subcommands show the same without a terminal.
fn subcommands(folder: &Path, locale: &str, messages: &Messages) {
    let check = |arguments: &[&str], status, texts: &[&str]| {
        let output = homework(folder, locale).arg("--").args(arguments).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(status), "{text}");
        for expected in texts {
            assert!(text.contains(expected), "{expected:?} isn't in {text}");
        }
        text
    };
    let place = format!("{SERVER}:{INNER_LOOP_LINE}");
    let points = messages.fill("of-100", &[("points", "50")]);
    check(&[], 0, &[&points, messages.get("ask-server-inner-loop"), &place]);
    check(&["list"], 0, &[&points, &place]);
    let finding = messages.get("found-answered").split('{').next().unwrap();
    check(&["hint"], 0, &[finding]);

    let one_message = ["try", "the_server_answers_one_message", "--seed", "1"];
    let output = check(&one_message, 0, &[messages.get("passed"), "|<-"]);
    let other = check(&["try", "the_server_answers_one_message", "--seed", "2"], 0, &[]);
    assert_ne!(output, other);
    let texts = ["- ✗", "| 5 recv     "];
    check(&["try", "a_second_line_is_answered"], 1, &texts);
    check(&["try", "is_served"], 1, &["server_outer_loop::one_client_after_another"]);
}

/// Measures the time from a save to its result. `--nocapture` prints it.
#[test]
#[ignore = "compiles a student copy"]
fn time_from_save_to_result() {
    let mut copy = StudentCopy::start("watch-time", Language::En, "C.UTF-8");
    copy.wait_for_points("0", "ask-server-inner-loop", COMPILED);
    let starter = copy.read(SERVER);
    let solution = edited(&starter, INNER_LOOP);
    let mut times = Vec::new();
    for _ in 0..5 {
        // The test that pauses is still to come.
        for (text, result) in [(&solution, "17.5 of 100"), (&starter, "- - ✗")] {
            let start = Instant::now();
            copy.save(SERVER, text);
            copy.screen.wait_for(&[result], GRADED);
            times.push(start.elapsed());
        }
    }
    times.sort();
    let [min, median, max] = [0, 5, 9].map(|at: usize| times[at].as_secs_f64());
    let times = format!("{median:.2} s ({min:.2} to {max:.2})");
    _ = writeln!(io::stdout(), "from a save of {SERVER} to its result: {times}");
    copy.press("q");
    assert!(copy.screen.wait_for_end().success());
}
