//! The sockets of this host, as its kernel has them: what `ss` and `netstat` show, in the words of
//! the notes.
//!
//! | where | what tells |
//! | --- | --- |
//! | Linux | `/proc/net/tcp`, `tcp6`, `udp` and `udp6` (proc(5)); of the lengths of queues sock_diag(7) |
//! | macOS, Windows | their own `netstat` |
//!
//! None of them needs the rights of the administrator, or a library: this is a part of the
//! program, not of what other programs link.
//!
//! Try it: `cargo run -p net-utils -- connections`

#[cfg(any(not(target_os = "linux"), test))]
mod netstat;
#[cfg(any(target_os = "linux", test))]
mod proc;
#[cfg(target_os = "linux")]
mod queue_length;
mod screen;
mod socket;

use std::process::ExitCode;

use anyhow::Result;
use common::print;
use net_utils::{Error, Port, Protocol, service_port};

#[cfg(not(target_os = "linux"))]
use netstat::sockets;
#[cfg(target_os = "linux")]
use proc::sockets;
use screen::Screen;
use socket::Socket;

/// Prints the sockets that have this port at one end or at both, a line for each. Of port 0, which
/// no socket has, it prints those of every port.
///
/// With `watch` it goes on until Ctrl-C ends the program, or nobody reads its output any more, and
/// prints them again whenever something has changed.
///
/// # Errors
///
/// The port is the name of a service that is unknown, or the system does not tell.
pub fn print_connections(port: &Port, watch: bool) -> Result<ExitCode> {
    let port = number_of(port)?;
    if !watch {
        print(listing(&sockets()?, port).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut screen = Screen::open()?;
    loop {
        let mut sockets = sockets()?;
        if !screen.redraws() {
            // Or each second of a TIME-WAIT would be a change.
            sockets.iter_mut().for_each(|socket| socket.timer = None);
        }
        screen.show(&listing(&sockets, port))?;
        screen.pause()?;
    }
}

/// The port of a service, of TCP if it has one there.
fn number_of(port: &Port) -> Result<u16, Error> {
    match port {
        Port::Number(number) => Ok(*number),
        Port::Service(name) => service_port(name, Protocol::Tcp)
            .or_else(|error| service_port(name, Protocol::Udp).map_err(|_| error)),
    }
}

/// The lines: TCP first, by state, and in each state the ends with this port before those that
/// talk to it. A connection that waits for accept comes behind those that do not.
fn listing(sockets: &[Socket], port: u16) -> String {
    let mut found: Vec<&Socket> =
        sockets.iter().filter(|socket| port == 0 || socket.ports().any(|p| p == port)).collect();
    if found.is_empty() {
        return match port {
            0 => "no socket of this host has a port\n".to_owned(),
            _ => format!("no socket of this host has port {port}\n"),
        };
    }
    found.sort_by_key(|socket| (socket.rank(), socket.own.port() != port, socket.place()));
    // A list that is read while it changes may have a socket twice.
    found.dedup();
    found.iter().map(|socket| format!("{socket}\n")).collect()
}

// As in the tests of `proc`.
#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:22B8 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 41 1
   1: 0100007F:9C41 0100007F:22B8 01 00000000:00000000 00:00000000 00000000     0        0 42 1
   2: 0100007F:22B8 0100007F:9C42 08 00000000:00000011 00:00000000 00000000     0        0 0 1
   3: 0100007F:9C42 0100007F:22B8 05 00000000:00000000 00:00000000 00000000     0        0 44 1
   4: 0100007F:22B8 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0        0 45 1
   5: 0100007F:9C40 0100007F:22B8 06 00000000:00000000 03:0000096A 00000000     0        0 0 3
   6: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 46 1
";

    #[test]
    fn the_sockets_of_a_port_are_listed_in_the_order_of_a_conversation() {
        let sockets = proc::parse(TCP, Protocol::Tcp);
        let expected = "\
tcp LISTEN       127.0.0.1:8888, 1 in the queue
tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:40001
tcp ESTABLISHED  127.0.0.1:40001 to 127.0.0.1:8888
tcp FIN-WAIT-2   127.0.0.1:40002 to 127.0.0.1:8888
tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:40002, in the queue, 16 bytes and FIN to receive
tcp TIME-WAIT    127.0.0.1:40000 to 127.0.0.1:8888, 25 s left
";
        assert_eq!(listing(&sockets, 8888), expected);
        assert_eq!(listing(&sockets, 80), "tcp LISTEN       127.0.0.1:80, 0 in the queue\n");
        assert_eq!(listing(&sockets, 0).lines().count(), 7);
    }

    #[test]
    fn no_socket_is_a_line_too() {
        assert_eq!(listing(&[], 8888), "no socket of this host has port 8888\n");
        assert_eq!(listing(&[], 0), "no socket of this host has a port\n");
    }

    #[test]
    fn the_one_that_waits_in_the_queue_comes_last() {
        let in_queue = TCP.replace("9C42 08 00000000:00000011", "1111 01 00000000:00000000");
        let listed = listing(&proc::parse(&in_queue, Protocol::Tcp), 8888);
        let servers: Vec<&str> = listed.lines().skip(1).take(2).collect();
        assert_eq!(
            servers,
            [
                "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:40001",
                "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:4369, in the queue",
            ]
        );
    }

    #[test]
    fn the_port_of_a_service_is_found() {
        assert_eq!(number_of(&Port::Number(8888)).unwrap(), 8888);
        assert_eq!(number_of(&Port::Service("http".to_owned())).unwrap(), 80);
        assert!(number_of(&Port::Service("no-such-service".to_owned())).is_err());
    }
}
