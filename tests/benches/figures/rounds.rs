//! Measures in rounds in which programs take turns, so that other load on the machine affects all
//! of them.

use std::env;
use std::time::Duration;

use crate::results_table::{Row, Unit};

/// The number of rounds. It's odd, so that the median is one of the values.
const ROUNDS: usize = 9;

/// The duration of a measurement that doesn't end by itself.
const TIME: Duration = Duration::from_millis(500);

pub struct Turns {
    rounds: usize,
    pub time: Duration,
    filters: Vec<String>,
    pub rows: Vec<Row>,
    /// The programs that dropped out, and why.
    pub failed: Vec<String>,
}

impl Turns {
    pub fn from_command_line() -> Self {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let quick = arguments.iter().any(|argument| argument == "--quick");
        // cargo adds `--bench`.
        let filters = arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect();
        let (rounds, time) = if quick { (1, TIME / 5) } else { (ROUNDS, TIME) };
        Self { rounds, time, filters, rows: Vec::new(), failed: Vec::new() }
    }

    /// Runs some benchmarks at once. `measure` returns the values of one program, which drops out
    /// if it fails.
    pub fn take<T: Copy>(
        &mut self,
        figures: &[(&str, Unit)],
        contestants: &[(&'static str, T)],
        measure: impl Fn(T) -> Result<Vec<f64>, String>,
    ) {
        let wanted = |name: &str| self.filters.iter().any(|filter| name.contains(filter.as_str()));
        if !self.filters.is_empty() && !figures.iter().any(|(name, _)| wanted(name)) {
            return;
        }
        eprintln!("{} ...", figures[0].0);
        let mut rows: Vec<Row> = figures
            .iter()
            .map(|&(figure, unit)| Row { figure: figure.to_owned(), unit, measured: Vec::new() })
            .collect();
        let mut left = contestants.to_vec();
        for round in 0..self.rounds {
            // Each round starts with the next program.
            if !left.is_empty() {
                let by = round.min(1) % left.len();
                left.rotate_left(by);
            }
            left.retain(|&(name, contestant)| match measure(contestant) {
                Ok(values) => {
                    for (row, value) in rows.iter_mut().zip(values) {
                        row.add(name, value);
                    }
                    true
                }
                Err(reason) => {
                    rows.iter_mut().for_each(|row| row.remove(name));
                    self.failed.push(format!("{name}, {}: {reason}", figures[0].0));
                    false
                }
            });
        }
        self.rows.extend(rows);
    }
}
