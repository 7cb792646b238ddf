//! Shows the packets behind the calls of the lesson, without a network and without privileges.
//!
//! Two simulated hosts, each with a TCP/IP stack (smoltcp), are connected by a simulated Ethernet
//! link. Their programs make the calls of the notes' client and server, and each frame that results
//! is drawn in a sequence diagram.
//!
//! Try it: `cargo run -p day01-packets -- tcp 你好`

mod diagram_rows;
mod exchange;
mod html_page;
mod output_file;
mod packet_counts;
mod packet_diagram;
mod packet_headers;
mod packet_label;
mod parsed_packet;
mod pcap_file;
mod simulated_hosts;
mod simulated_link;
mod simulated_programs;
mod simulated_sockets;
mod simulation;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Parser, Subcommand};

use common::bytes;
use exchange::{Exchange, Failure, Protocol, Scenario, Server};
use html_page::Request;
use simulated_link::Loss;
use simulated_sockets::{MAX_DATAGRAM, MAX_EXCHANGE, MAX_MESSAGES};

/// Show the packets between a client and a server on two simulated hosts.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, arg_required_else_help = false)]
struct Arguments {
    #[command(subcommand)]
    protocol: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send the messages over a connection: handshake, data, acknowledgements and close.
    #[command(next_line_help = true, after_help = EXAMPLES)]
    Tcp {
        #[command(flatten)]
        options: Options,
        /// Wait for each reply before the next message, as if a person typed them.
        #[arg(long)]
        typed: bool,
        /// The server receives one byte and closes, with the rest unread.
        #[arg(long, conflicts_with = "no_server")]
        unread: bool,
    },
    /// Send the messages as datagrams.
    #[command(next_line_help = true, after_help = EXAMPLES)]
    Udp {
        #[command(flatten)]
        options: Options,
        /// Call connect before sending: then calls of the client report ICMP errors.
        #[arg(long)]
        connect: bool,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("file").multiple(true)))]
struct Options {
    /// The messages that the client sends, and the server sends back.
    #[arg(value_name = "MESSAGE", default_value = "hello")]
    messages: Vec<OsString>,
    /// Run no program on the server's port.
    #[arg(long)]
    no_server: bool,
    /// The probability of losing a frame, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    loss: u8,
    /// The seed of the losses: the same seed loses the same frames.
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// Show the headers of each frame, layer by layer.
    #[arg(long)]
    layers: bool,
    /// Write the frames to a capture file for Wireshark or tcpdump.
    #[arg(long, value_name = "FILE", group = "file")]
    pcap: Option<PathBuf>,
    /// Write an HTML page to step through in a browser, instead of the diagram.
    #[arg(long, value_name = "FILE", group = "file")]
    html: Option<PathBuf>,
    /// Replace existing files.
    #[arg(long, requires = "file")]
    force: bool,
}

const EXAMPLES: &str = "\
Examples:
  day01-packets tcp 你好
  day01-packets tcp hello --layers
  day01-packets tcp one two --typed
  day01-packets tcp hello --no-server
  day01-packets tcp hello --unread
  day01-packets udp one two three --loss 30 --seed 7
  day01-packets udp hello --no-server --connect
  day01-packets tcp hello --pcap hello.pcap
  day01-packets tcp hello --html hello.html";

fn main() -> ExitCode {
    common::run(|arguments: Arguments| {
        let (protocol, options, typed, connects, unread) = match arguments.protocol {
            Command::Tcp { options, typed, unread } => {
                (Protocol::Tcp, options, typed, false, unread)
            }
            Command::Udp { options, connect } => (Protocol::Udp, options, false, connect, false),
        };
        let server = match options.no_server {
            true => Server::Absent,
            false if unread => Server::ClosesEarly,
            false => Server::Echo,
        };
        show(protocol, options, Scenario { typed, connects, server, messages: &[] })
    })
}

