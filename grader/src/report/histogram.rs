//! Draws the distribution of points as a histogram.

use homework::messages::Messages;
use maud::{Markup, html};

/// Ten bars for 0 to 99 points, and one for 100.
const BARS: usize = 11;

/// Sizes in pixels of the SVG. A phone is about 330 pixels wide.
const WIDTH: usize = 30;
const HEIGHT: usize = 110;
const TOP: usize = 16;

pub fn draw(messages: &Messages, tenths: &[u32]) -> Markup {
    let mut counts = [0_usize; BARS];
    for tenths in tenths {
        counts[(*tenths as usize / 100).min(BARS - 1)] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or_default().max(1);
    let bars = counts.iter().enumerate().map(|(place, &count)| {
        let height = (count * HEIGHT).div_ceil(most);
        (place * WIDTH, TOP + HEIGHT - height, height, count, place * 10)
    });
    let spoken: Vec<String> = bars
        .clone()
        .filter(|(.., count, _)| *count > 0)
        .map(|(.., count, from)| {
            let to = if from == 100 { String::new() } else { format!("–{}", from + 9) };
            format!("{from}{to}: {count}")
        })
        .collect();
    let spoken = format!("{}: {}", messages.get("report-distribution"), spoken.join(", "));
    let total = BARS * WIDTH;
    html! {
        figure.histogram {
            svg viewBox=(format!("0 0 {total} {}", TOP + HEIGHT + 18)) role="img"
                aria-label=(spoken) {
                @for (x, y, height, count, from) in bars {
                    @let middle = x + WIDTH / 2;
                    @if count > 0 {
                        rect.full[from == 100] x=(x + 3) y=(y) width=(WIDTH - 6) height=(height)
                            rx="2" {}
                        text x=(middle) y=(y - 4) text-anchor="middle" { (count) }
                    }
                    text.axis x=(middle) y=(TOP + HEIGHT + 14) text-anchor="middle" {
                        (from)
                    }
                }
                line x1="0" x2=(total) y1=(TOP + HEIGHT) y2=(TOP + HEIGHT) {}
            }
            figcaption { (messages.get("report-histogram")) }
        }
    }
}
