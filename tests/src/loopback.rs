//! This host, as far as every test needs it: its loopback interface, and the name `localhost`.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::{Once, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use crate::catalogue::Message;
use crate::deadline::DEADLINE;
use crate::message;

/// How long the look-up of `localhost` may take: it stands in a file. Where it does not, a name
/// server is asked, which may be far away or dead.
const LOOK_UP: Duration = Duration::from_secs(1);

const HOSTS_FILE: &str =
    if cfg!(windows) { r"C:\Windows\System32\drivers\etc\hosts" } else { "/etc/hosts" };

/// An address of loopback that no other test uses, so that its ports stay free: 127.0.0.`last`.
/// macOS has only 127.0.0.1 (and others only if somebody adds them).
pub fn address(last: u8) -> Ipv4Addr {
    let last = if cfg!(target_os = "macos") { 1 } else { last };
    Ipv4Addr::new(127, 0, 0, last)
}

/// Checks that two programs on this host can talk over 127.0.0.1.
///
/// # Errors
///
/// They can't: why, and what to do.
pub fn check() -> Result<(), Message> {
    static FOUND: OnceLock<Result<(), Message>> = OnceLock::new();
    let talk = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        TcpStream::connect_timeout(&listener.local_addr()?, DEADLINE).map(drop)
    };
    let explain = |error: io::Error| message!("no-loopback", error);
    FOUND.get_or_init(|| talk().map_err(explain)).clone()
}

/// Whether `localhost` is 127.0.0.1 here; or why not, and what to do.
///
/// # Errors
///
/// The system has no address of IPv4 for it, or another one.
pub fn check_localhost() -> Result<(), String> {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        // A look-up has no time-out of its own: one that goes on is left behind.
        thread::spawn(move || {
            let found = ("localhost", 0).to_socket_addrs();
            sender.send(found.map(|found| found.map(|one| one.ip()).collect::<Vec<IpAddr>>()))
        });
        let what = match receiver.recv_timeout(LOOK_UP) {
            Ok(Ok(found)) if found.contains(&Ipv4Addr::LOCALHOST.into()) => return Ok(()),
            Ok(Ok(found)) => format!("the name localhost is {found:?} here, not 127.0.0.1"),
            Ok(Err(error)) => format!("the name localhost is unknown here ({error})"),
            Err(_) => "the name localhost is not found within a second here".to_owned(),
        };
        Err(format!("{what}: add the line `127.0.0.1 localhost` to {HOSTS_FILE}"))
    });
    found.clone()
}

/// Says what is wrong with this host, once and before anything else: to the real standard error,
/// since the tests' own is kept until one of them fails.
pub(crate) fn report_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut wrong = Vec::new();
        wrong.extend(check().err().map(|what| format!("{what}; tests that need it fail")));
        wrong.extend(
            check_localhost().err().map(|what| format!("{what}; tests that need it are skipped")),
        );
        for what in wrong {
            // Nobody is left to tell.
            _ = io::stderr().write_all(format!("\nthis host: {what}\n").as_bytes());
        }
    });
}
