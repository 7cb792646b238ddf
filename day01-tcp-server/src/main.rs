//! Day 01: a TCP server, in the six steps of the notes.
//!
//! It sends back what it receives, for as long as the client sends, to one client after the
//! other: both loops of the homework. Try it with two terminals:
//!
//! ```text
//! cargo run -p day01-tcp-server
//! cargo run -p day01-tcp-client
//! ```

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use net_utils::bind::{bind_error, who_can_reach};
use net_utils::program::{self, Steps};
use net_utils::text::{counted, quoted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

/// A TCP server: sends every message back to the client that it came from.
#[derive(Parser)]
#[command(version, next_line_help = true, after_help = EXAMPLES)]
struct Arguments {
    /// 127.0.0.1: this host only; 0.0.0.0: the network
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// A number, 0 for any that is free, or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// Length of the listen queue, where clients wait
    #[arg(long, value_name = "CLIENTS", default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(i32).range(0..=65_535))]
    backlog: i32,

    /// The most bytes that one recv takes, up to 16777216
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    buffer_size: u32,

    /// Clients served at the same time: 1 to 4096
    #[arg(long, value_name = "NUMBER", default_value_t = 1, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=4_096))]
    clients: u16,

    /// Answer every message with TEXT instead of sending it back
    #[arg(long, value_name = "TEXT")]
    reply: Option<String>,

    /// Close a connection after so long without a byte [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = program::seconds)]
    #[arg(allow_negative_numbers = true)]
    idle_timeout: Option<Duration>,

    /// Print only the line `listening on IP:PORT`
    #[arg(long)]
    quiet: bool,
}

/// How long nothing is tried after accept has failed. Without a pause the server would
/// do nothing but fail; with this one it fails ten times a second at most.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// The stack of a thread, in bytes. A conversation needs a few KiB; the usual 2 MiB for each
/// of 4096 threads would ask the system for 8 GiB of address space.
const STACK: usize = 256 * 1024;

/// What all clients together have done, for the last line of the server.
static CLIENTS: AtomicU64 = AtomicU64::new(0);
static RECEIVED: AtomicU64 = AtomicU64::new(0);
static SENT: AtomicU64 = AtomicU64::new(0);

/// How many threads there are, and how many of them have a client.
static THREADS: AtomicU16 = AtomicU16::new(1);
static BUSY: AtomicU16 = AtomicU16::new(0);

fn main() -> ExitCode {
    program::run(serve)
}

/// Steps 1 to 3, then the other three for each client.
fn serve(arguments: Arguments) -> Result<ExitCode> {
    let steps = Steps { to_stderr: false, quiet: arguments.quiet };
    let addresses = socket_addresses(&arguments.host, &arguments.port, Protocol::Tcp)?;
    let address = *addresses.first().context("the host has no address")?;

    // Step 1: create a socket. Its family follows from the address, its type is a stream, and
    // no protocol (0) stands for the usual one of that type: TCP.
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)
        .context("cannot create a socket")?;
    let family = if address.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" };
    steps.step(1, "socket", format_args!("{family}, SOCK_STREAM (TCP), protocol 0"));

    // Step 2: bind it to an address of this host. Connections of a server that ran a moment
    // ago may linger in TIME_WAIT and keep the port; SO_REUSEADDR lets us bind it all the
    // same. (Windows does so without, and there the option would let two servers share it.)
    if cfg!(unix) {
        listener.set_reuse_address(true).context("cannot set SO_REUSEADDR")?;
    }
    if address.is_ipv6() && address.ip().is_unspecified() {
        // Systems differ in whether a socket on :: takes IPv4 clients as well. Ours does.
        listener.set_only_v6(false).context("cannot clear IPV6_V6ONLY")?;
    }
    listener.bind(&address.into()).map_err(|error| bind_error("bind", address, error))?;
    let bound = listener.local_addr().context("cannot read the address of the socket")?;
    let address = bound.as_socket().unwrap_or(address);
    steps.step(2, "bind", address);

    // Before anybody can connect: what Ctrl-C does. It is step 6, for the listening socket.
    program::end_on_ctrl_c(move || {
        let clients = counted(CLIENTS.load(Ordering::Relaxed), "client");
        let received = counted(RECEIVED.load(Ordering::Relaxed), "byte");
        let sent = counted(SENT.load(Ordering::Relaxed), "byte");
        let totals = format!("in all {clients}, {received} received, {sent} sent");
        steps.step(6, "close", format_args!("listening socket; {totals}"));
    })?;

    // Step 3: make it a listening socket, with a queue for clients to wait in.
    listener.listen(arguments.backlog).map_err(|error| bind_error("listen on", address, error))?;
    steps.step(3, "listen", format_args!("queue length {}", arguments.backlog));
    steps.always(format_args!("listening on {address}"));
    steps.note(who_can_reach(address));

    // Steps 4 to 6. This thread begins; others are started when clients come.
    serve_clients(&Arc::new(Server { listener: Mutex::new(listener), arguments, steps }))
}

/// What all threads work with.
struct Server {
    listener: Mutex<Socket>,
    arguments: Arguments,
    steps: Steps,
}

