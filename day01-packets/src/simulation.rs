//! Runs both programs on their hosts, with a clock that jumps to the next event.

use std::future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::exchange::{End, Exchange, Failure, Protocol, Scenario, Server};
use crate::simulated_hosts::{Host, SharedState};
use crate::simulated_link::{Arrival, Loss};
use crate::simulated_programs::{tcp_client, tcp_server, udp_client, udp_server};

/// More than any exchange needs: with 80% loss, the most, it's about 10,000.
const MAX_STEPS: usize = 100_000;

type Program<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

pub fn exchange(protocol: Protocol, scenario: Scenario, loss: Loss) -> Exchange {
    let shared = SharedState::new(loss);
    let server = Host::new(End::Server, &shared);
    let client = Host::new(End::Client, &shared);
    let Scenario { messages, typed, connects, server: kind } = scenario;
    let mut client_program: Program = match protocol {
        Protocol::Tcp => Box::pin(tcp_client(&client, messages, typed)),
        Protocol::Udp => Box::pin(udp_client(&client, messages, connects)),
    };
    let mut server_program: Program = match (kind, protocol) {
        (Server::Absent, _) => Box::pin(future::ready(Ok(()))),
        (_, Protocol::Tcp) => Box::pin(tcp_server(&server, kind == Server::ClosesEarly)),
        (_, Protocol::Udp) => Box::pin(udp_server(&server)),
    };
    let (mut server_end, mut client_end) = (None, None);

    // All futures are polled in each step, so none needs a waker.
    let mut context = Context::from_waker(Waker::noop());
    let mut arrival = None;
    let mut without_end = Failure::Unfinished;
    for _ in 0..MAX_STEPS {
        // A program is slower than its system: it runs after all frames of this moment.
        let more = shared.link.borrow().next_arrival() == Some(shared.now.get());
        for (host, program, end) in [
            (&server, &mut server_program, &mut server_end),
            (&client, &mut client_program, &mut client_end),
        ] {
            // The system replies to a segment before the program receives its data.
            let mine = arrival.take_if(|arrival: &mut Arrival| arrival.to == host.end);
            host.run_stack(mine);
            if !more
                && end.is_none()
                && let Poll::Ready(result) = program.as_mut().poll(&mut context)
            {
                *end = Some(result);
            }
        }

        let done = client_end.is_some() && client.is_quiet() && server.is_quiet();
        let timers = [client.next_timer(), server.next_timer()].into_iter().filter(|_| !done);
        let next_arrival = shared.link.borrow().next_arrival();
        let Some(next) = timers.chain([next_arrival]).flatten().min() else {
            without_end = Failure::BlocksForever;
            break;
        };
        shared.now.set(next.max(shared.now.get()));
        arrival = shared.link.borrow_mut().arrived(next);
    }

    drop((server_program, client_program));
    let outcome = client_end.unwrap_or(Err(without_end));
    Exchange {
        protocol,
        server: kind,
        reports_errors: connects || protocol == Protocol::Tcp,
        events: shared.events.take(),
        sent: client.sent.take(),
        received_by_server: server.received.take(),
        received_by_client: client.received.take(),
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use quickcheck::{Arbitrary, Gen, QuickCheck};
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::exchange::{Call, Event, EventKind, Outcome};
    use crate::packet_counts::count;
    use crate::packet_diagram;
    use crate::parsed_packet::Packet;

    /// Messages that fit datagrams, so that both protocols can send them, and a loss.
    #[derive(Debug, Clone)]
    struct Case {
        messages: Vec<Vec<u8>>,
        typed: bool,
        connects: bool,
        loss: Loss,
    }

    impl Case {
        fn exchange(&self, protocol: Protocol, server: Server, percent: u8) -> Exchange {
            let &Case { ref messages, typed, connects, loss } = self;
            let scenario = Scenario { messages, typed, connects, server };
            exchange(protocol, scenario, Loss { percent, ..loss })
        }

        /// Loses less than 60% of the frames. With a higher loss, TCP may time out.
        fn run(&self, protocol: Protocol, server: Server) -> Exchange {
            self.exchange(protocol, server, self.loss.percent % 60)
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

    /// Text, or random bytes of any length that fits a datagram.
    fn message(random: &mut Gen) -> Vec<u8> {
        if bool::arbitrary(random) {
            return String::arbitrary(random).into_bytes();
        }
        let length = usize::arbitrary(random) % 1473;
        (0..length).map(|_| u8::arbitrary(random)).collect()
    }

    /// Checks the same cases every time, so that the result never changes.
    fn check(cases: u64, property: fn(Case)) {
        QuickCheck::new().rng(Gen::from_size_and_seed(100, 1)).tests(cases).quickcheck(property);
    }

    /// The application's data in the frames that `picks` selects by sender and loss.
    fn data(exchange: &Exchange, picks: impl Fn(End, bool) -> bool) -> Vec<u8> {
        let data = exchange.events.iter().filter_map(|event| match &event.kind {
            EventKind::Frame { lost, .. } if picks(event.end, *lost) => {
                Some(event.packet()?.data())
            }
            _ => None,
        });
        data.flatten().copied().collect()
    }

    #[test]
    fn tcp_delivers_exactly_the_sent_bytes() {
        check(32, |case| {
            let exchange = case.run(Protocol::Tcp, Server::Echo);
            let messages = case.messages;
            assert_eq!(exchange.outcome, Ok(()));
            assert_eq!(exchange.sent, messages.concat());
            assert_eq!(exchange.received_by_server, exchange.sent);
            assert_eq!(exchange.received_by_client, exchange.sent);

            let counts = count(&exchange);
            assert!(counts.again <= counts.sent);
            if counts.lost == 0 {
                assert_eq!(counts.again, 0, "a segment is sent again although none was lost");
                assert_eq!(data(&exchange, |end, _| end == End::Client), messages.concat());
            }
        });
    }

    #[test]
    fn udp_delivers_what_is_not_lost_and_retransmits_nothing() {
        check(32, |case| {
            let exchange = case.run(Protocol::Udp, Server::Echo);
            let messages = case.messages;
            assert_eq!(exchange.outcome, Ok(()));
            assert_eq!(exchange.sent, messages.concat());
            let arrived = data(&exchange, |end, lost| end == End::Client && !lost);
            assert_eq!(exchange.received_by_server, arrived);
            let answered = data(&exchange, |end, lost| end == End::Server && !lost);
            assert!(answered.starts_with(&exchange.received_by_client));
            assert_eq!(count(&exchange).again, 0);
        });
    }

    #[test]
    fn without_a_server_tcp_is_refused_and_udp_reports_it_only_after_connect() {
        check(32, |case| {
            let tcp = case.run(Protocol::Tcp, Server::Absent);
            assert_eq!(tcp.outcome, Err(Failure::Refused("connect")));
            assert!(tcp.sent.is_empty() && tcp.received_by_server.is_empty());

            let udp = case.run(Protocol::Udp, Server::Absent);
            assert_eq!((udp.outcome, udp.received_by_server.len()), (Ok(()), 0));
            let failed = |why| {
                let has_failed = |event: &&Event| {
                    matches!(event.kind, EventKind::Call(Call { outcome: Outcome::Failed(reason), .. })
                        if reason == why)
                };
                udp.events.iter().filter(has_failed).count()
            };
            let is_icmp = |event: &&Event| {
                matches!(event.kind, EventKind::Frame { lost: false, .. })
                    && matches!(event.packet(), Some(Packet::Icmp(..)))
            };
            let arrived = udp.events.iter().filter(is_icmp).count();
            assert_eq!(failed("refused"), if case.connects { arrived } else { 0 });
            assert_eq!(failed("refused") + failed("timed out"), case.messages.len());
        });
    }

    #[test]
    fn closing_with_unread_data_resets_the_connection() {
        check(32, |mut case| {
            case.messages.insert(0, b"more than a byte".to_vec());
            let reset = case.exchange(Protocol::Tcp, Server::ClosesEarly, 0);
            assert_eq!(reset.outcome, Err(Failure::Reset("recv")));
            assert_eq!(reset.received_by_server.len(), 1);

            let lossy = case.run(Protocol::Tcp, Server::ClosesEarly);
            let why = lossy.outcome.expect_err("the server closes early");
            // An end without unacknowledged data doesn't notice that the other end is gone.
            assert!(matches!(why, Failure::Reset("recv") | Failure::BlocksForever), "{why}");
        });
    }

    #[test]
    fn no_reset_is_sent_before_time_wait_ends() {
        check(32, |case| {
            let lossy = case.run(Protocol::Tcp, Server::Echo);
            let over = lossy.events.iter().position(|event| {
                event.end == End::Client && matches!(event.kind, EventKind::Timer { .. })
            });
            let reset = lossy.events.iter().position(Event::is_reset);
            if let Some(reset) = reset {
                assert!(over.is_some_and(|over| over < reset), "a reset before TIME-WAIT is over");
            }
        });
    }

    #[test]
    fn the_seeds_with_a_late_reset_are_those_in_the_notes() {
        let messages = ["hello", "你好"].map(|text| text.as_bytes().to_vec());
        let resets = |typed| {
            let (connects, server) = (false, Server::Echo);
            let scenario = Scenario { messages: &messages, typed, connects, server };
            let ends_so = |seed: &u64| {
                let lossy = exchange(Protocol::Tcp, scenario, Loss { percent: 20, seed: *seed });
                assert_eq!((lossy.outcome, lossy.received_by_client), (Ok(()), messages.concat()));
                lossy.events.iter().any(Event::is_reset)
            };
            (1..=60).filter(ends_so).collect::<Vec<u64>>()
        };
        assert_eq!((resets(false), resets(true)), (vec![12], vec![3, 7, 46]));
    }

    #[test]
    fn a_diagram_is_at_most_100_columns_wide() {
        check(8, |case| {
            let servers = [Server::Echo, Server::ClosesEarly, Server::Absent];
            let both = [Protocol::Tcp, Protocol::Udp];
            for (protocol, server) in both.into_iter().flat_map(|p| servers.map(|s| (p, s))) {
                let exchange = case.exchange(protocol, server, case.loss.percent);
                let diagram = packet_diagram::draw(&exchange, case.loss, true, false);
                for line in diagram.lines() {
                    assert!(line.width() <= 100, "{} columns: {line}", line.width());
                    assert!(!line.contains('\x1b'), "a control character: {line}");
                }
            }
        });
    }
}
