//! The look-ups of the lesson: host names, addresses, services, ports and interfaces.
//!
//! | the lesson asks (Python) | here | the system's call |
//! | --- | --- | --- |
//! | `socket.gethostname()` | [`host_name`] | `gethostname` |
//! | `socket.gethostbyname(name)` | [`host_addresses`] | `getaddrinfo` |
//! | `socket.getaddrinfo(host, port)` | [`socket_addresses`], [`address_to_bind`], [`address_to_send_to`] | `getaddrinfo` |
//! | `socket.getservbyname(name)` | [`service_port`] | `getaddrinfo` |
//! | `socket.getservbyport(port)` | [`port_service`] | `getnameinfo` |
//! | `ifconfig` | [`interfaces`] | `getifaddrs` |
//! | `s.connect(...); s.getsockname()` | [`own_address`] | `getsockname` |
//! | what an IP address is | [`Address`] | |
//! | what a port is | [`Port`], [`port_ranges`] | |
//!
//! Try it: `cargo run -p net-utils -- host localhost`

pub mod address;
pub mod bind;
mod error;
mod host;
mod host_form;
mod interface;
mod kind;
mod network;
mod port;
mod port_range;
mod protocol;
mod service;
mod usable;

pub use address::Address;
pub use error::Error;
pub use host::{host_addresses, host_name, socket_addresses};
pub use interface::{Interface, interfaces, own_address};
pub use port::Port;
pub use port_range::port_ranges;
pub use protocol::Protocol;
pub use service::{port_service, service_port};
pub use usable::{address_to_bind, address_to_send_to, no_way_to};
