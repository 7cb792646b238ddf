//! The simulation: both programs run on their hosts, and the clock moves on to whatever is next.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::events::{End, Exchange, Failure, Protocol};
use crate::hosts::{Host, World};
use crate::link::{Arrival, Loss};
use crate::programs;

/// No exchange takes so many turns of the clock. Those over a link that loses 80% of all
/// frames take the most: about 10,000.
const MOST_TURNS: usize = 100_000;

/// A program that runs on a host.
type Program<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// Lets a client and a server talk to each other, and answers all that happened.
pub fn exchange(protocol: Protocol, messages: &[Vec<u8>], loss: Loss) -> Exchange {
    let world = World::new(loss);
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

    // Whatever waits is asked again at every turn, so nobody needs to be woken.
    let mut context = Context::from_waker(Waker::noop());
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
                && let Poll::Ready(result) = program.as_mut().poll(&mut context)
            {
                *end = Some(result);
            }
        }

        let done = client_end.is_some() && client.is_quiet() && server.is_quiet();
        let timers = [client.next_timer(), server.next_timer()].into_iter().filter(|_| !done);
        let next_arrival = world.link.borrow().next_arrival();
        let Some(next) = timers.chain([next_arrival]).flatten().min() else { break };
        world.now.set(next.max(world.now.get()));
        arrival = world.link.borrow_mut().arrived(next);
    }

    drop((server_program, client_program));
    let outcome = client_end.unwrap_or(Err(Failure::Unfinished));
    let (sent, came_back) = (client.sent.take(), client.received.take());
    let reached_server = server.received.take();
    Exchange { protocol, events: world.events.take(), sent, reached_server, came_back, outcome }
}

#[cfg(test)]
mod tests {
    use quickcheck::{Arbitrary, Gen, QuickCheck};
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::counts::count;
    use crate::events::What;
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
