//! Watch mode in a pseudo terminal: what is on the screen, and in what state it leaves the terminal.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod from_0_to_100; // a student's whole way from 0 to 100 points
mod panic; // a panic restores the terminal
mod screen_and_keys; // quitting, signals, sizes, questions, saves
mod terminal_emulator; // runs a program in a pseudo terminal and reads its screen
