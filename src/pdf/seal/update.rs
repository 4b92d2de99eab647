//! The place of a seal in a file: an update after its end (ISO 32000, 7.5.6), with a hole for the signature.

use std::io::Write;

use chrono::{DateTime, Utc};
use lopdf::{Dictionary, Document, Object, Stream, StringFormat, Writer, dictionary};
use sha2::{Digest, Sha256};

use super::SealError;
use crate::{
    pdf::finish::{name, text},
    platform::audit::hex,
};

/// Room for `[0 x y z]`, whatever the size of the file.
const RANGE: usize = 40;
/// Of a widget: printed, locked.
const PRINTED_AND_LOCKED: i64 = 132;
/// Of a form: it is signed, and further changes must be appended.
const SIGNED_AND_APPENDED: i64 = 3;

/// What the seal says beside its signature.
pub struct Facts<'a> {
    /// In whose name.
    pub name: &'a str,
    /// When, by the program's clock.
    pub at: DateTime<Utc>,
}

/// A file that only lacks the signature.
pub struct Open {
    file: Vec<u8>,
    hole: std::ops::Range<usize>,
}

/// Add an invisible signature field to the first page, with room for a signature of that many bytes.
pub fn prepare(paper: &[u8], facts: &Facts<'_>, room: usize) -> Result<Open, SealError> {
    let base = Document::load_mem(paper)?;
    let root = base.trailer.get(b"Root")?.as_reference()?;
    let page = base.page_iter().next().ok_or(SealError::Shape("it has no page"))?;
    let size = base.trailer.get(b"Size").and_then(Object::as_i64).ok().and_then(|size| u32::try_from(size).ok());
    let next = size.unwrap_or_default().max(base.max_id + 1);
    let (seal, field, table) = ((next, 0), (next + 1, 0), (next + 2, 0));

    let mut shown = base.get_dictionary(page)?.clone();
    let mut annotations = list(&base, &shown, b"Annots")?;
    annotations.push(Object::Reference(field));
    shown.set("Annots", annotations);
    let mut catalog = base.get_dictionary(root)?.clone();
    let mut form = match catalog.get(b"AcroForm") {
        Ok(found) => base.dereference(found)?.1.as_dict()?.clone(),
        Err(_) => Dictionary::new(),
    };
    let mut fields = list(&base, &form, b"Fields")?;
    fields.push(Object::Reference(field));
    form.set("Fields", fields);
    form.set("SigFlags", SIGNED_AND_APPENDED);
    catalog.set("AcroForm", form);
    let widget = dictionary! {
        "Type" => name("Annot"),
        "Subtype" => name("Widget"),
        "FT" => name("Sig"),
        "T" => text("Cachet"),
        "TU" => text(&format!("Cachet électronique de {}", facts.name)),
        "V" => Object::Reference(seal),
        "F" => PRINTED_AND_LOCKED,
        "Rect" => vec![Object::Integer(0); 4],
        "P" => Object::Reference(page),
    };

    let mut file = paper.to_vec();
    if !file.ends_with(b"\n") {
        file.push(b'\n');
    }
    let mut places = vec![];
    for (id, object) in [(root, catalog), (page, shown), (field, widget)] {
        places.push((id.0, file.len()));
        writeln!(file, "{} {} obj", id.0, id.1)?;
        Writer::write_object(&mut file, &Object::Dictionary(object))?;
        file.extend(b"\nendobj\n");
    }
    places.push((seal.0, file.len()));
    let (range, hole) = write_seal(&mut file, seal.0, facts, room)?;
    places.push((table.0, file.len()));
    write_table(&mut file, &base, paper, &places)?;

    let after = file.len() - hole.end;
    let told = format!("[0 {} {} {after}]", hole.start, hole.end);
    file.get_mut(range..range + told.len())
        .filter(|_| told.len() <= RANGE)
        .ok_or(SealError::Shape("it is too large"))?
        .copy_from_slice(told.as_bytes());
    Ok(Open { file, hole })
}