/// Simulates a scenario with the messages of the command line, and shows it.
fn show(protocol: Protocol, options: Options, scenario: Scenario) -> anyhow::Result<ExitCode> {
    let messages = options.messages.iter().map(|text| text.as_encoded_bytes().to_vec());
    let messages: Vec<Vec<u8>> = messages.collect();
    check(protocol, &messages)?;
    let create = |what, path: &Path| output_file::create(what, path, options.force);
    let capture = options.pcap.as_deref().map(|path| create("capture", path)).transpose()?;
    let page = options.html.as_deref().map(|path| create("page", path)).transpose()?;

    let loss = Loss { percent: options.loss, seed: options.seed };
    let scenario = Scenario { messages: &messages, ..scenario };
    let exchange = simulation::exchange(protocol, scenario, loss);
    let other = if protocol == Protocol::Tcp { Protocol::Udp } else { Protocol::Tcp };
    let other = check(other, &messages).ok().map(|()| simulation::exchange(other, scenario, loss));
    if let Some(file) = capture {
        pcap_file::write(&exchange, file)?;
    }
    let coloured = page.is_none() && has_colours();
    let diagram = packet_diagram::draw(&exchange, loss, options.layers, coloured)
        + &packet_counts::table(&exchange, other.as_ref());
    match (page, options.html) {
        (Some(mut file), Some(path)) => {
            let protocols = iter::once(protocol).chain(other.map(|other| other.protocol)).collect();
            let page = html_page::page(&Request { protocol, protocols, scenario, loss }, &diagram);
            file.write_all(page.as_bytes()).with_context(|| {
                format!("can't write the page {path:?}; free some space, or choose another name")
            })?;
            common::print(format!("the page is in {path:?}; open it in a browser\n").as_bytes())?;
        }
        _ => common::print(diagram.as_bytes())?,
    }
    result(&exchange)
}

/// Rejects messages that the simulated hosts can't send.
fn check(protocol: Protocol, messages: &[Vec<u8>]) -> anyhow::Result<()> {
    let total: usize = messages.iter().map(Vec::len).sum();
    let longest = messages.iter().map(Vec::len).max().unwrap_or(0);
    if protocol == Protocol::Udp && longest > MAX_DATAGRAM {
        bail!(
            "a message of {} is too long for a datagram: a frame has room for 1500 bytes, minus 20 for \
             IPv4 and 8 for UDP, so {MAX_DATAGRAM} (UDP allows 65507, but these hosts don't fragment \
             datagrams); send a shorter message, or use tcp",
            bytes(longest)
        );
    }
    if total > MAX_EXCHANGE || messages.len() > MAX_MESSAGES {
        bail!(
            "too many or too long messages for one diagram: {} with {} in total; give at most \
             {MAX_MESSAGES}, with {MAX_EXCHANGE} bytes in total",
            messages.len(),
            bytes(total)
        );
    }
    Ok(())
}

/// The exit status: an error if the client's connection failed, unless the command line asked for
/// that. A lost datagram isn't an error: UDP doesn't guarantee delivery.
fn result(exchange: &Exchange) -> anyhow::Result<ExitCode> {
    match (exchange.outcome, exchange.server) {
        (Ok(()), _)
        | (Err(Failure::Refused(_)), Server::Absent)
        | (Err(Failure::Reset(_)), Server::ClosesEarly) => Ok(ExitCode::SUCCESS),
        (Err(failure), _) => bail!("{failure}; try a smaller --loss"),
    }
}

/// Whether to print colours: standard output is a terminal, and the user hasn't disabled them
/// (<https://no-color.org>).
fn has_colours() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let understands = match cfg!(windows) {
        // Windows Terminal sets this; the older console would print the control sequences.
        true => is_set("WT_SESSION"),
        false => env::var_os("TERM").is_some_and(|terminal| terminal != "dumb"),
    };
    io::stdout().is_terminal() && !is_set("NO_COLOR") && understands
}
