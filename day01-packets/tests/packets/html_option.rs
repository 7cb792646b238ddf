//! Tests of `--html FILE`: compares the data of the page with the diagram. Its behaviour in a browser is
//! tested in `site/tests/packets_page.rs`.

use std::ffi::{OsStr, OsString};
use std::fs;

use rstest::rstest;
use serde_json::Value;
use tests::{DEADLINE, Harness, Program};

use crate::{harness, printed, temporary_file};

const DATA: [&str; 2] = ["<script id=\"data\" type=\"application/json\">\n", "\n</script>"];

const MOST_BYTES: usize = 1_000_000;

#[track_caller]
fn page(harness: &Harness, arguments: &[impl AsRef<OsStr>]) -> (String, Value) {
    let (_folder, path) = temporary_file();
    let launch = harness.program(Program::Packets, &[]);
    let launch = arguments.iter().fold(launch, |launch, argument| launch.argument(argument));
    let program = launch.argument("--html").argument(&path).start();
    // An unoptimized build simulates a long exchange slowly.
    program.expect_exit_within(4 * DEADLINE, 0);
    program.expect_no_errors();
    let message = format!("the page is in {path:?}; open it in a browser\n");
    program.expect_output(message.as_bytes());
    let page = fs::read_to_string(path);
    let page = page.unwrap_or_else(|error| harness.fail("a page", error.to_string()));
    let data = data(harness, &page);
    (page, data)
}

fn data(harness: &Harness, page: &str) -> Value {
    let (_, rest) = page.split_once(DATA[0]).unwrap_or_else(|| harness.fail(DATA[0], page));
    let (data, _) = rest.split_once(DATA[1]).unwrap_or_else(|| harness.fail(DATA[1], rest));
    serde_json::from_str(data).unwrap_or_else(|error| harness.fail("JSON", error.to_string()))
}

fn members<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The exchange of a page that the command line asked for.
#[track_caller]
fn requested<'a>(harness: &Harness, data: &'a Value, protocol: &str) -> &'a Value {
    let loss = data["loss"].as_u64().unwrap_or_default();
    let requested = exchange(data, protocol, loss, text(data, "seed"));
    requested.unwrap_or_else(|| harness.fail("the exchange asked for", "none"))
}

/// The exchange of a page with this protocol, loss and seed.
fn exchange<'a>(data: &'a Value, protocol: &str, loss: u64, seed: &str) -> Option<&'a Value> {
    members(data, "exchanges").iter().find(|exchange| {
        text(exchange, "protocol") == protocol
            && exchange["loss"] == loss
            && (loss == 0 || text(exchange, "seed") == seed)
    })
}

/// A row of the diagram: the time, and the texts on the left, on the link and on the right, with single
/// spaces.
type Cells = [String; 4];

/// The rows of a page in the format of the diagram.
fn rows_of_page(exchange: &Value) -> Vec<Cells> {
    let cells = |row: &Value| {
        let (own, effect, again) = (text(row, "text"), text(row, "effect"), row["again"] == true);
        let state = row["state"].as_str().map(|state| format!("[{state}]")).unwrap_or_default();
        let time = row["at"].to_string();
        let [own, other, link] = if row["alike"].is_u64() {
            [String::new(), String::new(), format!(": {own} :")]
        } else if row["frame"].is_u64() {
            let effect = if row["lost"] == true { "lost".to_string() } else { state + effect };
            [if again { "sent again" } else { "" }.to_string(), effect, own.to_string()]
        } else {
            [format!("{own} {state}").trim().to_string(), String::new(), String::new()]
        };
        match text(row, "end") {
            "client" => [time, own, link, other],
            _ => [time, other, link, own],
        }
    };
    members(exchange, "rows").iter().map(cells).collect()
}

/// The rows of a diagram, without the arrows.
fn rows_of_diagram(diagram: &str) -> Vec<Cells> {
    let mut rows: Vec<Cells> = vec![];
    let one_space = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let between = diagram.lines().skip(3).take_while(|line| !line.is_empty());
    for line in between.filter(|line| line.contains('|')) {
        let [host, link, server] = line.splitn(3, '|').collect::<Vec<_>>()[..] else { continue };
        let (time, client) = host.split_at(7);
        let (client, server) = (one_space(client), one_space(server));
        let link = one_space(label(link.trim()));
        if client.starts_with('[') && link.is_empty() {
            // A state without room next to its call.
            if let Some(last) = rows.last_mut() {
                last[1] += &format!(" {client}");
            }
            continue;
        }
        let time = match (time.trim(), rows.last()) {
            ("", Some(last)) => last[0].clone(),
            (time, _) => time.to_string(),
        };
        rows.push([time, client, link, server]);
    }
    rows
}

fn label(link: &str) -> &str {
    if let Some(to_server) = link.strip_prefix("- ") {
        return to_server.trim_end_matches(['>', 'x']).trim_end_matches('-').trim_end();
    }
    match link.strip_suffix(" -") {
        Some(to_client) => to_client.trim_start_matches(['<', 'x']).trim_start_matches('-').trim(),
        None => link,
    }
}