/// An array of a dictionary, there or behind a reference; empty when there is none.
fn list(file: &Document, of: &Dictionary, key: &[u8]) -> Result<Vec<Object>, SealError> {
    match of.get(key) {
        Ok(found) => Ok(file.dereference(found)?.1.as_array()?.clone()),
        Err(_) => Ok(vec![]),
    }
}

/// Write the signature's object; answers where its range of bytes is told, and where the hole is, brackets included.
fn write_seal(
    file: &mut Vec<u8>,
    id: u32,
    facts: &Facts<'_>,
    room: usize,
) -> Result<(usize, std::ops::Range<usize>), SealError> {
    write!(file, "{id} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange ")?;
    let range = file.len();
    file.extend([b' '; RANGE]);
    file.extend(b"/Contents ");
    let start = file.len();
    file.push(b'<');
    file.resize(file.len() + 2 * room, b'0');
    file.push(b'>');
    let end = file.len();
    let said = [
        ("M", facts.at.format("D:%Y%m%d%H%M%S+00'00'").to_string()),
        ("Name", facts.name.to_owned()),
        ("Reason", "Cachet de l’organisme de formation".to_owned()),
    ];
    for (key, value) in said {
        write!(file, "/{key} ")?;
        Writer::write_object(file, &text(&value))?;
    }
    file.extend(b">>\nendobj\n");
    Ok((range, start..end))
}

/// Write where the new objects are, then the end of the file.
fn write_table(file: &mut Vec<u8>, base: &Document, paper: &[u8], places: &[(u32, usize)]) -> Result<(), SealError> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    let (mut index, mut rows) = (vec![], vec![]);
    for (id, place) in &sorted {
        index.extend([Object::Integer(i64::from(*id)), Object::Integer(1)]);
        rows.push(1);
        rows.extend(u32::try_from(*place).map_err(|_| SealError::Shape("it is too large"))?.to_be_bytes());
        rows.push(0);
    }
    let (last, start) = places.last().copied().ok_or(SealError::Shape("it is empty"))?;
    let identity = match base.trailer.get(b"ID").and_then(Object::as_array).map(Vec::as_slice) {
        Ok([first, ..]) => first.clone(),
        _ => return Err(SealError::Shape("it has no identity")),
    };
    let now = Object::String(Sha256::digest(&*file)[..16].to_vec(), StringFormat::Hexadecimal);
    let mut table = dictionary! {
        "Type" => name("XRef"),
        "Size" => i64::from(last) + 1,
        "Index" => index,
        "W" => vec![Object::Integer(1), Object::Integer(4), Object::Integer(1)],
        "Root" => base.trailer.get(b"Root")?.clone(),
        "ID" => vec![identity, now],
        "Prev" => previous(paper)?,
    };
    if let Ok(information) = base.trailer.get(b"Info") {
        table.set("Info", information.clone());
    }
    writeln!(file, "{last} 0 obj")?;
    Writer::write_object(file, &Object::Stream(Stream::new(table, rows).with_compression(false)))?;
    write!(file, "\nendobj\nstartxref\n{start}\n%%EOF\n")?;
    Ok(())
}

/// Where the file's own table is.
fn previous(paper: &[u8]) -> Result<i64, SealError> {
    const WORD: &[u8] = b"startxref";
    let at = paper.windows(WORD.len()).rposition(|bytes| bytes == WORD);
    at.and_then(|at| std::str::from_utf8(&paper[at + WORD.len()..]).ok())
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .ok_or(SealError::Shape("its table is not found"))
}

impl Open {
    /// The digest of all that the signature covers: the file without the hole.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(&self.file[..self.hole.start]);
        hash.update(&self.file[self.hole.end..]);
        hash.finalize().into()
    }

    /// The sealed file.
    pub fn fill(mut self, signature: &[u8]) -> Result<Vec<u8>, SealError> {
        let written = hex(signature);
        let start = self.hole.start + 1;
        if start + written.len() >= self.hole.end {
            return Err(SealError::Shape("the signature is larger than its room"));
        }
        self.file[start..start + written.len()].copy_from_slice(written.as_bytes());
        Ok(self.file)
    }
}
