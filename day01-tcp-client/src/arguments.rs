//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Parser, value_parser};
use common::Steps;
use net_utils::{Endpoint, Protocol, socket_addresses};

/// A TCP client: sends messages to a server and shows what the server sends.
#[derive(Parser)]
#[command(version, next_line_help = true, after_help = EXAMPLES)]
#[command(mut_arg("host", |host| host.help("Host to connect to")))]
#[command(mut_arg("port", |port| port.help("Port to connect to: a number or a service name")))]
#[command(mut_arg("quiet", |quiet| {
    quiet.help("Print no steps and no prompts, only what the server sends")
}))]
pub struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,

    /// Maximum number of bytes that one recv takes, up to 16777216
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u32).range(1..=16_777_216))]
    pub buffer_size: u32,

    /// How long to wait for each address of the host to answer
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    #[arg(value_parser = common::parse_seconds, allow_negative_numbers = true)]
    pub timeout: Duration,

    /// Each is sent as a line; without any, standard input is sent
    #[arg(value_name = "MESSAGE")]
    pub messages: Vec<OsString>,
}

impl Arguments {
    pub fn show_steps(&self) {
        self.endpoint.show_steps(Steps::Stderr);
    }

    /// The addresses of the server, at least one.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>> {
        let addresses = socket_addresses(&self.endpoint.host, &self.endpoint.port, Protocol::Tcp)?;
        if addresses.iter().any(|address| address.port() == 0) {
            bail!("can't connect to port 0: no program listens on it; give the server's --port");
        }
        Ok(addresses)
    }
}

const EXAMPLES: &str = "\
Examples:
  day01-tcp-client                      type messages, an empty line ends
  day01-tcp-client hello 你好           send two lines
  day01-tcp-client < picture > copy     send a file through an echo server";
