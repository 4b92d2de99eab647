//! Drawing: the ink of each page becomes content operators in the pages of a genpdf renderer.
//!
//! genpdf knows neither structure nor shared pictures. Three operators of our own carry them through its writer to the
//! finishing pass, which replaces them: [`OPEN_TAG`], [`CLOSE_TAG`] and [`PICTURE`].

use genpdf::{Size, render::Renderer};
use printpdf::{
    CustomPdfConformance, PdfConformance, PdfLayerReference,
    lopdf::{Object, StringFormat, content::Operation},
};

use crate::pdf::{
    Colour, RenderError,
    typeface::{POINT, Style, Typeface},
};

use super::{
    Laid,
    ink::Ink,
    outline::{Step, outline},
};

/// Operand: the number of the tag.
pub const OPEN_TAG: &str = "OpenTag";
pub const CLOSE_TAG: &str = "CloseTag";
/// Operands: the number of the picture, then its x, y, width and height in points.
pub const PICTURE: &str = "Picture";

/// The pages as genpdf writes them: untagged, without fonts nor pictures.
pub fn draw(laid: &Laid) -> Result<Vec<u8>, RenderError> {
    let failed = |error: genpdf::error::Error| RenderError::Pages(error.to_string());
    let sizes: Vec<Size> = laid.pages.iter().map(|page| Size::new(page.size.0, page.size.1)).collect();
    let bare = CustomPdfConformance { requires_icc_profile: false, requires_xmp_metadata: false, ..Default::default() };
    let mut renderer = Renderer::new(sizes[0], "").map_err(failed)?.with_conformance(PdfConformance::Custom(bare));
    let typeface = Typeface::new();
    for (n, page) in laid.pages.iter().enumerate() {
        if n > 0 {
            renderer.add_page(sizes[n]);
        }
        let layer = renderer.last_page().last_layer().layer().clone();
        let mut canvas = Canvas {
            layer,
            typeface: &typeface,
            height: page.size.1,
            fill: None,
            stroke: None,
            width: None,
            font: None,
        };
        for ink in &page.ink {
            canvas.draw(ink)?;
        }
    }
    let mut bytes = Vec::new();
    renderer.write(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// One page, and the graphics state that its operators have set so far.
struct Canvas<'a> {
    layer: PdfLayerReference,
    typeface: &'a Typeface,
    height: f32,
    fill: Option<Colour>,
    stroke: Option<Colour>,
    width: Option<f32>,
    font: Option<(usize, f32)>,
}

impl Canvas<'_> {
    fn draw(&mut self, ink: &Ink) -> Result<(), RenderError> {
        match ink {
            Ink::Text { x, baseline, text, style, spread } => self.text(*x, *baseline, text, *style, *spread),
            Ink::Rule { from, to, width, colour } => {
                self.stroke(*colour, *width);
                self.op("m", [points(from.0), self.y(from.1)]);
                self.op("l", [points(to.0), self.y(to.1)]);
                self.op("S", []);
            }
            Ink::Fill { x, y, width, height, colour } => {
                self.fill(*colour);
                self.op("re", [points(*x), self.y(y + height), points(*width), points(*height)]);
                self.op("f", []);
            }
            Ink::Picture { picture, x, y, width, height } => {
                let index = Object::Integer(*picture as i64);
                self.op(PICTURE, [index, points(*x), self.y(y + height), points(*width), points(*height)]);
            }
            Ink::Slanted { centre, text, style, degrees } => {
                self.fill(style.colour);
                let centre = (centre.0 / POINT, (self.height - centre.1) / POINT);
                for step in outline(self.typeface, text, *style, centre, *degrees)? {
                    match step {
                        Step::Move(at) => self.op("m", at.map(number)),
                        Step::Line(at) => self.op("l", at.map(number)),
                        Step::Curve([[x0, y0], [x1, y1], [x, y]]) => self.op("c", [x0, y0, x1, y1, x, y].map(number)),
                        Step::Close => self.op("h", []),
                    }
                }
                self.op("f", []);
            }
            Ink::Open(tag) => self.op(OPEN_TAG, [Object::Integer(*tag as i64)]),
            Ink::Close => self.op(CLOSE_TAG, []),
        }
        Ok(())
    }

    fn text(&mut self, x: f32, baseline: f32, text: &str, style: Style, spread: f32) {
        let Style { face, size, colour } = style;
        self.fill(colour);
        self.op("BT", []);
        if self.font != Some((face as usize, size)) {
            self.font = Some((face as usize, size));
            self.op("Tf", [Object::Name(format!("F{}", face as usize).into_bytes()), number(size)]);
        }
        self.op("Td", [points(x), self.y(baseline)]);
        let mut pieces: Vec<Object> = Vec::new();
        let mut after_space = false;
        for ((glyph, kerning), character) in self.typeface.shape(text, style).into_iter().zip(text.chars()) {
            let wider = if after_space { spread / POINT / size * 1000.0 } else { 0.0 };
            let shift = -(kerning + wider).round() as i64;
            if shift != 0 {
                pieces.push(Object::Integer(shift));
            }
            match pieces.last_mut() {
                Some(Object::String(glyphs, _)) => glyphs.extend(glyph.to_be_bytes()),
                _ => pieces.push(Object::String(glyph.to_be_bytes().to_vec(), StringFormat::Hexadecimal)),
            }
            after_space = character == ' ';
        }
        self.op("TJ", [Object::Array(pieces)]);
        self.op("ET", []);
    }

    fn fill(&mut self, colour: Colour) {
        if self.fill != Some(colour) {
            self.fill = Some(colour);
            self.op("rg", channels(colour));
        }
    }

    fn stroke(&mut self, colour: Colour, width: f32) {
        if self.stroke != Some(colour) {
            self.stroke = Some(colour);
            self.op("RG", channels(colour));
        }
        if self.width != Some(width) {
            self.width = Some(width);
            self.op("w", [points(width)]);
        }
    }

    fn y(&self, millimetres: f32) -> Object {
        number((self.height - millimetres) / POINT)
    }

    fn op<const N: usize>(&self, operator: &str, operands: [Object; N]) {
        self.layer.add_operation(Operation::new(operator, operands.into()));
    }
}

fn points(millimetres: f32) -> Object {
    number(millimetres / POINT)
}

/// Two decimals are a third of a hundredth of a millimetre.
fn number(value: f32) -> Object {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.fract() == 0.0 { Object::Integer(rounded as i64) } else { Object::Real(rounded) }
}

fn channels(Colour(red, green, blue): Colour) -> [Object; 3] {
    [red, green, blue].map(|channel| {
        let part = (f32::from(channel) / 255.0 * 1000.0).round() / 1000.0;
        if part.fract() == 0.0 { Object::Integer(part as i64) } else { Object::Real(part) }
    })
}
