//! A place where we listen for the student's client.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;

use crate::watch_event::{SessionEvent, WatchEvent};

/// A place where we listen, until this is dropped.
pub struct Listener {
    /// Where.
    pub address: SocketAddr,
    is_closed: Arc<AtomicBool>,
}

impl Listener {
    /// Listens on a port that the system chooses, and passes on each connection.
    pub fn open(watch_events: &SyncSender<WatchEvent>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let door = Listener { address: listener.local_addr()?, is_closed: Arc::default() };
        let (watch_events, is_closed) = (watch_events.clone(), Arc::clone(&door.is_closed));
        thread::spawn(move || {
            // One that connects again is another conversation.
            for connection in listener.incoming().flatten() {
                let heard = WatchEvent::SessionEvent(SessionEvent::Connected(connection));
                if is_closed.load(Ordering::SeqCst) || watch_events.send(heard).is_err() {
                    break;
                }
            }
        });
        Ok(door)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
        // Who listens is woken by one who connects.
        _ = TcpStream::connect(self.address);
    }
}
