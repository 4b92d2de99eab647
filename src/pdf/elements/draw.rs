//! Drawing: the ink of each page becomes content operators, written into the pages of a genpdf renderer.
//!
//! genpdf knows neither structure nor shared pictures, and takes operators one by one as objects that cost more than the
//! whole rest of a paper. Each page therefore goes through its writer as one operator of our own making.

use std::fmt::Write;

use genpdf::{Size, render::Renderer};
use printpdf::{CustomPdfConformance, PdfConformance, lopdf::content::Operation};

use crate::pdf::{
    Colour, RenderError,
    decimal::Decimal,
    typeface::{self, POINT, Style},
};

use super::{
    Laid,
    ink::Ink,
    marks::{Marker, Marks, picture_name},
    outline::{Step, outline},
};

/// The pages as genpdf writes them, without fonts nor pictures, and what they told.
pub struct Drawn {
    pub file: Vec<u8>,
    pub marks: Marks,
}

/// Draws all pages.
pub fn draw(laid: &Laid) -> Result<Drawn, RenderError> {
    let failed = |error: genpdf::error::Error| RenderError::Pages(error.to_string());
    let sizes: Vec<Size> = laid.pages.iter().map(|page| Size::new(page.size.0, page.size.1)).collect();
    let bare = CustomPdfConformance { requires_icc_profile: false, requires_xmp_metadata: false, ..Default::default() };
    let mut renderer = Renderer::new(sizes[0], "").map_err(failed)?.with_conformance(PdfConformance::Custom(bare));
    let mut marker = Marker::new(&laid.tags);
    for (n, page) in laid.pages.iter().enumerate() {
        if n > 0 {
            renderer.add_page(sizes[n]);
        }
        marker.begin_page();
        let mut canvas =
            Canvas { marker: &mut marker, height: page.size.1, fill: None, stroke: None, width: None, font: None };
        for ink in &page.ink {
            canvas.draw(ink)?;
        }
        let content = marker.end_page();
        renderer.last_page().last_layer().layer().add_operation(Operation::new(&content, Vec::new()));
    }
    let mut file = Vec::new();
    renderer.write(&mut file).map_err(failed)?;
    Ok(Drawn { file, marks: marker.marks })
}

/// The operators of a page, without the layer that genpdf puts around them.
pub fn page_content(written: &[u8]) -> Option<&[u8]> {
    let written = written.strip_prefix(b"/OC ")?;
    let begin = written.windows(3).position(|three| three == b"\nq\n")? + 3;
    written.get(begin..)?.trim_ascii_end().strip_suffix(b"\nQ\nEMC")
}

/// One page, and the graphics state that its operators have set so far.
struct Canvas<'a, 'b> {
    marker: &'a mut Marker<'b>,
    height: f32,
    fill: Option<Colour>,
    stroke: Option<Colour>,
    width: Option<f32>,
    font: Option<(usize, f32)>,
}

