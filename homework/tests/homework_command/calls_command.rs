//! `homework calls`, with right and wrong programs in several languages. Without `strace`, or without the
//! permission to trace, the tests print why and are skipped. Much of this long file is the programs and
//! their diagrams.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{empty_folder, root, student_copy};

const SERVER: &str = "DAY01_TCP_SERVER";
const CLIENT: &str = "DAY01_TCP_CLIENT";

static PYTHON: LazyLock<String> = LazyLock::new(tests::python);

/// The deadline for a program to start or exit: a traced interpreter on a busy machine is slow.
const DEADLINE: Duration = Duration::from_secs(60);

/// Returns `homework calls`, to which a test adds arguments. If programs can't be traced, prints why.
#[expect(clippy::print_stdout, reason = "tests may print")]
fn tracer() -> Option<impl Fn(&[&str]) -> Command> {
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let why = match tried {
        Ok(output) if output.status.success() => return Some(calls),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    println!("skipped: strace: {why}");
    None
}

fn calls(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homework"));
    command.args(["--lang", "en", "calls"]).args(words);
    command.env_remove(SERVER).env_remove(CLIENT);
    command
}

/// Runs it, and returns the diagram without the ports, which differ each time.
fn diagram(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    without_ports(&String::from_utf8(stdout).unwrap())
}

fn without_ports(text: &str) -> String {
    let mut shown = text.to_owned();
    for before in [":", " port ", "端口 "] {
        let pieces = shown.split(before).enumerate().map(|(index, piece)| {
            let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
            // Port 0 was requested, so it stays.
            let is_port = index > 0 && piece.len() - rest.len() > 1;
            if is_port { format!("[..]{rest}") } else { piece.to_owned() }
        });
        shown = pieces.collect::<Vec<_>>().join(before);
    }
    shown
}

fn python(name: &str, script: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calls");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, script).unwrap();
    format!("{} {}", *PYTHON, path.display())
}

/// Writes a Python server that listens and continues with these lines.
fn server(name: &str, lines: &str) -> String {
    let start = "\
import argparse, os, signal, socket, threading, time
arguments = argparse.ArgumentParser()
arguments.add_argument('--host', default='127.0.0.1')
arguments.add_argument('--port', type=int, default=8888)
arguments = arguments.parse_args()
sockfd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
sockfd.bind((arguments.host, arguments.port))
sockfd.listen(5)
print('listening on %s:%d' % sockfd.getsockname(), flush=True)
";
    python(name, &format!("{start}{lines}"))
}

/// The first three steps of each of these servers.
const STEPS_1_TO_3: &str = "\
clients                     your server
                            1 socket   AF_INET, SOCK_STREAM, 0 -> 3
                            2 bind     127.0.0.1:0 -> 0, the system chose port [..]
                            3 listen   5 -> 0
";

/// The diagram of two clients and a right server with a buffer of this size.
fn both_clients(buffer: u32) -> String {
    format!(
        r#"#1 connects            ──>  4 accept   -> 4, 127.0.0.1:[..]
#1 "hello\n"           ──>  5 recv     {buffer} -> 6 "hello\n"
#1 "hello\n"           <──  5 send     6 -> 6
#1 "again\n"           ──>  5 recv     {buffer} -> 6 "again\n"
#1 "again\n"           <──  5 send     6 -> 6
#1 end of file         ──>  5 recv     {buffer} -> 0
#1 end of file         <──  6 close    4 -> 0
#2 connects            ──>  4 accept   -> 4, 127.0.0.1:[..]
#2 "hello\n"           ──>  5 recv     {buffer} -> 6 "hello\n"
#2 "hello\n"           <──  5 send     6 -> 6
#2 end of file         ──>  5 recv     {buffer} -> 0
#2 end of file         <──  6 close    4 -> 0
                            4 accept   waits ...
"#
    )
}

#[test]
fn the_finished_programs_make_all_calls_in_a_loop() {
    let Some(calls) = tracer() else { return };
    let expected = format!("{STEPS_1_TO_3}{}", both_clients(65536));
    assert_eq!(diagram(&mut calls(&["day01-tcp-server"])), expected);

    let expected = r#"your client                                                   the server
1 socket   AF_INET, SOCK_STREAM, 0 -> 3
2 connect  127.0.0.1:[..] -> EINPROGRESS: under way      ──>  connects
  poll     3 -> 1
3 send     6 -> 6                                        ──>  "hello\n"
3 send     6 -> 6                                        ──>  "again\n"
  shutdown SHUT_WR -> 0                                  ──>  end of file
3 recv     65536 -> 6 "hello\n"                          <──  "hello\n"
3 recv     65536 -> 6 "again\n"                          <──  "again\n"
3 recv     65536 -> 0                                    <──  end of file
4 close    3 -> 0
ends with exit status 0
"#;
    let output = diagram(&mut calls(&["day01-tcp-client"]));
    // The port in the columns may have four or five digits.
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeezed(&output), squeezed(expected), "{output}");
}

