//! The link between the two hosts, with a delay and random losses, and their network cards.
//!
//! smoltcp's `FaultInjector` isn't suitable: it drops frames at the sender and at the receiver,
//! doesn't report which ones, and drops all of them if the seed is 0.

use std::collections::VecDeque;

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::{Duration, Instant};

use crate::exchange::End;

/// The time that a frame takes to cross the link: a round number, so that the times in the diagram
/// are easy to follow.
pub const CROSSING: Duration = Duration::from_millis(10);

/// The largest Ethernet frame: a header of 14 bytes and 1,500 bytes of data (IEEE 802.3). The network
/// card adds the checksum.
pub const MAX_FRAME: usize = 14 + 1500;

#[derive(Debug, Clone, Copy)]
pub struct Loss {
    /// The probability of a loss, in percent: 0 to 100.
    pub percent: u8,
    /// The same seed loses the same frames, on every machine.
    pub seed: u64,
}

pub struct Link {
    loss: Loss,
    random_state: u64,
    /// In the order of their arrival: all frames take equally long.
    in_transit: VecDeque<Arrival>,
}

pub struct Arrival {
    pub at: Instant,
    pub to: End,
    /// The index of the event in which it was sent.
    pub event: usize,
    pub frame: Vec<u8>,
}

impl Link {
    pub fn new(loss: Loss) -> Link {
        Link { loss, random_state: loss.seed, in_transit: VecDeque::new() }
    }

    /// Sends a frame, and returns whether it is lost.
    pub fn loses(&mut self, arrival: Arrival) -> bool {
        let lost = self.random() % 100 < u64::from(self.loss.percent);
        if !lost {
            self.in_transit.push_back(arrival);
        }
        lost
    }

    pub fn next_arrival(&self) -> Option<Instant> {
        self.in_transit.front().map(|arrival| arrival.at)
    }

    pub fn arrived(&mut self, now: Instant) -> Option<Arrival> {
        if self.next_arrival()? <= now { self.in_transit.pop_front() } else { None }
    }

    /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
    /// its numbers are the same in every version of every library.
    fn random(&mut self) -> u64 {
        self.random_state = self.random_state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.random_state;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }
}

#[derive(Default)]
pub struct NetworkCard {
    pub arrived: VecDeque<Vec<u8>>,
    pub to_send: VecDeque<Vec<u8>>,
}

impl Device for NetworkCard {
    type RxToken<'a> = ReceivedFrame;
    type TxToken<'a> = FrameToSend<'a>;

    fn receive(&mut self, _: Instant) -> Option<(ReceivedFrame, FrameToSend<'_>)> {
        let frame = self.arrived.pop_front()?;
        Some((ReceivedFrame(frame), FrameToSend(&mut self.to_send)))
    }

    fn transmit(&mut self, _: Instant) -> Option<FrameToSend<'_>> {
        Some(FrameToSend(&mut self.to_send))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME;
        capabilities
    }
}

pub struct ReceivedFrame(Vec<u8>);

impl phy::RxToken for ReceivedFrame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

pub struct FrameToSend<'a>(&'a mut VecDeque<Vec<u8>>);

impl phy::TxToken for FrameToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let mut frame = vec![0; length];
        let result = write(&mut frame);
        self.0.push_back(frame);
        result
    }
}