#[track_caller]
fn check_rows(harness: &Harness, arguments: &[&str], exchange: &Value, diagram: &str) {
    let (page, diagram) = (rows_of_page(exchange), rows_of_diagram(diagram));
    let differs = page.iter().zip(&diagram).position(|(page, diagram)| page != diagram);
    let at = differs.unwrap_or(page.len().min(diagram.len()));
    let row = |rows: &[Cells]| rows.get(at).map_or("no row".to_string(), |row| row.join(" | "));
    harness.check(
        page == diagram && page.len() > 4,
        format!("{} rows as in the diagram of {arguments:?}: {}", diagram.len(), row(&diagram)),
        format!("{} rows; the first that differs, number {at}: {}", page.len(), row(&page)),
    );
}

#[rstest]
#[case::tcp(&["tcp", "hello"])]
#[case::typed(&["tcp", "hello", "你好", "--typed"])]
#[case::tcp_without_server(&["tcp", "hello", "--no-server"])]
#[case::unread(&["tcp", "hello", "--unread"])]
#[case::udp(&["udp", "hello", "", "你好"])]
#[case::udp_without_server(&["udp", "hello", "--no-server"])]
#[case::connected_udp_without_server(&["udp", "hello", "--no-server", "--connect"])]
#[case::loss_1(&["tcp", "hello", "你好", "--loss", "20", "--seed", "36"])]
#[case::loss_2(&["tcp", "hello", "--loss", "55", "--seed", "18446744073709551615"])]
#[case::loss_3(&["udp", "a", "b", "c", "--loss", "30", "--seed", "7"])]
#[case::all_of_udp_lost(&["udp", "hello", "--loss", "100"])]
fn a_page_has_the_rows_of_the_diagram(harness: Harness, #[case] arguments: &[&str]) {
    let (_, data) = page(&harness, arguments);
    let requested = requested(&harness, &data, arguments[0]);
    check_rows(&harness, arguments, requested, &printed(&harness, arguments));
}

#[rstest]
fn a_page_of_100_kib_has_the_rows_of_the_diagram_and_stays_small(harness: Harness) {
    let arguments = ["tcp", &"x".repeat(102_400)];
    let (page, data) = page(&harness, &arguments);
    let requested = requested(&harness, &data, "tcp");
    check_rows(&harness, &["tcp"], requested, &printed(&harness, &arguments));
    harness.check(page.len() < MOST_BYTES, "a page of less than 1 MB", page.len().to_string());
    harness.check(exchange(&data, "udp", 0, "1").is_none(), "no UDP: it is too long", "UDP");
}

#[rstest]
fn each_loss_and_seed_has_the_rows_of_its_diagram(harness: Harness) {
    let (page, data) = page(&harness, &["tcp", "hello"]);
    harness.check(page.len() < MOST_BYTES, "a page of less than 1 MB", page.len().to_string());
    let (losses, seeds) = (members(&data, "losses"), members(&data, "seeds"));
    let enough = losses.len() >= 4 && seeds.len() >= 4 && losses[0] == 0;
    harness.check(enough, "4 losses and seeds, or more", format!("{losses:?}, {seeds:?}"));
    let mut compared = vec![];
    for loss in losses.iter().filter_map(Value::as_u64) {
        for seed in seeds.iter().filter_map(Value::as_str) {
            for protocol in ["tcp", "udp"] {
                let loss_text = loss.to_string();
                let arguments = [protocol, "hello", "--loss", &loss_text, "--seed", seed];
                let Some(chosen) = exchange(&data, protocol, loss, seed) else {
                    harness.fail(format!("{arguments:?}"), "no exchange")
                };
                check_rows(&harness, &arguments, chosen, &printed(&harness, &arguments));
                compared.push(rows_of_page(chosen));
            }
        }
    }
    compared.sort();
    compared.dedup();
    harness.check(compared.len() > 30, "exchanges that differ", compared.len().to_string());
}

#[rstest]
fn a_failed_exchange_has_the_rows_of_the_diagram_and_the_error(harness: Harness) {
    let (_folder, path) = temporary_file();
    let arguments = ["tcp", "hello", "--loss", "100"];
    let with_page = [&arguments[..], &["--html", &path]].concat();
    let lost = harness.program(Program::Packets, &with_page).run(1);
    lost.expect_error_line(&["connect", "timed out", "--loss"]);
    let data = data(&harness, &fs::read_to_string(path).unwrap());
    let requested = requested(&harness, &data, "tcp");
    let diagram = harness.program(Program::Packets, &arguments).run(1).stdout();
    check_rows(&harness, &arguments, requested, &String::from_utf8_lossy(&diagram));
    let failure = text(requested, "failure");
    harness.check(failure.contains("timed out"), "the failure of the client", failure);
}