#[test]
fn a_missing_loop_is_a_call_that_is_never_made() {
    let Some(calls) = tracer() else { return };
    let server = format!("{} homework/solutions/wrong/server.py", *PYTHON);
    let expected = r#"#1 connects            ──>  4 accept   -> 4, 127.0.0.1:[..]
#1 "hello\n"           ──>  5 recv     1024 -> 6 "hello\n"
#1 "hello\n"           <──  5 send     6 -> 6
#1 end of file         <──  6 close    4 -> 0
                            6 close    3 -> 0
                            ends with exit status 0
#1 "again\n"           ──>  5 recv     never called
#2 connects            ──>  4 accept   never called
"#;
    let output = diagram(calls(&["server"]).env(SERVER, server));
    assert_eq!(output, format!("{STEPS_1_TO_3}{expected}"));

    let client = format!("{} homework/solutions/wrong/client.py", *PYTHON);
    let output = diagram(calls(&["client"]).env(CLIENT, client));
    assert!(output.contains(SEND_NEVER_CALLED), "{output}");
}

const SEND_NEVER_CALLED: &str = "3 send     never called: \"again\\n\"\n4 close    3 -> 0";

/// Serves one client in Python.
const SERVE: &str = "\
def serve(connfd):
    while data := connfd.recv(1024):
        connfd.sendall(data)
    connfd.close()
";

/// Checks the diagram of a right Python server that serves each client in its own thread or process.
fn each_client_is_followed(calls: impl Fn(&[&str]) -> Command, name: &str, lines: &str) {
    let server = server(name, &format!("{SERVE}{lines}"));
    let output = diagram(calls(&["server"]).env(SERVER, server));
    // The second descriptor may differ, if the first connection isn't closed yet.
    let output = output.replace("-> 5, ", "-> 4, ").replace("close    5 ", "close    4 ");
    assert_eq!(output, format!("{STEPS_1_TO_3}{}", both_clients(1024)));
}

#[test]
fn threads_are_followed() {
    let Some(calls) = tracer() else { return };
    let lines =
        "while True:\n    threading.Thread(target=serve, args=sockfd.accept()[:1]).start()\n";
    each_client_is_followed(calls, "threads.py", lines);
}

#[test]
fn processes_are_followed() {
    let Some(calls) = tracer() else { return };
    let lines = "\
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    connfd, addr = sockfd.accept()
    if os.fork() == 0:
        sockfd.close()
        serve(connfd)
        os._exit(0)
    connfd.close()
";
    each_client_is_followed(calls, "processes.py", lines);
}

#[test]
fn read_and_write_count_as_recv_and_send() {
    let Some(calls) = tracer() else { return };
    let lines = "\
while True:
    connfd = sockfd.accept()[0].detach()
    while data := os.read(connfd, 1024):
        os.write(connfd, data)
    os.close(connfd)
";
    let output = diagram(calls(&["server"]).env(SERVER, server("reads.py", lines)));
    let output = output.replace(" (read)", "").replace(" (write)", "");
    assert_eq!(output, format!("{STEPS_1_TO_3}{}", both_clients(1024)));
}

