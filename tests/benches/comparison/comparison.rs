//! Measures in rounds in which programs take turns, so that other load on the machine affects all
//! of them.

use std::env;
use std::time::Duration;

use crate::installed_programs::Programs;
use crate::results_table::Row;

/// The number of rounds. It's odd, so that the median is one of the values.
const ROUNDS: usize = 9;

/// The duration of a measurement that doesn't end by itself.
const TIME: Duration = Duration::from_millis(500);

pub struct Comparison {
    pub programs: Programs,
    rounds: usize,
    pub time: Duration,
    filters: Vec<String>,
    pub rows: Vec<Row>,
    /// The programs that dropped out, and why.
    pub failed: Vec<String>,
}

impl Comparison {
    pub fn from_command_line() -> Result<Self, String> {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let quick = arguments.iter().any(|argument| argument == "--quick");
        // cargo adds `--bench`.
        let filters = arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect();
        let (rounds, time) = if quick { (1, TIME / 5) } else { (ROUNDS, TIME) };
        let programs = Programs::find()?;
        Ok(Self { programs, rounds, time, filters, rows: Vec::new(), failed: Vec::new() })
    }

    /// Runs some benchmarks at once, unless the command line excludes them. `measure` returns a value
    /// for each of the figures. A program that fails drops out.
    pub fn measure(
        &mut self,
        figures: &[&str],
        names: &[&'static str],
        measure: impl Fn(&Programs, &str) -> Result<Vec<f64>, String>,
    ) {
        let matches = |filter: &String| figures.iter().any(|figure| figure.contains(filter));
        if !self.filters.is_empty() && !self.filters.iter().any(matches) {
            return;
        }
        eprintln!("{} ...", figures[0]);
        // The programs that are left, with their values in each round.
        let mut left: Vec<_> = names.iter().map(|&name| (name, Vec::new())).collect();
        for _ in 0..self.rounds {
            left.retain_mut(|(name, rounds)| match measure(&self.programs, name) {
                Ok(values) => {
                    rounds.push(values);
                    true
                }
                Err(reason) => {
                    self.failed.push(format!("{name}, {}: {reason}", figures[0]));
                    false
                }
            });
            // The next round starts with the next program.
            if !left.is_empty() {
                left.rotate_left(1);
            }
        }
        self.rows.extend(figures.iter().enumerate().map(|(index, &figure)| {
            let values = |rounds: &[Vec<f64>]| rounds.iter().map(|values| values[index]).collect();
            let measured = left.iter().map(|(name, rounds)| (*name, values(rounds))).collect();
            Row { figure: figure.to_owned(), measured }
        }));
    }
}
