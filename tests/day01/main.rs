//! The homework.