#[test]
fn event_loops_are_followed() {
    let Some(calls) = tracer() else { return };
    let event_loop = "\
import argparse, asyncio
arguments = argparse.ArgumentParser()
arguments.add_argument('--port', type=int)
async def serve(reader, writer):
    while data := await reader.read(1024):
        writer.write(data)
    writer.close()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', arguments.parse_args().port)
    await server.serve_forever()
asyncio.run(main())
";
    let output = diagram(calls(&["server"]).env(SERVER, python("event_loop.py", event_loop)));
    assert!(output.contains("4 accept   -> EAGAIN: not yet"), "{output}");
    assert!(output.contains("#1 \"again\\n\"           <──  5 send     6 -> 6"), "{output}");
    assert!(output.contains("#2 end of file         <──  6 close"), "{output}");
}

#[test]
fn a_program_that_waits_is_shown() {
    let Some(calls) = tracer() else { return };
    let waits = format!("{} homework/solutions/right/server.py", *PYTHON);
    let output = diagram(calls(&["server", "--silent"]).env(SERVER, waits));
    let end = "#1 waits, too ...           5 recv     waits ...\n";
    assert!(output.starts_with(STEPS_1_TO_3) && output.ends_with(end), "{output}");
}

#[test]
fn an_endless_loop_is_shown() {
    let Some(calls) = tracer() else { return };
    let lines = "connfd, addr = sockfd.accept()\nwhile True:\n    connfd.send(connfd.recv(1024))\n";
    let output = diagram(calls(&["server"]).env(SERVER, server("endless.py", lines)));
    assert!(output.contains(" more like this\n"), "{output}");
    assert!(output.ends_with("... and so on, forever\n"), "{output}");
    assert!(output.lines().count() < 30, "{output}");
}

#[test]
fn a_refused_connection_is_shown() {
    let Some(calls) = tracer() else { return };
    let script = "import socket\nsocket.socket().connect(('127.0.0.1', 1))\n";
    let output = diagram(calls(&["client"]).env(CLIENT, python("refused.py", script)));
    assert!(output.contains("-> ECONNREFUSED: no program is listening there"), "{output}");
    assert!(output.contains("ends with exit status 1: ConnectionRefusedError"), "{output}");
}

/// Traces a Python server that ignores signals, and waits until it connects to the test. `{connect}` in
/// the lines stands for that. The connection stays open until the program exits.
fn trace_connected(mut calls: Command, name: &str, lines: &str) -> (Child, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = format!(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
connection = socket.create_connection(('127.0.0.1', {}))",
        listener.local_addr().unwrap().port()
    );
    let server = server(name, &lines.replace("{connect}", &connect));
    let child = calls.env(SERVER, server).stdout(Stdio::null()).spawn().unwrap();
    let mut waiting = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    assert_eq!(poll(&mut waiting, PollTimeout::try_from(DEADLINE).unwrap()), Ok(1));
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    (child, stream)
}

#[test]
fn a_program_that_ignores_signals_is_killed() {
    let Some(calls) = tracer() else { return };
    let lines = "if os.fork():\n    signal.pause()\nos.setsid()\n{connect}\nsignal.pause()\n";
    let (mut child, mut program) = trace_connected(calls(&["server"]), "stubborn.py", lines);
    child.wait().unwrap();
    assert_eq!(program.read(&mut [0]).unwrap(), 0);
}

#[test]
fn ctrl_c_stops_the_command_and_the_program() {
    let Some(calls) = tracer() else { return };
    let (mut child, mut program) =
        trace_connected(calls(&["server"]), "sleeps.py", "{connect}\ntime.sleep(600)\n");
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(program.read(&mut [0]).unwrap(), 0);
}

