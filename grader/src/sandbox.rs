//! Runs untrusted code in sandboxes made by bubblewrap (Linux).
//!
//! There are three kinds. A compiler can read the sources of one submission. A test has its own network,
//! processes and files, so tests can't affect each other. A program's sandbox is nested in its test's and
//! shares only the network with it, so it can't reach the test or any file but its own and the system's.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ::tests::split_words;
use homework::grading::submission::{LOOK_UPS, MISSING, PROGRAMS, Start, Submission};
use homework::grading::test_suite::{ANSWERS_VARIABLE, Variables};

/// System folders that compilers and programs need. Many distributions link all of them to `/usr`.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// What they need of /etc: to find libraries and the linker, and to look up names.
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

/// `prlimit` options for each process of a compiler: bytes of memory, bytes per file, seconds of CPU time.
/// It needs a tenth of that. With soft and hard limits of CPU time the compiler gets SIGXCPU, not SIGKILL,
/// which looks as if the kernel had run out of memory.
pub const COMPILER_LIMITS: [&str; 3] = ["--as=4294967296", "--fsize=134217728", "--cpu=30:40"];

/// `prlimit` options for each process of a program: bytes of writable memory, bytes of address space, bytes
/// per file, processes and threads.
///
/// Java needs the most. It sets a 64th of the machine's memory aside for objects, but at most half of the
/// address space, and 2 GiB for all else. It starts 19 threads with 2 processors, and 27 with 64. A test must
/// be able to tell a pool of threads from a loop that starts thread after thread.
pub const PROGRAM_LIMITS: [&str; 4] =
    ["--data=3221225472", "--as=5368709120", "--fsize=8388608", "--nproc=400"];

/// Environment variables of a program. Without this one, the C library sets 64 MiB of address space aside
/// for each thread.
pub const PROGRAM_VARIABLES: [&str; 1] = ["MALLOC_ARENA_MAX=2"];

/// Where a test and its programs look for programs.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Size limits, in bytes, of the in-memory file systems, which could otherwise fill the memory.
const TMP_SIZE: &str = "16777216";
const SHM_SIZE: &str = "1048576";
const COMPILER_TMP_SIZE: &str = "268435456";

/// Environment variables of a test that its programs don't get.
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

/// The user and group of a program if the grader is root, whose processes the kernel doesn't limit.
const USER: [&str; 2] = ["--reuid=65534", "--regid=65534"];

/// Makes sandboxes on this machine.
#[derive(Debug, Clone)]
pub struct Sandbox {
    as_root: bool,
    /// Whether a program has `/proc`, with its own processes. Java needs it.
    has_proc: bool,
    /// Arguments for bwrap that show the system's files.
    system: Vec<String>,
}

