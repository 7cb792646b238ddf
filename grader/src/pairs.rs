//! `--pairs`: every client with every server, and with the finished programs of this workspace.
//!
//! A pair is put to the tests of the task `both`, the same check that the marks are for: both
//! programs in one box with a network of its own, and the test between them. First everyone talks to
//! the finished program. Who fails there is to blame wherever it takes part, and is run with nobody
//! else: so no more than two programs of a folder wait for a deadline, however large the class is.
//! What then fails between two programs that both work with the finished ones blames neither.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use common::one_line;
use homework::failure_text;
use homework::grading::grade_submission::in_parallel;
use homework::grading::marks::{Failure, Outcome, Student};
use homework::grading::rubric::Rubric;
use homework::grading::submission::{Start, Submission, build_workspace};
use homework::grading::test_suite::TestSuite;
use homework::messages::Messages;
use homework::process::{self, progress};
use serde_json::{Value, json};

use crate::incremental::{Grader, Tools};
use crate::submissions::SubmissionFolder;

/// The task whose tests they are.
const TASK: &str = "both";

/// The places of the two programs among those of a submission.
const SERVER: usize = 0;
const CLIENT: usize = 1;

/// The programs of one who takes part.
#[derive(Debug)]
struct Player {
    name: String,
    folder: PathBuf,
    server: Option<Start>,
    client: Option<Start>,
}

impl Player {
    /// Whose programs have been built.
    fn of(submission: &Submission) -> Self {
        let start = |place: usize| submission.programs[place].as_ref().ok().cloned();
        Self {
            name: submission.student.name.clone(),
            folder: submission.folder.clone(),
            server: start(SERVER),
            client: start(CLIENT),
        }
    }
}

/// What came of all pairs.
#[derive(Debug)]
pub struct Pairs {
    /// The servers: the finished one first, which has no name.
    pub servers: Vec<Side>,
    /// The clients, likewise.
    pub clients: Vec<Side>,
    /// For each server, what came of it with each client.
    pub cells: Vec<Vec<Cell>>,
}

/// A program, and how it does with the finished one at the other end.
#[derive(Debug)]
pub struct Side {
    /// Whose it is.
    pub name: String,
    start: Option<Start>,
    folder: PathBuf,
}

/// What came of a pair.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// They talked as they should.
    Passed,
    /// The server is to blame: it fails with the finished client, too.
    Server,
    /// The client is: it fails with the finished server, too.
    Client,
    /// Both are.
    Both,
    /// They failed, and both work with the finished programs.
    Neither(Option<Failure>),
    /// One of them does not build, or Ctrl-C came.
    NotRun,
}

impl Cell {
    /// One of each kind, for a legend.
    pub const KINDS: [Cell; 6] =
        [Cell::Passed, Cell::Server, Cell::Client, Cell::Both, Cell::Neither(None), Cell::NotRun];
}

/// Builds all that was handed in, and lets every client talk to every server.
///
/// # Errors
///
/// The finished programs do not build, or do not work with each other; or the system fails.
pub fn run(run: &Grader, hand_ins: &[SubmissionFolder], tools: Tools) -> Result<Pairs> {
    let messages = run.messages;
    let (tests, mut builder) = tools;
    progress(messages.get("pairs-build"));
    let mut players = Vec::new();
    for hand_in in hand_ins {
        // What cannot be built was told when it was to be marked.
        if let Ok(folder) = &hand_in.folder
            && let Ok(submission) = builder.build(folder, hand_in.student.clone())
        {
            players.push(Player::of(&submission));
        }
        if process::interrupted() {
            bail!("{}", messages.get("because-interrupted"));
        }
    }
    all(run, &tests, &players)
}

