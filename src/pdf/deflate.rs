//! Compression: the same bytes always give the same bytes, and the tables are kept from one stream to the next.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

/// Beyond it a stream takes twice the time for one byte less in a hundred.
const LEVEL: u32 = 6;

thread_local! {
    static ENCODER: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(LEVEL), true));
}

/// A zlib stream.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    ENCODER.with_borrow_mut(|encoder| {
        encoder.reset();
        let mut out = Vec::with_capacity(bytes.len() / 2 + 128);
        loop {
            let read = encoder.total_in() as usize;
            let status = encoder
                .compress_vec(&bytes[read..], &mut out, FlushCompress::Finish)
                .expect("an encoder fails on a wrong use only, and this is the right one");
            match status {
                Status::StreamEnd => return out,
                // Full: it goes on where it stopped.
                Status::Ok | Status::BufError => out.reserve(out.capacity()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_was_compressed_before_changes_nothing() {
        let text = "Feuille d’émargement ".repeat(400).into_bytes();
        let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let first = deflate(&text);
        let other = deflate(&noise);
        assert_eq!(deflate(&text), first);
        assert_eq!(deflate(&[]), deflate(&[]));
        for (packed, whole) in [(first, text), (other, noise)] {
            let mut out = Vec::new();
            flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut out).unwrap();
            assert_eq!(out, whole);
        }
    }
}