/// Steps 4 to 6, for one client after the other.
fn serve_clients(server: &Arc<Server>) -> ! {
    let Server { arguments, steps, .. } = server.as_ref();
    loop {
        // Step 4: wait for a client, and accept its connection.
        let (connection, client) = accept(server);
        CLIENTS.fetch_add(1, Ordering::Relaxed);

        // Step 5: receive and send.
        let mut counts = Counts::default();
        if let Err(error) = converse(&connection, client, arguments, *steps, &mut counts) {
            steps.step(5, "lost", format_args!("the connection of {client}: {error}"));
        }

        // Step 6: close the connection. The listening socket stays open for the next client.
        drop(connection);
        steps.step(6, "close", format_args!("{client}: {counts}"));
        BUSY.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Step 4: waits until a client's connection is complete, and takes it out of the queue.
fn accept(server: &Arc<Server>) -> (Socket, SocketAddr) {
    let Server { listener, arguments, steps } = server.as_ref();
    // One thread at a time waits in accept, the others wait here for their turn: when accept
    // fails, one of them tries again and reports it, and not all.
    let listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
    steps.step(4, "accept", "waiting for a client (Ctrl-C ends the server)");
    let mut reported = false;
    loop {
        match listener.accept() {
            Ok((connection, client)) => {
                let Some(client) = client.as_socket() else { continue };
                steps.step(4, "accept", format_args!("client {client} connected"));
                // While every thread has a client, one more waits for the next.
                let busy = BUSY.fetch_add(1, Ordering::Relaxed) + 1;
                if busy == THREADS.load(Ordering::Relaxed) && busy < arguments.clients {
                    start_thread(server);
                }
                return (connection, client);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                // Out of file descriptors, for example. The clients stay in the queue.
                if !reported {
                    program::print_error(&anyhow!(
                        "cannot accept a client: {error}: it waits in the listen queue, and the \
                         server tries again until it can (ulimit -n shows how many files may be \
                         open)"
                    ));
                }
                reported = true;
                thread::sleep(PAUSE_AFTER_FAILED_ACCEPT);
            }
        }
    }
}

/// Starts one more thread for steps 4 to 6.
fn start_thread(server: &Arc<Server>) {
    static REPORTED: Once = Once::new();
    let (threads, clients) = (THREADS.load(Ordering::Relaxed), server.arguments.clients);
    let server = Arc::clone(server);
    match thread::Builder::new().stack_size(STACK).spawn(move || serve_clients(&server)) {
        Ok(_) => THREADS.store(threads + 1, Ordering::Relaxed),
        // It is tried again for the next client, but said once.
        Err(error) => REPORTED.call_once(|| {
            program::print_error(&anyhow!(error).context(format!(
                "cannot start more than {threads} of {clients} threads; ask for fewer with \
                 --clients"
            )));
        }),
    }
}

/// Step 5: receives and sends, until the client has nothing more to send.
fn converse(
    connection: &Socket,
    client: SocketAddr,
    arguments: &Arguments,
    steps: Steps,
    counts: &mut Counts,
) -> Result<()> {
    connection.set_read_timeout(arguments.idle_timeout)?;
    connection.set_write_timeout(arguments.idle_timeout)?;
    let mut buffer = vec![0; arguments.buffer_size as usize];
    loop {
        let received = recv(connection, &mut buffer)?;
        if received == 0 {
            // Not an empty message, TCP has none: the client has closed its sending half.
            steps.step(5, "recv", format_args!("0 bytes: {client} sends no more"));
            return Ok(());
        }
        let message = &buffer[..received];
        counts.receive(received);
        steps.step(
            5,
            "recv",
            format_args!("{} from {client}: {}", bytes(received), quoted(message)),
        );

        let answer = arguments.reply.as_ref().map_or(message, |text| text.as_bytes());
        // One send may take a part of the answer only: go on with the rest.
        let mut rest = answer;
        while !rest.is_empty() {
            let sent = send(connection, rest)?;
            counts.send(sent);
            rest = &rest[sent..];
        }
        steps.step(5, "send", format_args!("{} to {client}", bytes(answer.len())));
    }
}

/// Waits for bytes and stores them in the buffer: socket2's `recv` wants a buffer of a special
/// kind, its `read` makes the same call with an ordinary one. Gives their number: at least 1, at most the
/// length of the buffer, and 0 when none will ever come.
fn recv(mut connection: &Socket, buffer: &mut [u8]) -> Result<usize> {
    loop {
        match connection.read(buffer) {
            // A signal woke us before anything came.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => return received.map_err(idle_or_lost),
        }
    }
}

/// Hands bytes to the system, which sends them. Gives the number of bytes it took.
fn send(connection: &Socket, bytes: &[u8]) -> Result<usize> {
    loop {
        match connection.send(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            sent => return sent.map_err(idle_or_lost),
        }
    }
}

fn bytes(number: usize) -> impl Display {
    counted(number as u64, "byte")
}

/// What an error of recv or send says of the connection.
fn idle_or_lost(error: io::Error) -> anyhow::Error {
    match error.kind() {
        program::TIME_IS_UP => anyhow!("nothing moved for as long as --idle-timeout allows"),
        _ => anyhow!(error),
    }
}

/// What one client has done.
#[derive(Default)]
struct Counts {
    messages: u64,
    received: u64,
    sent: u64,
}

impl Counts {
    fn receive(&mut self, bytes: usize) {
        self.messages += 1;
        self.received += bytes as u64;
        RECEIVED.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn send(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        SENT.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Display for Counts {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        let Counts { messages, received, sent } = self;
        write!(
            line,
            "{}, {} received, {} sent",
            counted(*messages, "message"),
            counted(*received, "byte"),
            counted(*sent, "byte")
        )
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
