//! A table of every client with every server.

use common::one_line;
use homework::messages::Messages;
use maud::{Markup, html};

use super::layout::scrollable;
use crate::pairs::{Cell, Pairs};

pub fn draw(messages: &Messages, pairs: &Pairs) -> Markup {
    let title = messages.get("report-pairs");
    let name = |side: &str| match side.is_empty() {
        true => messages.get("pairs-finished").to_owned(),
        false => one_line(side),
    };
    let table = html! {
        table.matrix {
            thead {
                tr {
                    th scope="col" { (messages.get("report-pairs-corner")) }
                    @for (number, side) in pairs.clients.iter().enumerate() {
                        th scope="col" title=(name(&side.name)) { (label(number)) }
                    }
                }
            }
            tbody {
                @for (row, (server, cells)) in pairs.servers.iter().zip(&pairs.cells).enumerate() {
                    tr {
                        th scope="row" { (label(row)) " " (name(&server.name)) }
                        @for (client, cell) in pairs.clients.iter().zip(cells) {
                            @let (class, key, sign) = look(cell);
                            td class=(class) title=(format!(
                                "{} – {}: {}", name(&server.name), name(&client.name), messages.get(key)
                            )) { (messages.get(sign)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        (scrollable(title, &table))
        ul.legend {
            @for cell in Cell::KINDS {
                @let (class, key, sign) = look(&cell);
                li { span class=(class) { (messages.get(sign)) } " " (messages.get(key)) }
            }
        }
        ul { @for line in pairs.lines(messages) { li { (line) } } }
    }
}

/// Numbers the programs. The first is the finished one.
fn label(number: usize) -> String {
    if number == 0 { "★".to_owned() } else { number.to_string() }
}

/// Returns the CSS class of a cell, and the keys of its meaning and its sign.
fn look(cell: &Cell) -> (&'static str, &'static str, &'static str) {
    match cell {
        Cell::Passed => ("yes", "pairs-passed", "pairs-sign-passed"),
        Cell::Server => ("blame", "pairs-server", "pairs-sign-server"),
        Cell::Client => ("blame", "pairs-client", "pairs-sign-client"),
        Cell::Both => ("blame", "pairs-both", "pairs-sign-both"),
        Cell::Neither(_) => ("no", "pairs-neither", "pairs-sign-neither"),
        Cell::NotRun => ("none", "pairs-not-run", "pairs-sign-not-run"),
    }
}
