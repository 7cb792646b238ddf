//! Checks that this host has what every test needs: the loopback interface and the name
//! `localhost`.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::{Once, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use crate::catalogue::Message;
use crate::deadline::DEADLINE;
use crate::message;

/// Timeout for the look-up of `localhost`. It's in a file; where it isn't, a name server is asked,
/// which may be slow or dead.
const LOOK_UP: Duration = Duration::from_secs(1);

const HOSTS_FILE: &str =
    if cfg!(windows) { r"C:\Windows\System32\drivers\etc\hosts" } else { "/etc/hosts" };

/// Returns 127.0.0.`last`, for a test that needs a loopback address of its own. macOS has only
/// 127.0.0.1.
pub fn address(last: u8) -> Ipv4Addr {
    let last = if cfg!(target_os = "macos") { 1 } else { last };
    Ipv4Addr::new(127, 0, 0, last)
}

/// Checks that two programs on this host can talk over 127.0.0.1. The error says what to do.
pub fn check() -> Result<(), Message> {
    static FOUND: OnceLock<Result<(), Message>> = OnceLock::new();
    let talk = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        TcpStream::connect_timeout(&listener.local_addr()?, DEADLINE).map(drop)
    };
    let explain = |error: io::Error| message!("no-loopback", error);
    FOUND.get_or_init(|| talk().map_err(explain)).clone()
}

/// Checks that `localhost` is 127.0.0.1 on this host. The error says what to do.
pub fn check_localhost() -> Result<(), String> {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        // A look-up has no timeout, so the thread may go on after this.
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

/// Prints what is wrong with this host, once, before any test runs. It goes to the real standard
/// error, because the test runner captures the output of tests.
pub(crate) fn report_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut wrong = Vec::new();
        wrong.extend(check().err().map(|what| format!("{what}; tests that need it fail")));
        wrong.extend(
            check_localhost().err().map(|what| format!("{what}; tests that need it are skipped")),
        );
        for what in wrong {
            // If standard error is closed, there's no place left to report it.
            _ = io::stderr().write_all(format!("\nthis host: {what}\n").as_bytes());
        }
    });
}
