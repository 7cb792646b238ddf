//! The load on a server during a measurement, with std's sockets.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// The deadline for a server's start and for a reply.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// How much is sent before the clock starts.
const WARM_UP: Duration = Duration::from_millis(50);

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server)?;
    // Otherwise the last part of a message waits for the acknowledgement of the part before.
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    Ok(stream)
}

/// Describes an error. The system calls a timeout "temporarily unavailable".
pub fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => format!("nothing moves for {} s", DEADLINE.as_secs()),
        _ => error.to_string(),
    }
}

/// Sends a message and receives it back.
pub fn round_trip(stream: &mut TcpStream, message: &mut [u8]) -> io::Result<()> {
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(message)?;
    stream.read_exact(message)
}

/// Runs a closure in several threads from the same moment on. Returns their results.
fn in_threads<T: Send>(
    number: usize,
    run: impl Fn(&Barrier) -> io::Result<T> + Sync,
) -> io::Result<Vec<T>> {
    let barrier = Barrier::new(number);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..number).map(|_| scope.spawn(|| run(&barrier))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(ErrorKind::Other.into())))
            .collect()
    })
}

/// Returns a quantile of sorted times, in microseconds.
pub fn quantile(times: &[Duration], quantile: f64) -> f64 {
    let index = (times.len() as f64 * quantile) as usize;
    times.get(index).copied().unwrap_or_default().as_secs_f64() * 1e6
}

/// One exchange: this many sends of this many bytes, without waiting, then the reply to all of
/// them.
#[derive(Debug, Clone, Copy)]
pub struct Exchange {
    pub sends: usize,
    pub length: usize,
}

/// Exchanges messages, one at a time on each connection. Returns the sorted times of all, and the
/// number per second.
///
/// The socket acknowledges when the system likes. A server with Nagle's algorithm waits for a late
/// acknowledgement, which is part of the measurement.
pub fn round_trips(
    server: SocketAddr,
    connections: usize,
    exchange: Exchange,
    time: Duration,
) -> io::Result<(Vec<Duration>, f64)> {
    let all = in_threads(connections, |barrier| {
        let stream = connect(server);
        barrier.wait();
        let mut stream = stream?;
        let mut message = vec![b'x'; exchange.sends * exchange.length];
        let mut times = Vec::new();
        let start = Instant::now();
        loop {
            let sent = Instant::now();
            for piece in message.chunks(exchange.length) {
                stream.write_all(piece)?;
            }
            stream.read_exact(&mut message)?;
            if sent - start > WARM_UP {
                times.push(sent.elapsed());
            }
            if sent - start > WARM_UP + time {
                return Ok(times);
            }
        }
    })?;
    let mut times = all.concat();
    times.sort_unstable();
    let per_second = times.len() as f64 / time.as_secs_f64();
    Ok((times, per_second))
}

/// Streams data on each connection, in both directions at once. Returns the bytes received per
/// second.
pub fn stream(server: SocketAddr, connections: usize, time: Duration) -> io::Result<f64> {
    let all = in_threads(connections, |barrier| {
        let stream = connect(server);
        barrier.wait();
        let mut receiver = stream?;
        let mut sender = receiver.try_clone()?;
        let start = Instant::now();
        thread::scope(|scope| {
            let sending = scope.spawn(move || {
                let piece = vec![b'x'; 65_536];
                let mut sent = 0;
                while start.elapsed() < time {
                    sender.write_all(&piece)?;
                    sent += piece.len();
                }
                sender.shutdown(Shutdown::Write)?;
                io::Result::Ok(sent)
            });
            let mut buffer = vec![0; 1 << 18];
            let mut received = 0;
            while let length @ 1.. = receiver.read(&mut buffer)? {
                received += length;
            }
            let took = start.elapsed().as_secs_f64();
            let sent = sending.join().map_err(|_| io::Error::from(ErrorKind::Other))??;
            if sent != received {
                return Err(io::Error::other(format!("{sent} bytes sent, {received} came back")));
            }
            Ok(received as f64 / took)
        })
    })?;
    Ok(all.iter().sum())
}

/// Opens one connection after the other: connect, one message and its reply, close. Returns the
/// number per second.
pub fn connections(server: SocketAddr, time: Duration) -> io::Result<f64> {
    let start = Instant::now();
    let mut number = 0;
    while start.elapsed() < time {
        served_connection(server)?;
        number += 1;
    }
    Ok(f64::from(number) / start.elapsed().as_secs_f64())
}

/// Opens a connection and exchanges a message on it.
pub fn served_connection(server: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = connect(server)?;
    round_trip(&mut stream, &mut [b'x'; 64])?;
    Ok(stream)
}

/// A datagram without a reply for this long counts as lost.
const LOST: Duration = Duration::from_millis(50);

/// Returns a UDP socket that is connected to a server.
pub fn datagrams(server: SocketAddr, timeout: Duration) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(timeout))?;
    Ok(socket)
}

/// `None` if a datagram is lost: no reply in time, or no socket at the port while a server passes
/// it from one of its processes to another.
fn unless_lost(result: io::Result<usize>) -> io::Result<Option<usize>> {
    use ErrorKind::{ConnectionRefused, TimedOut, WouldBlock};

    match result {
        Err(error) if matches!(error.kind(), WouldBlock | TimedOut | ConnectionRefused) => Ok(None),
        result => result.map(Some),
    }
}

/// Sends datagrams of `length` bytes, one at a time. Returns the number of replies per second, and
/// their share.
pub fn datagram_round_trips(
    server: SocketAddr,
    length: usize,
    time: Duration,
) -> io::Result<(f64, f64)> {
    let socket = datagrams(server, LOST)?;
    let message = vec![b'x'; length];
    let mut buffer = vec![0; 65_536];
    let start = Instant::now();
    let (mut sent, mut answered) = (0, 0);
    while start.elapsed() < time {
        unless_lost(socket.send(&message))?;
        sent += 1;
        if unless_lost(socket.recv(&mut buffer))? == Some(length) {
            answered += 1;
        }
    }
    let answered = f64::from(answered);
    Ok((answered / start.elapsed().as_secs_f64(), answered / f64::from(sent)))
}

/// The number of datagrams in a burst: more than fit into a socket's default receive buffer of
/// 212,992 bytes, which includes the kernel's own data.
const BURST: u32 = 500;

/// Sends bursts of datagrams of `length` bytes. Returns the share that was answered.
pub fn datagram_bursts(server: SocketAddr, length: usize, time: Duration) -> io::Result<f64> {
    let socket = datagrams(server, LOST)?;
    let message = vec![b'x'; length];
    let start = Instant::now();
    let (mut sent, mut answered) = (0, 0);
    while start.elapsed() < time {
        thread::scope(|scope| {
            let receiving = scope.spawn(|| {
                let mut buffer = vec![0; 65_536];
                let mut answered = 0;
                while answered < BURST && unless_lost(socket.recv(&mut buffer))?.is_some() {
                    answered += 1;
                }
                io::Result::Ok(answered)
            });
            for _ in 0..BURST {
                unless_lost(socket.send(&message))?;
            }
            sent += BURST;
            answered += receiving.join().map_err(|_| io::Error::from(ErrorKind::Other))??;
            io::Result::Ok(())
        })?;
    }
    Ok(f64::from(answered) / f64::from(sent))
}
