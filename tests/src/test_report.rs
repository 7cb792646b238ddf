//! The report of a test. It is data all the way from the place where a test fails to the mark; only
//! a person gets it as text. One that passes tells what was said to programs only.

use std::env;
use std::fmt;
use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Language, Message};
use crate::escaped_bytes::{Difference, escape, show};
use crate::test_step::TestStep;

/// How many of its last actions a report shows.
const ACTIONS: usize = 24;
/// How many lines of a program's output it has, and how many columns of a line.
const LINES: usize = 30;
const COLUMNS: usize = 200;

/// Why a test failed; of one that passed, what was said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What the test expected.
    pub expected: Message,
    /// What it saw instead.
    pub actual: Message,
    /// Where the bytes first differ from the expected ones.
    pub differs: Option<Difference>,
    /// The key of what happened, where that alone says what went wrong.
    pub cause: Option<String>,
    /// What the test had done.
    pub steps: Vec<TestStep>,
    /// The programs that it had started.
    pub programs: Vec<ProgramOutput>,
    /// The mistake that it looks for. Others may show the same.
    pub mistake: Option<Message>,
    /// The section of the notes that helps: its anchor.
    pub section: String,
}

/// What a program printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramOutput {
    /// Its name and arguments.
    pub command: String,
    /// How it ended.
    pub ended: Message,
    /// What it printed on standard output.
    pub stdout: CapturedOutput,
    /// What it printed on standard error.
    pub stderr: CapturedOutput,
}

/// What a program printed on one of its outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedOutput {
    /// How many bytes.
    pub total: usize,
    /// As much as a report shows: the lines, without those in the middle where there are many.
    /// Bytes that are no text are one line.
    pub lines: Vec<String>,
    /// How many lines are left out.
    pub left_out: usize,
}

impl Report {
    /// The variable of the environment that holds `json` when a program is to read the reports.
    pub const VARIABLE: &str = "HOMEWORK_REPORT";

    /// Fails the test: panics with this report, as a text or as one line of JSON.
    ///
    /// # Panics
    ///
    /// Always.
    #[track_caller]
    pub fn fail(&self) -> ! {
        match is_for_a_program() {
            true => panic!("{}", self.line()),
            false => panic!("\n{self}"),
        }
    }

    /// Prints this report of a test that passes, for a program that reads the reports.
    pub(crate) fn tell(&self) {
        if is_for_a_program() {
            // Nobody reads it: then it need not be written.
            _ = writeln!(io::stderr(), "{}", self.line());
        }
    }

    fn line(&self) -> String {
        serde_json::to_string(self).expect("it is text and numbers")
    }

    /// The last report in what a test has printed with [`Report::VARIABLE`] set. What a tested
    /// program prints stands inside of it, and can't be taken for it.
    pub fn last_in(printed: &str) -> Option<Self> {
        printed.lines().rev().find_map(|line| serde_json::from_str(line).ok())
    }
}

pub(crate) fn is_for_a_program() -> bool {
    env::var(Report::VARIABLE).as_deref() == Ok("json")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indented = |text: &str| text.trim_end().replace('\n', "\n          ");
        writeln!(f, "expected: {}", indented(&self.expected.to_string()))?;
        writeln!(f, "actual:   {}", indented(&self.actual.to_string()))?;
        if let Some(differs) = &self.differs {
            writeln!(f, "{differs}")?;
        }
        if !self.steps.is_empty() {
            writeln!(f, "the test so far:")?;
        }
        let left_out = self.steps.len().saturating_sub(ACTIONS);
        if left_out > 0 {
            writeln!(f, "  ({left_out} earlier steps)")?;
        }
        for action in &self.steps[left_out..] {
            writeln!(f, "  {action}")?;
        }
        for ProgramOutput { command, ended, stdout, stderr } in &self.programs {
            writeln!(f, "{command} ({ended}) printed")?;
            for (name, CapturedOutput { total, lines, left_out }) in
                [("standard output", stdout), ("standard error", stderr)]
            {
                match total {
                    0 => writeln!(f, "  nothing on {name}")?,
                    total => writeln!(f, "  on {name} ({total} bytes):")?,
                }
                for (number, line) in lines.iter().enumerate() {
                    if number == LINES / 2 && *left_out > 0 {
                        writeln!(f, "  | ({left_out} lines left out)")?;
                    }
                    writeln!(f, "  | {line}")?;
                }
            }
        }
        let english = Catalogue::new(Language::En, &[]);
        let hint = self.cause.as_ref().map(|cause| format!("{cause}-hint"));
        if let Some(hint) = hint.as_ref().and_then(|hint| english.find(hint)) {
            writeln!(f, "hint:     {hint}")?;
        }
        if let Some(mistake) = &self.mistake {
            writeln!(f, "this test looks for: {mistake}")?;
        }
        writeln!(f, "See NOTES.md#{}", self.section)
    }
}

impl CapturedOutput {
    /// So many bytes, of which these were kept.
    pub(crate) fn new(total: usize, kept: &[u8]) -> Self {
        if !is_text(kept) {
            return Self { total, lines: vec![show(kept).to_string()], left_out: 0 };
        }
        let mut lines: Vec<&[u8]> = kept.split_inclusive(|&byte| byte == b'\n').collect();
        let left_out = lines.len().saturating_sub(LINES);
        if left_out > 0 {
            lines.drain(LINES / 2..LINES / 2 + left_out);
        }
        Self { total, lines: lines.into_iter().map(cut).collect(), left_out }
    }
}

/// Whether it can be shown line by line.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(COLUMNS)];
    // A character that was cut at the end has no `error_len`.
    match std::str::from_utf8(start) {
        Ok(_) => !start.contains(&0),
        Err(error) => error.error_len().is_none(),
    }
}

/// A line, cut where it is long.
fn cut(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let end = match line.len().saturating_sub(COLUMNS) {
        0 => String::new(),
        more => format!("... ({more} more bytes)"),
    };
    let line = escape(&line[..line.len().min(COLUMNS)]);
    // A report is read by people: quotes need no escape here.
    format!("{}{end}", line.replace("\\\"", "\"").replace("\\'", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_cannot_say_what_its_mistake_is() {
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
    fn an_output_of_many_lines_is_cut_in_its_middle() {
        let printed = |count: usize| {
            let text: String = (0..count).map(|number| format!("{number}\n")).collect();
            CapturedOutput::new(text.len(), text.as_bytes())
        };
        let all = printed(LINES);
        assert_eq!((all.lines.len(), all.left_out), (LINES, 0));
        let cut = printed(LINES + 2);
        assert_eq!((cut.lines.len(), cut.left_out), (LINES, 2));
        assert_eq!((cut.lines[14].as_str(), cut.lines[15].as_str()), ("14", "17"));
    }
}
