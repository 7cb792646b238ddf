//! Explains why a call on a socket failed, and what to do next.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

#[cfg(unix)]
use libc::EAFNOSUPPORT;

use crate::error::Error;
use crate::interfaces::{interfaces, is_link_local};

// WSAEAFNOSUPPORT, from winsock2.h of the Windows SDK.
#[cfg(windows)]
const EAFNOSUPPORT: i32 = 10_047;

/// Explains why a step of a server failed: `listener.bind(&address.into()).explain("bind", address)?`
pub trait Explain<T> {
    /// Turns an [`io::Error`] into one line that says what was tried, what happened and what to do
    /// next. `step` is what was tried: `create a socket for`, `bind` or `listen on`.
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
        _ => unusable(address, cause)
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

/// What to do when connecting or sending to an address fails with this error.
pub fn no_way_to(address: SocketAddr, error: &io::Error) -> &'static str {
    let no_route = matches!(
        error.kind(),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable
    );
    if let Some(next) = unusable(address, error) {
        next
    } else if no_route && address.ip().to_canonical().is_loopback() {
        "the loopback interface is down, or doesn't have this address; check it with `net-utils \
         interfaces`, and enable it (Linux: `ip link set lo up`)"
    } else {
        "check --host, and check with `net-utils interfaces` that this host has a network that leads \
         there"
    }
}

/// What to do if the error means that the system lacks IPv4 or IPv6, or that the address lacks its
/// interface.
fn unusable(address: SocketAddr, error: &io::Error) -> Option<&'static str> {
    if error.raw_os_error() == Some(EAFNOSUPPORT) {
        Some(match address.is_ipv4() {
            true => "this host has no IPv4; give an IPv6 address with --host, such as ::1",
            false => "this host has no IPv6; give an IPv4 address with --host, such as 127.0.0.1",
        })
    } else if error.kind() == ErrorKind::InvalidInput && is_link_local(address.ip()) {
        Some("an address that starts with fe80 needs the interface after it, as in fe80::1%eth0")
    } else {
        None
    }
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
    fn the_advice_depends_on_the_address_and_the_error() {
        for (address, code, expected) in [
            ("127.0.0.1:7", ErrorKind::NetworkUnreachable.into(), "loopback interface"),
            ("[::1]:7", ErrorKind::AddrNotAvailable.into(), "loopback interface"),
            ("192.0.2.7:7", ErrorKind::NetworkUnreachable.into(), "a network that leads there"),
            ("[::1]:7", io::Error::from_raw_os_error(EAFNOSUPPORT), "no IPv6; give"),
            ("127.0.0.1:7", io::Error::from_raw_os_error(EAFNOSUPPORT), "no IPv4; give"),
        ] {
            let next = no_way_to(address.parse().unwrap(), &code);
            assert!(next.contains(expected), "{address}, {code}: {next}");
        }
    }
}