impl Canvas<'_, '_> {
    fn draw(&mut self, ink: &Ink) -> Result<(), RenderError> {
        match ink {
            Ink::Text { x, baseline, text, style, spread } => self.text(*x, *baseline, text, *style, *spread),
            Ink::Rule { from, to, width, colour } => {
                self.marker.begin_path(None);
                self.stroke(*colour, *width);
                self.op("m", &[points(from.0), self.y(from.1)]);
                self.op("l", &[points(to.0), self.y(to.1)]);
                self.op("S", &[]);
            }
            Ink::Fill { x, y, width, height, colour } => {
                let (left, bottom) = (points(*x), self.y(y + height));
                let (across, up) = (points(*width), points(*height));
                self.marker.begin_path(Some([left, bottom, left + across, bottom + up]));
                self.fill(*colour);
                self.op("re", &[left, bottom, across, up]);
                self.op("f", &[]);
            }
            Ink::Picture { picture, x, y, width, height } => {
                let (left, bottom) = (points(*x), self.y(y + height));
                let (across, up) = (points(*width), points(*height));
                self.marker.begin_picture(*picture, [left, bottom, left + across, bottom + up]);
                self.marker.out.push_str("q\n");
                self.op("cm", &[across, 0.0, 0.0, up, left, bottom]);
                let _ = writeln!(self.marker.out, "/{} Do\nQ", picture_name(*picture));
            }
            Ink::Slanted { centre, text, style, degrees } => {
                self.marker.begin_path(None);
                self.fill(style.colour);
                let centre = (centre.0 / POINT, (self.height - centre.1) / POINT);
                for step in outline(text, *style, centre, *degrees)? {
                    match step {
                        Step::Move(at) => self.op("m", &at),
                        Step::Line(at) => self.op("l", &at),
                        Step::Curve([[x0, y0], [x1, y1], [x, y]]) => self.op("c", &[x0, y0, x1, y1, x, y]),
                        Step::Close => self.op("h", &[]),
                    }
                }
                self.op("f", &[]);
            }
            Ink::Open(tag) => self.marker.open(*tag),
            Ink::Close => self.marker.close(),
        }
        Ok(())
    }

    fn text(&mut self, x: f32, baseline: f32, text: &str, style: Style, spread: f32) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let Style { face, size, colour } = style;
        self.marker.begin_text();
        self.fill(colour);
        self.op("BT", &[]);
        if self.font != Some((face as usize, size)) {
            self.font = Some((face as usize, size));
            let _ = write!(self.marker.out, "/F{} ", face as usize);
            self.op("Tf", &[size]);
        }
        self.op("Td", &[points(x), self.y(baseline)]);
        let wider = spread / POINT / size * 1000.0;
        let mut after_space = false;
        self.marker.out.push_str("[<");
        for ((glyph, kerning), character) in typeface::shape(text, face).zip(text.chars()) {
            self.marker.text(face as usize, glyph);
            let shift = if after_space { (f32::from(kerning) + wider).round() as i32 } else { i32::from(kerning) };
            if shift != 0 {
                let _ = write!(self.marker.out, ">{}<", -shift);
            }
            for nibble in [12, 8, 4, 0] {
                self.marker.out.push(char::from(DIGITS[usize::from((glyph >> nibble) & 15)]));
            }
            after_space = character == ' ';
        }
        self.marker.out.push_str(">]TJ\nET\n");
    }

    fn fill(&mut self, colour: Colour) {
        if self.fill != Some(colour) {
            self.fill = Some(colour);
            self.op("rg", &channels(colour));
        }
    }

    fn stroke(&mut self, colour: Colour, width: f32) {
        if self.stroke != Some(colour) {
            self.stroke = Some(colour);
            self.op("RG", &channels(colour));
        }
        if self.width != Some(width) {
            self.width = Some(width);
            self.op("w", &[points(width)]);
        }
    }

    fn y(&self, millimetres: f32) -> f32 {
        points(self.height - millimetres)
    }

    /// Operands, then the operator.
    fn op(&mut self, operator: &str, operands: &[f32]) {
        for operand in operands {
            let _ = write!(self.marker.out, "{} ", Decimal(*operand));
        }
        self.marker.out.push_str(operator);
        self.marker.out.push('\n');
    }
}

/// Points, to the hundredth: a third of a hundredth of a millimetre.
fn points(millimetres: f32) -> f32 {
    (millimetres / POINT * 100.0).round() / 100.0
}

fn channels(Colour(red, green, blue): Colour) -> [f32; 3] {
    [red, green, blue].map(|channel| f32::from(channel) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_around_a_page_is_taken_off() {
        assert_eq!(page_content(b"/OC /MC0 BDC\nq\nBT\nET\n\nQ\nEMC"), Some(&b"BT\nET\n"[..]));
        assert_eq!(page_content(b"BT ET"), None);
    }
}
