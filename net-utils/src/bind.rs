//! Binding a server's address: explains errors, and who can reach the server.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use socket2::Socket;

use crate::error::Error;
use crate::interfaces::{Interface, interfaces};
use crate::usable_address::no_family;

/// Explains why a step of a server failed: `listener.bind(&address.into()).explain("bind", address)?`
pub trait Explain<T> {
    /// Turns an [`io::Error`] into one line that says what was tried, what happened and what to do
    /// next. `step` is what was tried: `create a socket for`, `bind` or `listen on`.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`], if the step failed.
    fn explain(self, step: &'static str, address: SocketAddr) -> Result<T, Error>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, step: &'static str, address: SocketAddr) -> Result<T, Error> {
        self.map_err(|cause| {
            let next = next_action(address, &cause);
            Error::Bind { step, address, cause, next }
        })
    }
}

fn next_action(address: SocketAddr, cause: &io::Error) -> String {
    match cause.kind() {
        ErrorKind::AddrInUse => format!(
            "another program uses port {}; stop it, or choose another port with --port (0 makes the \
             system choose one)",
            address.port()
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{} is not an address of this host; choose one with --host: {}",
            address.ip(),
            own_addresses()
        ),
        ErrorKind::PermissionDenied => format!(
            "port {} needs privileges on this system, as many ports below 1024 do; choose one from \
             1024 to 65535 with --port",
            address.port()
        ),
        ErrorKind::InvalidInput if is_link_local(address.ip()) => NO_SCOPE.to_string(),
        _ => no_family(address, cause)
            .unwrap_or("choose another address with --host or another port with --port")
            .to_string(),
    }
}

/// The addresses that a server on this host can bind now.
fn own_addresses() -> String {
    let interfaces = interfaces().unwrap_or_default();
    let up = interfaces.iter().filter(|one| one.up).map(|one| one.address);
    // A link-local address also needs its interface.
    let own: Vec<IpAddr> = up.filter(|ip| !is_link_local(*ip)).collect();
    if own.is_empty() {
        return "none is up now (see `net-utils interfaces`)".to_string();
    }
    let all = own.iter().any(IpAddr::is_ipv4).then(|| "0.0.0.0 (all of them)".to_string());
    all.into_iter().chain(own.iter().map(IpAddr::to_string)).collect::<Vec<_>>().join(", ")
}

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

/// What to do about a link-local address without its interface.
pub const NO_SCOPE: &str =
    "an address that starts with fe80 needs the interface after it, as in fe80::1%eth0";

/// Whether it is an IPv6 address that is valid on one link only.
pub fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_was_tried_what_happened_and_what_to_do_next() {
        let failed: io::Result<()> = Err(io::Error::new(ErrorKind::AddrInUse, "in use"));
        let error = failed.explain("listen on", "127.0.0.1:8888".parse().unwrap()).unwrap_err();
        let expected = "can't listen on 127.0.0.1:8888: in use: another program uses port 8888; \
                        stop it, or choose another port with --port (0 makes the system choose one)";
        assert_eq!(error.to_string(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn without_ipv6_an_ipv4_address_is_suggested_and_vice_versa() {
        for (address, expected) in [("[::1]:7", "no IPv6"), ("127.0.0.1:7", "such as ::1")] {
            let failed: io::Result<()> = Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
            let error = failed.explain("create a socket for", address.parse().unwrap());
            let line = error.unwrap_err().to_string();
            assert!(line.contains("create a socket for") && line.contains(expected), "{line}");
        }
    }

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
