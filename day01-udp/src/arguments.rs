//! The command lines of both ends.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand, value_parser};
use net_utils::{Endpoint, Protocol, address_to_bind, address_to_send_to};

use crate::datagram::check_length;
use crate::replies::ReplyOptions;

/// Both ends of UDP: a server that sends datagrams back, and a client.
#[derive(Parser)]
// A missing command is a one-line error, not the whole help.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub end: End,
}

#[derive(Subcommand)]
pub enum End {
    Server(ServerArguments),
    Client(ClientArguments),
}

/// Send datagrams back to where they came from
#[derive(Args)]
#[command(next_line_help = true, after_help = SERVER_EXAMPLES)]
#[command(mut_arg("quiet", |quiet| quiet.help("Print only the line `bound to IP:PORT`")))]
pub struct ServerArguments {
    #[command(flatten)]
    pub endpoint: Endpoint,

    /// Maximum number of bytes taken of a datagram; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u16).range(1..))]
    pub buffer_size: u16,

    /// Answer with TEXT instead of sending back what was received
    #[arg(long, value_name = "TEXT")]
    pub reply: Option<String>,
}

impl ServerArguments {
    /// The address to bind: the first of the host's addresses that belongs to this host.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = address_to_bind(&self.endpoint.host, &self.endpoint.port, Protocol::Udp)?;
        check_length(self.reply.as_deref().unwrap_or_default().as_bytes(), address)?;
        Ok(address)
    }
}

/// Send datagrams to a server and show its replies
#[derive(Args)]
#[command(next_line_help = true, after_help = CLIENT_EXAMPLES)]
#[command(mut_arg("host", |host| host.help("Host to send to")))]
#[command(mut_arg("port", |port| port.help("Port to send to: a number or a service name")))]
#[command(mut_arg("quiet", |quiet| quiet.help("Print no steps and no prompts, only the replies")))]
pub struct ClientArguments {
    #[command(flatten)]
    pub endpoint: Endpoint,

    /// Maximum number of bytes taken of a reply; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u16).range(1..))]
    buffer_size: u16,

    /// How long to wait for the reply to each datagram
    #[arg(long, value_name = "SECONDS", default_value = "2")]
    #[arg(value_parser = common::parse_seconds, allow_negative_numbers = true)]
    timeout: Duration,

    /// Allow a broadcast address, and show all replies that arrive in time
    #[arg(long)]
    broadcast: bool,

    /// Each is one datagram; without any, each line of standard input is
    #[arg(value_name = "MESSAGE")]
    pub messages: Vec<OsString>,
}

impl ClientArguments {
    /// The server's address: the first of the host's addresses that this host has a route to. An
    /// address of this host counts only if a program is bound to the port.
    pub fn server(&self) -> Result<SocketAddr> {
        let server = address_to_send_to(&self.endpoint.host, &self.endpoint.port)?;
        if server.port() == 0 {
            bail!("can't send to port 0: no program can be bound to it; give the server's --port");
        }
        Ok(server)
    }

    pub fn replies(&self) -> ReplyOptions {
        let (buffer_size, host) = (self.buffer_size.into(), self.endpoint.host.clone());
        let ClientArguments { timeout, broadcast, .. } = *self;
        ReplyOptions { host, timeout, broadcast, buffer_size }
    }
}

const EXAMPLES: &str = "\
Examples, in two terminals:
  day01-udp server
  day01-udp client hello 你好";

const SERVER_EXAMPLES: &str = "\
Examples:
  day01-udp server                    on 127.0.0.1, port 8888
  day01-udp server --buffer-size 4    cuts every datagram that is longer";

const CLIENT_EXAMPLES: &str = "\
Examples:
  day01-udp client                          type messages, Ctrl-D ends
  day01-udp client hello '' 你好            three datagrams, one of them empty
  day01-udp client --host 192.168.56.255 --broadcast 'who is there?'";
