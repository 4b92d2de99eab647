//! The shipped family, « Clairière Sans », parsed once for the life of the process.

use std::sync::LazyLock;

use genpdf::fonts::{Font, FontCache, FontData, FontFamily};

use super::Colour;

/// The four faces, in the order of [`Face`]; the finishing pass embeds what is used of them.
pub const FILES: [&[u8]; 4] = [
    include_bytes!("fonts/ClairiereSans-Regular.ttf"),
    include_bytes!("fonts/ClairiereSans-Bold.ttf"),
    include_bytes!("fonts/ClairiereSans-Italic.ttf"),
    include_bytes!("fonts/ClairiereSans-BoldItalic.ttf"),
];

static FAMILY: LazyLock<FontFamily<FontData>> = LazyLock::new(|| {
    let [regular, bold, italic, bold_italic] = FILES.map(|file| {
        FontData::new(file.to_vec(), None).expect("the four font files are part of the program, and tests read them")
    });
    FontFamily { regular, bold, italic, bold_italic }
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

/// Whether all four faces draw this character; they share one character set.
pub fn covers(c: char) -> bool {
    !c.is_control() && FAMILY.regular.has_glyph(c)
}

/// Measures and shapes text for one rendering.
pub struct Typeface {
    cache: FontCache,
    faces: [Font; 4],
}

impl Typeface {
    pub fn new() -> Self {
        let cache = FontCache::new(FAMILY.clone());
        let family = cache.default_font_family();
        Self { cache, faces: [family.regular, family.bold, family.italic, family.bold_italic] }
    }

    /// Width in millimetres, kerning included.
    pub fn width(&self, text: &str, style: Style) -> f32 {
        let font = self.faces[style.face as usize];
        let advances: f32 = text.chars().map(|c| printpdf::Mm::from(font.char_width(&self.cache, c, 1)).0).sum();
        let kerning: f32 = font.kerning(&self.cache, text.chars()).into_iter().sum();
        (advances + kerning * POINT) * style.size
    }

    /// The glyph of each character, and the kerning before it in thousandths of the size.
    pub fn shape(&self, text: &str, style: Style) -> Vec<(u16, f32)> {
        let font = self.faces[style.face as usize];
        let kerning = font.kerning(&self.cache, text.chars());
        font.glyph_ids(&self.cache, text.chars()).into_iter().zip(kerning.into_iter().map(|em| em * 1000.0)).collect()
    }
}
