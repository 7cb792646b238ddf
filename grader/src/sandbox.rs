//! Boxes for strangers' code, made by bubblewrap (bwrap, of Linux): how a command is put into one.
//!
//! There are three. The compiler's has the sources of one folder and nothing else to read. The
//! test's has a network, processes and files of its own, so that no two tests meet. The program's
//! is inside of the test's, and shares its network alone: the test is out of its reach, and so is
//! every file but the program's own and those of the system.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use homework::grading::submission::{LOOK_UPS, MISSING, PROGRAMS, Start, Submission};
use homework::grading::tests::{ANSWERS_VARIABLE, Variables};

/// What of the system a compiler or a program needs. In many systems all but the first are links
/// to what is below it.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// What of /etc they need: to find libraries and the linker, and to look up names.
const ETC: [&str; 11] = [
    "/etc/alternatives",
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/networks",
    "/etc/nsswitch.conf",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
];

/// Limits of the compiler, for each process: bytes of memory and of a file, seconds of the
/// processor. It needs a tenth of that for ours. At the first of two limits it is told why it ends;
/// at one that is both it would be killed, as the system does when memory is short.
pub const COMPILER_LIMITS: [&str; 3] = ["--as=4294967296", "--fsize=134217728", "--cpu=30:40"];

/// Limits of a program, for each process: bytes that it can write to, bytes of memory in all, of a
/// file, and its processes and threads. Some languages reserve much more than they use.
pub const PROGRAM_LIMITS: [&str; 4] =
    ["--data=1073741824", "--as=4294967296", "--fsize=8388608", "--nproc=40"];

/// Sizes of folders in memory. Without, they could fill it.
const TEMPORARY: &str = "16777216";
const SHARED: &str = "1048576";
const COMPILERS_TEMPORARY: &str = "268435456";

/// What a test is told, and its programs are not.
pub const SECRETS: [&str; 8] = [
    "HOMEWORK_ANSWERS",
    "HOMEWORK_REPORT",
    "HOMEWORK_SEED",
    "DAY01_TCP_SERVER",
    "DAY01_TCP_CLIENT",
    "DAY01_UDP",
    "NET_UTILS",
    "RUST_BACKTRACE",
];

/// The user and group that nobody's files belong to. The system counts no processes of root.
const NOBODY: [&str; 2] = ["--reuid=65534", "--regid=65534"];

/// How strangers' code is put into boxes here.
#[derive(Debug, Clone)]
pub struct Sandbox {
    as_root: bool,
    /// The arguments with which the system is seen in a box.
    system: Vec<String>,
}

impl Sandbox {
    /// Finds out how boxes are made here, and tries one.
    ///
    /// # Errors
    ///
    /// Why there can be none.
    pub fn new() -> Result<Self, String> {
        let mut system = Vec::new();
        for folder in SYSTEM {
            match fs::read_link(folder) {
                Ok(target) => {
                    system.extend(
                        ["--symlink", &target.to_string_lossy(), folder].map(str::to_owned),
                    );
                }
                Err(_) if Path::new(folder).is_dir() => {
                    system.extend(["--ro-bind", folder, folder].map(str::to_owned));
                }
                Err(_) => {}
            }
        }
        // Made by the way, it would be for its owner alone.
        system.extend(["--dir", "/etc"].map(str::to_owned));
        for file in ETC {
            system.extend(["--ro-bind-try", file, file].map(str::to_owned));
        }
        if let Err(error) = Command::new("bwrap").arg("--version").output() {
            return Err(format!("bwrap: {error}"));
        }
        let ordinary = Sandbox { as_root: false, system: system.clone() };
        if is_root()
            && let Ok(sandbox) = (Sandbox { as_root: true, system }).tried()
        {
            return Ok(sandbox);
        }
        // In some containers root can become nobody else.
        ordinary.tried()
    }