/// Returns a PATH whose only strace prints this on standard error and fails.
fn path_with(name: &str, strace: Option<&str>) -> PathBuf {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = empty_folder(name);
    symlink("/bin/sh", folder.join("sh")).unwrap();
    if let Some(error) = strace {
        let script = format!("#!/bin/sh\n[ \"$1\" = -V ] && exit 0\necho '{error}' >&2\nexit 1\n");
        fs::write(folder.join("strace"), script).unwrap();
        fs::set_permissions(folder.join("strace"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn without_strace_one_line_says_what_to_do() {
    // Without strace, nothing is built.
    let program = root().join("homework/solutions/right/server.py");
    let not_permitted = "ptrace(PTRACE_TRACEME, ...): Operation not permitted";
    let strace = format!("strace: {not_permitted}");
    for (name, strace, advice) in [
        ("no-strace", None, "apt-get install strace"),
        ("not-permitted", Some(&*strace), &format!("{not_permitted}); in")),
    ] {
        let path = path_with(name, strace);
        let error = error_of(calls(&["server"]).env(SERVER, &program).env("PATH", path));
        assert!(error.starts_with("error: ") && error.contains(advice), "{error}");
    }
}

fn error_of(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let error = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(stdout.is_empty());
    error
}

#[test]
fn the_notes_show_the_real_diagram() {
    let Some(calls) = tracer() else { return };
    for (edition, language) in [("NOTES.md", "en"), ("NOTES.zh-CN.md", "zh")] {
        let notes = fs::read_to_string(root().join(edition)).unwrap();
        let command = "> $ cargo run -q -p homework -- calls ";
        assert_eq!(notes.matches(command).count(), 2, "{edition}");
        for block in notes.split(command).skip(1) {
            let (words, shown) = block.split_once('\n').unwrap();
            let shown = shown.lines().take_while(|line| *line != "> ```");
            let shown: Vec<&str> = shown.map(|line| line.strip_prefix("> ").unwrap()).collect();
            let words: Vec<&str> = words.split(' ').collect();
            let output = diagram(calls(&words).args(["--lang", language]));
            assert_eq!(output.lines().collect::<Vec<_>>(), shown, "{edition}");
        }
    }
}

#[test]
#[ignore = "compiles the programs of a student copy"]
fn a_student_copy_shows_the_students_program() {
    let Some(calls) = tracer() else { return };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calls/target");
    let folder = student_copy("calls-student-copy");
    let calls_there = |program: &str| {
        let mut command = calls(&[program]);
        // `cargo run` in the student copy sets this.
        command.env("CARGO_MANIFEST_DIR", folder.join("course/homework"));
        command.env("CARGO_TARGET_DIR", &target).env("CARGO_NET_OFFLINE", "true");
        command
    };
    let drawn = |program: &str| diagram(&mut calls_there(program));

    // The starter code.
    let output = drawn("server");
    let end = r#"#1 end of file         <──  6 close    4 -> 0
                            6 close    3 -> 0
                            ends with exit status 0
#1 "again\n"           ──>  5 recv     never called
#2 connects            ──>  4 accept   never called
"#;
    assert!(output.starts_with(STEPS_1_TO_3) && output.ends_with(end), "{output}");
    let output = drawn("client");
    assert!(output.contains(SEND_NEVER_CALLED), "{output}");

    // A thread for each client, and io::copy instead of recv and send.
    let solutions = root().join("homework/solutions");
    let copies = solutions.join("right/server_with_io_copy.rs");
    fs::copy(copies, folder.join("day01-tcp-server/src/main.rs")).unwrap();
    let output = drawn("server");
    assert!(output.contains("#1 \"again\\n\"           <──  5 send     6 -> 6"), "{output}");
    assert!(output.contains("#2 end of file         <──  6 close"), "{output}");
    assert!(!output.contains("never") && output.ends_with("4 accept   waits ...\n"), "{output}");

    // A program in another language.
    fs::copy(solutions.join("right/server.py"), folder.join("server.py")).unwrap();
    let command = "day01-tcp-server = \"python3 server.py\"\n";
    fs::write(folder.join("homework/commands.toml"), command).unwrap();
    assert_eq!(drawn("server"), format!("{STEPS_1_TO_3}{}", both_clients(1024)));

    // A program that doesn't compile.
    fs::write(folder.join("day01-tcp-client/src/main.rs"), "fn main() { oh }\n").unwrap();
    let error = error_of(&mut calls_there("client"));
    assert!(error.contains("day01-tcp-client doesn't build: error[E0425]"), "{error}");
}
