//! Waits for the output of a program under test, and checks it.

use crate::actual::Actual;
use crate::catalogue::Message;
use crate::child_process::Stream;
use crate::deadline::{DEADLINE, QUIET};
use crate::escaped_bytes::{Difference, quoted, show};
use crate::message;
use crate::tested_program::TestedProgram;

impl TestedProgram {
    /// Returns the standard output so far.
    pub fn stdout(&self) -> Vec<u8> {
        self.program.process.state().stdout.kept.clone()
    }

    /// Returns the standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.program.process.state().stderr.kept).into_owned()
    }

    /// Waits for a line of standard output that starts with this, and returns it.
    #[track_caller]
    pub fn wait_for_line(&self, start: &str) -> String {
        let expected = message!("expected-line", start);
        self.find_line(Stream::Stdout, expected, |line| line.starts_with(start))
    }

    /// Waits for a line of standard output that contains all these texts, and returns it.
    #[track_caller]
    pub fn wait_for_line_with(&self, texts: &[&str]) -> String {
        self.find_line_with(Stream::Stdout, texts)
    }

    /// Waits for a line of standard error that contains all these texts, and returns it.
    #[track_caller]
    pub fn wait_for_error_line_with(&self, texts: &[&str]) -> String {
        self.find_line_with(Stream::Stderr, texts)
    }

    #[track_caller]
    fn find_line_with(&self, stream: Stream, texts: &[&str]) -> String {
        let (on, with) = (stream.message(), quoted_list(texts));
        let expected = message!("expected-line-with", stream = on, texts = with);
        self.find_line(stream, expected, |line| texts.iter().all(|text| line.contains(text)))
    }

    #[track_caller]
    fn find_line(&self, stream: Stream, expected: Message, is_it: impl Fn(&str) -> bool) -> String {
        match self.search_line(stream, is_it) {
            Ok(line) => line,
            Err(actual) => self.transcript.fail(expected, *actual),
        }
    }

    /// Returns the line, or what was seen instead.
    pub(crate) fn search_line(
        &self,
        stream: Stream,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<String, Box<Actual>> {
        let mut searched = 0;
        let mut found = None;
        let waited = self.wait_until(DEADLINE, |state| {
            let capture = state.capture(stream);
            while found.is_none()
                && let Some(length) = capture.kept[searched..].iter().position(|&b| b == b'\n')
            {
                let line = &capture.kept[searched..searched + length];
                let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
                searched += length + 1;
                found = Some(line).filter(|line| is_it(line));
            }
            found.is_some() || capture.ended
        });
        found.ok_or_else(|| {
            Box::new(match waited {
                Ok(()) => message!("no-such-line").into(),
                Err(blocked) => not_printed(blocked),
            })
        })
    }

    /// Waits until standard output starts with these bytes. More may follow.
    #[track_caller]
    pub fn expect_output_so_far(&self, expected: &[u8]) {
        let waited = self.wait_until(DEADLINE, |state| {
            let actual = &state.stdout.kept;
            actual.len() >= expected.len() || !expected.starts_with(actual) || state.stdout.ended
        });
        let actual = self.stdout();
        let actual = &actual[..actual.len().min(expected.len())];
        if let Err(Some(blocked)) = waited {
            let message = message!("expected-output-so-far", bytes = show(expected));
            let seen = Actual::bytes(expected, actual).then(Actual::cause(blocked));
            self.transcript.fail(message, seen);
        }
        self.transcript.check_bytes("expected-output-so-far", expected, actual);
    }

    /// Fails if anything is printed on standard output within [`QUIET`].
    #[track_caller]
    pub fn expect_no_output_yet(&self) {
        if self.program.process.wait_until(QUIET, |state| state.stdout.total > 0) {
            self.transcript.fail(message!("expected-no-output-yet"), show(&self.stdout()));
        }
    }

    /// Waits until `wished` holds, given the standard output so far and whether the program has
    /// ended. Returns false after the deadline, or if the program is blocked.
    pub fn wait_for_output(&self, wished: impl FnMut(&[u8], bool) -> bool) -> bool {
        self.search_output(wished).is_ok()
    }

    /// The same. An error says where the program is blocked, if that's known.
    fn search_output(
        &self,
        mut wished: impl FnMut(&[u8], bool) -> bool,
    ) -> Result<(), Option<Message>> {
        let waited = self.wait_until(DEADLINE, |state| {
            let ended = state.finished();
            wished(&state.stdout.kept, ended) || ended
        });
        let state = self.program.process.state();
        let ended = state.finished();
        if wished(&state.stdout.kept, ended) { Ok(()) } else { Err(waited.err().flatten()) }
    }

    /// Waits until standard output contains this text.
    #[track_caller]
    pub fn wait_for_output_with(&self, text: &str) {
        let mut searched = 0;
        let mut found = false;
        let waited = self.wait_until(DEADLINE, |state| {
            let kept = &state.stdout.kept;
            found = kept[searched..].windows(text.len()).any(|part| part == text.as_bytes());
            searched = kept.len().saturating_sub(text.len());
            found || state.stdout.ended
        });
        if !found {
            let actual = not_printed(waited.err().flatten());
            self.transcript.fail(message!("expected-text", text), actual);
        }
    }

    /// Fails unless standard output is exactly this. The program must have ended.
    #[track_caller]
    pub fn expect_output(&self, expected: &[u8]) {
        self.transcript.check_bytes("expected-output", expected, &self.stdout());
    }

    /// Waits until the program ends, and fails unless its exit status and standard output are these.
    #[track_caller]
    pub fn expect_exit_and_output(&self, status: i32, output: &[u8]) {
        self.expect_exit(status);
        self.expect_output(output);
    }

    /// Fails unless standard error is one line that contains all these texts. The program must have
    /// ended. Start a client with `--quiet`, because its steps go to standard error.
    #[track_caller]
    pub fn expect_error_line(&self, texts: &[&str]) {
        let stderr = self.stderr();
        let holds = stderr.lines().count() == 1
            && stderr.trim().len() + 1 == stderr.len()
            && !stderr.contains("panicked")
            && texts.iter().all(|text| stderr.contains(text));
        let expected = match texts {
            [] => message!("expected-error"),
            _ => message!("expected-error-with", texts = quoted_list(texts)),
        };
        let actual = match &*stderr {
            "" => message!("nothing"),
            _ if stderr.contains("panicked") => message!("panic"),
            _ => Message::from(stderr),
        };
        self.transcript.check(holds, expected, actual);
    }

    /// Waits until the program ends, and fails unless its exit status is 1, its standard error is one
    /// line that contains all these texts, and its standard output is this.
    #[track_caller]
    pub fn expect_failure(&self, texts: &[&str], output: &[u8]) {
        self.expect_exit(1);
        self.expect_error_line(texts);
        self.expect_output(output);
    }

    /// Like [`Self::expect_error_line`], and the line must also contain one of `words`: the
    /// system's name for the same error in different languages.
    #[track_caller]
    pub fn expect_error_line_in_words(&self, texts: &[&str], words: &[&str]) {
        self.expect_error_line(texts);
        let stderr = self.stderr();
        let holds = words.iter().any(|word| stderr.contains(word));
        let expected = message!("expected-error-word", texts = quoted_list(words));
        self.transcript.check(holds, expected, Message::from(stderr));
    }

    /// Fails if standard error isn't empty.
    #[track_caller]
    pub fn expect_no_errors(&self) {
        self.transcript.check_bytes("expected-no-errors", b"", self.stderr().as_bytes());
    }

    /// Fails if standard output contains this text.
    #[track_caller]
    pub fn expect_no_output_with(&self, text: &str) {
        let stdout = String::from_utf8_lossy(&self.stdout()).into_owned();
        let holds = !stdout.contains(text);
        self.transcript.check(holds, message!("expected-no-text", text), Message::from(stdout));
    }

    /// Waits until standard output is closed, see
    /// [`ProgramCommand::close_output_after`](crate::ProgramCommand::close_output_after).
    #[track_caller]
    pub fn wait_for_closed_output(&self) {
        if let Err(blocked) = self.wait_until(DEADLINE, |state| state.stdout.ended) {
            self.transcript.fail(message!("expected-one-line"), not_printed(blocked));
        }
    }

    /// Waits until standard output has a line that ends with this.
    #[track_caller]
    pub fn expect_line_of_output(&self, line: &str) {
        let found = |actual: &[u8]| text_lines(actual).any(|actual| actual.ends_with(line.trim()));
        if let Err(blocked) = self.search_output(|actual, _| found(actual)) {
            let stdout = self.stdout();
            let probed = blocked.as_ref().and_then(|it| self.probe(it, |actual, _| found(actual)));
            self.fail_for_output(line, &stdout, None, blocked, probed);
        }
    }

    /// Fails unless the lines of standard output are these. The program must have ended. Empty
    /// lines don't count: Python's `print` adds a newline to the one received.
    #[track_caller]
    pub fn expect_lines_of_output(&self, lines: &[String]) {
        let stdout = self.stdout();
        let actual: Vec<String> = text_lines(&stdout).collect();
        let expected: Vec<String> = lines.iter().map(|line| line.trim().to_owned()).collect();
        if actual != expected {
            if let Some(prompt) = prompt(&expected, &actual) {
                let seen =
                    Actual::cause(message!("prompt-on-output", prompt = quoted(prompt.as_bytes())));
                let expected =
                    message!("expected-output", bytes = show(in_lines(&expected).as_bytes()));
                self.transcript.fail(expected, seen);
            }
            let [expected, actual] = [expected, actual].map(|all| in_lines(&all));
            let differs = Difference::between(expected.as_bytes(), actual.as_bytes());
            self.fail_for_output(&expected, &stdout, differs, None, None);
        }
    }

    /// Fails unless standard output has lines that end with these, in this order. Other text may
    /// come before them: prompts, and what was typed on a terminal.
    #[track_caller]
    pub fn expect_lines_of_output_to_end_with(&self, ends: &[String]) {
        if let Err(missing) = find_lines(&self.stdout(), ends) {
            self.fail_for_lines(ends, &self.stdout(), missing, None, None);
        }
    }

    /// Waits until standard output has lines that end with these, in this order.
    #[track_caller]
    pub fn expect_lines_so_far(&self, ends: &[String]) {
        // Whole lines: a terminal would echo what is typed next in front of a newline still to come.
        let whole = |output: &[u8]| output.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
        let found = |output: &[u8], _| find_lines(&output[..whole(output)], ends).is_ok();
        if let Err(blocked) = self.search_output(found) {
            let stdout = self.stdout();
            if let Err(missing) = find_lines(&stdout, ends) {
                let probed = blocked.as_ref().and_then(|blocked| self.probe(blocked, found));
                self.fail_for_lines(ends, &stdout, missing, blocked, probed);
            }
        }
    }

    #[track_caller]
    fn fail_for_lines(
        &self,
        ends: &[String],
        stdout: &[u8],
        (end, place): (&str, usize),
        blocked: Option<Message>,
        probed: Option<Message>,
    ) {
        // The difference is after the last line that is right.
        let lines: Vec<String> = text_lines(stdout).collect();
        let differs = Difference::at(place, end.as_bytes(), in_lines(&lines).as_bytes());
        self.fail_for_output(&in_lines(ends), stdout, Some(differs), blocked, probed);
    }

    /// The same as [`Self::expect_lines_of_output_to_end_with`], and no line that ends with one of these
    /// occurs a second time.
    #[track_caller]
    pub fn expect_each_line_of_output_once(&self, ends: &[String]) {
        self.expect_lines_of_output_to_end_with(ends);
        let stdout = self.stdout();
        let is_one = |line: &String| ends.iter().any(|end| line.ends_with(end.trim()));
        let shown: Vec<String> = text_lines(&stdout).filter(is_one).collect();
        if shown.len() > ends.len() {
            let expected =
                message!("expected-each-line-once", bytes = show(in_lines(ends).as_bytes()));
            self.transcript.fail(expected, Actual::bytes_before(&stdout));
        }
    }

    /// Fails because of this standard output, given where the program is blocked and what made it print
    /// the rest after all.
    #[track_caller]
    fn fail_for_output(
        &self,
        expected: &str,
        stdout: &[u8],
        differs: Option<Difference>,
        blocked: Option<Message>,
        probed: Option<Message>,
    ) -> ! {
        let mut actual = Actual {
            differs: differs.map(Box::new),
            finding: probed,
            ..Actual::bytes_before(stdout)
        }
        .with_finding(|| self.transcript.finding(expected.as_bytes(), stdout, None));
        if let Some(blocked) = blocked {
            actual = actual.then(Actual::cause(blocked));
        }
        let expected = message!("expected-output", bytes = show(expected.as_bytes()));
        self.transcript.fail(expected, actual)
    }
}

