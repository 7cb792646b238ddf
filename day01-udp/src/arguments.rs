//! The command lines of both ends, and what they ask for.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use common::Steps;
use net_utils::{Port, Protocol, address_to_bind, address_to_send_to, socket_addresses};

use crate::datagram::check_length;

/// Both ends of UDP: a server that sends datagrams back, and a client.
#[derive(Parser)]
// Without a command, one line says so: the whole help is for those who ask for it.
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
pub struct ServerArguments {
    /// 127.0.0.1: this host only; 0.0.0.0: the network
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// A number, 0 for any that is free, or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// The most bytes taken of a datagram; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub buffer_size: u16,

    /// Answer with TEXT instead of sending back what came
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,

    /// Print only the line `bound to IP:PORT`
    #[arg(long)]
    quiet: bool,
}

impl ServerArguments {
    /// Where the steps are printed.
    pub fn steps(&self) -> Steps {
        Steps::on_stdout(self.quiet)
    }

    /// The address to bind: the first of the host's that this host has.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = address_to_bind(&self.host, &self.port, Protocol::Udp)?;
        check_length(self.answer(b""), address)?;
        Ok(address)
    }

    /// What is sent for a message.
    pub fn answer<'a>(&'a self, message: &'a [u8]) -> &'a [u8] {
        self.reply.as_ref().map_or(message, |text| text.as_bytes())
    }
}

/// Send datagrams to a server and show its replies
#[derive(Args)]
#[command(next_line_help = true, after_help = CLIENT_EXAMPLES)]
pub struct ClientArguments {
    /// Host to send to
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// Port to send to: a number or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// The most bytes taken of a reply; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub buffer_size: u16,

    /// How long to wait for the reply to each datagram
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = common::seconds)]
    #[arg(allow_negative_numbers = true)]
    pub timeout: Duration,

    /// Allow a broadcast address, and show all replies that come in time
    #[arg(long)]
    pub broadcast: bool,

    /// Print no steps and no prompts, only the replies
    #[arg(long)]
    quiet: bool,

    /// Each is one datagram; without any, each line of standard input is
    #[arg(value_name = "MESSAGE")]
    pub messages: Vec<OsString>,
}

impl ClientArguments {
    /// Where the steps are printed.
    pub fn steps(&self) -> Steps {
        Steps::on_stderr(self.quiet)
    }

    /// Where to send to: of the host's addresses the first that this host knows a way to, and at
    /// which, if it is one of its own, a program is bound.
    pub fn server(&self) -> Result<SocketAddr> {
        let server = address_to_send_to(&self.host, &self.port, Protocol::Udp)?;
        if server.port() == 0 {
            bail!("cannot send to port 0: no program can be bound to it; give the server's --port");
        }
        Ok(server)
    }

    /// The other addresses of the host, which a message to `server` does not reach.
    pub fn other_addresses(&self, server: SocketAddr) -> Vec<IpAddr> {
        let all = socket_addresses(&self.host, &self.port, Protocol::Udp).unwrap_or_default();
        all.iter().map(SocketAddr::ip).filter(|&ip| ip != server.ip()).collect()
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
