//! `--host`, `--port` and `--quiet`, which every server and client of the day has.

use clap::Args;
use common::Steps;

use crate::port::Port;

/// The options that say where a server listens, or where a client finds it. Flatten it into a
/// command line. The help is a server's; a client changes it with `mut_arg`.
#[derive(Debug, Clone, Args)]
pub struct Endpoint {
    /// 127.0.0.1: this host only; 0.0.0.0: the network
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    pub host: String,

    /// A number, 0 for any that is free, or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    pub port: Port,

    /// Print no steps
    #[arg(long, display_order = 100)]
    pub quiet: bool,
}

impl Endpoint {
    /// Shows the steps, unless `--quiet` was given.
    pub fn show_steps(&self, steps: Steps) {
        if !self.quiet {
            common::show_steps(steps);
        }
    }
}
