//! The packets behind the calls of the lesson, without a network and without privileges.
//!
//! Two simulated hosts, each with a whole TCP/IP stack (smoltcp), are joined by a simulated
//! Ethernet cable. The client makes the calls of the notes' client, the server those of the
//! notes' server, and every frame that they cause is drawn.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `programs` | the programs of the client and the server: start to read here |
//! | `sockets` | the calls that they make |
//! | `hosts` | the two hosts, and what they share |
//! | `simulation` | the loop that runs both programs and moves the clock on |
//! | `events` | what happens between the hosts, as plain data |
//! | `link` | the cable, and how it loses frames |
//! | `packet` | what a frame says |
//! | `rows` | what happened, in the words of the picture |
//! | `picture`, `layers`, `counts` | what is printed |
//! | `html` | the page to step through |
//! | `capture` | the file for Wireshark and tcpdump |
//! | `files` | how a file is created |
//!
//! Try it: `cargo run -p day01-packets -- tcp 你好`

mod capture;
mod counts;
mod events;
mod files;
mod hosts;
mod html;
mod layers;
mod link;
mod packet;
mod picture;
mod programs;
mod rows;
mod simulation;
mod sockets;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Parser, Subcommand};

use events::{Exchange, Failure, Play, Protocol, Server};
use html::Asked;
use link::Loss;
use packet::bytes;
use picture::Ink;
use sockets::{LONGEST_DATAGRAM, LONGEST_EXCHANGE, MOST_MESSAGES};

/// Shows the packets between a client and a server, on two simulated hosts.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, arg_required_else_help = false)]
struct Arguments {
    #[command(subcommand)]
    protocol: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A connection: the handshake, the messages and their acknowledgements, the close.
    #[command(next_line_help = true, after_help = EXAMPLES)]
    Tcp {
        #[command(flatten)]
        options: Options,
        /// A person types: the client waits for each answer, and closes after the last one.
        #[arg(long)]
        typed: bool,
        /// The server takes one byte of what came, and closes: the rest stays unread.
        #[arg(long, conflicts_with = "no_server")]
        unread: bool,
    },
    /// The same messages as datagrams.
    #[command(next_line_help = true, after_help = EXAMPLES)]
    Udp {
        #[command(flatten)]
        options: Options,
        /// The client calls connect before it sends: then its socket is told of errors.
        #[arg(long)]
        connect: bool,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("file").multiple(true)))]
struct Options {
    /// What the client sends; the server sends it back.
    #[arg(value_name = "MESSAGE", default_value = "hello")]
    messages: Vec<OsString>,
    /// Nobody is there: no program has the port that the client sends to.
    #[arg(long)]
    no_server: bool,
    /// How many of a hundred frames are lost, on average.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=100))]
    loss: u8,
    /// The same number always loses the same frames.
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// Show the headers of each frame, layer by layer.
    #[arg(long)]
    layers: bool,
    /// Write the frames to a file for Wireshark or tcpdump.
    #[arg(long, value_name = "FILE", group = "file")]
    pcap: Option<PathBuf>,
    /// Write a page to step through in a browser, in the place of the picture.
    #[arg(long, value_name = "FILE", group = "file")]
    html: Option<PathBuf>,
    /// Replace a file that exists.
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
    common::run(|arguments: Arguments| match arguments.protocol {
        Command::Tcp { options, typed, unread } => {
            let server = if unread { Server::Hasty } else { options.server() };
            show(Protocol::Tcp, options, Play { typed, connects: false, server, messages: &[] })
        }
        Command::Udp { options, connect } => {
            let server = options.server();
            let play = Play { typed: false, connects: connect, server, messages: &[] };
            show(Protocol::Udp, options, play)
        }
    })
}

impl Options {
    fn server(&self) -> Server {
        if self.no_server { Server::Nobody } else { Server::Echo }
    }
}

/// Shows a play with the messages of the command line.
fn show(protocol: Protocol, options: Options, play: Play) -> anyhow::Result<ExitCode> {
    let messages: Vec<Vec<u8>> =
        options.messages.iter().map(|text| text.as_encoded_bytes().to_vec()).collect();
    check(protocol, &messages)?;
    let create = |what, path: &Path| files::create(what, path, options.force);
    let capture = options.pcap.as_deref().map(|path| create("capture", path)).transpose()?;
    let page = options.html.as_deref().map(|path| create("page", path)).transpose()?;

    let loss = Loss { percent: options.loss, seed: options.seed };
    let play = Play { messages: &messages, ..play };
    let exchange = simulation::exchange(protocol, play, loss);
    let other = protocol.other();
    let other = check(other, &messages).ok().map(|()| simulation::exchange(other, play, loss));
    if let Some(file) = capture {
        capture::write(&exchange, file)?;
    }
    let ink = Ink { coloured: page.is_none() && has_colours() };
    let picture = picture::draw(&exchange, loss, options.layers, ink)
        + &counts::table(&exchange, other.as_ref());
    match (page, options.html) {
        (Some(mut file), Some(path)) => {
            let protocols = [Some(protocol), other.map(|other| other.protocol)];
            let protocols = protocols.into_iter().flatten().collect();
            let page = html::page(&Asked { protocol, protocols, play, loss }, &picture);
            file.write_all(page.as_bytes()).with_context(|| {
                format!("cannot write the page {path:?}; make room, or give another name")
            })?;
            common::print(format!("the page is in {path:?}; open it in a browser\n").as_bytes())?;
        }
        _ => common::print(picture.as_bytes())?,
    }
    result(&exchange)
}

/// Refuses messages that the simulated hosts cannot send.
fn check(protocol: Protocol, messages: &[Vec<u8>]) -> anyhow::Result<()> {
    let total: usize = messages.iter().map(Vec::len).sum();
    let longest = messages.iter().map(Vec::len).max().unwrap_or(0);
    if protocol == Protocol::Udp && longest > LONGEST_DATAGRAM {
        bail!(
            "a message of {} is too long for one datagram here: a frame carries 1500 bytes, less \
             20 for IPv4 and 8 for UDP, which leaves {LONGEST_DATAGRAM} (UDP itself allows 65507, \
             and IP would cut the datagram into fragments, which this link does not do); send a \
             shorter one, or use tcp",
            bytes(longest)
        );
    }
    if total > LONGEST_EXCHANGE || messages.len() > MOST_MESSAGES {
        bail!(
            "too many or too long messages for one picture: {} of {} in all; give at most \
             {MOST_MESSAGES}, of {LONGEST_EXCHANGE} bytes in all",
            messages.len(),
            bytes(total)
        );
    }
    Ok(())
}

/// The end of the program is that of the client: an error if its connection failed, unless that is
/// what was to be seen. That a datagram is lost is no error: UDP promises nothing.
fn result(exchange: &Exchange) -> anyhow::Result<ExitCode> {
    match (exchange.outcome, exchange.server) {
        (Ok(()), _)
        | (Err(Failure::Refused(_)), Server::Nobody)
        | (Err(Failure::Reset(_)), Server::Hasty) => Ok(ExitCode::SUCCESS),
        (Err(failure), _) => bail!("{failure}; with a smaller --loss it gets through"),
    }
}

/// Whether the reader of the output sees colours: it is a terminal, and nobody said otherwise
/// (<https://no-color.org>).
fn has_colours() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let understands = if cfg!(windows) {
        // The old console of Windows would print the escapes; Windows Terminal sets this.
        is_set("WT_SESSION")
    } else {
        env::var_os("TERM").is_some_and(|terminal| terminal != "dumb")
    };
    io::stdout().is_terminal() && !is_set("NO_COLOR") && understands
}
