//! PostgreSQL's binary COPY format: cutting a stream into whole tuples, and turning tuples into Arrow and back.
//!
//! Pure: bytes in, rows out. Source of the format: PostgreSQL documentation, "COPY", "Binary Format".

pub mod decode;
pub mod encode;
pub mod numeric;

use bytes::{Buf, BytesMut};

use crate::batch::TupleBlock;
use crate::error::{Error, Result};

/// Signature, flags and the length of an empty header extension.
pub const HEADER: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The end of the data: a tuple with -1 fields.
pub const TRAILER: [u8; 2] = [0xff, 0xff];

/// A single huge row must not make room for another one.
const LARGEST_RESERVE: usize = 512 * 1024;

/// Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01.
pub const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// Days from the Unix epoch to PostgreSQL's.
pub const EPOCH_DAYS: i32 = 10_957;

/// Cuts the messages of `COPY ... TO STDOUT BINARY` into blocks of whole tuples.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    /// Bytes of `buffer` that are whole tuples.
    whole: usize,
    rows: u64,
    header_seen: bool,
    ended: bool,
}

impl Framer {
    /// Takes the next message in.
    ///
    /// # Errors
    /// When the bytes are not COPY data.
    pub fn push(&mut self, message: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(message);
        if !self.header_seen && !self.take_header()? {
            return Ok(());
        }
        while !self.ended {
            match tuple_len(&self.buffer[self.whole..])? {
                Tuple::Whole(len) => {
                    self.whole += len;
                    self.rows += 1;
                }
                Tuple::End => self.ended = true,
                Tuple::Partial => break,
            }
        }
        Ok(())
    }

    fn take_header(&mut self) -> Result<bool> {
        if self.buffer.len() < HEADER.len() {
            return Ok(false);
        }
        if self.buffer[..11] != HEADER[..11] {
            return Err(Error::corrupt("the source did not send binary COPY data"));
        }
        let extension = be_u32(&self.buffer[15..]) as usize;
        if self.buffer.len() < HEADER.len() + extension {
            return Ok(false);
        }
        self.buffer.advance(HEADER.len() + extension);
        self.header_seen = true;
        Ok(true)
    }

    /// Bytes of the whole tuples that wait.
    #[must_use]
    pub const fn ready_bytes(&self) -> usize {
        self.whole
    }

    /// Rows that wait.
    #[must_use]
    pub const fn ready_rows(&self) -> u64 {
        self.rows
    }

    /// Takes the whole tuples out.
    pub fn take(&mut self) -> TupleBlock {
        let bytes = self.buffer.split_to(std::mem::take(&mut self.whole)).freeze();
        // The next block is about as large: it need not grow by doubling.
        self.buffer.reserve(bytes.len().min(LARGEST_RESERVE));
        TupleBlock {
            bytes,
            rows: std::mem::take(&mut self.rows),
        }
    }

    /// The stream is over.
    ///
    /// # Errors
    /// When it broke off inside a tuple.
    pub fn finish(&self) -> Result<()> {
        match self.ended {
            true => Ok(()),
            false => Err(Error::transient("connection_lost", "the copy stream broke off")),
        }
    }
}

enum Tuple {
    Whole(usize),
    Partial,
    End,
}

fn tuple_len(bytes: &[u8]) -> Result<Tuple> {
    let Some(count) = bytes.get(..2) else {
        return Ok(Tuple::Partial);
    };
    let count = i16::from_be_bytes([count[0], count[1]]);
    if count == -1 {
        return Ok(Tuple::End);
    }
    let mut offset = 2;
    for _ in 0..count {
        let Some(len) = bytes.get(offset..offset + 4) else {
            return Ok(Tuple::Partial);
        };
        offset += 4;
        match i32::from_be_bytes([len[0], len[1], len[2], len[3]]) {
            -1 => {}
            len if len < -1 => return Err(Error::corrupt("a field of the copy stream has a negative length")),
            len => offset += len.unsigned_abs() as usize,
        }
    }
    match bytes.len() < offset {
        true => Ok(Tuple::Partial),
        false => Ok(Tuple::Whole(offset)),
    }
}

/// The first whole tuple of a block.
///
/// # Errors
/// When there is none.
pub fn first(block: &[u8]) -> Result<&[u8]> {
    match tuple_len(block)? {
        Tuple::Whole(len) => Ok(&block[..len]),
        Tuple::Partial | Tuple::End => Err(Error::corrupt("a block does not hold the tuples that it counts")),
    }
}

fn be_u32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// The fields of one whole tuple at the front of `bytes`, in order; `None` is null.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    left: i16,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let count = bytes
            .get(..2)
            .map_or(0, |count| i16::from_be_bytes([count[0], count[1]]));
        Self {
            bytes: bytes.get(2..).unwrap_or_default(),
            left: count,
        }
    }

    /// What follows the tuple, once all fields were taken.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn next_field(&mut self) -> Result<Option<&'a [u8]>> {
        let broken = || Error::corrupt("a tuple of the copy stream is too short");
        if self.left <= 0 {
            return Err(broken());
        }
        self.left -= 1;
        let (len, rest) = self.bytes.split_at_checked(4).ok_or_else(broken)?;
        let len = be_u32(len);
        if len == u32::MAX {
            self.bytes = rest;
            return Ok(None);
        }
        let (field, rest) = rest.split_at_checked(len as usize).ok_or_else(broken)?;
        self.bytes = rest;
        Ok(Some(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(tuples: &[Vec<Option<Vec<u8>>>]) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for tuple in tuples {
            bytes.extend(i16::try_from(tuple.len()).unwrap().to_be_bytes());
            for field in tuple {
                match field {
                    None => bytes.extend((-1i32).to_be_bytes()),
                    Some(value) => {
                        bytes.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
                        bytes.extend(value);
                    }
                }
            }
        }
        bytes.extend(TRAILER);
        bytes
    }

    proptest! {
        #[test]
        fn blocks_hold_whole_tuples_however_the_stream_is_cut(
            tuples in prop::collection::vec(
                prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..9)), 0..4), 0..20),
            cut in 1usize..40,
        ) {
            let bytes = stream(&tuples);
            let mut framer = Framer::default();
            let mut got = Vec::new();
            for message in bytes.chunks(cut) {
                framer.push(message).unwrap();
                let block = framer.take();
                let mut rest: &[u8] = &block.bytes;
                for _ in 0..block.rows {
                    let mut fields = Fields::new(rest);
                    let count = fields.left;
                    got.push((0..count).map(|_| fields.next_field().unwrap().map(<[u8]>::to_vec)).collect::<Vec<_>>());
                    rest = fields.rest();
                }
                prop_assert!(rest.is_empty());
            }
            framer.finish().unwrap();
            prop_assert_eq!(got, tuples);
        }

        #[test]
        fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut framer = Framer::default();
            let _ = framer.push(&noise);
            let mut framer = Framer { header_seen: true, ..Framer::default() };
            let _ = framer.push(&noise);
        }
    }

    #[test]
    fn a_stream_that_breaks_off_is_an_error() {
        let bytes = stream(&[vec![Some(vec![1, 2, 3])]]);
        let mut framer = Framer::default();
        framer.push(&bytes[..bytes.len() - 2]).unwrap();
        assert_eq!(framer.finish().unwrap_err().code, "connection_lost");
    }
}
