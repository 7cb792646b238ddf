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

mod support;

mod hostile {
    mod server_that_ends_at_once;
    mod server_that_floods_its_output;
    mod server_that_hangs;
    mod server_that_leaves_others_behind;
    mod server_that_never_answers;
}

mod right {
    mod client_line_by_line;
    mod client_with_a_receiving_thread;
    mod server_with_a_thread_for_each_client;
    mod server_with_buffers_and_late_prints;
    mod udp_in_one_loop;
}

mod wrong {
    mod client_reads_until_the_end_after_one_message;
    mod client_sends_all_before_it_reads;
    mod client_splits_characters;
    mod server_adds_a_newline;
    mod server_answers_with_the_whole_buffer;
    mod server_closes_before_the_reply_has_gone;
    mod server_ends_when_a_client_resets;
    mod server_first_client_only;
    mod server_ignores_how_much_was_sent;
    mod server_never_notices_the_end;
    mod server_on_a_fixed_port;
    mod server_on_every_address;
    mod server_one_recv_for_a_client;
    mod server_says_it_listens_before_it_does;
    mod server_takes_bytes_for_text;
    mod udp_takes_an_empty_datagram_for_the_end;
}
