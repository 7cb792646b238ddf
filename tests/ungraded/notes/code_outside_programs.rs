//! The Rust code of the notes that no program contains: text as bytes, and a message with a length
//! prefix. It's tested here.

use std::error::Error;
use std::io::Write;

#[test]
fn text_round_trips_through_bytes() -> Result<(), Box<dyn Error>> {
    let data = "你好".as_bytes();
    let text = std::str::from_utf8(data)?;
    assert_eq!((data.len(), text), (6, "你好"));
    Ok(())
}

#[test]
fn the_length_goes_before_the_message() -> Result<(), Box<dyn Error>> {
    let mut socket = Vec::new();
    let data = "你好".as_bytes();
    let length = u16::try_from(data.len())?.to_be_bytes(); // be: big end first
    socket.write_all(&[&length, data].concat())?;
    assert_eq!(socket, b"\x00\x06\xe4\xbd\xa0\xe5\xa5\xbd");
    Ok(())
}
