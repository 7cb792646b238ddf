//! The look-ups of the lesson: host names, addresses, services, ports and interfaces.
//!
//! | in the lesson (Python) | here | C function |
//! | --- | --- | --- |
//! | `socket.gethostname()` | [`host_name`] | `gethostname` |
//! | `socket.gethostbyname(name)` | [`host_addresses`] | `getaddrinfo` |
//! | `socket.getaddrinfo(host, port)` | [`socket_addresses`], [`address_to_bind`], [`address_to_send_to`] | `getaddrinfo` |
//! | `socket.getservbyname(name)` | [`service_port`] | `getaddrinfo` |
//! | `socket.getservbyport(port)` | [`port_service`] | `getnameinfo` |
//! | `ifconfig` | [`interfaces()`] | `getifaddrs` |
//! | `s.connect(...); s.getsockname()` | [`own_address`] | `getsockname` |
//! | parts of an IP address | [`Address`], [`Network`] | |
//! | port numbers | [`Port`], [`port_ranges()`] | |
//!
//! Try it: `cargo run -p net-utils -- host localhost`

mod bound_address;
mod endpoint_options;
mod error;
mod host_lookup;
mod host_syntax;
mod interfaces;
mod ip_address;
mod ip_address_kind;
mod ip_network;
mod port;
mod port_ranges;
mod protocol;
mod service_lookup;
mod socket_errors;
mod usable_address;

pub use bound_address::{accept_ipv4_too, who_can_reach};
pub use endpoint_options::Endpoint;
pub use error::Error;
pub use host_lookup::{host_addresses, host_name, socket_addresses};
pub use interfaces::{Interface, interfaces, own_address};
pub use ip_address::Address;
pub use ip_network::Network;
pub use port::Port;
pub use port_ranges::port_ranges;
pub use protocol::Protocol;
pub use service_lookup::{port_service, service_port};
pub use socket_errors::{Explain, no_way_to};
pub use usable_address::{address_to_bind, address_to_send_to};
