//! The command line, and what it asks for.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use common::Steps;
use net_utils::{Error, Port, Protocol, address_to_bind};
use socket2::Socket;

/// A TCP server: sends back what its clients send.
#[derive(Parser)]
#[command(version, next_line_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// 127.0.0.1: this host only; 0.0.0.0: the network
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// A number, 0 for any that is free, or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// Length of the listen queue, where clients wait
    #[arg(long, value_name = "CLIENTS", default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(i32).range(0..=65_535))]
    pub backlog: i32,

    /// The most bytes that one recv takes, up to 16777216
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub buffer_size: u32,

    /// Clients served at the same time: 1 to 4096
    #[arg(long, value_name = "NUMBER", default_value_t = 1, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=4_096))]
    pub clients: u16,

    /// Answer with TEXT instead of sending back what came
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,

    /// Close a connection after so long without a byte [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = common::seconds)]
    #[arg(allow_negative_numbers = true)]
    idle_timeout: Option<Duration>,

    /// Let the system hold small answers back (Nagle's algorithm)
    #[arg(long)]
    nagle: bool,

    /// Print only the line `listening on IP:PORT`
    #[arg(long)]
    quiet: bool,
}

impl Arguments {
    /// Where the steps are printed.
    pub fn steps(&self) -> Steps {
        Steps::on_stdout(self.quiet)
    }

    /// The address to bind: the first of the host's that this host has.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        address_to_bind(&self.host, &self.port, Protocol::Tcp)
    }

    /// What is sent for a message.
    pub fn answer<'a>(&'a self, message: &'a [u8]) -> &'a [u8] {
        self.reply.as_ref().map_or(message, |text| text.as_bytes())
    }

    /// Sets the options of a connection.
    pub fn apply_to(&self, connection: &Socket) -> io::Result<()> {
        connection.set_read_timeout(self.idle_timeout)?;
        connection.set_write_timeout(self.idle_timeout)?;
        // With Nagle's algorithm the second of two small sends waits until the first is
        // acknowledged, which the other end may put off (RFC 9293, section 3.7.4).
        connection.set_tcp_nodelay(!self.nagle)
    }
}

const EXAMPLES: &str = "\
Examples:
  day01-tcp-server
      echo on 127.0.0.1, port 8888
  day01-tcp-server --host 0.0.0.0 --clients 100 --idle-timeout 60
      for the whole class, also when somebody pulls the cable
  day01-tcp-server --reply 'Received your message'
      as the class version answered
Then, in another terminal: day01-tcp-client hello";
