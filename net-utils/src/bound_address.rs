//! Who can reach a server at the address that it is bound to.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::Socket;

use crate::interfaces::{Interface, interfaces, is_link_local};

/// Lets a socket that will be bound to `::` accept IPv4 too. Systems have different defaults
/// (RFC 3493, section 5.3). For any other address, this is a no-op.
///
/// # Errors
///
/// Those of `setsockopt`.
pub fn accept_ipv4_too(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    Ok(())
}

/// Describes who can reach a server that is bound to `address`, in one line.
pub fn who_can_reach(address: SocketAddr) -> String {
    let ip = address.ip();
    // ::ffff:127.0.0.1 is 127.0.0.1.
    if ip.to_canonical().is_loopback() {
        let is_down = |all: Vec<Interface>| !all.iter().any(|one| one.loopback && one.up);
        // Linux binds the address even if the interface is down.
        let unreachable = cfg!(target_os = "linux") && interfaces().is_ok_and(is_down);
        return if unreachable { LOOPBACK_IS_DOWN } else { LOOPBACK }.to_string();
    }
    if is_link_local(ip) {
        return "hosts on the same link can reach it, with their own interface after the address, as in %eth0"
            .to_string();
    }
    if !ip.is_unspecified() {
        return format!("other hosts can reach it at {address}");
    }
    let every = format!("{ip} is every address of this host");
    let Ok(interfaces) = interfaces() else { return every };
    let up: Vec<IpAddr> = interfaces.iter().filter(|one| one.up).map(|one| one.address).collect();
    every + &who_can_reach_every(address, &up)
}

const LOOPBACK: &str = "loopback address: only programs on this host can reach it";
const LOOPBACK_IS_DOWN: &str = "loopback address, but the loopback interface is down: no program can \
                                reach it (Linux: `ip link set lo up`)";

/// Lists the addresses at which other hosts can reach a server that is bound to every address, out of
/// those that are `up`.
fn who_can_reach_every(address: SocketAddr, up: &[IpAddr]) -> String {
    // A server on 0.0.0.0 has only IPv4; one on :: has both.
    let own: Vec<_> = up.iter().filter(|own| address.is_ipv6() || own.is_ipv4()).collect();
    if own.is_empty() {
        return ", but none is up now".to_string();
    }
    // For a link-local address another host also needs its own interface (RFC 4007, section 11).
    let others = own.into_iter().filter(|own| !own.is_loopback() && !is_link_local(**own));
    let others = others.map(|own| SocketAddr::new(*own, address.port()).to_string());
    let others: Vec<String> = others.collect();
    if others.is_empty() {
        ", but only loopback addresses are up now".to_string()
    } else {
        format!(": other hosts can reach it at {}", others.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_lists_those_that_others_can_reach() {
        for (address, up, expected) in [
            ("0.0.0.0:7", "", ", but none is up now"),
            ("[::]:7", "", ", but none is up now"),
            ("0.0.0.0:7", "127.0.0.1 ::1", ", but only loopback addresses are up now"),
            ("[::]:7", "127.0.0.1 ::1", ", but only loopback addresses are up now"),
            ("0.0.0.0:7", "127.0.0.1 10.0.0.1 fd00::1", ": other hosts can reach it at 10.0.0.1:7"),
            ("[::]:7", "::1 10.0.0.1 fe80::1", ": other hosts can reach it at 10.0.0.1:7"),
            ("[::]:7", "::1 fd00::1", ": other hosts can reach it at [fd00::1]:7"),
        ] {
            let ips: Vec<IpAddr> = up.split_whitespace().map(|ip| ip.parse().unwrap()).collect();
            let found = who_can_reach_every(address.parse().unwrap(), &ips);
            assert_eq!(found, expected, "{address} {up}");
        }
    }
}
