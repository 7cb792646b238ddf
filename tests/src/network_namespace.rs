//! A network namespace (Linux), whose loopback interface may lose packets.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::child_process::ChildProcess;
use crate::deadline::DEADLINE;

/// The cap for the output of the setup.
const CAP: usize = 1 << 16;

/// A network with a single host. It lasts until this is dropped and the last program in it has
/// ended.
#[derive(Debug)]
pub struct NetworkNamespace {
    /// The first process in the namespace. It ends when its input is closed.
    keeper: ChildProcess,
    /// Whether it also has a mount namespace.
    mounts: bool,
}

impl NetworkNamespace {
    /// A network that loses nothing.
    pub fn new() -> Result<Self, String> {
        Self::set_up_by("ip link set lo up", false)
    }

    /// A network that loses each packet with this probability. Packets are as long as on Ethernet.
    pub fn losing(probability: f64) -> Result<Self, String> {
        // They are dropped on arrival. If they were dropped when they leave, sendto would fail.
        let commands = format!(
            "ip link set lo up mtu 1500 && \
             iptables -A INPUT -i lo -m statistic --mode random --probability {probability} -j DROP"
        );
        Self::set_up_by(&commands, false)
    }

    /// A network that shell commands set up. Its loopback interface is down until one of them
    /// switches it on. Mounts are local to the network, and /run is an empty file system.
    pub fn odd(commands: &str) -> Result<Self, String> {
        Self::set_up_by(&format!("mount -t tmpfs odd /run && {commands}"), true)
    }

    /// A network where names are resolved by these lines of a hosts file alone.
    pub fn with_hosts(lines: &str, commands: &str) -> Result<Self, String> {
        Self::odd(&format!(
            "printf '{}' > /run/hosts && mount --bind /run/hosts /etc/hosts && \
             if test -e /etc/nsswitch.conf; then \
             echo 'hosts: files' > /run/nsswitch && mount --bind /run/nsswitch /etc/nsswitch.conf; \
             fi && {commands}",
            lines.replace('\n', "\\n")
        ))
    }

    fn set_up_by(commands: &str, mounts: bool) -> Result<Self, String> {
        let script = format!("{commands} && echo ready && exec cat");
        let mut unshare = Command::new("unshare");
        unshare
            .args(["--user", "--map-root-user", "--net"])
            .args(mounts.then_some("--mount"))
            .args(["sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let keeper = ChildProcess::spawn(&mut unshare);
        let keeper = keeper.map_err(|error| format!("unshare can't be started: {error}"))?;
        keeper.capture_output(CAP);
        let mut ready = false;
        let in_time = keeper.wait_until(DEADLINE, |state| {
            ready = state.stdout.kept == b"ready\n";
            ready || state.finished()
        });
        if ready {
            return Ok(Self { keeper, mounts });
        }
        if !in_time {
            return Err(format!("no network namespace in 5 s: {commands}"));
        }
        let stderr = keeper.finish(Duration::ZERO).stderr;
        Err(format!("no network namespace: {}", String::from_utf8_lossy(&stderr).trim()))
    }

    /// Cuts the network: from now on every packet is lost. TCP gives up after about a second
    /// instead of 15 minutes.
    pub fn cut(&self) -> Result<(), String> {
        let script = "echo 1 > /proc/sys/net/ipv4/tcp_retries2 && iptables -I INPUT -i lo -j DROP";
        let output = self.command("sh").args(["-c", script]).output();
        let output = output.map_err(|error| format!("nsenter can't be started: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_string())
        }
    }

    /// Returns a command that runs a program in this network.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(self.entrance()).arg(program);
        command
    }

    /// The arguments of `nsenter` to enter this network.
    pub(crate) fn entrance(&self) -> Vec<String> {
        let target = format!("--target={}", self.keeper.id());
        let mut entrance = vec!["--preserve-credentials", "--user", "--net", &target];
        entrance.extend(self.mounts.then_some("--mount"));
        entrance.into_iter().map(String::from).collect()
    }
}
