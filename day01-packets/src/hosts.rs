//! The two hosts, and what they share: the time, the cable, and the list of all that happens.
//!
//! Each host is a whole TCP/IP stack (smoltcp) with one program on it. Nothing here makes up a
//! packet: the programs make their calls, the stacks answer as they must, and it is written
//! down.

use std::cell::{Cell, RefCell};

use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::socket::{Socket, tcp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

use crate::events::{CLIENT, Call, End, Event, SERVER, What};
use crate::link::{Arrival, CROSSING, Card, Link, Loss};
use crate::packet::Packet;

/// What the two hosts share: the time, the cable between them, and the list of all that
/// happens.
pub struct World {
    pub now: Cell<Instant>,
    pub link: RefCell<Link>,
    pub events: RefCell<Vec<Event>>,
}

impl World {
    /// The start: nothing has happened yet.
    pub fn new(loss: Loss) -> World {
        let link = RefCell::new(Link::new(loss));
        World { now: Cell::new(Instant::ZERO), link, events: RefCell::default() }
    }

    /// Writes down what happened.
    fn write(&self, end: End, what: What, state: Option<tcp::State>) {
        self.events.borrow_mut().push(Event { at: self.now.get(), end, what, state });
    }
}

/// A host: a TCP/IP stack, a network card and a program.
pub struct Host<'a> {
    pub end: End,
    pub world: &'a World,
    pub stack: RefCell<Stack>,
    /// The state of the connection when it was last written down.
    state: Cell<tcp::State>,
    /// A frame brought the connection to its state, not the clock: if it is closed, the peer
    /// reset it.
    pub by_frame: Cell<bool>,
    /// The program has closed its connection: nobody will read what comes.
    pub closed: Cell<bool>,
    /// An ICMP packet has come that reports an error. smoltcp tells its UDP sockets of none.
    pub error: Cell<bool>,
    /// When the program wants to be woken although nothing has come.
    pub alarm: Cell<Option<Instant>>,
    /// All that the program has given to its send calls.
    pub sent: RefCell<Vec<u8>>,
    /// All that its receive calls gave the program.
    pub received: RefCell<Vec<u8>>,
}

/// What belongs to the host's system.
pub struct Stack {
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    card: Card,
}

impl<'a> Host<'a> {
    pub fn new(end: End, world: &'a World) -> Host<'a> {
        let address = match end {
            End::Client => CLIENT.addr,
            End::Server => SERVER.addr,
        };
        let IpAddress::Ipv4(ipv4) = address;
        // A made-up Ethernet address says so by its first byte: "locally administered".
        let ethernet = EthernetAddress([2, 0, 0, 0, 0, ipv4.octets()[3]]);
        let mut config = Config::new(ethernet.into());
        // The first sequence number of a connection is a random one. This one is the same
        // every day.
        config.random_seed = u64::from(ipv4.to_bits());
        let mut card = Card::default();
        let mut interface = Interface::new(config, &mut card, world.now.get());
        interface.update_ip_addrs(|addresses| {
            // There is room for two addresses, and this is the first.
            _ = addresses.push(IpCidr::new(address, 24));
        });
        Host {
            end,
            world,
            stack: RefCell::new(Stack { interface, sockets: SocketSet::new(vec![]), card }),
            state: Cell::new(tcp::State::Closed),
            by_frame: Cell::new(false),
            closed: Cell::new(false),
            error: Cell::new(false),
            alarm: Cell::new(None),
            sent: RefCell::default(),
            received: RefCell::default(),
        }
    }

    /// Writes down a call of the program and the state that it brought, and lets the system
    /// send what the call gave it to send.
    pub fn called(&self, call: Call) {
        let state = self.new_state();
        self.world.write(self.end, What::Call(call), state);
        self.run_system(None);
    }

    /// The state of the connection, if it is another than it was.
    fn new_state(&self) -> Option<tcp::State> {
        let stack = self.stack.borrow();
        let state = stack.sockets.iter().find_map(|(_, socket)| match socket {
            Socket::Tcp(socket) => Some(socket.state()),
            Socket::Udp(_) => None,
        })?;
        (self.state.replace(state) != state).then_some(state)
    }

    /// Lets the system do what is to be done now: it reads the frame that came, if one came,
    /// and sends what it has to send.
    pub fn run_system(&self, arrival: Option<Arrival>) {
        let now = self.world.now.get();
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
        if self.closed.get() && break_off_unread(sockets) {
            interface.poll(now, card, sockets);
        }
        let frames = std::mem::take(&mut card.to_send);
        drop(stack);

        let before = self.state.get();
        if let Some(state) = self.new_state() {
            self.by_frame.set(cause.is_some());
            match cause {
                Some(event) => self.world.events.borrow_mut()[event].state = Some(state),
                None => self.world.write(self.end, What::Timer { before }, Some(state)),
            }
        }
        for frame in frames {
            let event = self.world.events.borrow().len();
            let at = now + CROSSING;
            let arrival = Arrival { at, to: self.end.other(), event, frame: frame.clone() };
            let lost = self.world.link.borrow_mut().loses(arrival);
            self.world.write(self.end, What::Frame { frame, lost }, None);
        }
    }

    /// When the system or the program has something to do although nothing comes.
    pub fn next_timer(&self) -> Option<Instant> {
        let mut stack = self.stack.borrow_mut();
        let Stack { interface, sockets, .. } = &mut *stack;
        let system = interface.poll_at(self.world.now.get(), sockets);
        [system, self.alarm.get()].into_iter().flatten().min()
    }

    /// No connection is open or being opened here.
    pub fn is_quiet(&self) -> bool {
        matches!(self.state.get(), tcp::State::Closed | tcp::State::Listen)
    }
}

/// Breaks off a connection that has bytes which nobody will read, so that the other end learns that
/// they were lost (RFC 1122, section 4.2.2.13). smoltcp leaves that to whoever closes.
fn break_off_unread(sockets: &mut SocketSet) -> bool {
    let unread = sockets.iter_mut().find_map(|(_, socket)| match socket {
        Socket::Tcp(socket) if socket.recv_queue() > 0 => Some(socket),
        _ => None,
    });
    unread.map(tcp::Socket::abort).is_some()
}
