//! The cable between the two hosts: it takes a while, and it may lose a frame.
//!
//! smoltcp has devices of its own that drop frames and write captures, but none with two ends.
//! Its `FaultInjector` rolls its dice where a frame is sent and again where it is received,
//! does not say which frame it dropped, and drops everything when the seed is 0. A cable of
//! our own loses each frame in one place, where the picture can mark it.

use std::collections::VecDeque;

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::{Duration, Instant};

use crate::events::End;

/// The time a frame takes from one host to the other, as if they were some hundred kilometres
/// apart. A round number, so that the times in the picture are easy to follow.
pub const CROSSING: Duration = Duration::from_millis(10);

/// The largest Ethernet frame: 1,500 bytes after a header of 14 (IEEE 802.3; the checksum of
/// 4 bytes behind them is the network card's business).
pub const LARGEST_FRAME: usize = 14 + 1500;

/// Which frames are lost.
#[derive(Debug, Clone, Copy)]
pub struct Loss {
    /// How many of a hundred frames are lost, on average: 0 to 100.
    pub percent: u8,
    /// Where the dice start. The same seed loses the same frames, on every machine.
    pub seed: u64,
}

/// The cable.
pub struct Link {
    loss: Loss,
    dice: u64,
    /// The frames on their way, in the order in which they arrive: all are equally fast.
    under_way: VecDeque<Arrival>,
}

/// A frame on its way.
pub struct Arrival {
    /// When it reaches the other host.
    pub at: Instant,
    /// Where it arrives.
    pub to: End,
    /// The number of the event that put it on the link.
    pub event: usize,
    /// The frame.
    pub frame: Vec<u8>,
}

impl Link {
    /// A cable without a frame on it.
    pub fn new(loss: Loss) -> Link {
        Link { loss, dice: loss.seed, under_way: VecDeque::new() }
    }

    /// Puts a frame on the cable, unless it is lost: then the answer is `true`.
    pub fn loses(&mut self, arrival: Arrival) -> bool {
        let lost = self.roll() % 100 < u64::from(self.loss.percent);
        if !lost {
            self.under_way.push_back(arrival);
        }
        lost
    }

    /// When the next frame arrives.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.front().map(|arrival| arrival.at)
    }

    /// The next frame that has arrived.
    pub fn arrived(&mut self, now: Instant) -> Option<Arrival> {
        if self.next_arrival()? <= now { self.under_way.pop_front() } else { None }
    }

    /// A number that looks random: SplitMix64, from "Fast splittable pseudorandom number
    /// generators" (Steele, Lea and Flood, 2014). The standard library has no generator whose
    /// numbers are promised to stay the same.
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.dice;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }
}

/// A host's network card: what has arrived for it, and what it wants to send.
#[derive(Default)]
pub struct Card {
    /// Frames that have arrived.
    pub arrived: VecDeque<Vec<u8>>,
    /// Frames to put on the link.
    pub to_send: VecDeque<Vec<u8>>,
}

impl Device for Card {
    type RxToken<'a> = Received;
    type TxToken<'a> = ToSend<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received, ToSend<'_>)> {
        let frame = self.arrived.pop_front()?;
        Some((Received(frame), ToSend(&mut self.to_send)))
    }

    fn transmit(&mut self, _: Instant) -> Option<ToSend<'_>> {
        Some(ToSend(&mut self.to_send))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LARGEST_FRAME;
        capabilities
    }
}

/// A received frame, on its way up through the host's layers.
pub struct Received(Vec<u8>);

impl phy::RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

/// Room for a frame that has come down through the host's layers.
pub struct ToSend<'a>(&'a mut VecDeque<Vec<u8>>);

impl phy::TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut frame = vec![0; length];
        let result = write(&mut frame);
        self.0.push_back(frame);
        result
    }
}
