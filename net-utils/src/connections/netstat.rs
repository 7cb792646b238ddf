//! The sockets of macOS and Windows, as `netstat -an` prints them.

use std::process::Command;

use anyhow::{Result, bail};

/// The lines about sockets that use this port; port 0 selects every port.
pub fn lines(port: u16) -> Result<Vec<String>> {
    let problem = match Command::new("netstat").arg("-an").output() {
        Ok(output) if output.status.success() => {
            let output = String::from_utf8_lossy(&output.stdout).into_owned();
            return Ok(output.lines().filter(|line| uses(line, port)).map(str::to_owned).collect());
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    bail!(
        "can't list the sockets of this host: `netstat -an`: {problem}; run it in this terminal to \
         see why"
    )
}

/// Whether a line is about a TCP or UDP socket with this port. macOS writes `127.0.0.1.8888`,
/// Windows `127.0.0.1:8888`.
fn uses(line: &str, port: u16) -> bool {
    let mut fields = line.split_whitespace();
    let protocol = fields.next().unwrap_or_default().to_ascii_lowercase();
    let ends = [format!(".{port}"), format!(":{port}")];
    (protocol.starts_with("tcp") || protocol.starts_with("udp"))
        && (port == 0 || fields.any(|field| ends.iter().any(|end| field.ends_with(end))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_about_a_port_are_selected_on_macos_and_windows() {
        let output = "\
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.8888         *.*                    LISTEN
tcp4       6      0  127.0.0.1.52036        127.0.0.1.8888         ESTABLISHED
tcp4       0      0  127.0.0.1.18888        127.0.0.1.80           ESTABLISHED
udp6       0      0  *.8888                 *.*
  Proto  Lokale Adresse         Remoteadresse          Status
  TCP    127.0.0.1:8888         0.0.0.0:0              ABHÖREN
  TCP    127.0.0.1:52036        127.0.0.1:8888         HERGESTELLT
  TCP    127.0.0.1:52036        127.0.0.1:88           HERGESTELLT
  UDP    [::1]:8888             *:*
";
        let selected = |port| {
            let lines = output.lines().enumerate().filter(|(_, line)| uses(line, port));
            lines.map(|(at, _)| at).collect::<Vec<usize>>()
        };
        assert_eq!(selected(8888), [1, 2, 4, 6, 7, 9]);
        assert_eq!(selected(0), [1, 2, 3, 4, 6, 7, 8, 9]);
        assert_eq!(selected(1), [0; 0]);
    }
}
