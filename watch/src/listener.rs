//! A TCP listener that the student's client connects to.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;

use crate::watch_event::{SessionEvent, WatchEvent};

/// A listening socket. It closes when this is dropped.
pub struct Listener {
    pub address: SocketAddr,
    is_closed: Arc<AtomicBool>,
}

impl Listener {
    /// Listens on an ephemeral port, and sends each accepted connection.
    pub fn open(sender: &SyncSender<WatchEvent>) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let listener = Listener { address: socket.local_addr()?, is_closed: Arc::default() };
        let (sender, is_closed) = (sender.clone(), Arc::clone(&listener.is_closed));
        thread::spawn(move || {
            for connection in socket.incoming().flatten() {
                let event = WatchEvent::Session(SessionEvent::Connected(connection));
                if is_closed.load(Ordering::SeqCst) || sender.send(event).is_err() {
                    break;
                }
            }
        });
        Ok(listener)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
        // std can't interrupt accept(). A connection of our own makes it return.
        _ = TcpStream::connect(self.address);
    }
}