/// What was seen instead of a line: where the program is blocked, if that's known.
fn not_printed(blocked: Option<Message>) -> Actual {
    Actual::cause(blocked.unwrap_or_else(|| message!("not-printed")))
}

fn quoted_list(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}

/// The text that is in front of every line, if it's the same and the lines are right apart from that.
fn prompt(expected: &[String], actual: &[String]) -> Option<String> {
    let prompt = actual.first()?.strip_suffix(expected.first()?.as_str())?;
    let all_have_it = expected.len() == actual.len()
        && expected
            .iter()
            .zip(actual)
            .all(|(line, shown)| shown.strip_prefix(prompt) == Some(line));
    all_have_it.then(|| prompt.to_owned())
}

/// Looks for lines that end with these, in this order. Returns the first that is missing, and where the
/// lines before it end.
fn find_lines<'a>(output: &[u8], ends: &'a [String]) -> Result<(), (&'a str, usize)> {
    let lines: Vec<String> = text_lines(output).collect();
    let mut found = 0;
    for end in ends {
        match lines[found..].iter().position(|line| line.ends_with(end.trim())) {
            Some(next) => found += next + 1,
            None => return Err((end, in_lines(&lines[..found]).len())),
        }
    }
    Ok(())
}

fn in_lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{}\n", line.trim())).collect()
}

/// The lines of an output that aren't empty, trimmed.
fn text_lines(output: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(output).into_owned();
    let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    lines.into_iter().filter(|line| !line.is_empty())
}
