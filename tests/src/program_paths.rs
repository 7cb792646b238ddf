//! The programs under test: where they are, and how they are built.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use escargot::format::Message as CargoMessage;
use escargot::format::diagnostic::DiagnosticLevel;

use crate::catalogue::Message;
use crate::message;

/// A program that the tests can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `day01-tcp-server`
    TcpServer,
    /// `day01-tcp-client`
    TcpClient,
    /// `day01-udp`, both ends
    Udp,
    /// `day01-packets`
    Packets,
    /// `net-utils`
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

    /// The environment variable that holds the path of another program to test in its place.
    pub fn variable(self) -> &'static str {
        match self {
            Program::TcpServer => "DAY01_TCP_SERVER",
            Program::TcpClient => "DAY01_TCP_CLIENT",
            Program::Udp => "DAY01_UDP",
            Program::Packets => "DAY01_PACKETS",
            Program::NetUtils => "NET_UTILS",
        }
    }

    /// The path of the program, or of the one that runs it.
    ///
    /// # Errors
    ///
    /// As for [`Program::command`].
    pub fn path(self) -> Result<PathBuf, Message> {
        Ok(self.command()?.swap_remove(0).into())
    }

    /// The command that starts the program: what its environment variable says, or the program of
    /// this workspace, which is built first. The variable holds a path, or a command of several
    /// words such as `python3 server.py`. A relative path starts at the workspace.
    ///
    /// # Errors
    ///
    /// The variable names no file, or the program cannot be built: the compiler's first error.
    pub fn command(self) -> Result<Vec<OsString>, Message> {
        let Some(named) = env::var_os(self.variable()).filter(|named| !named.is_empty()) else {
            return match built(self) {
                Ok(path) => Ok(vec![path.into()]),
                Err(why) => Err(message!("cannot-start", why)),
            };
        };
        let path = workspace().join(&named);
        if path.is_file() {
            return Ok(vec![path.into()]);
        }
        let text = named.to_string_lossy();
        let words: Vec<OsString> = text
            .split_whitespace()
            .map(|word| match workspace().join(word) {
                file if file.is_file() => file.into(),
                _ => word.into(),
            })
            .collect();
        match words.len() {
            0 | 1 => Err(message!("no-such-program", variable = self.variable(), path = text)),
            _ => Ok(words),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The folder of the workspace, in which this package stands somewhere.
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|path| path.join("Cargo.lock").is_file()).unwrap_or(package)
}

/// What one call of cargo made of the whole workspace.
#[derive(Debug, Default)]
struct Build {
    programs: Vec<(String, PathBuf)>,
    /// The package and the text of each error.
    errors: Vec<(String, String)>,
}

fn built(program: Program) -> Result<PathBuf, String> {
    // Once for all tests of a process. It has no deadline: a first build takes what it takes,
    // and cargo may have to wait for another cargo.
    static BUILD: OnceLock<Build> = OnceLock::new();
    BUILD.get_or_init(|| build(&["--bins", "--keep-going"])).executable(program.name())
}

/// The path of the tests of this name in the package `tests`, which are built first: for a test
/// that runs others.
///
/// # Errors
///
/// They cannot be built: the compiler's first error.
pub fn tests_named(name: &str) -> Result<PathBuf, String> {
    build(&["--test", name]).executable(name)
}

impl Build {
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
    // Of the whole workspace, because then cargo selects the same features of the libraries as for
    // `cargo test --workspace`, and has nothing to build a second time.
    let messages = escargot::CargoBuild::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .args(["--workspace", "--quiet"])
        .args(what)
        .args(same_place().unwrap_or_default())
        .exec();
    let messages = match messages {
        Ok(messages) => messages,
        Err(error) => {
            build.errors.push((String::new(), format!("cargo could not be started: {error}")));
            return build;
        }
    };
    for message in messages {
        let message = match &message {
            Ok(message) => message.decode(),
            // The last one, when cargo failed: what it said on its standard error.
            Err(error) => {
                build.errors.push((String::new(), error.to_string()));
                continue;
            }
        };
        match message {
            Ok(CargoMessage::CompilerArtifact(artifact)) => {
                if let Some(path) = artifact.executable {
                    build.programs.push((artifact.target.name.into(), path.into()));
                }
            }
            Ok(CargoMessage::CompilerMessage(said))
                if said.message.level == DiagnosticLevel::Error =>
            {
                let text = said.message.rendered.unwrap_or(said.message.message);
                build.errors.push((said.target.name.into(), text.into()));
            }
            _ => {}
        }
    }
    build
}

/// The arguments that make cargo build with the profile, for the target and in the directory
/// of this very test, which runs from `DIRECTORY/[TARGET/]PROFILE/deps/`.
fn same_place() -> Option<Vec<OsString>> {
    let program = env::current_exe().ok()?;
    // Cargo marks the directory it builds in, and puts its lock beside what it built.
    let directory = program.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file())?;
    let mut below = program.strip_prefix(directory).ok()?.components();
    let mut arguments = vec!["--target-dir".into(), directory.into()];
    let mut profile = below.next()?;
    if !directory.join(profile).join(".cargo-lock").is_file() {
        arguments.extend(["--target".into(), profile.as_os_str().into()]);
        profile = below.next()?;
    }
    // The profile `dev` has another name on the disk.
    if profile.as_os_str() != "debug" {
        arguments.extend(["--profile".into(), profile.as_os_str().into()]);
    }
    Some(arguments)
}
