//! The conversation with Chromium, in its DevTools protocol: a command has a number, an answer the
//! same number, and between the two come events. All of it is JSON over a WebSocket on loopback.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use crate::DEADLINE;

/// How long one read may take before the deadline is looked at again.
const LOOK: Duration = Duration::from_millis(100);

/// An open conversation.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: WebSocket<TcpStream>,
    last_number: u64,
    /// Events that came while an answer was waited for.
    events: VecDeque<Value>,
}

impl Wire {
    pub(crate) fn connect(address: &str) -> Result<Self> {
        let host = address
            .strip_prefix("ws://")
            .and_then(|rest| rest.split('/').next())
            .with_context(|| format!("Chromium listens on {address:?}, which is no WebSocket"))?;
        let stream = TcpStream::connect(host)
            .with_context(|| format!("cannot connect to Chromium on {host}; did it end?"))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        // A picture of a long page comes in one frame.
        let config = WebSocketConfig::default().max_frame_size(None).max_message_size(None);
        let (socket, _) = tungstenite::client::client_with_config(address, stream, Some(config))
            .map_err(|error| anyhow::anyhow!("no WebSocket with Chromium on {address}: {error}"))?;
        socket.get_ref().set_read_timeout(Some(LOOK))?;
        Ok(Self { socket, last_number: 0, events: VecDeque::new() })
    }

    /// Sends a command and waits for its answer. Without a session it is for the browser itself.
    pub(crate) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value> {
        self.last_number += 1;
        let number = self.last_number;
        let mut command = json!({ "id": number, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        self.socket
            .send(Message::text(command.to_string()))
            .with_context(|| format!("cannot ask Chromium for {method}; did it end?"))?;
        let until = Instant::now() + DEADLINE;
        loop {
            let message = self.read(until).with_context(|| format!("no answer to {method}"))?;
            if message["id"] != number {
                self.events.push_back(message);
            } else if message["error"].is_null() {
                return Ok(message["result"].clone());
            } else {
                bail!("Chromium refuses {method}: {}", message["error"]);
            }
        }
    }

    /// The next event, waited for until `until`.
    pub(crate) fn event(&mut self, until: Instant) -> Result<Value> {
        match self.events.pop_front() {
            Some(event) => Ok(event),
            None => self.read(until),
        }
    }

    /// The events that are here already.
    pub(crate) fn events(&mut self) -> impl Iterator<Item = Value> {
        self.events.drain(..)
    }

    fn read(&mut self, until: Instant) -> Result<Value> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text)?),
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("Chromium hung up"),
            }
            if Instant::now() > until {
                bail!("Chromium said nothing of it within {} s", DEADLINE.as_secs());
            }
        }
    }
}
