//! The results as a table: medians, spread, and the ratio to the best other program.

/// A row: one benchmark of our program and all others.
#[derive(Debug)]
pub struct Row {
    /// What is measured, and its unit.
    pub figure: String,
    /// The name of each program, and its value in each round.
    pub measured: Vec<(&'static str, Vec<f64>)>,
}

impl Row {
    fn to_markdown(&self) -> String {
        let less_is_better = self.figure.ends_with("µs") || self.figure.ends_with("KiB");
        let mut peers: Vec<_> = self.measured.iter().collect();
        peers.sort_by(|(_, one), (_, other)| {
            let order = median(one).total_cmp(&median(other));
            if less_is_better { order } else { order.reverse() }
        });
        let ours = peers.iter().position(|(name, _)| *name == "ours");
        let ours = ours.map(|index| &peers.remove(index).1[..]);
        let ratio = match (ours, peers.first()) {
            (Some(ours), Some((name, best))) => {
                let ratio = median(ours) / median(best);
                // Above 1, ours is better.
                let ratio = if less_is_better { 1.0 / ratio } else { ratio };
                format!("**{ratio:.2}** ({name})")
            }
            _ => "no peer".to_owned(),
        };
        let ours = ours.map_or("failed".to_owned(), shown);
        let peers = peers.iter().map(|(name, values)| format!("{name} {}", shown(values)));
        let peers = peers.collect::<Vec<_>>().join("; ");
        format!("| {} | {ours} | {ratio} | {peers} |\n", self.figure)
    }
}

/// Returns all rows as a Markdown table.
pub fn markdown(rows: &[Row]) -> String {
    let head = "| figure | ours | ratio to the best peer | peers, best first |\n\
                | --- | ---: | ---: | --- |\n";
    head.to_owned() + &rows.iter().map(Row::to_markdown).collect::<String>()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Returns the median, and half the range in percent of it unless there's a single value.
fn shown(values: &[f64]) -> String {
    let median = median(values);
    if values.len() == 1 {
        return with_commas(median);
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let spread = if median == 0.0 { 0.0 } else { (most - least) / 2.0 / median * 100.0 };
    format!("{} ± {spread:.0} %", with_commas(median))
}

fn with_commas(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let mut text = format!("{value:.0}");
    let length = text.len();
    for digits in (3..length).step_by(3) {
        text.insert(length - digits, ',');
    }
    text
}
