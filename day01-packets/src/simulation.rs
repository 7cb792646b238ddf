//! The simulation: both programs run on their hosts, and the clock moves on to whatever is next.

use std::future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::events::{End, Exchange, Failure, Play, Protocol, Server};
use crate::hosts::{Host, World};
use crate::link::{Arrival, Loss};
use crate::programs;

/// No exchange takes so many turns of the clock. Those over a link that loses 80% of all
/// frames take the most: about 10,000.
const MOST_TURNS: usize = 100_000;

/// A program that runs on a host.
type Program<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// Lets a client and a server talk to each other, and answers all that happened.
pub fn exchange(protocol: Protocol, play: Play, loss: Loss) -> Exchange {
    let world = World::new(loss);
    let server = Host::new(End::Server, &world);
    let client = Host::new(End::Client, &world);
    let Play { messages, typed, connects, server: kind } = play;
    let mut client_program: Program = match protocol {
        Protocol::Tcp => Box::pin(programs::tcp_client(&client, messages, typed)),
        Protocol::Udp => Box::pin(programs::udp_client(&client, messages, connects)),
    };
    let mut server_program: Program = match (kind, protocol) {
        (Server::Nobody, _) => Box::pin(future::ready(Ok(()))),
        (_, Protocol::Tcp) => Box::pin(programs::tcp_server(&server, kind == Server::Hasty)),
        (_, Protocol::Udp) => Box::pin(programs::udp_server(&server)),
    };
    let (mut server_end, mut client_end) = (None, None);

    // Whatever waits is asked again at every turn, so nobody needs to be woken.
    let mut context = Context::from_waker(Waker::noop());
    let mut arrival = None;
    let mut without_end = Failure::Unfinished;
    for _ in 0..MOST_TURNS {
        // No program is as fast as its system: it runs when all that came at a time was received.
        let more = world.link.borrow().next_arrival() == Some(world.now.get());
        for (host, program, end) in [
            (&server, &mut server_program, &mut server_end),
            (&client, &mut client_program, &mut client_end),
        ] {
            // The system acts first: it answers a segment before the program hears of it.
            let mine = arrival.take_if(|arrival: &mut Arrival| arrival.to == host.end);
            host.run_system(mine);
            if !more
                && end.is_none()
                && let Poll::Ready(result) = program.as_mut().poll(&mut context)
            {
                *end = Some(result);
            }
        }

        let done = client_end.is_some() && client.is_quiet() && server.is_quiet();
        let timers = [client.next_timer(), server.next_timer()].into_iter().filter(|_| !done);
        let next_arrival = world.link.borrow().next_arrival();
        let Some(next) = timers.chain([next_arrival]).flatten().min() else {
            without_end = Failure::WaitsForEver;
            break;
        };
        world.now.set(next.max(world.now.get()));
        arrival = world.link.borrow_mut().arrived(next);
    }

    drop((server_program, client_program));
    let outcome = client_end.unwrap_or(Err(without_end));
    let (sent, came_back) = (client.sent.take(), client.received.take());
    let reached_server = server.received.take();
    let events = world.events.take();
    let told = connects || protocol == Protocol::Tcp;
    Exchange { protocol, server: kind, told, events, sent, reached_server, came_back, outcome }
}

#[cfg(test)]
mod tests {
    use quickcheck::{Arbitrary, Gen, QuickCheck};
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::counts::count;
    use crate::events::{Outcome, What};
    use crate::packet::Packet;
    use crate::picture::{self, Ink};

    /// Any messages that fit datagrams, so that both protocols can send them, over any link.
    #[derive(Debug, Clone)]
    struct Case {
        messages: Vec<Vec<u8>>,
        typed: bool,
        connects: bool,
        loss: Loss,
    }

