//! `--pairs`: runs every client against every server, and against the finished programs of this workspace.
//!
//! A pair runs the tests of the task `both`: both programs share a sandbox, with the test between them. First
//! every program runs with the finished one. A program that fails there is at fault in all its pairs and isn't
//! run again, so at most two programs of a submission wait for a deadline, however large the class is. If two
//! programs that work with the finished ones fail with each other, neither is at fault.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use common::one_line;
use homework::failure_text;
use homework::grading::local_grader::build_workspace;
use homework::grading::marks::{Failure, Outcome, Student};
use homework::grading::submission::{Start, Submission};
use homework::grading::test_suite::TestSuite;
use homework::messages::{Message, Messages, message};
use homework::parallel_jobs::in_parallel;
use homework::process;
use homework::progress::progress;
use serde_json::{Value, json};

use crate::incremental::{Grader, Tools};
use crate::submissions::SubmissionFolder;

/// The task with the tests.
const TASK: &str = "both";

/// Indices into the programs of a submission.
const SERVER: usize = 0;
const CLIENT: usize = 1;

pub struct Pairs {
    /// The servers. The first is the finished one, without a name.
    pub servers: Vec<Side>,
    /// The clients. The first is the finished one, without a name.
    pub clients: Vec<Side>,
    /// A row for each server, with a cell for each client.
    pub cells: Vec<Vec<Cell>>,
}

pub struct Side {
    pub name: String,
    start: Option<Start>,
    folder: PathBuf,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Passed,
    /// The server is at fault: it fails with the finished client.
    Server,
    /// The client is at fault: it fails with the finished server.
    Client,
    Both,
    /// They failed, but both work with the finished programs.
    Neither(Option<Failure>),
    /// One of them doesn't compile, or Ctrl-C was pressed.
    NotRun,
}

impl Cell {
    /// One cell of each kind, for a legend.
    pub const KINDS: [Cell; 6] =
        [Cell::Passed, Cell::Server, Cell::Client, Cell::Both, Cell::Neither(None), Cell::NotRun];
}

/// Compiles all submissions and runs all pairs.
pub fn run(grader: &Grader, submissions: &[SubmissionFolder], tools: Tools) -> Result<Pairs> {
    let Grader { root, messages, .. } = *grader;
    let (tests, mut builder) = tools;
    progress(messages.get("pairs-build"));
    // A sandbox contains net-utils too, so extra credit is built.
    let mut finished = build_workspace(root, true, false)?;
    finished.student.name.clear();
    let mut all = vec![finished];
    for submission in submissions {
        // Errors were reported when the submission was graded.
        if let Ok(folder) = &submission.folder {
            all.extend(builder.build(folder, submission.student.clone()).ok());
        }
        if process::interrupted() {
            bail!(message!("because-interrupted"));
        }
    }
    let sides = |program: usize| -> Vec<Side> {
        let side = |submission: &Submission| Side {
            name: submission.student.name.clone(),
            start: submission.programs[program].as_ref().ok().cloned(),
            folder: submission.folder.clone(),
        };
        all.iter().map(side).collect()
    };
    let (servers, clients) = (sides(SERVER), sides(CLIENT));
    let runner = PairRunner { tests: &tests, finished: &all[0], known: Mutex::default() };

    // The first row and the first column: every program with the finished one.
    let count = all.len();
    let first: Vec<(usize, usize)> =
        (0..count).map(|client| (0, client)).chain((1..count).map(|server| (server, 0))).collect();
    progress(messages.fill("pairs-talk", &[("count", &count.to_string())]));
    let run_pair =
        |&(server, client): &(usize, usize)| runner.run(&servers[server], &clients[client]);
    let run_all = |pairs: &[(usize, usize)], cells: &mut [Vec<Cell>]| {
        for (&(server, client), cell) in pairs.iter().zip(in_parallel(pairs, run_pair)) {
            cells[server][client] = cell;
        }
    };
    let mut cells = vec![vec![Cell::NotRun; count]; count];
    run_all(&first, &mut cells);
    if let Cell::Neither(failure) = &cells[0][0]
        && !process::interrupted()
    {
        let summary = failure.iter().map(|failure| failure_text::summary(messages, failure));
        bail!(message!("pairs-broken", summary = summary.collect::<String>()));
    }
    let fails = |cell: &Cell| matches!(cell, Cell::Neither(_));
    let bad_servers: Vec<bool> = (0..count).map(|server| fails(&cells[server][0])).collect();
    let bad_clients: Vec<bool> = (0..count).map(|client| fails(&cells[0][client])).collect();

    // The other pairs, of programs that work with the finished ones.
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
    run_all(&rest, &mut cells);
    // Ctrl-C made tests fail.
    if process::interrupted() {
        bail!(message!("because-interrupted"));
    }
    Ok(Pairs { servers, clients, cells })
}

