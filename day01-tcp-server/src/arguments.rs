//! The command line.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, value_parser};
use common::Steps;
use net_utils::{Endpoint, Error, Protocol, address_to_bind};
use socket2::Socket;

/// A TCP server: sends back what its clients send.
#[derive(Clone, Parser)]
#[command(version, next_line_help = true, after_help = EXAMPLES)]
#[command(mut_arg("quiet", |quiet| quiet.help("Print only the line `listening on IP:PORT`")))]
pub struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,

    /// Length of the listen queue, where clients wait
    #[arg(long, value_name = "CLIENTS", default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(i32).range(0..=65_535))]
    pub backlog: i32,

    /// Maximum number of bytes that one recv takes, up to 16777216
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u32).range(1..=16_777_216))]
    pub buffer_size: u32,

    /// Clients served at the same time: 1 to 4096
    #[arg(long, value_name = "NUMBER", default_value_t = 1, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u16).range(1..=4_096))]
    pub clients: u16,

    /// Answer with TEXT instead of sending back what was received
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,

    /// Close a connection after this time without a byte [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = common::parse_seconds)]
    #[arg(allow_negative_numbers = true)]
    idle_timeout: Option<Duration>,

    /// Let the system hold small answers back (Nagle's algorithm)
    #[arg(long)]
    nagle: bool,
}

impl Arguments {
    pub fn show_steps(&self) {
        self.endpoint.show_steps(Steps::Stdout);
    }

    /// The address to bind: the first of the host's addresses that belongs to this host.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        address_to_bind(&self.endpoint.host, &self.endpoint.port, Protocol::Tcp)
    }

    pub fn answer<'a>(&'a self, message: &'a [u8]) -> &'a [u8] {
        self.reply.as_ref().map_or(message, |text| text.as_bytes())
    }

    pub fn apply_to(&self, connection: &Socket) -> io::Result<()> {
        connection.set_read_timeout(self.idle_timeout)?;
        connection.set_write_timeout(self.idle_timeout)?;
        // Nagle's algorithm holds the second of two small sends back until the first is
        // acknowledged, and the other end may delay that (RFC 9293, section 3.7.4).
        connection.set_tcp_nodelay(!self.nagle)
    }
}

const EXAMPLES: &str = "\
Examples:
  day01-tcp-server
      echo on 127.0.0.1, port 8888
  day01-tcp-server --host 0.0.0.0 --clients 100 --idle-timeout 60
      for the whole class; drops clients that disappear
  day01-tcp-server --reply 'Received your message'
      a fixed answer, as in the lesson
Then, in another terminal: day01-tcp-client hello";
