//! The look-ups of the lesson: host names, addresses, services, ports and interfaces,
//! and the few things that every program of the day does at its start and its end.
//!
//! | the lesson asks (Python) | here | the system's call |
//! | --- | --- | --- |
//! | `socket.gethostname()` | [`host_name`] | `gethostname` |
//! | `socket.gethostbyname(name)` | [`host_addresses`] | `getaddrinfo` |
//! | `socket.getservbyname(name)` | [`service_port`] | `getaddrinfo` |
//! | `socket.getservbyport(port)` | [`port_service`] | `getnameinfo` |
//! | `ifconfig` | [`interfaces`] | `getifaddrs` |
//!
//! Try it: `cargo run -p net-utils -- host localhost`

pub mod program;
pub mod text;