    /// Itself, if a command in the box of a program in the box of a test succeeds, and one in the box
    /// of the compiler.
    fn tried(self) -> Result<Self, String> {
        let mut test = self.test(&[], &[]);
        test.args(self.program("", "true").split_whitespace());
        let [usr, tmp] = ["/usr", "/tmp"].map(Path::new);
        let mut compiler = Command::new("sh");
        compiler.args(["-c", &self.compiler(usr, usr, tmp), "sh", "true"]);
        for mut trial in [test, compiler] {
            match trial.stdin(Stdio::null()).output() {
                Ok(ended) if ended.status.success() => {}
                Ok(ended) => return Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned()),
                Err(error) => return Err(format!("{}: {error}", trial.get_program().display())),
            }
        }
        Ok(self)
    }

    /// The text of a program that starts the compiler in its box, with the arguments that it gets.
    pub fn compiler(&self, toolchain: &Path, sources: &Path, target: &Path) -> String {
        let mut command = Command::new("prlimit");
        command.args(COMPILER_LIMITS).args(["--", "bwrap"]).args(&self.system);
        command.args(["--unshare-all", "--die-with-parent", "--new-session"]);
        command.args(["--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]);
        command.args(["--size", COMPILERS_TEMPORARY, "--tmpfs", "/tmp"]);
        for folder in [toolchain, sources] {
            command.arg("--ro-bind").args([folder, folder]);
        }
        command.arg("--bind").args([target, target]);
        command.args(["--remount-ro", "/", "--chdir"]).arg(sources).arg("--");
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
        format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" "))
    }

    /// Returns the command that runs a test binary in a sandbox, on a submission's programs.
    pub fn test_command(
        &self,
        binary: &Path,
        submission: &Submission,
        mut variables: Variables,
    ) -> Command {
        let [tests, look_ups, answers] = ["/box/tests", "/box/net-utils", "/box/answers.toml"];
        let mut files =
            vec![(binary, tests.to_owned()), (&*submission.look_ups, look_ups.to_owned())];
        variables.push((LOOK_UPS.variable, look_ups.into()));
        if let Ok(path) = &submission.answers {
            files.push((path, answers.to_owned()));
            variables.push((ANSWERS_VARIABLE, answers.into()));
        }
        for (number, program) in PROGRAMS.iter().enumerate() {
            let command = match &submission.programs[number] {
                Ok(start) => {
                    let (path, place, command) = self.start(start, number);
                    files.push((path, place));
                    command
                }
                Err(_) => MISSING.to_owned(),
            };
            variables.push((program.variable, command.into()));
        }
        let mut command = self.test(&files, &variables);
        command.arg(tests);
        command
    }

    /// The start of a command in the box of a test: with these files, each at its place in the
    /// box, and these variables. The test itself is to be added.
    fn test(&self, files: &[(&Path, String)], variables: &[(&str, OsString)]) -> Command {
        // When there is no memory left, the system is to end these first.
        let mut command = Command::new("choom");
        command.args(["-n", "1000", "--", "bwrap"]).args(&self.system);
        command.args(["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"]);
        command.args(["--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        match self.as_root {
            // To become another user for its programs, and to end them.
            true => ["CAP_SETUID", "CAP_SETGID", "CAP_KILL"].iter().for_each(|capability| {
                command.args(["--cap-add", capability]);
            }),
            false => _ = command.arg("--unshare-user"),
        }
        command.args(["--proc", "/proc", "--dev", "/dev", "--size", SHARED, "--tmpfs", "/dev/shm"]);
        command.args(["--size", TEMPORARY, "--tmpfs", "/tmp", "--dir", "/box"]);
        for (file, place) in files {
            command.arg("--ro-bind").arg(file).arg(place);
        }
        command.args(["--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]);
        let own = [("PATH", "/usr/bin:/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8")];
        for (name, value) in own {
            command.args(["--setenv", name, value]);
        }
        for (name, value) in variables {
            command.args(["--setenv", name]).arg(value);
        }
        command.arg("--");
        command
    }

    /// Where the files of a program are, where they are in the box of its test, and the command
    /// that starts it there, in a box of its own.
    fn start<'a>(&self, start: &'a Start, number: usize) -> (&'a Path, String, String) {
        let place = format!("/box/{}", PROGRAMS[number].name);
        match start {
            Start::Program(path) => {
                let command =
                    self.program(&format!("--ro-bind {place} /program --chdir /tmp"), "/program");
                (path, place, command)
            }
            Start::Command { folder, words } => {
                let own = format!("--ro-bind {place} /homework --chdir /homework");
                let words = Start::words_in(Path::new("/homework"), words);
                let command = self.program(&own, &words);
                (folder, place, command)
            }
        }
    }

    /// A command in the box of a program, with these files and in this folder of them: bubblewrap
    /// warns of a second `--chdir` on the program's own standard error. It has no `/proc`: in a box in a box
    /// there can be none.
    fn program(&self, files: &str, command: &str) -> String {
        let mut words = Vec::new();
        if self.as_root {
            words.extend(["setpriv", NOBODY[0], NOBODY[1], "--clear-groups", "--"]);
        }
        words.push("bwrap");
        words.extend(self.system.iter().map(String::as_str));
        words.extend(["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]);
        words.extend(["--die-with-parent", "--cap-drop", "ALL"]);
        words.extend(["--dev", "/dev", "--size", SHARED, "--tmpfs", "/dev/shm"]);
        words.extend(["--remount-ro", "/dev", "--size", TEMPORARY, "--tmpfs", "/tmp"]);
        words.extend([files, "--remount-ro", "/"]);
        words.extend(SECRETS.iter().flat_map(|name| ["--unsetenv", name]));
        words.extend(["--", "prlimit"]);
        words.extend(PROGRAM_LIMITS);
        words.extend(["--", command]);
        words.join(" ")
    }
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Whether this program runs as root.
#[cfg(unix)]
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;

    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Whether this program runs as root.
#[cfg(not(unix))]
pub fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_for_a_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }

    #[test]
    fn a_program_is_told_nothing_that_the_test_is_told() {
        let sandbox = Sandbox { as_root: true, system: Vec::new() };
        let (_, _, command) = sandbox.start(&Start::Program("/p".into()), 0);
        for program in &PROGRAMS {
            assert!(command.contains(&format!("--unsetenv {}", program.variable)), "{command}");
        }
        assert!(command.ends_with(" -- /program"), "{command}");
    }
}
