//! The two hosts: each is a whole TCP/IP stack (smoltcp) with one program. No packet is made up here:
//! the programs make calls, the stacks send what they have to, and both are recorded as events.

use std::cell::{Cell, RefCell};

use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::socket::{AnySocket, tcp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

use crate::exchange::{CLIENT, Call, End, Event, EventKind, SERVER};
use crate::parsed_packet::Packet;
use crate::simulated_link::{Arrival, CROSSING, Link, Loss, NetworkCard};

/// What the two hosts share: the time, the link and the recorded events.
pub struct SharedState {
    pub now: Cell<Instant>,
    pub link: RefCell<Link>,
    pub events: RefCell<Vec<Event>>,
}

impl SharedState {
    pub fn new(loss: Loss) -> SharedState {
        let link = RefCell::new(Link::new(loss));
        SharedState { now: Cell::new(Instant::ZERO), link, events: RefCell::default() }
    }

    fn record(&self, end: End, kind: EventKind, state: Option<tcp::State>) {
        self.events.borrow_mut().push(Event { at: self.now.get(), end, kind, state });
    }
}

pub struct Host<'a> {
    pub end: End,
    pub shared: &'a SharedState,
    pub stack: RefCell<Stack>,
    /// The last recorded state of the connection.
    state: Cell<tcp::State>,
    /// A frame caused the last change of state, not a timer: a connection that is closed then was
    /// reset by the peer.
    pub by_frame: Cell<bool>,
    /// The program has closed its connection, and receives nothing more.
    pub closed: Cell<bool>,
    /// An ICMP error has arrived. smoltcp doesn't pass it on to UDP sockets.
    pub error: Cell<bool>,
    /// When a receive call of the program times out.
    pub timeout: Cell<Option<Instant>>,
    pub sent: RefCell<Vec<u8>>,
    pub received: RefCell<Vec<u8>>,
}

pub struct Stack {
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    card: NetworkCard,
}

impl<'a> Host<'a> {
    pub fn new(end: End, shared: &'a SharedState) -> Host<'a> {
        let address = match end {
            End::Client => CLIENT.addr,
            End::Server => SERVER.addr,
        };
        let IpAddress::Ipv4(ipv4) = address;
        // The first byte marks a locally administered Ethernet address.
        let ethernet = EthernetAddress([2, 0, 0, 0, 0, ipv4.octets()[3]]);
        let mut config = Config::new(ethernet.into());
        // Initial sequence numbers are random. Always use the same ones.
        config.random_seed = u64::from(ipv4.to_bits());
        let mut card = NetworkCard::default();
        let mut interface = Interface::new(config, &mut card, shared.now.get());
        interface.update_ip_addrs(|addresses| {
            // It can't fail: there is room for two addresses.
            _ = addresses.push(IpCidr::new(address, 24));
        });
        Host {
            end,
            shared,
            stack: RefCell::new(Stack { interface, sockets: SocketSet::new(vec![]), card }),
            state: Cell::new(tcp::State::Closed),
            by_frame: Cell::new(false),
            closed: Cell::new(false),
            error: Cell::new(false),
            timeout: Cell::new(None),
            sent: RefCell::default(),
            received: RefCell::default(),
        }
    }

    /// Records a call of the program with the new state, and lets the stack send its frames.
    pub fn called(&self, call: Call) {
        let state = self.new_state();
        self.shared.record(self.end, EventKind::Call(call), state);
        self.run_stack(None);
    }

    /// The state of the connection, if it has changed.
    fn new_state(&self) -> Option<tcp::State> {
        let state = tcp_socket(&mut self.stack.borrow_mut().sockets)?.state();
        (self.state.replace(state) != state).then_some(state)
    }

    /// Runs the stack: it handles the frame that has arrived, if any, and sends its own frames.
    pub fn run_stack(&self, arrival: Option<Arrival>) {
        let now = self.shared.now.get();
        let mut stack = self.stack.borrow_mut();
        let Stack { interface, sockets, card } = &mut *stack;
        let cause = arrival.map(|arrival| {
            if let Some(Packet::Icmp(..)) = Packet::read(&arrival.frame) {
                self.error.set(true);
            }
            card.arrived.push_back(arrival.frame);
            arrival.event
        });
        interface.poll(now, card, sockets);
        // A connection that its program has closed with unread data is aborted, so that the other end
        // learns of the loss (RFC 1122, section 4.2.2.13). smoltcp doesn't do it itself.
        let unread = tcp_socket(sockets).filter(|socket| socket.recv_queue() > 0);
        if self.closed.get()
            && let Some(socket) = unread
        {
            socket.abort();
            interface.poll(now, card, sockets);
        }
        let frames = std::mem::take(&mut card.to_send);
        drop(stack);

        let before = self.state.get();
        if let Some(state) = self.new_state() {
            self.by_frame.set(cause.is_some());
            match cause {
                Some(event) => self.shared.events.borrow_mut()[event].state = Some(state),
                None => self.shared.record(self.end, EventKind::Timer { before }, Some(state)),
            }
        }
        for frame in frames {
            let event = self.shared.events.borrow().len();
            let at = now + CROSSING;
            let arrival = Arrival { at, to: self.end.other(), event, frame: frame.clone() };
            let lost = self.shared.link.borrow_mut().loses(arrival);
            self.shared.record(self.end, EventKind::Frame { frame, lost }, None);
        }
    }

    /// When the next timer of the stack or the program expires.
    pub fn next_timer(&self) -> Option<Instant> {
        let mut stack = self.stack.borrow_mut();
        let Stack { interface, sockets, .. } = &mut *stack;
        let stack_timer = interface.poll_at(self.shared.now.get(), sockets);
        [stack_timer, self.timeout.get()].into_iter().flatten().min()
    }

    pub fn is_quiet(&self) -> bool {
        matches!(self.state.get(), tcp::State::Closed | tcp::State::Listen)
    }
}

fn tcp_socket<'a>(sockets: &'a mut SocketSet<'static>) -> Option<&'a mut tcp::Socket<'static>> {
    sockets.iter_mut().find_map(|(_, socket)| tcp::Socket::downcast_mut(socket))
}
