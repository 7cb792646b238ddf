//! The look-ups of the lesson as a small program.
//!
//! Try it: `cargo run -p net-utils -- host localhost`

mod connections;

use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use common::{one_line, print, print_error, run};
use connections::print_connections;
use net_utils::{
    Address, Interface, Port, Protocol, host_addresses, host_name, interfaces, own_address,
    port_service, service_port,
};

/// Look up host names, addresses, services, network interfaces and connections.
#[derive(Parser)]
// Without a command, print one line instead of the help.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    look_up: LookUp,
}

#[derive(Subcommand)]
enum LookUp {
    /// Print the name of this host.
    #[command(after_help = "Example:\n  net-utils hostname")]
    Hostname,

    /// Print the addresses of a host, one per line, IPv4 first.
    #[command(after_help = "Example:\n  $ net-utils host localhost\n  127.0.0.1")]
    Host {
        /// A host name or an address.
        name: String,
    },

    /// Print the port of a service, or the service of a port.
    #[command(after_help = SERVICE_EXAMPLE)]
    Service {
        /// Names of services, or port numbers.
        // The error for -1 is then about ports, not about an unknown option.
        #[arg(required = true, value_name = "NAME_OR_PORT", allow_negative_numbers = true)]
        ports: Vec<Port>,
        /// Look up UDP services instead of TCP services.
        #[arg(long)]
        udp: bool,
    },

    /// Print the addresses of this host's network interfaces, one per line.
    #[command(after_help = INTERFACES_EXAMPLE)]
    Interfaces,

    /// Explain IP addresses and their networks.
    #[command(after_help = ADDRESS_EXAMPLE)]
    Address {
        /// Addresses, with or without a prefix.
        #[arg(required = true, value_name = "IP[/PREFIX]")]
        addresses: Vec<Address>,
    },

    /// Print the sockets of this host that use a port, one per line.
    #[command(after_help = CONNECTIONS_EXAMPLE)]
    Connections {
        /// The local or remote port: a number, a service, or 0 for every port.
        #[arg(default_value = "8888", allow_negative_numbers = true)]
        port: Port,
        /// Print them again whenever something changes, until Ctrl-C.
        #[arg(long)]
        watch: bool,
    },
}

fn main() -> ExitCode {
    run(|arguments: Arguments| match arguments.look_up {
        LookUp::Hostname => print_lines([one_line(&host_name()?)]),
        LookUp::Host { name } => print_lines(host_addresses(&name)?),
        LookUp::Service { ports, udp } => print_services(&ports, udp),
        LookUp::Interfaces => print_interfaces(),
        LookUp::Address { addresses } => print_addresses(&addresses),
        LookUp::Connections { port, watch } => print_connections(&port, watch),
    })
}

fn print_lines<Line: ToString>(lines: impl IntoIterator<Item = Line>) -> Result<ExitCode> {
    let lines: String = lines.into_iter().map(|line| line.to_string() + "\n").collect();
    print(lines.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints each service or its error, in the order of the arguments.
fn print_services(ports: &[Port], udp: bool) -> Result<ExitCode> {
    let protocol = if udp { Protocol::Udp } else { Protocol::Tcp };
    let mut status = ExitCode::SUCCESS;
    for port in ports {
        let found = match port {
            Port::Number(number) => port_service(*number, protocol).map(|name| (name, *number)),
            Port::Service(name) => service_port(name, protocol).map(|port| (name.clone(), port)),
        };
        match found {
            Ok((name, number)) => print(format!("{name} {number}/{protocol}\n").as_bytes())?,
            Err(error) => {
                print_error(&error.into());
                status = ExitCode::FAILURE;
            }
        }
    }
    Ok(status)
}

fn print_interfaces() -> Result<ExitCode> {
    let interfaces = interfaces()?;
    if interfaces.is_empty() {
        bail!(
            "no interface of this host has an address; enable one, for example the loopback (Linux: \
             `ip link set lo up`)"
        );
    }
    let own = own_address();
    print_lines(interfaces.iter().map(|interface| line_of(interface, own)))
}

/// A line with the same eight fields for every interface.
fn line_of(interface: &Interface, own: Option<IpAddr>) -> String {
    let Interface { address, prefix, netmask, .. } = interface;
    // On Windows a name may contain spaces.
    let name = one_line(&interface.name).replace(' ', "_");
    let broadcast = interface.broadcast.map_or("-".to_owned(), |address| address.to_string());
    let state = if interface.up { "up" } else { "down" };
    let mark = match interface {
        _ if interface.loopback => "loopback",
        _ if own == Some(*address) => "own-address",
        _ => "-",
    };
    format!("{name} {address}/{prefix} netmask {netmask} broadcast {broadcast} {state} {mark}")
}

fn print_addresses(addresses: &[Address]) -> Result<ExitCode> {
    print_lines([addresses.iter().map(Address::to_string).collect::<Vec<_>>().join("\n\n")])
}

const EXAMPLES: &str = "\
Examples:
  net-utils hostname
  net-utils host localhost
  net-utils service http 53
  net-utils interfaces
  net-utils address 192.168.56.1/24
  net-utils connections 8888 --watch";

const SERVICE_EXAMPLE: &str = "\
Example:
  $ net-utils service http 22
  http 80/tcp
  ssh 22/tcp

The ranges of ports:
  the lesson              today (RFC 6335)
  1-255       public      0-1023       system
  256-1023    system      1024-49151   user
  1024-65535  your own    49152-65535  dynamic";

const INTERFACES_EXAMPLE: &str = "\
Example:
  $ net-utils interfaces
  lo 127.0.0.1/8 netmask 255.0.0.0 broadcast - up loopback
  eth0 192.168.56.2/24 netmask 255.255.255.0 broadcast 192.168.56.255 up own-address

own-address marks the source address of packets to the Internet.
Interfaces without an address aren't listed.";

const ADDRESS_EXAMPLE: &str = "\
Example:
  net-utils address 192.168.56.0/24 192.168.56.1/24 192.168.56.255/24";

const CONNECTIONS_EXAMPLE: &str = "\
Example:
  $ net-utils connections 8888
  tcp LISTEN       127.0.0.1:8888, 1 in the queue of length 5
  tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:38812
  tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:38816, in the queue, 6 bytes to receive
  tcp ESTABLISHED  127.0.0.1:38812 to 127.0.0.1:8888
  tcp ESTABLISHED  127.0.0.1:38816 to 127.0.0.1:8888
  tcp TIME-WAIT    127.0.0.1:38804 to 127.0.0.1:8888, 57 s left

Each line is a socket: its protocol, its state (UDP has none), its local address, and its remote
address. If both ends are on this host, a connection has two lines. A UDP socket has a remote
address only if it is connected. 8888 is the default port of the day 01 programs.

  N in the queue            connections to this listening socket that accept hasn't taken
  of length N               the argument of `listen`; Linux lets one more connection wait
  in the queue              accept hasn't taken this connection
  N bytes to receive        received by the system, but not yet by the program
  N bytes not acknowledged  sent by the program, but not yet acknowledged by the other end
  FIN                       the end of the data in one direction
  sent again in N s         unless an acknowledgement comes first
  asks for room in N s      the receive buffer of the other end is full
  N s left                  until the socket disappears

On macOS and Windows the lines are those that `netstat -an` prints.";
