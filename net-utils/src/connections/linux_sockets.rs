//! The sockets of Linux, from `/proc/net/tcp`, `tcp6`, `udp` and `udp6`. The columns are explained
//! in <https://docs.kernel.org/networking/proc_net_tcp.html>.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Result, anyhow};
use common::bytes;
use procfs_core::net::{TcpNetEntries, TcpNetEntry, TcpState, UdpNetEntries, UdpNetEntry};
use procfs_core::{ExplicitSystemInfo, FromBufReadSI, ProcResult};

use super::listen_queue::queue_lengths;

/// A line of the list. The fields are in the order by which the lines are sorted.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// How far the connection has come. UDP comes last.
    rank: u8,
    /// The port in question is the remote one: a server's end of a connection comes first.
    is_remote: bool,
    /// No accept has taken the connection yet.
    is_queued: bool,
    local: SocketAddr,
    remote: SocketAddr,
    text: String,
}

type Parse = fn(&str, &Options) -> ProcResult<Vec<Line>>;

struct Options {
    port: u16,
    with_timers: bool,
    queue_lengths: HashMap<SocketAddr, u32>,
}

/// The lines about sockets that use this port; port 0 selects every port. In a container, these are
/// the container's sockets.
pub fn lines(port: u16, with_timers: bool) -> Result<Vec<String>> {
    let options = Options { port, with_timers, queue_lengths: queue_lengths() };
    // A list that changes while it is read may have a socket twice. A set has it once.
    let mut lines = BTreeSet::new();
    for (path, parse) in [
        ("/proc/net/tcp", tcp_lines as Parse),
        ("/proc/net/tcp6", tcp_lines),
        ("/proc/net/udp", udp_lines),
        ("/proc/net/udp6", udp_lines),
    ] {
        let error = |error: &dyn std::fmt::Display| {
            anyhow!(
                "can't list the sockets of this host: {path}: {error}; check with `ls /proc/net` \
                 that /proc is mounted"
            )
        };
        match fs::read_to_string(path) {
            Ok(text) => lines.extend(parse(&text, &options).map_err(|cause| error(&cause))?),
            // A system without IPv6 doesn't have this file.
            Err(cause) if cause.kind() == ErrorKind::NotFound && path.ends_with('6') => {}
            Err(cause) => return Err(error(&cause)),
        }
    }
    Ok(lines.into_iter().map(|line| line.text).collect())
}

/// All that the parser needs to know of the system is the byte order of the addresses.
const SYSTEM: ExplicitSystemInfo = ExplicitSystemInfo {
    boot_time_secs: 0,
    ticks_per_second: 0,
    page_size: 0,
    is_little_endian: cfg!(target_endian = "little"),
};

/// The headings, and the lines about sockets that use the port: parsing all sockets of a busy host
/// takes long.
fn select(text: &str, port: u16) -> String {
    let port_and_space = format!(":{port:04X} ");
    let is_selected = |line: &&str| port == 0 || line.contains(&port_and_space);
    let mut lines = text.split_inclusive('\n');
    lines.next().into_iter().chain(lines.filter(is_selected)).collect()
}

fn tcp_lines(text: &str, options: &Options) -> ProcResult<Vec<Line>> {
    let text = select(text, options.port);
    let sockets = TcpNetEntries::from_buf_read(text.as_bytes(), &SYSTEM)?.0;
    // The parser leaves out the timers. Like it, skip the line of headings.
    let timers = text.lines().skip(1).map(|line| timer(line).filter(|_| options.with_timers));
    Ok(sockets.iter().zip(timers).map(|(one, timer)| tcp_line(one, timer, options)).collect())
}

fn tcp_line(socket: &TcpNetEntry, timer: Option<String>, options: &Options) -> Line {
    use TcpState::{CloseWait, Closing, Established, FinWait1, LastAck, Listen, SynSent};

    let (rank, state) = rank_and_name(&socket.state);
    let state = format!("tcp {state}");
    // Without an inode no program has it open. After close, its state is another one.
    let is_queued = socket.inode == 0 && matches!(socket.state, Established | CloseWait);
    let mut notes = vec![];
    match socket.state {
        Listen => {
            let length = options.queue_lengths.get(&socket.local_address);
            let length = length.map(|length| format!(" of length {length}")).unwrap_or_default();
            notes.push(format!("{} in the queue{length}", socket.rx_queue));
        }
        // Its unacknowledged byte is the SYN.
        SynSent => {}
        _ => {
            notes.extend(is_queued.then(|| "in the queue".to_owned()));
            let fin = matches!(socket.state, CloseWait | Closing | LastAck);
            notes.extend(amount(socket.rx_queue, fin).map(|amount| amount + " to receive"));
            let fin = matches!(socket.state, FinWait1 | Closing | LastAck);
            notes.extend(amount(socket.tx_queue, fin).map(|amount| amount + " not acknowledged"));
        }
    }
    notes.extend(timer);
    let ends = (socket.local_address, socket.remote_address);
    Line { rank, is_queued, ..line(&state, ends, notes, options.port) }
}

