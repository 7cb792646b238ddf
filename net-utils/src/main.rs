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
// Without a command, one line says so: the whole help is for those who ask for it.
#[command(version, arg_required_else_help = false, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    look_up: LookUp,
}

#[derive(Subcommand)]
enum LookUp {
    /// Print the name of this host.
    #[command(after_help = HOSTNAME_EXAMPLE)]
    Hostname,

    /// Print the addresses of a host, one a line, IPv4 first.
    #[command(after_help = HOST_EXAMPLE)]
    Host {
        /// A host name, or an address.
        name: String,
    },

    /// Print the port of a service, or the service of a port.
    #[command(after_help = SERVICE_EXAMPLE)]
    Service {
        /// Names of services and numbers of ports.
        // So that -1 is told what a port is, not that there is no option -1.
        #[arg(required = true, value_name = "NAME_OR_PORT", allow_negative_numbers = true)]
        ports: Vec<Port>,
        /// Look up services over UDP instead of TCP.
        #[arg(long)]
        udp: bool,
    },

    /// Print the addresses of this host's network interfaces, one a line.
    #[command(after_help = INTERFACES_EXAMPLE)]
    Interfaces,

    /// Explain IP addresses, and what they are in their networks.
    #[command(after_help = ADDRESS_EXAMPLE)]
    Address {
        /// Addresses, alone or with a prefix.
        #[arg(required = true, value_name = "IP[/PREFIX]")]
        addresses: Vec<Address>,
    },

    /// Print the sockets of this host that have a port, one a line, as the system has them.
    #[command(after_help = CONNECTIONS_EXAMPLE)]
    Connections {
        /// The port at either end: a number, a service, or 0 for every port.
        #[arg(default_value = "8888", allow_negative_numbers = true)]
        port: Port,
        /// Go on, and print them again whenever something changes. Ctrl-C ends.
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

/// Prints each service or its error, in the order asked for: one that is unknown does not keep
/// the others from their answers.
fn print_services(ports: &[Port], udp: bool) -> Result<ExitCode> {
    let protocol = if udp { Protocol::Udp } else { Protocol::Tcp };
    let mut status = ExitCode::SUCCESS;
    let mut lines = String::new();
    for port in ports {
        let found = match port {
            Port::Number(number) => port_service(*number, protocol).map(|name| (name, *number)),
            Port::Service(name) => {
                service_port(name, protocol).map(|number| (name.clone(), number))
            }
        };
        match found {
            Ok((name, number)) => lines += &format!("{name} {number}/{protocol}\n"),
            Err(error) => {
                print(lines.as_bytes())?;
                lines.clear();
                print_error(&error.into());
                status = ExitCode::FAILURE;
            }
        }
    }
    print(lines.as_bytes())?;
    Ok(status)
}

fn print_interfaces() -> Result<ExitCode> {
    let interfaces = interfaces()?;
    if interfaces.is_empty() {
        bail!(
            "no interface of this host has an address: switch one on, the loopback for example \
             (Linux: `ip link set lo up`)"
        );
    }
    let own = own_address();
    print_lines(interfaces.iter().map(|interface| line_of(interface, own)))
}

/// One line with the same nine fields for every interface.
fn line_of(interface: &Interface, own: Option<IpAddr>) -> String {
    let Interface { address, prefix, netmask, .. } = interface;
    // On Windows a name may have spaces, which would make more fields of it.
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
    let explained: Vec<String> = addresses.iter().map(Address::to_string).collect();
    print_lines([explained.join("\n\n")])
}

const EXAMPLES: &str = "\
Examples:
  net-utils hostname
  net-utils host localhost
  net-utils service http 53
  net-utils interfaces
  net-utils address 192.168.56.1/24
  net-utils connections 8888 --watch";

const HOSTNAME_EXAMPLE: &str = "\
Example:
  net-utils hostname";

const HOST_EXAMPLE: &str = "\
Example:
  $ net-utils host localhost
  127.0.0.1";

const SERVICE_EXAMPLE: &str = "\
Example:
  $ net-utils service http 22
  http 80/tcp
  ssh 22/tcp

The ranges of ports:
  the lesson              today (RFC 6335)
  1-255       public      0-1023       system
  256-1023    system      1024-49151   user
  1024-65535  one's own   49152-65535  dynamic";

const INTERFACES_EXAMPLE: &str = "\
Example:
  $ net-utils interfaces
  lo 127.0.0.1/8 netmask 255.0.0.0 broadcast - up loopback
  eth0 192.168.56.2/24 netmask 255.255.255.0 broadcast 192.168.56.255 up own-address

The own address is the one that this host would send from to hosts far away.
An interface without an address is not listed.";

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

Each line is a socket: its protocol, its state (UDP has none), its own address, and the address of
the other end. With both ends on this host, a connection has two lines. A socket of UDP knows no
other end unless it is connected. 8888 is the port of our programs unless they are given another.

Linux tells more:
  N in the queue            connected to this listening socket, and no accept has taken them
  of length N               what `listen` was given: Linux lets one more wait than that
  in the queue              this is one of them: no program has it yet
  N bytes to receive        have come, and no recv has taken them
  N bytes not acknowledged  were given to send, and the other end has not said that they came
  FIN                       the end of what one side sends
  sent again in N s         unless an ACK comes before
  asks for room in N s      the other end has no room for more
  N s left                  then the socket is gone";
