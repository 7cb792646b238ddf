//! A submission: the student's programs, compiled or started by commands, and the answers.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::tests::{join_words, split_words};
use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::grading::cargo_build::CompilerError;
use crate::grading::marks::Student;
use crate::messages::{Explain as _, Message, message};

#[derive(Debug)]
pub struct Program {
    /// The name of the program and its folder.
    pub name: &'static str,
    /// The environment variable with which tests find it.
    pub variable: &'static str,
}

pub const PROGRAMS: [Program; 3] = [
    Program { name: "day01-tcp-server", variable: "DAY01_TCP_SERVER" },
    Program { name: "day01-tcp-client", variable: "DAY01_TCP_CLIENT" },
    Program { name: "day01-udp", variable: "DAY01_UDP" },
];

/// A program over TCP, as a command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TcpProgram {
    /// The server
    #[value(name = "day01-tcp-server", alias = "server")]
    Server,
    /// The client
    #[value(name = "day01-tcp-client", alias = "client")]
    Client,
}

/// The look-ups, which students don't change.
pub const LOOK_UPS: Program = Program { name: "net-utils", variable: "NET_UTILS" };

/// The file with the answers to the questions, in a submission.
pub const ANSWERS: &str = "homework/answers.toml";

/// The file with the commands that start programs in other languages, in a submission.
pub const COMMANDS: &str = "homework/commands.toml";

/// A folder with one of these is a submission.
pub const SUBMISSION_PATHS: [&str; 4] =
    ["day01-tcp-server/src", "day01-tcp-client/src", "day01-udp/src", COMMANDS];

/// A path that never exists.
pub const MISSING: &str = "no/such/program";

#[derive(Debug, Clone)]
pub struct Submission {
    pub student: Student,
    pub folder: PathBuf,
    /// The file with the answers to the questions, which may not exist, or why it can't be read.
    pub answers: Result<PathBuf, Message>,
    /// How each of [`PROGRAMS`] is started, or why it can't be tested.
    pub programs: [Result<Start, Message>; PROGRAMS.len()],
    pub look_ups: PathBuf,
    /// The seed of the data that tests send.
    pub seed: u32,
    pub build_time: Duration,
    /// Only set when students grade their own workspace.
    pub errors: Vec<CompilerError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    Program(PathBuf),
    Command { folder: PathBuf, words: Vec<Word> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A file of the submission.
    File(PathBuf),
    Text(String),
}

impl Start {
    pub fn command(&self) -> OsString {
        match self {
            Start::Program(path) => path.into(),
            Start::Command { folder, words } => Start::words_in(folder, words).into(),
        }
    }

    /// Returns a command with the full paths of its files in this folder.
    pub fn words_in(folder: &Path, words: &[Word]) -> String {
        let words = words.iter().map(|word| word.in_folder(folder).display().to_string());
        join_words(&words.collect::<Vec<_>>())
    }
}

impl Word {
    /// Returns the word, or the full path of a file in this folder.
    pub fn in_folder(&self, folder: &Path) -> OsString {
        match self {
            Word::File(path) => folder.join(path).into(),
            Word::Text(text) => text.into(),
        }
    }
}

impl Submission {
    /// Returns the environment variables with which tests find the programs.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        let own = PROGRAMS.iter().zip(&self.programs);
        own.map(|(program, start)| {
            let command = start.as_ref().map_or_else(|_| MISSING.into(), Start::command);
            (program.variable, command)
        })
        .chain([(LOOK_UPS.variable, self.look_ups.clone().into())])
    }

    /// Returns the compiler's first error.
    pub fn compiler_error(&self) -> Option<&str> {
        self.errors.first().map(|error| error.text.as_str())
    }

    /// Returns the compiler's first error in a program, or else in a library.
    pub fn compiler_error_of(&self, program: &str) -> Option<&str> {
        let own = self.errors.iter().find(|error| error.target == program);
        own.map(|error| error.text.as_str()).or(self.compiler_error())
    }

    /// Returns why programs and answers can't be tested, with the program's name or the file.
    pub fn problems(&self) -> impl Iterator<Item = (&'static str, &Message)> {
        let own = PROGRAMS.iter().map(|program| program.name).zip(&self.programs);
        let of_programs = own.filter_map(|(name, start)| Some((name, start.as_ref().err()?)));
        let of_answers = self.answers.as_ref().err().map(|problem| (ANSWERS, problem));
        of_programs.chain(of_answers)
    }
}

/// Parses the commands that start a submission's programs.
pub fn commands(
    text: &str,
    is_file: impl Fn(&Path) -> bool,
) -> Result<BTreeMap<String, Vec<Word>>> {
    let commands: BTreeMap<String, String> = toml::from_str(text.trim_start_matches('\u{feff}'))
        .explain(message!("invalid-commands", file = COMMANDS))?;
    let mut found = BTreeMap::new();
    for (name, command) in commands {
        ensure!(
            PROGRAMS.iter().any(|program| program.name == name),
            message!("unknown-command", file = COMMANDS, name)
        );
        // The command may be started in any folder, so files get their full paths.
        let words = split_words(&command).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            message!("invalid-command", file = COMMANDS, name = &name, command = &command)
        })?;
        let words = words.into_iter().map(|word| match Path::new(&word) {
            path if is_file(path) => Word::File(path.to_owned()),
            _ => Word::Text(word),
        });
        found.insert(name, words.collect());
    }
    Ok(found)
}

/// Fails if the program that a command starts is neither a file of the submission nor in one of the folders
/// of `path`.
pub fn check_installed(program: &str, words: &[Word], path: &OsStr) -> Result<(), Message> {
    let Some(Word::Text(command)) = words.first() else { return Ok(()) };
    let is_there = match Path::new(command) {
        // Windows looks for other names, too: `python` is `python.exe`.
        _ if cfg!(windows) => true,
        path if path.is_absolute() => path.is_file(),
        _ => env::split_paths(path).any(|folder| folder.join(command).is_file()),
    };
    match is_there {
        true => Ok(()),
        false => Err(message!("no-such-command", program, command, file = COMMANDS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(command: &str) -> Result<Vec<Word>> {
        let text = format!("\u{feff}day01-tcp-server = '{command}'\r\n");
        let is_file = |path: &Path| path == "my server.py";
        Ok(commands(&text, is_file)?.remove("day01-tcp-server").unwrap())
    }

    #[test]
    fn a_command_is_split_as_in_a_shell() {
        let words = server("python3  -u \"my server.py\" a\"b c\"").unwrap();
        let text = |text: &str| Word::Text(text.to_owned());
        let file = Word::File("my server.py".into());
        assert_eq!(words, [text("python3"), text("-u"), file, text("ab c")]);
        let joined = Start::words_in(Path::new("/a b"), &words);
        assert_eq!(joined, "python3 -u '/a b/my server.py' 'ab c'");
        assert_eq!(split_words(&joined).unwrap()[2], "/a b/my server.py");
        for command in ["python3 \"server.py", "", "  "] {
            let error = server(command).unwrap_err().to_string();
            assert!(error.starts_with("invalid-command"), "{error}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_program_of_a_command_must_be_installed() {
        let check =
            |command| check_installed("p", &server(command).unwrap(), OsStr::new("/usr/bin:/bin"));
        for command in ["sh run.sh", "/bin/sh run.sh", "\"my server.py\""] {
            assert_eq!(check(command), Ok(()), "{command}");
        }
        for command in ["no-such-language server", "bin/server", "/no/such/program", "./server"] {
            assert_eq!(check(command).unwrap_err().key, "no-such-command", "{command}");
        }
    }
}