fn udp_lines(text: &str, options: &Options) -> ProcResult<Vec<Line>> {
    let udp_line = |socket: &UdpNetEntry| {
        // The kernel counts the memory, not the data.
        let note = |amount| format!("{amount} of memory to receive");
        let ends = (socket.local_address, socket.remote_address);
        line("udp -", ends, amount(socket.rx_queue, false).map(note), options.port)
    };
    let sockets = UdpNetEntries::from_buf_read(select(text, options.port).as_bytes(), &SYSTEM)?.0;
    Ok(sockets.iter().map(udp_line).collect())
}

fn line(
    state: &str,
    (local, remote): (SocketAddr, SocketAddr),
    notes: impl IntoIterator<Item = String>,
    port: u16,
) -> Line {
    let mut text = format!("{state:<16} {local}");
    // A socket that isn't connected has the remote port 0.
    if remote.port() != 0 {
        text += &format!(" to {remote}");
    }
    text.extend(notes.into_iter().map(|note| format!(", {note}")));
    let is_remote = local.port() != port;
    Line { rank: u8::MAX, is_remote, is_queued: false, local, remote, text }
}

/// The states in the order in which a connection goes through them, named as in RFC 9293,
/// section 3.3.2.
fn rank_and_name(state: &TcpState) -> (u8, &'static str) {
    match state {
        TcpState::Listen => (0, "LISTEN"),
        TcpState::SynSent => (1, "SYN-SENT"),
        TcpState::SynRecv | TcpState::NewSynRecv => (2, "SYN-RECEIVED"),
        TcpState::Established => (3, "ESTABLISHED"),
        TcpState::FinWait1 => (4, "FIN-WAIT-1"),
        TcpState::FinWait2 => (5, "FIN-WAIT-2"),
        TcpState::CloseWait => (6, "CLOSE-WAIT"),
        TcpState::Closing => (7, "CLOSING"),
        TcpState::LastAck => (8, "LAST-ACK"),
        TcpState::TimeWait => (9, "TIME-WAIT"),
        TcpState::Close => (10, "CLOSED"),
    }
}

/// `3 bytes`, `FIN` or `3 bytes and FIN`, where `queue` counts the FIN as one byte: it takes up one
/// sequence number.
fn amount(queue: u32, with_fin: bool) -> Option<String> {
    match (queue, with_fin) {
        (0, _) => None,
        (1, true) => Some("FIN".to_owned()),
        (queue, true) => Some(format!("{} and FIN", bytes(queue as usize - 1))),
        (queue, false) => Some(bytes(queue as usize).to_string()),
    }
}

/// What the socket's timer is for and when it expires, from the column `tr tm->when`. The time is in
/// hundredths of a second, and negative for a moment after it has expired.
fn timer(line: &str) -> Option<String> {
    let (kind, time) = line.split_whitespace().nth(5)?.split_once(':')?;
    let time = u64::from_str_radix(time, 16).ok().and_then(|time| i32::try_from(time).ok());
    let seconds = f64::from(time.unwrap_or(0)) / 100.0;
    match kind {
        // RFC 6298.
        "01" => Some(format!("sent again in {seconds:.1} s")),
        "03" => Some(format!("{} s left", seconds.ceil())),
        // RFC 9293, section 3.8.6.1.
        "04" => Some(format!("asks for room in {seconds:.1} s")),
        // None, or keep-alive.
        _ => None,
    }
}

