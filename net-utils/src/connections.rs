//! `net-utils connections`: the sockets of this host that use a port.
//!
//! Linux has them in `/proc/net` (proc(5)). Elsewhere they are the lines that `netstat -an` prints.
//! Neither needs privileges. All files compile on every system, so that none of them rots.

mod linux_sockets;
mod listen_queue;
mod live_list;
mod netstat;

use std::process::ExitCode;

use anyhow::Result;
use common::print;
use net_utils::{Error, Port, Protocol, service_port};

use live_list::LiveList;

/// Prints one line for each socket that has this port as its local or its remote one. No socket has
/// port 0; it selects every port.
///
/// With `watch` the list is printed again whenever it changes, until Ctrl-C, or until standard
/// output is closed.
pub fn print_connections(port: &Port, watch: bool) -> Result<ExitCode> {
    let port = port_number(port)?;
    if !watch {
        print(list(port, true)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut live_list = LiveList::open()?;
    loop {
        // In a log, a timer that counts down would be a change every second.
        live_list.show(&list(port, live_list.redraws)?)?;
        live_list::pause()?;
    }
}

/// Prefers TCP where a service has a port for each protocol.
fn port_number(port: &Port) -> Result<u16, Error> {
    match port {
        Port::Number(number) => Ok(*number),
        Port::Service(name) => service_port(name, Protocol::Tcp)
            .or_else(|error| service_port(name, Protocol::Udp).map_err(|_| error)),
    }
}

fn list(port: u16, with_timers: bool) -> Result<String> {
    let lines = if cfg!(target_os = "linux") {
        linux_sockets::lines(port, with_timers)?
    } else {
        netstat::lines(port)?
    };
    Ok(match port {
        _ if !lines.is_empty() => lines.join("\n") + "\n",
        0 => "no socket of this host has a port\n".to_owned(),
        _ => format!("no socket of this host has port {port}\n"),
    })
}
