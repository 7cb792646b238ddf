//! Runs a `console` block: what is typed in its terminals, and what is printed there.
//!
//! ```text
//! server$ cargo run -q -p day01-tcp-server         a command in the terminal "server"
//! listening on 127.0.0.1:8888                      what it prints
//!
//! client$ cargo run -q -p day01-tcp-client         the same in another terminal
//! > hello                                          typed after the client's prompt
//! hello
//!
//! server:                                          continues in the terminal "server"
//! 5 recv     6 bytes from [..]                     [..] stands for what differs each time
//! ^C                                               Ctrl-C
//! 6 close                                          what it makes the program print
//!
//! client:
//! >                                                a prompt after which nothing is typed;
//! 3 recv                                           `> ^D` and `> ^C` are typed there
//! ```
//!
//! A block with a single terminal doesn't name it (`$ cargo run ...`). Its parts are in order of
//! time. Every program ends before its block does, so that all its output is compared.

use std::thread;

use tests::{Harness, Program, Signal, TestedProgram, loopback, skipped};

use super::document::{Block, Document};
use super::port_substitution::Port;

/// Runs all console blocks of an edition in parallel, and compares them.
pub fn run_all(document: &Document) {
    let mut blocks: Vec<Block> =
        document.blocks().into_iter().filter(|block| block.kind == "console").collect();
    assert!(!blocks.is_empty(), "{} has no console block", document.name);
    if let Err(reason) = loopback::check_localhost() {
        blocks.retain(|block| !asks_for_localhost(block));
        skipped(&format!("the blocks of {} with localhost in a command: {reason}", document.name));
    }
    let mut failed = Vec::new();
    thread::scope(|scope| {
        let run = |block| {
            // Created in this thread, so that no session checks in /proc whether its programs are blocked:
            // a hundred sessions at once would slow each other down.
            let harness = Harness::for_section("start");
            scope.spawn(move || Session::run(harness, block))
        };
        let running: Vec<_> = blocks.iter().map(|block| run(&block.text)).collect();
        for (block, actual) in blocks.iter().zip(running) {
            let place = format!("{}:{}", document.name, block.line);
            let actual = actual.join().unwrap_or_else(|_| panic!("see above: {place}"));
            let assert = snapbox::Assert::new().normalize_paths(false);
            let compare =
                |actual: String| assert.try_eq(Some(&place), actual.into(), (&*block.text).into());
            // A socket of another test may get the block's port for a moment and be listed, too.
            let compared = compare(actual)
                .or_else(|_| compare(Session::run(Harness::for_section("start"), &block.text)));
            failed.extend(compared.err().map(|difference| difference.to_string()));
        }
    });
    assert!(
        failed.is_empty(),
        "{} shows something else than the programs do:\n{}",
        document.name,
        failed.join("\n")
    );
}

/// Returns whether a command of the block needs the name `localhost`.
fn asks_for_localhost(block: &Block) -> bool {
    block.text.lines().any(|line| line.contains("$ cargo ") && line.contains(" localhost"))
}

/// A part of a block: what happens in one terminal until the next terminal is named.
struct Part<'a> {
    /// Whether an empty line precedes it.
    apart: bool,
    /// Its first line, if that names the terminal.
    first_line: &'a str,
    /// The index of its terminal.
    terminal: usize,
    command: Option<&'a str>,
    lines: Vec<&'a str>,
}

/// A terminal, and the program that runs in it.
#[derive(Default)]
struct Terminal<'a> {
    name: &'a str,
    program: Option<TestedProgram>,
    /// How many lines of output are in earlier parts.
    shown: usize,
}

struct Session<'a> {
    harness: Harness,
    terminals: Vec<Terminal<'a>>,
    port: Port,
    actual: String,
}

