//! The file itself: streams one by one, all other objects together in compressed ones, and a compressed table.

use std::io::{self, Write};

use lopdf::{Dictionary, Document, Object, StringFormat, dictionary};

use super::{deflate, name};
use crate::pdf::decimal::Decimal;

/// Objects of a compressed stream; a reader unpacks all of them to reach one.
const TOGETHER: usize = 400;

/// Where an object stands.
#[derive(Clone, Copy)]
enum Place {
    At(usize),
    /// Number of the stream that holds it, and its rank there.
    Within(usize, usize),
}

/// Writes objects that are numbered from one without gaps.
pub fn write(file: &Document) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(64 * 1024);
    // Four bytes above 127 tell transports that the file is binary.
    out.extend(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    let mut places: Vec<Place> = vec![Place::At(0); file.objects.len() + 1];
    let mut plain = Vec::new();
    for ((id, _), object) in &file.objects {
        if let Object::Stream(stream) = object {
            places[*id as usize] = Place::At(out.len());
            write_stream(&mut out, *id as usize, &stream.dict, &stream.content)?;
        } else {
            plain.push((*id as usize, object));
        }
    }
    for together in plain.chunks(TOGETHER) {
        let holder = places.len();
        let (mut numbers, mut body) = (Vec::new(), Vec::new());
        for (rank, (id, object)) in together.iter().enumerate() {
            write!(numbers, "{id} {} ", body.len())?;
            write_object(&mut body, object)?;
            body.push(b'\n');
            places[*id] = Place::Within(holder, rank);
        }
        let entries = dictionary! {
            "Type" => name("ObjStm"),
            "N" => together.len() as i64,
            "First" => numbers.len() as i64,
            "Filter" => name("FlateDecode"),
        };
        numbers.append(&mut body);
        places.push(Place::At(out.len()));
        write_stream(&mut out, holder, &entries, &deflate(&numbers))?;
    }
    write_table(out, places, &file.trailer)
}

/// The table of places, and the trailer in its dictionary.
fn write_table(mut out: Vec<u8>, mut places: Vec<Place>, trailer: &Dictionary) -> io::Result<Vec<u8>> {
    let (id, begin) = (places.len(), out.len());
    places.push(Place::At(begin));
    let mut table = Vec::with_capacity(places.len() * 7);
    for (id, place) in places.iter().enumerate() {
        let (kind, at, rank) = match *place {
            // The head of the list of free objects.
            _ if id == 0 => (0, 0, 65_535),
            Place::At(at) => (1, at, 0),
            Place::Within(holder, rank) => (2, holder, rank),
        };
        table.push(kind);
        table.extend((at as u32).to_be_bytes());
        table.extend((rank as u16).to_be_bytes());
    }
    let mut entries = trailer.clone();
    entries.set("Type", name("XRef"));
    entries.set("Size", places.len() as i64);
    entries.set("W", vec![Object::Integer(1), Object::Integer(4), Object::Integer(2)]);
    entries.set("Filter", name("FlateDecode"));
    write_stream(&mut out, id, &entries, &deflate(&table))?;
    write!(out, "startxref\n{begin}\n%%EOF\n")?;
    Ok(out)
}

fn write_stream(out: &mut Vec<u8>, id: usize, entries: &Dictionary, content: &[u8]) -> io::Result<()> {
    write!(out, "{id} 0 obj\n<<")?;
    for (key, value) in entries.iter().filter(|(key, _)| key.as_slice() != b"Length") {
        write_entry(out, key, value)?;
    }
    write!(out, "/Length {}>>\nstream\n", content.len())?;
    out.extend(content);
    out.extend(b"\nendstream\nendobj\n");
    Ok(())
}

fn write_entry(out: &mut Vec<u8>, key: &[u8], value: &Object) -> io::Result<()> {
    write_name(out, key)?;
    if !matches!(value, Object::Name(_) | Object::Array(_) | Object::Dictionary(_) | Object::String(..)) {
        out.push(b' ');
    }
    write_object(out, value)
}

fn write_object(out: &mut Vec<u8>, object: &Object) -> io::Result<()> {
    match object {
        Object::Null => out.extend(b"null"),
        Object::Boolean(value) => write!(out, "{value}")?,
        Object::Integer(value) => write!(out, "{value}")?,
        Object::Real(value) => write!(out, "{}", Decimal(*value))?,
        Object::Name(text) => write_name(out, text)?,
        Object::String(bytes, StringFormat::Hexadecimal) => {
            out.push(b'<');
            for byte in bytes {
                write!(out, "{byte:02X}")?;
            }
            out.push(b'>');
        }
        Object::String(bytes, StringFormat::Literal) => {
            out.push(b'(');
            for byte in bytes {
                match byte {
                    b'(' | b')' | b'\\' => out.extend([b'\\', *byte]),
                    b'\r' => out.extend(b"\\r"),
                    b'\n' => out.extend(b"\\n"),
                    _ => out.push(*byte),
                }
            }
            out.push(b')');
        }
        Object::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b' ');
                }
                write_object(out, item)?;
            }
            out.push(b']');
        }
        Object::Dictionary(entries) => {
            out.extend(b"<<");
            for (key, value) in entries {
                write_entry(out, key, value)?;
            }
            out.extend(b">>");
        }
        Object::Reference((id, generation)) => write!(out, "{id} {generation} R")?,
        Object::Stream(_) => return Err(io::Error::other("a stream stands inside another object")),
    }
    Ok(())
}

fn write_name(out: &mut Vec<u8>, text: &[u8]) -> io::Result<()> {
    out.push(b'/');
    for byte in text {
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(byte) {
            out.push(*byte);
        } else {
            write!(out, "#{byte:02X}")?;
        }
    }
    Ok(())
}
