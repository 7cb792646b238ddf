//! The report of a test. The grader gets it as JSON and people get it as text. A test that passes
//! reports only to the grader.

use std::env;
use std::fmt;
use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Language, Message};
use crate::escaped_bytes::{Difference, escape, show};
use crate::test_step::TestStep;

/// How many of the last steps a report shows.
const STEPS: usize = 24;
/// The maximum number of lines of a program's output, and of bytes in a line.
const LINES: usize = 30;
const COLUMNS: usize = 200;

/// Why a test failed, or what happened in a test that passed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What the test expected.
    pub expected: Message,
    /// What it saw instead.
    pub actual: Message,
    /// Where the bytes first differ from the expected ones.
    pub differs: Option<Difference>,
    /// The key of the message that tells what went wrong, if one alone does.
    pub cause: Option<String>,
    /// What else it saw, which costs nothing.
    pub remark: Option<Message>,
    /// What can be concluded from it for certain, with a question.
    #[serde(default)]
    pub finding: Option<Message>,
    /// What the test did.
    pub steps: Vec<TestStep>,
    /// The programs that it started.
    pub programs: Vec<ProgramOutput>,
    /// The mistake that the test looks for. Other mistakes may look the same.
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
    /// The number of bytes.
    pub total: usize,
    /// The lines, without those in the middle if there are many. Output that isn't text is one line.
    pub lines: Vec<String>,
    /// How many lines are left out.
    pub left_out: usize,
}

impl Report {
    /// The environment variable that selects the format of reports: `json` for a program.
    pub const VARIABLE: &str = "HOMEWORK_REPORT";

    /// Fails the test: always panics with this report, as text or as one line of JSON.
    #[track_caller]
    pub fn fail(&self) -> ! {
        match is_for_a_program() {
            true => panic!("{}", self.line()),
            false => panic!("\n{self}"),
        }
    }

    /// Prints the report of a test that passed, if a program reads the reports.
    pub(crate) fn print_for_program(&self) {
        if is_for_a_program() {
            // This fails if standard error is closed.
            _ = writeln!(io::stderr(), "{}", self.line());
        }
    }

    fn line(&self) -> String {
        serde_json::to_string(self).expect("a report is valid JSON")
    }

    /// Finds the last report in the output of a test that ran with [`Report::VARIABLE`] set. The output
    /// of the program under test is inside the report, so it can't forge one.
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
        if let Some(finding) = &self.finding {
            writeln!(f, "finding:  {finding}")?;
        }
        if !self.steps.is_empty() {
            writeln!(f, "the test so far:")?;
        }
        let left_out = self.steps.len().saturating_sub(STEPS);
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
    /// An output of `total` bytes, of which `kept` were captured.
    pub fn new(total: usize, kept: &[u8]) -> Self {
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

/// Returns whether the bytes can be shown as lines.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(COLUMNS)];
    // `error_len` is `None` for a character that was cut at the end.
    match std::str::from_utf8(start) {
        Ok(_) => !start.contains(&0),
        Err(error) => error.error_len().is_none(),
    }
}

/// Escapes a line, and truncates a long one.
fn cut(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let end = match line.len().saturating_sub(COLUMNS) {
        0 => String::new(),
        more => format!("... ({more} more bytes)"),
    };
    let line = escape(&line[..line.len().min(COLUMNS)]);
    // Quotes are easier to read without backslashes.
    format!("{}{end}", line.replace("\\\"", "\"").replace("\\'", "'"))
}
