//! The shipped family, « Clairière Sans », measured once for the life of the process.

use std::{iter, sync::LazyLock};

use skrifa::{
    FontRef, GlyphId, MetadataProvider, Tag,
    instance::{LocationRef, Size},
    raw::TableProvider,
};

use super::Colour;

/// The four faces, in the order of [`Face`]; the finishing pass embeds what is used of them.
pub const FILES: [&[u8]; 4] = [
    include_bytes!("fonts/ClairiereSans-Regular.ttf"),
    include_bytes!("fonts/ClairiereSans-Bold.ttf"),
    include_bytes!("fonts/ClairiereSans-Italic.ttf"),
    include_bytes!("fonts/ClairiereSans-BoldItalic.ttf"),
];

static FACES: LazyLock<[Measures; 4]> = LazyLock::new(|| {
    FILES.map(|file| Measures::read(file).expect("the four font files are part of the program, and tests read them"))
});

/// Millimetres in a point.
pub const POINT: f32 = 25.4 / 72.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    Regular = 0,
    Bold = 1,
    Italic = 2,
    BoldItalic = 3,
}

/// How a run of text looks: face, size in points, colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub face: Face,
    pub size: f32,
    pub colour: Colour,
}

impl Style {
    pub const fn new(face: Face, size: f32, colour: Colour) -> Self {
        Self { face, size, colour }
    }

    pub fn emphasised(self, bold: bool, italic: bool) -> Self {
        let bold = bold || matches!(self.face, Face::Bold | Face::BoldItalic);
        let italic = italic || matches!(self.face, Face::Italic | Face::BoldItalic);
        let face = match (bold, italic) {
            (false, false) => Face::Regular,
            (true, false) => Face::Bold,
            (false, true) => Face::Italic,
            (true, true) => Face::BoldItalic,
        };
        Self { face, ..self }
    }

    /// From one baseline to the next, in millimetres.
    pub fn leading(self) -> f32 {
        self.size * 1.36 * POINT
    }

    /// From the top of a line to its baseline, in millimetres.
    pub fn baseline(self) -> f32 {
        self.size * 1.02 * POINT
    }
}

/// What a face tells about its glyphs, in thousandths of the size.
pub struct Measures {
    /// By character; zero is « no glyph ».
    glyphs: Vec<u16>,
    /// By glyph.
    advances: Vec<u16>,
    /// By glyph, the lowest character that it draws.
    characters: Vec<u32>,
    /// By left glyph, where its pairs begin.
    starts: Vec<u32>,
    /// Right glyph and kerning, sorted within each left glyph.
    pairs: Vec<(u16, i16)>,
}

impl Measures {
    fn read(file: &[u8]) -> Option<Self> {
        let font = FontRef::new(file).ok()?;
        let count = usize::from(font.maxp().ok()?.num_glyphs());
        let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
        let advance =
            |glyph: usize| metrics.advance_width(GlyphId::new(glyph as u32)).unwrap_or_default().round() as u16;
        let mut mappings: Vec<(u32, u16)> =
            font.charmap().mappings().map(|(character, glyph)| (character, glyph.to_u32() as u16)).collect();
        mappings.sort_unstable();
        let mut glyphs = vec![0; mappings.last()?.0 as usize + 1];
        let mut characters = vec![0; count];
        for (character, glyph) in mappings.into_iter().rev() {
            glyphs[character as usize] = glyph;
            characters[usize::from(glyph)] = character;
        }
        let mut kerning = kerning(font.table_data(Tag::new(b"kern"))?.as_bytes())?;
        kerning.sort_unstable();
        let starts =
            (0..=count).map(|left| kerning.partition_point(|pair| usize::from(pair.0) < left) as u32).collect();
        let pairs = kerning.into_iter().map(|(_, right, value)| (right, value)).collect();
        Some(Self { glyphs, advances: (0..count).map(advance).collect(), characters, starts, pairs })
    }

    /// The measures of a face.
    pub fn of(face: Face) -> &'static Self {
        &FACES[face as usize]
    }

    fn glyph(&self, character: char) -> u16 {
        self.glyphs.get(character as usize).copied().unwrap_or_default()
    }

    pub fn advance(&self, glyph: u16) -> u16 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or_default()
    }

    pub fn character(&self, glyph: u16) -> Option<u32> {
        self.characters.get(usize::from(glyph)).copied().filter(|character| *character != 0)
    }

    fn kerning(&self, left: u16, right: u16) -> i16 {
        let bounds = self.starts.get(usize::from(left)..usize::from(left) + 2);
        let pairs = bounds.and_then(|ends| self.pairs.get(ends[0] as usize..ends[1] as usize)).unwrap_or_default();
        pairs.binary_search_by_key(&right, |pair| pair.0).map_or(0, |at| pairs[at].1)
    }
}

/// The pairs of a `kern` table: left, right, value. Tables of one subtable of format 0, as `fonts/prepare.py` makes them.
fn kerning(table: &[u8]) -> Option<Vec<(u16, u16, i16)>> {
    let word = |at: usize| Some(u16::from_be_bytes([*table.get(at)?, *table.get(at + 1)?]));
    let count = usize::from(word(10)?);
    (0..count).map(|n| 18 + n * 6).map(|at| Some((word(at)?, word(at + 2)?, word(at + 4)?.cast_signed()))).collect()
}

/// Whether all four faces draw this character; they share one character set.
pub fn covers(c: char) -> bool {
    !c.is_control() && Measures::of(Face::Regular).glyph(c) != 0
}

/// The glyph of each character, and the kerning before it in thousandths of the size.
pub fn shape(text: &str, face: Face) -> impl Iterator<Item = (u16, i16)> {
    let measures = Measures::of(face);
    let mut last = None;
    let mut characters = text.chars();
    iter::from_fn(move || {
        let glyph = measures.glyph(characters.next()?);
        let kerning = last.map_or(0, |last| measures.kerning(last, glyph));
        last = Some(glyph);
        Some((glyph, kerning))
    })
}

/// Width in millimetres, kerning included.
pub fn width(text: &str, style: Style) -> f32 {
    let measures = Measures::of(style.face);
    let thousandths: i32 =
        shape(text, style.face).map(|(glyph, kerning)| i32::from(measures.advance(glyph)) + i32::from(kerning)).sum();
    thousandths as f32 * style.size * POINT / 1000.0
}

#[cfg(test)]
mod tests {
    use genpdf::fonts::{FontCache, FontData, FontFamily};

    use super::*;

    #[test]
    fn a_text_is_as_wide_as_genpdf_finds_it() {
        let [regular, bold, italic, bold_italic] = FILES.map(|file| FontData::new(file.to_vec(), None).unwrap());
        let cache = FontCache::new(FontFamily { regular, bold, italic, bold_italic });
        let family = cache.default_font_family();
        let fonts = [family.regular, family.bold, family.italic, family.bold_italic];
        for face in [Face::Regular, Face::Bold, Face::Italic, Face::BoldItalic] {
            for text in ["AVATAR, Tœuvre", "L’organisme « Été » – 1\u{202f}250,00\u{a0}€", "Łukasz Ștefan ☑"]
            {
                let theirs = printpdf::Mm::from(fonts[face as usize].str_width(&cache, text, 10)).0;
                let ours = width(text, Style::new(face, 10.0, Colour::INK));
                assert!((ours - theirs).abs() < 0.05, "{text}: {ours} and {theirs}");
                let glyphs: Vec<u16> = shape(text, face).map(|(glyph, _)| glyph).collect();
                assert_eq!(glyphs, fonts[face as usize].glyph_ids(&cache, text.chars()));
            }
        }
    }
}
