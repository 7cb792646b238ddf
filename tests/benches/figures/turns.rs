//! Rounds in which each contestant has its turn, so that whatever else the machine does meets
//! all of them.

use std::env;
use std::time::Duration;

use crate::table::{Row, Unit};

/// How often everything is measured. An odd number: the median is one of them.
const ROUNDS: usize = 9;

/// How long one measurement takes, unless it ends by itself.
const TIME: Duration = Duration::from_millis(500);

pub struct Turns {
    rounds: usize,
    pub time: Duration,
    filters: Vec<String>,
    pub rows: Vec<Row>,
    /// Who could not take part, and why.
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

    /// Measures some figures at once. `measure` gives the values of all of them for one
    /// contestant, which drops out when it fails.
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
            // Everybody is the first once.
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