impl Sandbox {
    /// Finds out how to make sandboxes on this machine, and tries it. An error says why it doesn't work.
    pub fn new() -> Result<Self, String> {
        let mut system: Vec<String> = Vec::new();
        let mut add = |words: [&str; 3]| system.extend(words.map(str::to_owned));
        for folder in SYSTEM {
            match fs::read_link(folder) {
                Ok(target) => add(["--symlink", &target.to_string_lossy(), folder]),
                Err(_) if Path::new(folder).is_dir() => add(["--ro-bind", folder, folder]),
                Err(_) => {}
            }
        }
        // If bwrap creates a parent folder implicitly, only its owner can read it.
        system.extend(["--dir", "/etc"].map(str::to_owned));
        let mut etc = ETC.map(PathBuf::from).to_vec();
        // The settings of Java are in a folder for each version.
        let entries = fs::read_dir("/etc").into_iter().flatten().flatten();
        let is_java = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"java");
        etc.extend(entries.filter(is_java).map(|entry| entry.path()));
        for path in etc {
            let path = path.to_string_lossy();
            system.extend(["--ro-bind-try", &path, &path].map(str::to_owned));
        }
        check_success(Command::new("bwrap").arg("--version"))?;
        let mut problem = String::new();
        // Some containers don't let root change its user, or don't let anybody mount a `/proc`.
        for (as_root, has_proc) in [(true, true), (true, false), (false, true), (false, false)] {
            if as_root && !is_root() {
                continue;
            }
            match (Sandbox { as_root, has_proc, system: system.clone() }).check() {
                Ok(sandbox) => return Ok(sandbox),
                Err(why) => problem = why,
            }
        }
        Err(problem)
    }

    /// Returns itself if `true` runs in a program's sandbox, nested in a test's, and in a compiler's.
    fn check(self) -> Result<Self, String> {
        let mut test = self.test(&[], &[]);
        test.args(split_words(&self.program("", "true")).unwrap_or_default());
        let [usr, tmp] = ["/usr", "/tmp"].map(Path::new);
        let mut compiler = Command::new("sh");
        compiler.args(["-c", &self.compiler(usr, usr, tmp), "sh", "true"]);
        for mut trial in [test, compiler] {
            check_success(&mut trial)?;
        }
        Ok(self)
    }

    /// Returns a shell script that runs its arguments, a compiler and its options, in a sandbox.
    pub fn compiler(&self, toolchain: &Path, sources: &Path, target: &Path) -> String {
        let mut command = Command::new("prlimit");
        command.args(COMPILER_LIMITS).args(["--", "bwrap"]).args(&self.system);
        command.args(["--unshare-all", "--die-with-parent", "--new-session"]);
        command.args(["--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]);
        command.args(["--size", COMPILER_TMP_SIZE, "--tmpfs", "/tmp"]);
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
        let [tests, look_ups, answers] =
            ["/sandbox/tests", "/sandbox/net-utils", "/sandbox/answers.toml"];
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
                    let inside = format!("/sandbox/{}", program.name);
                    let (outside, command) = self.start(start, &inside);
                    files.push((outside, inside));
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

    /// Returns the start of a command in a test's sandbox. Each of `files` is mounted at its second path.
    fn test(&self, files: &[(&Path, String)], variables: &[(&str, OsString)]) -> Command {
        // If memory runs out, the kernel ends these processes first.
        let mut command = Command::new("choom");
        command.args(["-n", "1000", "--"]);
        // As root, bwrap would cover files of the `/proc` that it mounts. The kernel would then refuse the
        // program's sandbox a `/proc` of its own, in which they aren't covered.
        let has_whole_proc = self.as_root && self.has_proc;
        if has_whole_proc {
            command.args(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        }
        command.arg("bwrap").args(&self.system);
        match has_whole_proc {
            true => command.args(["--bind", "/proc", "/proc"]),
            false => command.args(["--unshare-pid", "--proc", "/proc"]),
        };
        command.args(["--unshare-ipc", "--unshare-net", "--unshare-uts"]);
        command.args(["--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        if self.as_root {
            // The test changes the user of its programs, and kills them. With the last two it sees, in
            // their files of /proc, where they are blocked.
            for capability in
                ["CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"]
            {
                command.args(["--cap-add", capability]);
            }
        } else {
            command.arg("--unshare-user");
        }
        command.args(["--dev", "/dev", "--size", SHM_SIZE, "--tmpfs", "/dev/shm"]);
        command.args(["--size", TMP_SIZE, "--tmpfs", "/tmp", "--dir", "/sandbox"]);
        for (outside, inside) in files {
            command.arg("--ro-bind").arg(outside).arg(inside);
        }
        command.args(["--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]);
        let own = [("PATH", PATH), ("HOME", "/tmp"), ("LANG", "C.UTF-8")];
        for (name, value) in own {
            command.args(["--setenv", name, value]);
        }
        for (name, value) in variables {
            command.args(["--setenv", name]).arg(value);
        }
        command.arg("--");
        command
    }

    /// Returns the path of a program's files, to be mounted at `inside` in its test's sandbox, and the
    /// command that starts it there.
    fn start<'a>(&self, start: &'a Start, inside: &str) -> (&'a Path, String) {
        match start {
            Start::Program(path) => {
                let files = format!("--ro-bind {inside} /program --chdir /tmp");
                (path, self.program(&files, "/program"))
            }
            Start::Command { folder, words } => {
                let files = format!("--ro-bind {inside} /homework --chdir /homework");
                (folder, self.program(&files, &Start::words_in(Path::new("/homework"), words)))
            }
        }
    }

    /// Returns a command in a program's sandbox. `files` are options of bwrap, with one `--chdir`: bwrap
    /// warns of a second one on the program's standard error.
    fn program(&self, files: &str, command: &str) -> String {
        // A program can read the variables with which its bwrap was started, so secret ones are removed
        // before. It can open /dev/stdin if its user may read the pipe, which is the test's.
        let script = format!(
            "unset {}; export {}; chmod a+rw /proc/$$/fd/[012] 2> /dev/null; exec \"$@\"",
            SECRETS.join(" "),
            PROGRAM_VARIABLES.join(" ")
        );
        let script = quoted(&script);
        let mut words = vec!["sh", "-c", &script, "sh"];
        if self.as_root {
            words.extend(["setpriv", USER[0], USER[1], "--clear-groups", "--"]);
        }
        words.push("bwrap");
        words.extend(self.system.iter().map(String::as_str));
        words.extend(["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]);
        words.extend(["--die-with-parent", "--cap-drop", "ALL"]);
        if self.has_proc {
            words.extend(["--proc", "/proc"]);
        }
        words.extend(["--dev", "/dev", "--size", SHM_SIZE, "--tmpfs", "/dev/shm"]);
        words.extend(["--remount-ro", "/dev", "--size", TMP_SIZE, "--tmpfs", "/tmp"]);
        words.extend([files, "--remount-ro", "/"]);
        words.extend(["--", "prlimit"]);
        words.extend(PROGRAM_LIMITS);
        words.extend(["--", command]);
        words.join(" ")
    }
}

/// Runs a command. An error is what it printed, or why it can't be started.
pub fn check_success(command: &mut Command) -> Result<(), String> {
    match command.stdin(Stdio::null()).output() {
        Ok(ended) if ended.status.success() => Ok(()),
        Ok(ended) => Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned()),
        Err(error) => Err(format!("{}: {error}", command.get_program().display())),
    }
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns whether the grader runs as root.
pub fn is_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;

        fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }
    #[cfg(not(unix))]
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_a_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }

    #[test]
    fn a_program_gets_no_secret_variables() {
        let sandbox = Sandbox { as_root: true, has_proc: true, system: Vec::new() };
        let (_, command) = sandbox.start(&Start::Program("/p".into()), "/sandbox/p");
        let (script, _) = command.split_once(" setpriv ").unwrap();
        for program in &PROGRAMS {
            assert!(script.contains(program.variable), "{command}");
        }
        assert!(command.ends_with(" -- /program"), "{command}");
    }
}