/// Lets the programs that were built talk to each other.
fn all(run: &Grader, tests: &TestSuite, players: &[Player]) -> Result<Pairs> {
    let Grader { root, rubric, messages, .. } = *run;
    // With all that a box has in it.
    let finished = build_workspace(root, true)?;
    let ours = Player { name: String::new(), ..Player::of(&finished) };
    let all: Vec<&Player> = [&ours].into_iter().chain(players).collect();
    let side = |player: &&Player, start: &Option<Start>| Side {
        name: player.name.clone(),
        start: start.clone(),
        folder: player.folder.clone(),
    };
    let servers: Vec<Side> = all.iter().map(|player| side(player, &player.server)).collect();
    let clients: Vec<Side> = all.iter().map(|player| side(player, &player.client)).collect();
    let match_of = Match { rubric, tests, finished: &finished, known: Mutex::default() };

    // Everyone with the finished one: the first row and the first column.
    let count = all.len();
    let first: Vec<(usize, usize)> =
        (0..count).map(|client| (0, client)).chain((1..count).map(|server| (server, 0))).collect();
    progress(messages.fill("pairs-talk", &[("count", &count.to_string())]));
    let play =
        |&(server, client): &(usize, usize)| match_of.play(&servers[server], &clients[client]);
    let mut cells = vec![vec![Cell::NotRun; count]; count];
    for (&(server, client), cell) in first.iter().zip(in_parallel(&first, play)) {
        cells[server][client] = cell;
    }
    if let Cell::Neither(failure) = &cells[0][0]
        && !process::interrupted()
    {
        let saw = failure.iter().map(|failure| failure_text::summary(messages, failure));
        bail!("{}", messages.fill("pairs-broken", &[("summary", &saw.collect::<String>())]));
    }
    let fails = |cell: &Cell| matches!(cell, Cell::Neither(_));
    let bad_servers: Vec<bool> = (0..count).map(|server| fails(&cells[server][0])).collect();
    let bad_clients: Vec<bool> = (0..count).map(|client| fails(&cells[0][client])).collect();

    // The others, of those who work.
    let mut rest = Vec::new();
    for (server, row) in cells.iter_mut().enumerate() {
        for (client, cell) in row.iter_mut().enumerate() {
            let is_built = servers[server].start.is_some() && clients[client].start.is_some();
            *cell = match (bad_servers[server], bad_clients[client]) {
                _ if !is_built => Cell::NotRun,
                (true, true) => Cell::Both,
                (true, false) => Cell::Server,
                (false, true) => Cell::Client,
                (false, false) if server == 0 || client == 0 => continue,
                (false, false) => {
                    rest.push((server, client));
                    continue;
                }
            };
        }
    }
    for (&(server, client), cell) in rest.iter().zip(in_parallel(&rest, play)) {
        cells[server][client] = cell;
    }
    // Whoever was stopped by it has not failed.
    if process::interrupted() {
        bail!("{}", messages.get("because-interrupted"));
    }
    Ok(Pairs { servers, clients, cells })
}

/// What is needed for a conversation of two programs.
struct Match<'a> {
    rubric: &'a Rubric,
    tests: &'a TestSuite,
    finished: &'a Submission,
    /// What came of pairs of the same programs: what many hand in as they got it is built once, and
    /// need be run once.
    known: Mutex<Vec<(Start, Start, Cell)>>,
}

impl Match<'_> {
    fn play(&self, server: &Side, client: &Side) -> Cell {
        let (Some(from), Some(to)) = (&server.start, &client.start) else { return Cell::NotRun };
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(one, other, _): &&(Start, Start, Cell)| one == from && other == to;
        if let Some((.., cell)) = known().iter().find(is_it) {
            return cell.clone();
        }
        let cell = self.talk(server, from, to);
        known().push((from.clone(), to.clone(), cell.clone()));
        cell
    }

    /// Runs the tests until one fails: so a pair waits for one deadline at most.
    fn talk(&self, server: &Side, from: &Start, to: &Start) -> Cell {
        let mut programs = self.finished.programs.clone();
        programs[SERVER] = Ok(from.clone());
        programs[CLIENT] = Ok(to.clone());
        let pair = Submission {
            student: Student::from_folder(&server.folder),
            folder: server.folder.clone(),
            answers: Err(String::new()),
            programs,
            look_ups: self.finished.look_ups.clone(),
            build_time: Duration::ZERO,
            compiler: None,
            compilers: Vec::new(),
        };
        let tasks = self.rubric.tasks().zip(&self.tests.tests_by_task);
        for test in tasks.filter(|(task, _)| task.name == TASK).flat_map(|(_, tests)| tests) {
            match self.tests.run(self.rubric, *test, &pair) {
                Outcome::Passed(_) => {}
                Outcome::Failed(failure) => return Cell::Neither(Some(failure)),
                Outcome::Skipped(_) => return Cell::NotRun,
            }
        }
        Cell::Passed
    }
}

