//! The programs of the homework that are not handed in by a student: the class versions, and
//! the solutions, wrong and right, that the grader is graded with.
//!
//! Each becomes the program of a folder, and is built there. Here they are modules of one
//! library, so that the compiler, rustfmt and clippy see all of them at once.

// A program's `main` is called by nobody here.
#![expect(dead_code, reason = "each module is a program")]

#[path = "../class/day01-tcp-client/src/main.rs"]
mod class_tcp_client;
#[path = "../class/day01-tcp-server/src/main.rs"]
mod class_tcp_server;
#[path = "../class/day01-udp/src/main.rs"]
mod class_udp;
