//! Finds the programs under test, and builds them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use escargot::format::Message as CargoMessage;
use escargot::format::diagnostic::DiagnosticLevel;

use crate::catalogue::Message;
use crate::message;

/// Returns the path of the Python interpreter. `python3` may be a wrapper of a version manager, which takes
/// longer than most tests.
pub fn python() -> String {
    let path = ["-c", "import sys; print(sys.executable)"];
    let printed = Command::new("python3").args(path).output().map(|output| output.stdout);
    let path = String::from_utf8(printed.unwrap_or_default()).unwrap_or_default();
    if path.is_empty() { "python3".to_owned() } else { path.trim().to_owned() }
}

/// A program that the tests can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "see `Program::name`")]
pub enum Program {
    TcpServer,
    TcpClient,
    Udp,
    Packets,
    NetUtils,
}

impl Program {
    /// The name of the package and of its program.
    pub fn name(self) -> &'static str {
        match self {
            Program::TcpServer => "day01-tcp-server",
            Program::TcpClient => "day01-tcp-client",
            Program::Udp => "day01-udp",
            Program::Packets => "day01-packets",
            Program::NetUtils => "net-utils",
        }
    }

    /// The environment variable that names another program to test instead, such as
    /// `DAY01_TCP_SERVER`.
    pub fn variable(self) -> String {
        self.name().to_uppercase().replace('-', "_")
    }

    /// Returns the path of the program, or of its interpreter.
    pub fn path(self) -> Result<PathBuf, Message> {
        Ok(self.command()?.swap_remove(0).into())
    }

    /// Returns the command that starts the program: from its environment variable, or else the
    /// program of this workspace, which is built first. The variable holds a path, or a command
    /// such as `python3 server.py`. Paths are relative to the workspace. The error is the first
    /// one of the compiler, or that the variable doesn't name a file.
    pub fn command(self) -> Result<Vec<OsString>, Message> {
        let Some(named) = env::var_os(self.variable()).filter(|named| !named.is_empty()) else {
            let path = built(self).map_err(|why| message!("cannot-start", why))?;
            return Ok(vec![path.into()]);
        };
        let path = workspace().join(&named);
        if path.is_file() {
            return Ok(vec![path.into()]);
        }
        let text = named.to_string_lossy();
        let words = split_words(&text).unwrap_or_default();
        let words: Vec<OsString> = words
            .into_iter()
            .map(|word| match workspace().join(&word) {
                file if file.is_file() => file.into(),
                _ => word.into(),
            })
            .collect();
        let is_command = match &words[..] {
            [only] => Path::new(only).is_file(),
            words => !words.is_empty(),
        };
        match is_command {
            true => Ok(words),
            false => Err(message!("no-such-program", variable = self.variable(), path = text)),
        }
    }
}

/// Splits a command into words as a shell does: spaces between quotation marks are part of a word.
/// `None` if a quotation mark has no second one.
pub fn split_words(command: &str) -> Option<Vec<String>> {
    match cfg!(windows) {
        // A backslash separates folders there.
        true => shlex::split(&command.replace('\\', r"\\")),
        false => shlex::split(command),
    }
}

/// Joins words into a command, for [`split_words`].
pub fn join_words(words: &[String]) -> String {
    let quoter = shlex::Quoter::new().allow_nul(true);
    // Only a zero byte would be an error.
    quoter.join(words.iter().map(String::as_str)).unwrap_or_default()
}

/// Returns the folder of the workspace that contains this package.
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|path| path.join("Cargo.lock").is_file()).unwrap_or(package)
}

/// The result of one call of cargo for the whole workspace.
#[derive(Debug, Default)]
struct Build {
    programs: Vec<(String, PathBuf)>,
    /// Package and text of each error.
    errors: Vec<(String, String)>,
}

fn built(program: Program) -> Result<PathBuf, String> {
    // Once per process. Without a deadline, because a first build takes long, and cargo may wait
    // for another cargo.
    static BUILD: OnceLock<Build> = OnceLock::new();
    BUILD
        .get_or_init(|| build(&["--bins", "--test", "homework", "--keep-going"]))
        .executable(program.name())
}

/// Builds a test target of the package `tests` and returns its path, for a test that runs other
/// tests.
pub fn tests_named(name: &str) -> Result<PathBuf, String> {
    build(&["--test", name]).executable(name)
}

impl Build {
    fn add(&mut self, message: Result<&escargot::Message, &escargot::error::CargoError>) {
        match message.map(escargot::Message::decode) {
            Ok(Ok(CargoMessage::CompilerArtifact(artifact))) => {
                let name = artifact.target.name;
                self.programs.extend(artifact.executable.map(|path| (name.into(), path.into())));
            }
            Ok(Ok(CargoMessage::CompilerMessage(error)))
                if error.message.level == DiagnosticLevel::Error =>
            {
                let text = error.message.rendered.unwrap_or(error.message.message);
                self.errors.push((error.target.name.into(), text.into()));
            }
            Ok(_) => {}
            // The last message, if cargo failed: its standard error.
            Err(error) => self.errors.push((String::new(), error.to_string())),
        }
    }

    fn executable(&self, name: &str) -> Result<PathBuf, String> {
        if let Some((_, path)) = self.programs.iter().find(|(built, _)| built == name) {
            return Ok(path.clone());
        }
        let own = self.errors.iter().find(|(package, _)| package == name);
        let error = own.or(self.errors.first()).map_or("cargo built no such program", |(_, e)| e);
        Err(format!("{name} could not be built:\n{}", error.trim()))
    }
}

fn build(what: &[&str]) -> Build {
    let mut build = Build::default();
    // The whole workspace and a test, so that cargo selects the same features of dependencies as for
    // `cargo test --workspace` and has nothing to build twice.
    let messages = escargot::CargoBuild::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .args(["--workspace", "--quiet"])
        .args(what)
        .args(same_place().unwrap_or_default())
        .exec();
    match messages {
        Ok(messages) => messages.for_each(|message| build.add(message.as_ref())),
        Err(error) => {
            build.errors.push((String::new(), format!("cargo could not be started: {error}")));
        }
    }
    build
}

/// The arguments that make cargo build with the profile, target and directory of the running test.
/// Its path is `DIRECTORY/[TARGET/]PROFILE/deps/`.
fn same_place() -> Option<Vec<OsString>> {
    let program = env::current_exe().ok()?;
    // Cargo marks its target directory, and puts a lock file next to what it builds.
    let directory = program.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file())?;
    let mut below = program.strip_prefix(directory).ok()?.components();
    let mut arguments = vec!["--target-dir".into(), directory.into()];
    let mut profile = below.next()?;
    if !directory.join(profile).join(".cargo-lock").is_file() {
        arguments.extend(["--target".into(), profile.as_os_str().into()]);
        profile = below.next()?;
    }
    // The folder of the profile `dev` has another name.
    if profile.as_os_str() != "debug" {
        arguments.extend(["--profile".into(), profile.as_os_str().into()]);
    }
    Some(arguments)
}
