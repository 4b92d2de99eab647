//! Running text: titles, headings kept with what they announce, paragraphs without a lonely line, pictures.

use crate::pdf::{
    Align, Colour, Picture, Rich,
    packing::Detail,
    typeface::{self, Face, Style},
};

use super::{Composer, SMALL, flow::Band, ink::Ink, signatures::half, tagged};

/// Most bands between a signature box and the code beside it: a note or two.
const NEAR: usize = 6;

impl Composer {
    pub(super) fn title(&mut self, text: &str) {
        self.level = 1;
        let style = Style::new(Face::Bold, 20.0, self.accent);
        self.space(2.0);
        self.headline("H1", 1, text, style);
        self.space(4.0);
    }

    pub(super) fn subtitle(&mut self, text: &str) {
        // Close under its title, whatever room the title asked for.
        self.gap = self.gap.min(0.8);
        self.paragraph(&text.into(), Style::new(Face::Regular, 12.0, Colour::MUTED), Align::Left);
        self.space(5.0);
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.space(6.5);
        let style = Style::new(Face::Bold, 12.5, self.accent);
        self.levelled(2, text, style);
        self.space(2.0);
    }

    pub(super) fn subheading(&mut self, text: &str) {
        self.space(4.5);
        self.levelled(3, text, Style::new(Face::Bold, 10.5, Colour::INK));
        self.space(1.2);
    }

    fn levelled(&mut self, wanted: u8, text: &str, style: Style) {
        self.level = wanted.min(self.level + 1);
        let role = ["H1", "H1", "H2", "H3"][usize::from(self.level)];
        self.headline(role, self.level, text, style);
    }

    fn headline(&mut self, role: &'static str, level: u8, text: &str, style: Style) {
        let lines = self.lines(text, style, self.width, Align::Left);
        if lines.is_empty() {
            return;
        }
        let tag = self.tag(role);
        let ink = lines.ink(0.0, 0.0, self.width, Align::Left);
        let bookmark = Some((level, text.replace('\n', " ")));
        self.push(Band { height: lines.height(), ink, path: vec![tag], keep: true, bookmark, ..Band::default() });
    }

    /// A band for each line, so that pages break between them; the first two and the last two stay together, and the last
    /// one stays with what it announces.
    pub(super) fn paragraph(&mut self, text: &Rich, style: Style, align: Align) {
        let mut rest = self.lines(text.clone(), style, self.width, align);
        let count = rest.lines.len();
        if count == 0 {
            return;
        }
        let tag = self.tag("P");
        let announces = announces(text);
        for n in 0..count {
            let tail = rest.split_off(1);
            let ink = rest.ink(0.0, 0.0, self.width, align);
            let keep = count > 1 && (n == 0 || n + 2 == count) || announces && n + 1 == count;
            self.push(Band { height: style.leading(), ink, path: vec![tag], keep, ..Band::default() });
            rest = tail;
        }
        self.space(2.4);
    }

    pub(super) fn picture(&mut self, picture: &Picture, width: f32, description: &str) {
        let width = width.min(self.width).min(self.tallest / picture.ratio());
        let height = width * picture.ratio();
        let ink = self.fitted(picture, Detail::Full, (0.0, 0.0), (width, height), description);
        self.push(Band { height, ink, ..Band::default() });
        self.space(3.0);
    }

    /// A code to scan, its caption and its address beside it; in the free half next to a signature box that stands alone,
    /// so that a certificate keeps to its page.
    pub(super) fn qr(&mut self, url: &str, caption: &str) {
        let Some(code) = Picture::qr(url) else {
            return self.paragraph(&format!("{caption}\n{url}").into(), SMALL, Align::Left);
        };
        let near = self.beside.take().filter(|index| self.bands.len() - *index <= NEAR);
        if let Some(index) = near {
            let (height, ink) = self.labelled_code(&code, url, caption, half(self.width));
            if height <= self.bands[index].height {
                self.bands[index].ink.extend(ink);
                return;
            }
        }
        let (height, ink) = self.labelled_code(&code, url, caption, self.width);
        // A code alone on a page says nothing of what it verifies.
        self.keep_last(2);
        self.space(3.0);
        self.push(Band { height, ink, ..Band::default() });
        self.space(3.0);
    }

    /// A code on the right of the facts that follow, so that a sheet of one page keeps to it.
    pub(super) fn facts_beside_code(&mut self, pairs: &[(String, Rich)], url: &str, caption: &str) {
        const CODE: f32 = 80.0;
        let Some(code) = Picture::qr(url).filter(|_| self.width > 2.5 * CODE) else {
            self.key_values(pairs);
            return self.qr(url, caption);
        };
        let (height, ink) = self.labelled_code(&code, url, caption, CODE);
        let left = self.width - CODE;
        self.space(4.0);
        // No height of its own: the facts stand beside it, not below.
        self.push(Band {
            ink: ink.into_iter().map(|ink| ink.moved(left, 0.0)).collect(),
            keep: true,
            ..Band::default()
        });
        let (whole, first) = (self.width, self.bands.len());
        self.width = left - 8.0;
        self.key_values(pairs);
        self.width = whole;
        let Some((last, others)) = self.bands[first..].split_last_mut() else { return self.space(height) };
        let mut tall = last.height;
        for (n, band) in others.iter_mut().enumerate() {
            band.keep = true;
            tall += band.height + if n == 0 { 0.0 } else { band.space };
        }
        last.height += (height - tall).max(0.0);
        self.bands[first].space = 0.0;
    }

    /// Keeps so many of the last bands on the page of what comes.
    pub(super) fn keep_last(&mut self, count: usize) {
        for band in self.bands.iter_mut().rev().take(count) {
            band.keep = true;
        }
    }

    /// The code and its words within a width, and how tall they are.
    fn labelled_code(&mut self, code: &Picture, url: &str, caption: &str, width: f32) -> (f32, Vec<Ink>) {
        const SIDE: f32 = 24.0;
        let x = SIDE + 5.0;
        let caption_lines = self.lines(caption, Style::new(Face::Regular, 9.0, Colour::INK), width - x, Align::Left);
        // The code at the end of an address stays whole, for whoever types it.
        let shown = match url.rsplit_once('/') {
            Some((site, code)) if typeface::width(url, SMALL) > width - x => format!("{site}/\n{code}"),
            _ => url.to_owned(),
        };
        let url_lines = self.lines(shown, SMALL, width - x, Align::Left);
        let text_height = caption_lines.height() + 0.8 + url_lines.height();
        let height = SIDE.max(text_height);
        let top = (height - text_height) / 2.0;
        let mut ink = self.fitted(code, Detail::Full, (0.0, 0.0), (SIDE, SIDE), &format!("Code QR : {url}"));
        let paragraph = self.tag("P");
        let mut text = caption_lines.ink(x, top, width - x, Align::Left);
        if let Some(Ink::Text { text, .. }) = text.last_mut() {
            text.push(' ');
        }
        text.extend(url_lines.ink(x, top + caption_lines.height() + 0.8, width - x, Align::Left));
        ink.extend(tagged(paragraph, text));
        (height, ink)
    }
}

/// Whether a text says that something follows.
fn announces(text: &Rich) -> bool {
    let mut letters = text.0.iter().rev().flat_map(|span| span.text.chars().rev());
    letters.find(|letter| !letter.is_whitespace()) == Some(':')
}