// The addresses are those of a little-endian processor.
#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    fn options(port: u16) -> Options {
        let length = ("127.0.0.1:80".parse().expect("an address"), 5);
        Options { port, with_timers: true, queue_lengths: HashMap::from([length]) }
    }

    fn texts(parse: Parse, lines: &str, port: u16) -> Vec<String> {
        let lines = parse(&format!("headings\n{lines}"), &options(port)).expect("valid lines");
        BTreeSet::from_iter(lines).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_sockets_of_a_port_are_listed_in_the_order_of_a_connection() {
        let sockets = "\
   0: 0100007F:22B8 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 41 1
   1: 0100007F:9C41 0100007F:22B8 01 00000000:00000000 00:00000000 00000000     0        0 42 1
   2: 0100007F:22B8 0100007F:9C42 08 00000000:00000011 00:00000000 00000000     0        0 0 1
   3: 0100007F:9C42 0100007F:22B8 05 00000000:00000000 00:00000000 00000000     0        0 44 1
   4: 0100007F:22B8 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0        0 45 1
   4: 0100007F:22B8 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0        0 45 1
   5: 0100007F:9C40 0100007F:22B8 06 00000000:00000000 03:0000096A 00000000     0        0 0 3
   6: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 46 1
";
        let expected = [
            "tcp LISTEN       127.0.0.1:8888, 1 in the queue",
            "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:40001",
            "tcp ESTABLISHED  127.0.0.1:40001 to 127.0.0.1:8888",
            "tcp FIN-WAIT-2   127.0.0.1:40002 to 127.0.0.1:8888",
            "tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:40002, in the queue, 16 bytes and FIN to \
             receive",
            "tcp TIME-WAIT    127.0.0.1:40000 to 127.0.0.1:8888, 25 s left",
        ];
        assert_eq!(texts(tcp_lines, sockets, 8888), expected);
        let http = "tcp LISTEN       127.0.0.1:80, 0 in the queue of length 5";
        assert_eq!(texts(tcp_lines, sockets, 80), [http]);
        assert_eq!(texts(tcp_lines, sockets, 0).len(), 7);
    }

    #[test]
    fn states_queues_and_timers_of_tcp_are_read() {
        let sockets = "\
 129: 0100007F:ECB7 0100007F:BAE6 01 00000000:00000002 00:00000000 00000000     0        0 0 1 0
   1: 0100007F:A1AE 0100007F:22B8 04 00000001:00000000 01:0000000B 00000001     0        0 0
   2: 0100007F:22B8 0100007F:A1AE 08 00000000:00000001 00:00000000 00000000     0        0 77
   3: 0100007F:22B8 0100007F:A1AF 08 00000000:00000000 00:00000000 00000000     0        0 77
   4: 0100007F:22B8 0100007F:A1AE 01 00001000:00000000 04:00000014 00000000     0        0 77
   5: 0100007F:A1AE 0100007F:22B8 02 00000001:00000000 01:00000062 00000000     0        0 77
   6: 0100007F:22B8 0100007F:A1AE 03 00000000:00000000 01:00000062 00000000     0        0 0
";
        let expected = [
            // A SYN without an answer, and an answer to a SYN without an acknowledgement.
            "tcp SYN-SENT     127.0.0.1:41390 to 127.0.0.1:8888, sent again in 1.0 s",
            "tcp SYN-RECEIVED 127.0.0.1:8888 to 127.0.0.1:41390, sent again in 1.0 s",
            // The other end's receive buffer is full.
            "tcp ESTABLISHED  127.0.0.1:8888 to 127.0.0.1:41390, 4096 bytes not acknowledged, asks for \
             room in 0.2 s",
            "tcp ESTABLISHED  127.0.0.1:60599 to 127.0.0.1:47846, in the queue, 2 bytes to receive",
            "tcp FIN-WAIT-1   127.0.0.1:41390 to 127.0.0.1:8888, FIN not acknowledged, sent again in \
             0.1 s",
            // recv has not returned 0 yet; in the next one it has.
            "tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:41390, FIN to receive",
            "tcp CLOSE-WAIT   127.0.0.1:8888 to 127.0.0.1:41391",
        ];
        assert_eq!(texts(tcp_lines, sockets, 0), expected);
    }

    #[test]
    fn addresses_of_ipv6_are_read() {
        let sockets = "\
   0: 00000000000000000000000001000000:22B8 00000000000000000000000001000000:A1AE 01 0:0 00:0 0 0 0 78
   1: 0000000000000000FFFF00000100007F:22B8 0000000000000000FFFF00000100007F:A1AE 01 0:0 00:0 0 0 0 78
";
        let expected = [
            "tcp ESTABLISHED  [::1]:8888 to [::1]:41390",
            "tcp ESTABLISHED  [::ffff:127.0.0.1]:8888 to [::ffff:127.0.0.1]:41390",
        ];
        assert_eq!(texts(tcp_lines, sockets, 0), expected);
    }

    #[test]
    fn sockets_of_udp_are_read() {
        let sockets = "\
2116: 0100007F:22B8 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22647 2 0
2116: 0200007F:22B8 00000000:0000 07 00000000:00000340 00:00000000 00000000     0        0 22647 2 0
   1: 0100007F:A1AE 0100007F:22B8 01 00000000:00000000 00:00000000 00000000     0        0 79
";
        let expected = [
            "udp -            127.0.0.1:8888",
            "udp -            127.0.0.2:8888, 832 bytes of memory to receive",
            // Connected.
            "udp -            127.0.0.1:41390 to 127.0.0.1:8888",
        ];
        assert_eq!(texts(udp_lines, sockets, 8888), expected);
    }

    #[test]
    fn an_expired_timer_has_no_time_left() {
        for expired in ["FFFFFFFE", "FFFFFFFFFFFFFFFE"] {
            let line = format!("0: 0:0 0:0 06 0:0 03:{expired} 0 0 0 0");
            assert_eq!(timer(&line).as_deref(), Some("0 s left"));
        }
    }
}
