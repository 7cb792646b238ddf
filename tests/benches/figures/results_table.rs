//! The results as a table: medians, spread, and the ratio to the best other program.

use std::fmt::Write as _;

/// The unit of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    PerSecond,
    /// Whether more is better: for everything but times and memory.
    MebibytesPerSecond,
    Percent,
    Microseconds,
    Kibibytes,
}

impl Unit {
    fn more_is_better(self) -> bool {
        !matches!(self, Unit::Microseconds | Unit::Kibibytes)
    }

    fn name(self) -> &'static str {
        match self {
            Unit::PerSecond => "/s",
            Unit::MebibytesPerSecond => "MiB/s",
            Unit::Percent => "%",
            Unit::Microseconds => "µs",
            Unit::Kibibytes => "KiB",
        }
    }
}

/// A row: one benchmark of our program and all others.
#[derive(Debug)]
pub struct Row {
    pub figure: String,
    pub unit: Unit,
    /// The name of each program, and its value in each round. Ours is first.
    pub measured: Vec<(&'static str, Vec<f64>)>,
}

impl Row {
    /// Adds the value of a round.
    pub fn add(&mut self, name: &'static str, value: f64) {
        match self.measured.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => values.push(value),
            None => self.measured.push((name, vec![value])),
        }
    }

    /// Removes the values of a program that failed.
    pub fn remove(&mut self, name: &str) {
        self.measured.retain(|(other, _)| *other != name);
    }

    /// Returns the best other program and our ratio to it. Above 1, ours is better.
    fn ratio(&self) -> Option<(f64, &'static str)> {
        let ours = median(self.values("ours")?);
        let peers = self.measured.iter().filter(|(name, _)| *name != "ours");
        let peers = peers.map(|(name, values)| (median(values), *name));
        let ratio = |peer: f64| if self.unit.more_is_better() { ours / peer } else { peer / ours };
        peers.map(|(peer, name)| (ratio(peer), name)).min_by(|one, other| one.0.total_cmp(&other.0))
    }

    fn values(&self, name: &str) -> Option<&[f64]> {
        self.measured.iter().find(|(other, _)| *other == name).map(|(_, values)| &values[..])
    }

    fn to_markdown(&self) -> String {
        let mut line = format!("| {}, {} |", self.figure, self.unit.name());
        let ours = self.values("ours").map_or("failed".to_owned(), shown);
        _ = write!(line, " {ours} |");
        match self.ratio() {
            Some((ratio, name)) => _ = write!(line, " **{ratio:.2}** ({name}) |"),
            None => line.push_str(" no peer |"),
        }
        let mut peers: Vec<_> = self.measured.iter().filter(|(name, _)| *name != "ours").collect();
        peers.sort_by(|(_, one), (_, other)| {
            let order = median(one).total_cmp(&median(other));
            if self.unit.more_is_better() { order.reverse() } else { order }
        });
        let peers: Vec<_> =
            peers.iter().map(|(name, values)| format!("{name} {}", shown(values))).collect();
        line + &format!(" {} |", peers.join("; "))
    }
}

/// Returns all rows as a Markdown table.
pub fn markdown(rows: &[Row]) -> String {
    let mut table = "| figure | ours | ratio to the best peer | peers, best first |\n\
                     | --- | ---: | ---: | --- |\n"
        .to_owned();
    for row in rows {
        table += &(row.to_markdown() + "\n");
    }
    table
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// Returns the median, and half the range in percent of it unless there's a single value.
fn shown(values: &[f64]) -> String {
    if let [value] = values {
        return with_commas(*value);
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let median = median(values);
    let spread = if median == 0.0 { 0.0 } else { (most - least) / 2.0 / median * 100.0 };
    format!("{} ± {spread:.0} %", with_commas(median))
}

fn with_commas(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