impl Pairs {
    /// What is to be said of them, in a few lines.
    pub fn lines(&self, messages: &Messages) -> Vec<String> {
        let cells = || self.cells.iter().flatten();
        let count = |kind: fn(&Cell) -> bool| cells().filter(|cell| kind(cell)).count().to_string();
        let passed = count(|cell| *cell == Cell::Passed);
        let all = count(|cell| *cell != Cell::NotRun);
        let mut lines = vec![messages.fill("pairs-counts", &[("passed", &passed), ("all", &all)])];
        let names = |sides: &[Side], blamed: &dyn Fn(usize) -> bool| {
            let names = sides.iter().enumerate().filter(|(place, _)| blamed(*place));
            names.map(|(_, side)| one_line(&side.name)).collect::<Vec<_>>().join(", ")
        };
        let servers = names(&self.servers, &|place| self.cells[place][0] == Cell::Server);
        let clients = names(&self.clients, &|place| self.cells[0][place] == Cell::Client);
        for (key, names) in [("pairs-servers-fail", servers), ("pairs-clients-fail", clients)] {
            if !names.is_empty() {
                lines.push(messages.fill(key, &[("names", &names)]));
            }
        }
        for (server, client, failure) in self.misunderstandings() {
            let (server, client) = (one_line(&server.name), one_line(&client.name));
            let summary = failure_text::summary(messages, failure);
            let values = [("server", &*server), ("client", &client), ("summary", &summary)];
            lines.push(messages.fill("pairs-neither-works", &values));
        }
        lines
    }

    /// Who fails with each other, while both work with the finished programs.
    fn misunderstandings(&self) -> impl Iterator<Item = (&Side, &Side, &Failure)> {
        self.servers.iter().zip(&self.cells).flat_map(|(server, cells)| {
            self.clients.iter().zip(cells).filter_map(move |(client, cell)| match cell {
                Cell::Neither(Some(failure)) => Some((server, client, failure)),
                _ => None,
            })
        })
    }

    /// The same for other programs: `null` is the finished program.
    pub fn json(&self, messages: &Messages) -> Value {
        let name = |side: &Side| {
            if side.start.is_some() && side.name.is_empty() {
                Value::Null
            } else {
                json!(one_line(&side.name))
            }
        };
        let mut pairs = Vec::new();
        for (row, (server, cells)) in self.servers.iter().zip(&self.cells).enumerate() {
            for (column, (client, cell)) in self.clients.iter().zip(cells).enumerate() {
                // Who fails with the finished program was run with that one alone.
                let failed = if row == 0 || column == 0 { "failed" } else { "not tried" };
                let (result, blames): (&str, &[&str]) = match cell {
                    Cell::Passed => ("passed", &[]),
                    Cell::Server => (failed, &["server"]),
                    Cell::Client => (failed, &["client"]),
                    Cell::Both => (failed, &["server", "client"]),
                    Cell::Neither(_) => ("failed", &[]),
                    Cell::NotRun => ("not tried", &[]),
                };
                let message = match cell {
                    Cell::Neither(Some(failure)) => json!(failure_text::summary(messages, failure)),
                    _ => Value::Null,
                };
                pairs.push(json!({
                    "server": name(server),
                    "client": name(client),
                    "result": result,
                    "blames": blames,
                    "message": message,
                }));
            }
        }
        json!(pairs)
    }
}
