//! Words as shapes: the outlines of their letters, placed, turned and ready to be filled.

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
    outline::{DrawSettings, OutlinePen},
};

use crate::pdf::{
    RenderError,
    typeface::{self, FILES, POINT, Style},
};

/// A step of a path, in points from the bottom left corner of the page.
pub enum Step {
    Move([f32; 2]),
    Line([f32; 2]),
    Curve([[f32; 2]; 3]),
    Close,
}

/// The path of a word whose middle stands at `centre`, turned counter-clockwise.
pub fn outline(text: &str, style: Style, centre: (f32, f32), degrees: f32) -> Result<Vec<Step>, RenderError> {
    let font = FontRef::new(FILES[style.face as usize]).map_err(|error| RenderError::Font(error.to_string()))?;
    let (outlines, advances) =
        (font.outline_glyphs(), font.glyph_metrics(Size::new(style.size), LocationRef::default()));
    let (sin, cos) = degrees.to_radians().sin_cos();
    let width = typeface::width(text, style) / POINT;
    // Two thirds of the size is the height of capitals.
    let mut pen = Pen { steps: Vec::new(), at: (-width / 2.0, -style.size / 3.0), sin, cos, centre, last: (0.0, 0.0) };
    for (glyph, kerning) in typeface::shape(text, style.face) {
        let glyph = skrifa::GlyphId::from(glyph);
        pen.at.0 += f32::from(kerning) / 1000.0 * style.size;
        if let Some(shape) = outlines.get(glyph) {
            let settings = DrawSettings::unhinted(Size::new(style.size), LocationRef::default());
            shape.draw(settings, &mut pen).map_err(|error| RenderError::Font(error.to_string()))?;
        }
        pen.at.0 += advances.advance_width(glyph).unwrap_or_default();
    }
    Ok(pen.steps)
}

struct Pen {
    steps: Vec<Step>,
    at: (f32, f32),
    sin: f32,
    cos: f32,
    centre: (f32, f32),
    last: (f32, f32),
}

impl Pen {
    fn turned(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = (x + self.at.0, y + self.at.1);
        [self.centre.0 + x * self.cos - y * self.sin, self.centre.1 + x * self.sin + y * self.cos]
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.last = (x, y);
        self.steps.push(Step::Move(self.turned(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.last = (x, y);
        self.steps.push(Step::Line(self.turned(x, y)));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        // PDF has cubic curves only: each control point goes two thirds of the way.
        let toward = |from: f32, to: f32| from + (to - from) * 2.0 / 3.0;
        let (sx, sy) = self.last;
        self.curve_to(toward(sx, cx), toward(sy, cy), toward(x, cx), toward(y, cy), x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.last = (x, y);
        self.steps.push(Step::Curve([self.turned(cx0, cy0), self.turned(cx1, cy1), self.turned(x, y)]));
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
    }
}