impl Session<'_> {
    /// Runs the block. Returns it with the actual output.
    fn run(harness: Harness, text: &str) -> String {
        let (parts, names) = parts(text);
        let mut session = Session {
            harness,
            terminals: names.iter().map(|&name| Terminal { name, ..Terminal::default() }).collect(),
            port: Port::default(),
            actual: String::new(),
        };
        for (number, part) in parts.iter().enumerate() {
            let next = parts[number + 1..].iter().find(|next| next.terminal == part.terminal);
            if !session.play(part, next.filter(|next| next.command.is_none())) {
                break;
            }
        }
        session.actual
    }

    /// Runs a part, and appends its output. A program that isn't continued in a later part must end
    /// in this one. Returns false if something is missing.
    fn play(&mut self, part: &Part, later: Option<&Part>) -> bool {
        if part.apart {
            self.actual.push('\n');
        }
        self.actual.push_str(part.first_line);
        self.actual.push('\n');
        let terminal = &mut self.terminals[part.terminal];
        if let Some(command) = part.command {
            if command.ends_with(" connections") {
                wait_for_connections(&self.harness, command, &mut self.port, &part.lines);
            }
            let process = start(&self.harness, command, &mut self.port);
            terminal.program = Some(process);
            terminal.shown = 0;
        }
        let Some(program) = &terminal.program else {
            panic!("no command in the terminal {:?}", terminal.name);
        };

        // Nothing is typed before the output above it has been printed.
        let mut lines = terminal.shown;
        let mut in_time = true;
        let (mut before, mut behind) = (None, None);
        for line in &part.lines {
            if let Some(typed) = line.strip_prefix("> ") {
                in_time = in_time && wait_for(program, lines, "> ");
                match typed {
                    "^C" => program.signal(Signal::Interrupt),
                    "^D" => program.write(b"\x04"),
                    text => program.write(format!("{text}\n").as_bytes()),
                }
                // The terminal echoes what is typed, except for these two.
                if typed == "^C" || typed == "^D" {
                    behind = Some((lines, typed));
                }
            } else if line.starts_with("^C") {
                in_time = in_time && wait_for(program, lines, "");
                program.signal(Signal::Interrupt);
                before = Some(lines);
            }
            lines += 1;
        }
        in_time = in_time
            && match later {
                // The prompt is printed before anything is typed, or happens in another terminal.
                Some(later) if later.lines.first().is_some_and(|line| line.starts_with('>')) => {
                    wait_for(program, lines, "> ")
                }
                Some(_) => wait_for(program, lines, ""),
                None => program.wait_for_output(|_, ended| ended),
            };

        let output = screen(program);
        let all = output.split_terminator('\n').count();
        let until = if later.is_none() { all } else { lines.min(all) };
        let actual = output.split_terminator('\n').enumerate().take(until).skip(terminal.shown);
        for (number, line) in actual {
            if before == Some(number) {
                self.actual.push_str("^C");
            }
            self.actual.push_str(line.trim_end());
            if let Some((_, typed)) = behind.filter(|&(at, _)| at == number) {
                self.actual.push_str(&format!(" {typed}"));
            }
            self.actual.push('\n');
        }
        if before.is_some_and(|number| number >= until) {
            self.actual.push_str("^C\n");
        }
        terminal.shown = until;
        if !in_time {
            self.actual.push_str("(no more output)\n");
        }
        self.actual = self.port.as_in_the_notes(&self.actual);
        in_time
    }
}