struct PairRunner<'a> {
    tests: &'a TestSuite,
    finished: &'a Submission,
    /// Results by program. Many students submit the unchanged starter code, which is compiled and run once.
    known: Mutex<Vec<(Start, Start, Cell)>>,
}

impl PairRunner<'_> {
    fn run(&self, server: &Side, client: &Side) -> Cell {
        let (Some(from), Some(to)) = (&server.start, &client.start) else { return Cell::NotRun };
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(one, other, _): &&(Start, Start, Cell)| one == from && other == to;
        if let Some((.., cell)) = known().iter().find(is_it) {
            return cell.clone();
        }
        let cell = self.run_tests(server, from, to);
        known().push((from.clone(), to.clone(), cell.clone()));
        cell
    }

    /// Runs the tests until one fails, so a pair waits for one deadline at most.
    fn run_tests(&self, server: &Side, from: &Start, to: &Start) -> Cell {
        let mut programs = self.finished.programs.clone();
        programs[SERVER] = Ok(from.clone());
        programs[CLIENT] = Ok(to.clone());
        let pair = Submission {
            student: Student::from_folder(&server.folder),
            folder: server.folder.clone(),
            answers: Err(Message::default()),
            programs,
            look_ups: self.finished.look_ups.clone(),
            seed: self.finished.seed,
            build_time: Duration::ZERO,
            errors: Vec::new(),
        };
        let tasks = self.tests.rubric.tasks().zip(&self.tests.tests_by_task);
        for test in tasks.filter(|(task, _)| task.name == TASK).flat_map(|(_, tests)| tests) {
            match self.tests.run(*test, &pair).0 {
                Outcome::Passed(_) => {}
                Outcome::Failed(failure) => return Cell::Neither(Some(failure)),
                Outcome::Skipped(_) => return Cell::NotRun,
            }
        }
        Cell::Passed
    }
}

impl Pairs {
    /// Returns a summary of a few lines.
    pub fn lines(&self, messages: &Messages) -> Vec<String> {
        let cells = || self.cells.iter().flatten();
        let count = |kind: fn(&Cell) -> bool| cells().filter(|cell| kind(cell)).count().to_string();
        let passed = count(|cell| *cell == Cell::Passed);
        let all = count(|cell| *cell != Cell::NotRun);
        let mut lines = vec![messages.fill("pairs-counts", &[("passed", &passed), ("all", &all)])];
        let names = |sides: &[Side], is_at_fault: &dyn Fn(usize) -> bool| {
            let names = sides.iter().enumerate().filter(|(place, _)| is_at_fault(*place));
            names.map(|(_, side)| one_line(&side.name)).collect::<Vec<_>>().join(", ")
        };
        let servers = names(&self.servers, &|place| self.cells[place][0] == Cell::Server);
        let clients = names(&self.clients, &|place| self.cells[0][place] == Cell::Client);
        for (key, names) in [("pairs-servers-fail", servers), ("pairs-clients-fail", clients)] {
            if !names.is_empty() {
                lines.push(messages.fill(key, &[("names", &names)]));
            }
        }
        for (server, client, failure) in self.incompatible() {
            let (server, client) = (one_line(&server.name), one_line(&client.name));
            let summary = failure_text::summary(messages, failure);
            let values = [("server", &*server), ("client", &client), ("summary", &summary)];
            lines.push(messages.fill("pairs-neither-works", &values));
        }
        lines
    }

    /// Returns pairs that fail although both programs work with the finished ones.
    fn incompatible(&self) -> impl Iterator<Item = (&Side, &Side, &Failure)> {
        self.servers.iter().zip(&self.cells).flat_map(|(server, cells)| {
            self.clients.iter().zip(cells).filter_map(move |(client, cell)| match cell {
                Cell::Neither(Some(failure)) => Some((server, client, failure)),
                _ => None,
            })
        })
    }

    /// Returns all results as JSON. The name of the finished program is `null`.
    pub fn json(&self, messages: &Messages) -> Value {
        let name = |side: &Side| match side.start.is_some() && side.name.is_empty() {
            true => Value::Null,
            false => json!(one_line(&side.name)),
        };
        let mut pairs = Vec::new();
        for (row, (server, cells)) in self.servers.iter().zip(&self.cells).enumerate() {
            for (column, (client, cell)) in self.clients.iter().zip(cells).enumerate() {
                // A program that is at fault is only run with the finished one.
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
