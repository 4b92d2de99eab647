//! Fonts: of each shipped face, only the glyphs that the pages use.

use std::fmt::Write;
use std::sync::LazyLock;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};
use sha2::{Digest, Sha256};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
    metrics::Metrics,
    string::StringId,
};

use super::{RenderError, compressed, name};
use crate::pdf::typeface::{FILES, Face, Measures};

const FACES: [Face; 4] = [Face::Regular, Face::Bold, Face::Italic, Face::BoldItalic];

/// What the descriptor of a face says, read once.
struct Description {
    postscript_name: String,
    metrics: Metrics,
}

static DESCRIPTIONS: LazyLock<[Description; 4]> = LazyLock::new(|| {
    FILES.map(|file| {
        let font = FontRef::new(file).expect("the four font files are part of the program, and tests read them");
        let postscript_name = font
            .localized_strings(StringId::POSTSCRIPT_NAME)
            .english_or_first()
            .map_or_else(|| "Sans".to_owned(), |text| text.to_string());
        Description { postscript_name, metrics: font.metrics(Size::new(1000.0), LocationRef::default()) }
    })
});

/// Embeds the used part of the faces and gives the dictionary that names them.
pub fn embed(file: &mut Document, glyphs: &[Vec<bool>; 4]) -> Result<ObjectId, RenderError> {
    let mut fonts = Dictionary::new();
    for (face, used) in FACES.into_iter().zip(glyphs) {
        let used: Vec<u16> = (0..).zip(used).filter(|(_, used)| **used).map(|(glyph, _)| glyph).collect();
        if !used.is_empty() {
            let font = embed_face(file, face, &used)?;
            fonts.set(format!("F{}", face as usize), font);
        }
    }
    Ok(file.add_object(fonts))
}

fn embed_face(file: &mut Document, face: Face, used: &[u16]) -> Result<ObjectId, RenderError> {
    let measures = Measures::of(face);
    let Description { postscript_name, metrics } = &DESCRIPTIONS[face as usize];
    let mut remapper = subsetter::GlyphRemapper::new();
    for glyph in used {
        remapper.remap(*glyph);
    }
    let subset =
        subsetter::subset(FILES[face as usize], 0, &remapper).map_err(|error| RenderError::Font(error.to_string()))?;
    let font_name = format!("{}+{postscript_name}", subset_tag(&subset));

    let largest = used.last().copied().unwrap_or_default();
    let mut glyph_of_code = vec![0_u8; (usize::from(largest) + 1) * 2];
    let mut widths = Vec::new();
    for code in used {
        let at = usize::from(*code) * 2;
        glyph_of_code[at..at + 2].copy_from_slice(&remapper.get(*code).unwrap_or_default().to_be_bytes());
        widths.push(Object::Integer(i64::from(*code)));
        widths.push(Object::Array(vec![Object::Integer(i64::from(measures.advance(*code)))]));
    }

    let program = file.add_object(compressed(dictionary! { "Length1" => subset.len() as i64 }, &subset));
    let glyph_of_code = file.add_object(compressed(Dictionary::new(), &glyph_of_code));
    let characters = file.add_object(compressed(Dictionary::new(), to_unicode(measures, used).as_bytes()));
    let bounds = metrics.bounds.unwrap_or_default();
    let whole = |value: f32| Object::Integer(value.round() as i64);
    let descriptor = file.add_object(dictionary! {
        "Type" => name("FontDescriptor"),
        "FontName" => name(&font_name),
        // Symbolic, as glyphs are addressed by number; and italic.
        "Flags" => if matches!(face, Face::Italic | Face::BoldItalic) { 4 | 64 } else { 4 },
        "FontBBox" => vec![whole(bounds.x_min), whole(bounds.y_min), whole(bounds.x_max), whole(bounds.y_max)],
        "ItalicAngle" => whole(metrics.italic_angle),
        "Ascent" => whole(metrics.ascent),
        "Descent" => whole(metrics.descent),
        "CapHeight" => whole(metrics.cap_height.unwrap_or(660.0)),
        "StemV" => if matches!(face, Face::Bold | Face::BoldItalic) { 120 } else { 80 },
        "FontFile2" => program,
    });
    let descendant = file.add_object(dictionary! {
        "Type" => name("Font"),
        "Subtype" => name("CIDFontType2"),
        "BaseFont" => name(&font_name),
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"),
            "Ordering" => Object::string_literal("Identity"),
            "Supplement" => 0,
        },
        "FontDescriptor" => descriptor,
        "W" => widths,
        "DW" => 0,
        "CIDToGIDMap" => glyph_of_code,
    });
    Ok(file.add_object(dictionary! {
        "Type" => name("Font"),
        "Subtype" => name("Type0"),
        "BaseFont" => name(&font_name),
        "Encoding" => name("Identity-H"),
        "DescendantFonts" => vec![Object::Reference(descendant)],
        "ToUnicode" => characters,
    }))
}

/// Six capitals that tell one subset of a face from another.
fn subset_tag(subset: &[u8]) -> String {
    Sha256::digest(subset).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

/// From glyphs back to characters, for searching, copying and reading aloud; of several, the lowest one.
fn to_unicode(measures: &Measures, used: &[u16]) -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n\
         /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
         /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n\
         1 begincodespacerange <0000> <FFFF> endcodespacerange\n",
    );
    for hundred in used.chunks(100) {
        let _ = writeln!(map, "{} beginbfchar", hundred.len());
        for glyph in hundred {
            let character = measures.character(*glyph).unwrap_or(u32::from('?'));
            let _ = writeln!(map, "<{glyph:04X}> <{character:04X}>");
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap CMapName currentdict /CMap defineresource pop end end");
    map
}