    impl Case {
        /// The messages, to a server that answers.
        fn play(&self) -> Play<'_> {
            let (typed, connects) = (self.typed, self.connects);
            Play { messages: &self.messages, typed, connects, server: Server::Echo }
        }
    }

    impl Arbitrary for Case {
        fn arbitrary(random: &mut Gen) -> Self {
            let number = 1 + usize::arbitrary(random) % 6;
            let messages = (0..number).map(|_| message(random)).collect();
            let loss = Loss { percent: u8::arbitrary(random) % 101, seed: u64::arbitrary(random) };
            let (typed, connects) = (bool::arbitrary(random), bool::arbitrary(random));
            Case { messages, typed, connects, loss }
        }

        fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
            let Case { typed, connects, loss, .. } = *self;
            let smaller = self.messages.shrink().filter(|messages| !messages.is_empty());
            Box::new(smaller.map(move |messages| Case { messages, typed, connects, loss }))
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
        check(32, |case| {
            let exchange = exchange(Protocol::Tcp, case.play(), below_60(case.loss));
            let messages = case.messages;
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
        check(32, |case| {
            let exchange = exchange(Protocol::Udp, case.play(), below_60(case.loss));
            let messages = case.messages;
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
    fn nobody_there_is_refused_over_tcp_and_told_over_udp_only_behind_connect() {
        check(32, |case| {
            let play = Play { server: Server::Nobody, ..case.play() };
            let tcp = exchange(Protocol::Tcp, play, below_60(case.loss));
            assert_eq!(tcp.outcome, Err(Failure::Refused("connect")));
            assert!(tcp.sent.is_empty() && tcp.reached_server.is_empty());

            let udp = exchange(Protocol::Udp, play, below_60(case.loss));
            assert_eq!((udp.outcome, udp.reached_server.len()), (Ok(()), 0));
            let failed = |why| {
                let is_it = |what: &What| match what {
                    What::Call(call) => {
                        matches!(call.outcome, Outcome::Failed(came) if came == why)
                    }
                    _ => false,
                };
                udp.events.iter().filter(|event| is_it(&event.what)).count()
            };
            let came = udp.events.iter().filter(|event| match &event.what {
                What::Frame { frame, lost: false } => {
                    matches!(Packet::read(frame), Some(Packet::Icmp(..)))
                }
                _ => false,
            });
            assert_eq!(failed("refused"), if case.connects { came.count() } else { 0 });
            assert_eq!(failed("refused") + failed("timed out"), case.messages.len());
        });
    }

    #[test]
    fn a_reset_ends_what_is_closed_unread() {
        check(32, |mut case| {
            case.messages.insert(0, b"more than a byte".to_vec());
            let play = Play { server: Server::Hasty, ..case.play() };
            let hasty = exchange(Protocol::Tcp, play, Loss { percent: 0, ..case.loss });
            assert_eq!(hasty.outcome, Err(Failure::Reset("recv")));
            assert_eq!(hasty.reached_server.len(), 1);

            let lossy = exchange(Protocol::Tcp, play, below_60(case.loss));
            let why = lossy.outcome.expect_err("a whole conversation");
            // Who has sent all and hears no more does not ask whether the other end is there.
            assert!(matches!(why, Failure::Reset("recv") | Failure::WaitsForEver), "{why}");
        });
    }

    fn is_reset(what: &What) -> bool {
        matches!(what, What::Frame { frame, .. }
            if matches!(Packet::read(frame), Some(Packet::Tcp(_, tcp)) if tcp.rst()))
    }

    #[test]
    fn no_reset_comes_before_time_wait_is_over() {
        check(32, |case| {
            let lossy = exchange(Protocol::Tcp, case.play(), below_60(case.loss));
            let over = lossy.events.iter().position(|event| {
                event.end == End::Client && matches!(event.what, What::Timer { .. })
            });
            let reset = lossy.events.iter().position(|event| is_reset(&event.what));
            if let Some(reset) = reset {
                assert!(over.is_some_and(|over| over < reset), "a reset within the conversation");
            }
        });
    }

    #[test]
    fn the_seeds_that_end_in_a_reset_are_those_of_the_notes() {
        let messages = ["hello", "你好"].map(|text| text.as_bytes().to_vec());
        let resets = |typed| {
            let play = Play { messages: &messages, typed, connects: false, server: Server::Echo };
            let ends_so = |seed: &u64| {
                let lossy = exchange(Protocol::Tcp, play, Loss { percent: 20, seed: *seed });
                assert_eq!((lossy.outcome, lossy.came_back), (Ok(()), messages.concat()));
                lossy.events.iter().any(|event| is_reset(&event.what))
            };
            (1..=60).filter(ends_so).collect::<Vec<u64>>()
        };
        assert_eq!((resets(false), resets(true)), (vec![12], vec![3, 7, 46]));
    }

    #[test]
    fn a_picture_is_100_columns_wide_at_most() {
        check(8, |case| {
            let servers = [Server::Echo, Server::Hasty, Server::Nobody];
            let both = [Protocol::Tcp, Protocol::Udp];
            for (protocol, server) in both.into_iter().flat_map(|p| servers.map(|s| (p, s))) {
                let exchange = exchange(protocol, Play { server, ..case.play() }, case.loss);
                let picture = picture::draw(&exchange, case.loss, true, Ink { coloured: false });
                for line in picture.lines() {
                    assert!(line.width() <= 100, "{} columns: {line}", line.width());
                    assert!(!line.contains('\x1b'), "an escape reaches the terminal: {line}");
                }
            }
        });
    }
}
