//! Wrong: it is bound to 0.0.0.0, whatever the command line says.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::Result;
use net_utils::program;

use crate::support::{self, ServerArguments};

pub fn main() -> ExitCode {
    program::run(|arguments: ServerArguments| {
        // The mistake: --host is not used, and everybody on the network can reach the server.
        let address = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), arguments.address()?.port());
        let listener = support::listen_at(&arguments, address)?;
        support::say_listening(&arguments, &listener)?;
        support::serve(&arguments, listener, |client| -> Result<()> {
            let mut buffer = arguments.buffer();
            loop {
                let length = client.recv(&mut buffer)?;
                if length == 0 {
                    return Ok(());
                }
                client.send(arguments.answer(&buffer[..length]))?;
            }
        })
    })
}
