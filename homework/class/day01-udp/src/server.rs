//! The server: socket, bind, then recvfrom and sendto. A datagram comes with the address of its
//! sender, so the server knows where to send the answer.

use std::net::UdpSocket;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use clap::Args;
use net_utils::bind::{bind_error, who_can_reach};
use net_utils::program::{self, Steps};
use net_utils::text::{counted, quoted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

use super::datagram::{bytes, recv_from};

/// Send one datagram back to where it came from
#[derive(Args)]
#[command(next_line_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// 127.0.0.1: this host only; 0.0.0.0: the network
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// A number, 0 for any that is free, or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// The most bytes taken of a datagram; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    buffer_size: u16,

    /// Answer with TEXT instead of sending it back
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,

    /// Print only the line `bound to IP:PORT`
    #[arg(long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  day01-udp server                    on 127.0.0.1, port 8888
  day01-udp server --buffer-size 4    cuts a datagram that is longer";

/// What the server has done, for its last line.
static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

pub fn serve(arguments: Arguments) -> Result<ExitCode> {
    let steps = Steps { to_stderr: false, quiet: arguments.quiet };
    let addresses = socket_addresses(&arguments.host, &arguments.port, Protocol::Udp)?;
    let address = *addresses.first().context("the host has no address")?;

    // Step 1: create a socket, for datagrams this time.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
        .context("cannot create a socket")?;
    let family = if address.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" };
    steps.step(1, "socket", format_args!("{family}, SOCK_DGRAM (UDP), protocol 0"));

    // Step 2: bind it to an address of this host.
    if address.is_ipv6() && address.ip().is_unspecified() {
        // Systems differ in whether a socket on :: takes IPv4 datagrams as well. Ours does.
        socket.set_only_v6(false).context("cannot clear IPV6_V6ONLY")?;
    }
    socket.bind(&address.into()).map_err(|error| bind_error("bind", address, error))?;
    let socket = UdpSocket::from(socket);
    let address = socket.local_addr().context("cannot read the address of the socket")?;
    steps.step(2, "bind", address);
    program::end_on_ctrl_c(move || {
        // Step 5, when the program ends.
        let received = counted(RECEIVED.load(Ordering::Relaxed), "datagram");
        let sent = counted(SENT.load(Ordering::Relaxed), "datagram");
        steps.step(5, "close", format_args!("{received} received, {sent} sent"));
    })?;
    steps.always(format_args!("bound to {address}"));
    steps.note(who_can_reach(address));

    // Steps 3 and 4, for one datagram.
    let mut buffer = vec![0; arguments.buffer_size.into()];
    answer_one(&socket, &mut buffer, arguments.reply.as_deref(), steps)?;

    // Step 5: close.
    drop(socket);
    steps.step(5, "close", "one datagram answered");
    Ok(ExitCode::SUCCESS)
}

/// Steps 3 and 4: receives one datagram and answers it.
fn answer_one(
    socket: &UdpSocket,
    buffer: &mut [u8],
    reply: Option<&str>,
    steps: Steps,
) -> Result<()> {
    // Step 3: recvfrom. It gives one whole datagram and the address of its sender.
    let datagram = recv_from(socket, buffer).context("cannot receive")?;
    RECEIVED.fetch_add(1, Ordering::Relaxed);
    let client = datagram.sender;
    let message = &buffer[..datagram.taken];
    steps.step(3, "recvfrom", format_args!("{datagram}: {}", quoted(message)));

    // Step 4: sendto, to where the datagram came from.
    let answer = reply.map_or(message, str::as_bytes);
    socket
        .send_to(answer, client)
        .with_context(|| format!("cannot send {} to {client}", bytes(answer.len())))?;
    SENT.fetch_add(1, Ordering::Relaxed);
    steps.step(4, "sendto", format_args!("{} to {client}", bytes(answer.len())));
    Ok(())
}
