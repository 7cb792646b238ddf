//! Tests that grade nothing: of the faults that the programs survive, of the notes, and of the test
//! harness.

mod faults;
mod harness_tests;
mod notes;