#[rstest]
#[case::tcp(&["tcp", "hello", "你好", "--loss", "20", "--seed", "36"])]
#[case::udp(&["udp", "hello", "--no-server"])]
fn a_page_has_the_layers_of_the_diagram(#[case] arguments: &[&str]) {
    let harness = Harness::for_section("journey");
    let (_, data) = page(&harness, arguments);
    let diagram = printed(&harness, &[arguments, &["--layers"]].concat());
    let diagram = diagram.split_whitespace().collect::<Vec<_>>().join(" ");
    let requested = requested(&harness, &data, arguments[0]);
    let mut rest = diagram.as_str();
    let mut opened = 0;
    for frame in members(requested, "rows").iter().filter_map(|row| row["frame"].as_u64()) {
        opened += 1;
        for header in data["frames"][frame as usize].as_array().into_iter().flatten() {
            let name = text(header, "name");
            let name = if name.starts_with('"') { "message" } else { name };
            let fields: Vec<_> = members(header, "fields").iter().flat_map(Value::as_str).collect();
            let (layer, length) = (text(header, "layer"), &header["length"]);
            let expected = format!("{layer} {name} {length} bytes {}", fields.join(", "));
            let Some((_, after)) = rest.split_once(&expected) else {
                harness.fail(format!("the layers of the diagram: {rest:.300}"), &expected)
            };
            rest = after;
        }
    }
    harness.check(opened > 2, "frames with layers", opened.to_string());
}

#[rstest]
fn raw_numbers_are_the_numbers_in_the_segments(harness: Harness) {
    let (_, data) = page(&harness, &["tcp", "hello"]);
    let mut compared = 0;
    for row in members(requested(&harness, &data, "tcp"), "rows") {
        let Some(frame) = row["frame"].as_u64() else { continue };
        let frame = data["frames"][frame as usize].to_string();
        for name in ["seq", "ack"] {
            let raw = text(row, "raw").split_once(&format!("{name} "));
            let Some((_, number)) = raw else { continue };
            let number = number.split(' ').next().unwrap_or_default();
            let field = format!("\"{name} {number}\"");
            harness.check(frame.contains(&field), format!("{field} in the frame"), &frame);
            compared += 1;
        }
    }
    harness.check(compared > 15, "a number in each segment", compared.to_string());
}

/// Messages with markup of HTML, JSON and scripts, and with the markers of the page template.
fn hostile_messages() -> Vec<OsString> {
    let texts = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "</pre></noscript><img src=x onerror=alert(1)>",
        "&lt;b&gt;\\u003cb\\u003e",
        "\"quotes\" 'and' \\backslashes\\",
        "\u{2028}\u{2029}\u{202e}\u{1b}[2J",
        "🦀 你好",
        "<!-- diagram -->/* data *//* page.js */",
    ];
    // On Windows, arguments are always text.
    #[cfg(unix)]
    let bytes = [std::os::unix::ffi::OsStringExt::from_vec(b"\xff\xfe</script>".to_vec())];
    #[cfg(not(unix))]
    let bytes: [OsString; 0] = [];
    texts.into_iter().map(OsString::from).chain(bytes).collect()
}

#[rstest]
#[case::tcp("tcp")]
#[case::udp("udp")]
fn a_message_is_never_markup(#[case] protocol: &str) {
    let harness = Harness::for_section("bytes-and-text");
    let marks =
        ["<script", "</script", "<!--", "<img", "</pre", "</noscript", "\u{2028}", "\u{2029}"];
    let count = |page: &str| marks.map(|mark| page.matches(mark).count());
    let (harmless, _) = page(&harness, &[protocol, "hello"]);
    let mut arguments = vec![protocol.into()];
    arguments.extend(hostile_messages());
    let (hostile, data) = page(&harness, &arguments);
    let (expected, actual) = (count(&harmless), count(&hostile));
    harness.check(
        expected == actual,
        format!("{marks:?} {expected:?} times"),
        format!("{actual:?}"),
    );

    // The message itself is in its frame.
    let frames = data["frames"].to_string();
    for part in ["</script><script>alert(1)</script>", "<!--<script>", "🦀 你好"] {
        let shown = serde_json::to_string(&format!("{part:?}")).unwrap();
        let there = protocol == "tcp" || frames.contains(&shown);
        harness.check(there, format!("{shown} in a datagram"), &frames);
    }
}

#[rstest]
fn a_page_loads_nothing(harness: Harness) {
    let (page, _) = page(&harness, &["tcp", "hello"]);
    let references = "http: https: src= url( @import fetch( XMLHttpRequest import( WebSocket \
                      sendBeacon serviceWorker";
    for reference in references.split(' ') {
        harness.check(!page.contains(reference), format!("no {reference}"), "one");
    }
    let links = page.matches("href=").count() - page.matches("href=\"data:,\"").count();
    harness.check(links == 0, "no link to another page", links.to_string());
}

#[rstest]
fn without_scripts_a_page_shows_the_diagram(harness: Harness) {
    let (page, _) = page(&harness, &["tcp", "hello"]);
    let diagram = printed(&harness, &["tcp", "hello"]);
    let escaped = diagram.replace('>', "&gt;").replace('<', "&lt;");
    harness.check(page.contains(&format!("<pre>{escaped}</pre>")), &escaped, "another text");
}
