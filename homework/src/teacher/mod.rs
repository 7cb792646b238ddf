//! What a teacher gets: the marks of many folders, for people and for programs.

pub mod formats;
pub mod grade;