/// Returns the parts of a block, and the names of its terminals.
fn parts(text: &str) -> (Vec<Part<'_>>, Vec<&str>) {
    let mut parts: Vec<Part> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for line in text.lines() {
        let begins = match line.split_once("$ cargo run ") {
            Some((name, command)) => Some((name, Some(command))),
            None => line.strip_suffix(':').filter(|name| names.contains(name)).map(|n| (n, None)),
        };
        match (begins, parts.last_mut()) {
            (Some((name, command)), last) => {
                // The empty line between two parts is no output.
                let apart = last.is_some_and(|part| part.lines.pop_if(|l| l.is_empty()).is_some());
                let terminal = names.iter().position(|&known| known == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                parts.push(Part { apart, first_line: line, terminal, command, lines: Vec::new() });
            }
            (None, Some(part)) => part.lines.push(line),
            (None, None) => panic!("a console block begins with `$ cargo run`, not {line:?}"),
        }
    }
    (parts, names)
}

/// Waits until a program has printed this many lines, followed by the start of another.
fn wait_for(program: &TestedProgram, lines: usize, then: &str) -> bool {
    program.wait_for_output(|output, _| {
        // A terminal turns \n into \r\n.
        let output = String::from_utf8_lossy(output).replace("\r\n", "\n");
        let mut rest = output.splitn(lines + 1, '\n').skip(lines);
        rest.next().is_some_and(|rest| rest.starts_with(then))
    })
}

/// Returns the screen of a program's terminal.
fn screen(program: &TestedProgram) -> String {
    String::from_utf8_lossy(&program.stdout()).replace("\r\n", "\n")
}

/// Waits until `net-utils connections` would print these lines, because a program prints a step
/// before it makes the call. After the deadline, the comparison shows what is missing.
fn wait_for_connections(harness: &Harness, command: &str, port: &mut Port, lines: &[&str]) {
    let expected = lines.join("\n");
    let watch = start(harness, &format!("{command} --watch"), port);
    watch.wait_for_output(|output, _| {
        let output = String::from_utf8_lossy(output).replace("\r\n", "\n");
        // The last list: after the code that clears the screen, and before the line about how to
        // quit.
        let list = output.rsplit("\x1b[J").next().and_then(|list| list.split("\n\n").next());
        let list = port.as_in_the_notes(list.unwrap_or_default());
        snapbox::Assert::new().try_eq(None, list.into(), expected.trim_end().into()).is_ok()
    });
}

/// How often a server is restarted because its port was used before.
const PORTS: usize = 10;

/// Starts a program as `cargo run` would.
fn start(harness: &Harness, command: &str, port: &mut Port) -> TestedProgram {
    for _ in 1..PORTS {
        if let Some(process) = start_once(harness, command, port) {
            return process;
        }
    }
    start_once(harness, command, port).expect("a port that was not used a minute ago")
}

/// The same, unless it's a server whose port was used before.
fn start_once(harness: &Harness, command: &str, port: &mut Port) -> Option<TestedProgram> {
    let words = words(command);
    let [quiet, package, name, arguments @ ..] = words.as_slice() else {
        panic!("no program in {command:?}");
    };
    let program = PROGRAMS.iter().find(|program| program.name() == name);
    let (Some(&program), "-q", "-p") = (program, quiet.as_str(), package.as_str()) else {
        panic!("write `cargo run -q -p` and the name of a program, not {command:?}");
    };
    let mut arguments: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|&argument| argument != "--").collect();

    let is_server = program == Program::TcpServer || arguments.first() == Some(&"server");
    let number = port.number(program, is_server);
    match program {
        Program::TcpServer | Program::TcpClient => _ = arguments.splice(0..0, ["--port", &number]),
        Program::Udp => _ = arguments.splice(1..1, ["--port", &number]),
        Program::NetUtils if arguments.first() == Some(&"connections") => {
            arguments.insert(1, &number);
        }
        Program::NetUtils | Program::Packets => {}
    }
    // The notes show no colours.
    let launch = harness.program(program, &arguments).env("NO_COLOR", "1").env("TERM", "xterm");
    let process = launch.in_terminal().start();
    (!is_server || port.learn(&process)).then_some(process)
}

const PROGRAMS: [Program; 5] =
    [Program::TcpServer, Program::TcpClient, Program::Udp, Program::Packets, Program::NetUtils];

/// Splits a command line into words. Single quotes keep spaces.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}
