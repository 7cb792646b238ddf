//! The two hosts, the simulated clock, and all that happens between them.
//!
//! Each host is a whole TCP/IP stack (smoltcp) with one program on it. Nothing here makes up a
//! packet: the programs make their calls, the stacks answer as they must, and it is written
//! down.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::socket::{Socket, tcp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};

use crate::events::{CLIENT, Call, End, Event, Exchange, Failure, Protocol, SERVER, What};
use crate::link::{Arrival, CROSSING, Card, Link, Loss};
use crate::programs;

/// No exchange takes so many turns of the clock. Those over a link that loses 80% of all
/// frames take the most: about 10,000.
const MOST_TURNS: usize = 100_000;

/// What the two hosts share: the time, the cable between them, and the list of all that
/// happens.
pub struct World {
    pub now: Cell<Instant>,
    link: RefCell<Link>,
    events: RefCell<Vec<Event>>,
}

impl World {
    /// Writes down what happened and answers its number.
    fn write(&self, end: End, what: What, state: Option<tcp::State>) -> usize {
        let mut events = self.events.borrow_mut();
        events.push(Event { at: self.now.get(), end, what, state });
        events.len() - 1
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

/// A program that runs on a host.
type Program<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

impl<'a> Host<'a> {
    fn new(end: End, world: &'a World) -> Host<'a> {
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
    fn run_system(&self, arrival: Option<Arrival>) {
        let now = self.world.now.get();
        let mut stack = self.stack.borrow_mut();
        let Stack { interface, sockets, card } = &mut *stack;
        let cause = arrival.map(|arrival| {
            card.arrived.push_back(arrival.frame);
            arrival.event
        });
        interface.poll(now, card, sockets);
        let frames = std::mem::take(&mut card.to_send);
        drop(stack);

        let before = self.state.get();
        if let Some(state) = self.new_state() {
            self.by_frame.set(cause.is_some());
            match cause {
                Some(event) => self.world.events.borrow_mut()[event].state = Some(state),
                None => _ = self.world.write(self.end, What::Timer { before }, Some(state)),
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
    fn next_timer(&self) -> Option<Instant> {
        let mut stack = self.stack.borrow_mut();
        let Stack { interface, sockets, .. } = &mut *stack;
        let system = interface.poll_at(self.world.now.get(), sockets);
        [system, self.alarm.get()].into_iter().flatten().min()
    }

    /// No connection is open or being opened here.
    fn is_quiet(&self) -> bool {
        matches!(self.state.get(), tcp::State::Closed | tcp::State::Listen)
    }
}

/// Lets a client and a server talk to each other, and answers all that happened.
pub fn exchange(protocol: Protocol, messages: &[Vec<u8>], loss: Loss) -> Exchange {
    let world = World {
        now: Cell::new(Instant::ZERO),
        link: RefCell::new(Link::new(loss)),
        events: RefCell::default(),
    };
    let server = Host::new(End::Server, &world);
    let client = Host::new(End::Client, &world);
    let (mut server_program, mut client_program): (Program, Program) = match protocol {
        Protocol::Tcp => (
            Box::pin(programs::tcp_server(&server)),
            Box::pin(programs::tcp_client(&client, messages)),
        ),
        Protocol::Udp => (
            Box::pin(programs::udp_server(&server)),
            Box::pin(programs::udp_client(&client, messages)),
        ),
    };
    let (mut server_end, mut client_end) = (None, None);

    let mut arrival = None;
    for _ in 0..MOST_TURNS {
        for (host, program, end) in [
            (&server, &mut server_program, &mut server_end),
            (&client, &mut client_program, &mut client_end),
        ] {
            // The system acts first: it answers a segment before the program hears of it.
            let mine = arrival.take_if(|arrival: &mut Arrival| arrival.to == host.end);
            host.run_system(mine);
            if end.is_none()
                && let Poll::Ready(result) = wake(program)
            {
                *end = Some(result);
            }
        }

        let done = client_end.is_some() && client.is_quiet() && server.is_quiet();
        let timer = [client.next_timer(), server.next_timer()].into_iter().flatten().min();
        let timer = timer.filter(|_| !done);
        let next_arrival = world.link.borrow().next_arrival();
        match [next_arrival, timer].into_iter().flatten().min() {
            Some(next) => {
                world.now.set(next.max(world.now.get()));
                arrival = world.link.borrow_mut().arrived(next);
            }
            None => break,
        }
    }

    drop((server_program, client_program));
    let outcome = client_end.unwrap_or(Err(Failure::Unfinished));
    let (sent, came_back) = (client.sent.take(), client.received.take());
    let reached_server = server.received.take();
    Exchange { protocol, events: world.events.take(), sent, reached_server, came_back, outcome }
}

/// Lets a program run until it waits for something.
fn wake(program: &mut Program) -> Poll<Result<(), Failure>> {
    program.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[cfg(test)]
mod tests {
    use quickcheck::{Arbitrary, Gen, QuickCheck};
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::counts::count;
    use crate::packet::Packet;
    use crate::picture::{self, Ink};

    /// Any messages that fit datagrams, so that both protocols can send them, over any link.
    #[derive(Debug, Clone)]
    struct Case {
        messages: Vec<Vec<u8>>,
        loss: Loss,
    }

    impl Arbitrary for Case {
        fn arbitrary(random: &mut Gen) -> Self {
            let number = 1 + usize::arbitrary(random) % 6;
            let messages = (0..number).map(|_| message(random)).collect();
            let loss = Loss { percent: u8::arbitrary(random) % 101, seed: u64::arbitrary(random) };
            Case { messages, loss }
        }

        fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
            let loss = self.loss;
            let smaller = self.messages.shrink().filter(|messages| !messages.is_empty());
            Box::new(smaller.map(move |messages| Case { messages, loss }))
        }
    }

    /// Text, or bytes of any length that fits a datagram.
    fn message(random: &mut Gen) -> Vec<u8> {
        if bool::arbitrary(random) {
            return String::arbitrary(random).into_bytes();
        }
        let length = usize::arbitrary(random) % 1473;
        (0..length).map(|_| u8::arbitrary(random)).collect()
    }

    /// The same cases every time: a test must not fail today and pass tomorrow.
    fn check(cases: u64, property: fn(Case)) {
        QuickCheck::new().rng(Gen::from_size_and_seed(100, 1)).tests(cases).quickcheck(property);
    }

    /// A loss that TCP gets through within its patience.
    fn below_60(loss: Loss) -> Loss {
        Loss { percent: loss.percent % 60, ..loss }
    }

    /// The application's bytes in the frames for which `picks` says so.
    fn data(exchange: &Exchange, picks: impl Fn(End, bool) -> bool) -> Vec<u8> {
        let frames = exchange.events.iter().filter_map(|event| match &event.what {
            What::Frame { frame, lost } if picks(event.end, *lost) => Some(frame),
            _ => None,
        });
        frames
            .flat_map(|frame| Packet::read(frame).expect("a whole packet").data())
            .copied()
            .collect()
    }

    #[test]
    fn tcp_delivers_exactly_what_was_sent() {
        check(32, |Case { messages, loss }| {
            let exchange = exchange(Protocol::Tcp, &messages, below_60(loss));
            assert_eq!(exchange.outcome, Ok(()));
            assert_eq!(exchange.sent, messages.concat());
            assert_eq!(exchange.reached_server, exchange.sent);
            assert_eq!(exchange.came_back, exchange.sent);

            let counts = count(&exchange);
            assert!(counts.again <= counts.sent);
            if counts.lost == 0 {
                assert_eq!(counts.again, 0, "nothing lost, and yet sent again");
                assert_eq!(data(&exchange, |end, _| end == End::Client), messages.concat());
            }
        });
    }

    #[test]
    fn udp_delivers_what_was_not_lost_and_sends_nothing_again() {
        check(32, |Case { messages, loss }| {
            let exchange = exchange(Protocol::Udp, &messages, below_60(loss));
            assert_eq!(exchange.outcome, Ok(()));
            assert_eq!(exchange.sent, messages.concat());
            let arrived = data(&exchange, |end, lost| end == End::Client && !lost);
            assert_eq!(exchange.reached_server, arrived);
            let answered = data(&exchange, |end, lost| end == End::Server && !lost);
            assert!(answered.starts_with(&exchange.came_back));
            assert_eq!(count(&exchange).again, 0);
        });
    }

    #[test]
    fn a_picture_is_100_columns_wide_at_most() {
        check(8, |Case { messages, loss }| {
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                let exchange = exchange(protocol, &messages, loss);
                let picture = picture::draw(&exchange, loss, true, Ink { coloured: false });
                for line in picture.lines() {
                    assert!(line.width() <= 100, "{} columns: {line}", line.width());
                    assert!(!line.contains('\x1b'), "an escape reaches the terminal: {line}");
                }
            }
        });
    }
}
