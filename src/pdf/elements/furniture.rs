//! The furniture of a sheet: letterhead, running line, foot with « page 1 / 3 », watermark.

use crate::pdf::{
    Align, Colour, Paper,
    packing::Detail,
    text::printable,
    typeface::{self, Face, Style},
};

use super::{
    Composer, Numbering,
    flow::{Band, Body},
    ink::Ink,
    lines::Lines,
    tagged,
};

const FOOT: Style = Style::new(Face::Regular, 7.5, Colour::MUTED);
/// Most lines of the foot; more of them are set smaller.
const MOST_FOOT: usize = 5;
/// Nearest that the foot comes to the edge of the sheet: printers leave as much white.
const FROM_EDGE: f32 = 6.0;
/// Room for page number and reference, and between them and the legal lines.
const PAGE_NUMBER: f32 = 30.0;
const BESIDE_FOOT: f32 = 6.0;
const RUNNING: Style = Style::new(Face::Regular, 8.0, Colour::MUTED);
const STRIP: Style = Style::new(Face::Regular, 6.5, Colour::MUTED);

/// Measures of a page, in millimetres.
pub struct Sheet {
    width: f32,
    height: f32,
    side: f32,
    top: f32,
    /// Where the first line of the foot stands.
    foot: f32,
}

impl Sheet {
    pub fn new(paper: &Paper, (width, height): (f32, f32)) -> Self {
        let (side, top, bottom) = if paper.landscape { (14.0, 11.0, 9.0) } else { (22.0, 15.0, 11.0) };
        let wrapped = Lines::new(
            &paper.footer.lines.join("\n").into(),
            FOOT,
            width - 2.0 * side - PAGE_NUMBER - BESIDE_FOOT,
            Align::Left,
        );
        let fewest = if paper.footer.reference.is_empty() { 1 } else { 2 };
        let foot = height - bottom - wrapped.lines.len().clamp(fewest, MOST_FOOT) as f32 * FOOT.leading();
        Self { width, height, side, top, foot }
    }

    pub fn width(&self) -> f32 {
        self.width - 2.0 * self.side
    }

    /// Height of the text on a page that does not bear the letterhead.
    pub fn body_height(&self) -> f32 {
        self.bottom() - self.running_bottom()
    }

    pub fn body(&self, letterhead: f32) -> Body {
        Body { left: self.side, first_top: self.top + letterhead, top: self.running_bottom(), bottom: self.bottom() }
    }

    fn bottom(&self) -> f32 {
        self.foot - 6.0
    }

    fn running_bottom(&self) -> f32 {
        self.top + RUNNING.leading() + 6.0
    }
}

/// Brand, organisation and logo, above the first page; the band also tells how much room they take.
pub fn letterhead(composer: &mut Composer, paper: &Paper, sheet: &Sheet) -> Band {
    let header = &paper.header;
    let logos = [&header.logo, &header.organisation_logo];
    if header.brand.is_empty() && header.organisation.is_empty() && logos.iter().all(|logo| logo.is_none()) {
        return Band::default();
    }
    let brand_style = Style::new(Face::Bold, 12.0, composer.accent);
    let width = sheet.width();
    let (mut text_x, mut text_width) = (0.0, width);
    let mut ink = Vec::new();
    let mut logo_height = 0.0_f32;
    let (box_width, box_height) = (42.0, 15.0);
    // The organisation's logo takes the right: the brand's then stands before its name.
    let left = header.logo.as_ref().filter(|_| header.organisation_logo.is_some());
    let right = header.organisation_logo.as_ref().or(header.logo.as_ref());
    if let Some(logo) = left {
        let shown = (box_height / logo.ratio()).min(box_width);
        logo_height = logo_height.max(shown * logo.ratio());
        (text_x, text_width) = (shown + 6.0, text_width - shown - 6.0);
        ink.extend(composer.fitted(
            logo,
            Detail::Small,
            (0.0, 0.0),
            (shown, shown * logo.ratio()),
            &described(&header.brand),
        ));
    }
    if let Some(logo) = right {
        let shown = (box_height / logo.ratio()).min(box_width);
        logo_height = logo_height.max(shown * logo.ratio());
        text_width -= shown + 6.0;
        let name = if header.organisation_logo.is_some() { &paper.author } else { &header.brand };
        ink.extend(composer.fitted(
            logo,
            Detail::Small,
            (width - shown, 0.0),
            (shown, shown * logo.ratio()),
            &described(name),
        ));
    }
    let brand = composer.lines(&header.brand, brand_style, text_width, Align::Left);
    let organisation = composer.lines(&header.organisation, RUNNING, text_width, Align::Left);
    for (lines, y) in [(&brand, 0.0), (&organisation, brand.height())] {
        if !lines.is_empty() {
            let paragraph = composer.tag("P");
            ink.extend(tagged(paragraph, lines.ink(text_x, y, text_width, Align::Left)));
        }
    }
    let height = (brand.height() + organisation.height()).max(logo_height) + 3.0;
    ink.push(Ink::hairline(0.0, height, width));
    let below = if paper.landscape { 4.0 } else { 8.0 };
    Band { height: height + below, ink, ..Band::default() }
}

/// What is spoken in place of a logo.
fn described(name: &str) -> String {
    if name.is_empty() { "Logo".to_owned() } else { format!("Logo : {name}") }
}

/// Adds to each page what stands around its text.
pub fn dress(
    composer: &mut Composer,
    paper: &Paper,
    sheet: &Sheet,
    letterhead: Band,
    pages: &mut [Vec<Ink>],
    Numbering { before, count }: Numbering,
    strip: Option<&str>,
) {
    let mut letterhead = Some(letterhead);
    for (n, page) in pages.iter_mut().enumerate() {
        let mut ink = Vec::new();
        if let Some(word) = &paper.watermark {
            ink.extend(watermark(composer, sheet, word, n == 0));
        }
        if let Some(text) = strip {
            ink.extend(strip_line(composer, sheet, text, n == 0));
        }
        if let Some(band) = letterhead.take() {
            ink.extend(band.ink.into_iter().map(|mark| mark.moved(sheet.side, sheet.top)));
        } else {
            ink.extend(running_line(composer, paper, sheet));
        }
        ink.append(page);
        ink.extend(foot(composer, paper, sheet, before + n + 1, count));
        *page = ink;
    }
}

/// One small line above everything, read aloud on the first page only.
fn strip_line(composer: &mut Composer, sheet: &Sheet, text: &str, spoken: bool) -> Vec<Ink> {
    let lines = composer.lines(shortened(text, STRIP, sheet.width()), STRIP, sheet.width(), Align::Left);
    let ink = lines.ink(sheet.side, sheet.top - STRIP.leading() - 0.6, sheet.width(), Align::Left);
    if spoken {
        let tag = composer.tag("P");
        return tagged(tag, ink);
    }
    ink
}

/// A text that stays on one line: what does not fit is left out, and « … » says so.
fn shortened(text: &str, style: Style, room: f32) -> String {
    let text = printable(text).replace('\n', " ");
    if typeface::width(&text, style) <= room {
        return text;
    }
    let mut kept: String = text;
    while !kept.is_empty() && typeface::width(&format!("{kept}…"), style) > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

/// Brand and title, on one line.
fn running_line(composer: &Composer, paper: &Paper, sheet: &Sheet) -> Vec<Ink> {
    let half = sheet.width() / 2.0 - 2.0;
    let one = |text: &str, align: Align, x: f32| {
        let lines = composer.lines(shortened(text, RUNNING, half), RUNNING, half, Align::Left);
        lines.ink(x, sheet.top, half, align)
    };
    let mut ink = one(&paper.header.brand, Align::Left, sheet.side);
    ink.extend(one(&paper.title, Align::Right, sheet.side + half + 4.0));
    ink.push(Ink::hairline(sheet.side, sheet.top + RUNNING.leading() + 1.6, sheet.width()));
    ink
}

/// Legal lines on the left, reference and page number on the right.
fn foot(composer: &Composer, paper: &Paper, sheet: &Sheet, page: usize, pages: usize) -> Vec<Ink> {
    let mut ink = vec![Ink::hairline(sheet.side, sheet.foot - 2.0, sheet.width())];
    let number = format!("page\u{a0}{page}\u{a0}/\u{a0}{pages}");
    let mut right: Vec<Lines> = vec![composer.lines(number, FOOT, 60.0, Align::Right)];
    if !paper.footer.reference.is_empty() {
        right.push(composer.lines(&paper.footer.reference, FOOT, 60.0, Align::Right));
    }
    let right_width = right.iter().map(Lines::widest).fold(PAGE_NUMBER, f32::max);
    let left_width = sheet.width() - right_width - BESIDE_FOOT;
    let mut left = composer.lines(paper.footer.lines.join("\n"), FOOT, left_width, Align::Left);
    // The foot has its own room: long lines shrink until they keep within it.
    let room = sheet.height - FROM_EDGE - sheet.foot;
    let mut size = FOOT.size;
    while left.height() > room && size > 4.5 {
        size -= 0.5;
        left = composer.lines(paper.footer.lines.join("\n"), Style { size, ..FOOT }, left_width, Align::Left);
    }
    ink.extend(left.ink(sheet.side, sheet.foot, left_width, Align::Left));
    let mut y = sheet.foot;
    for lines in &right {
        ink.extend(lines.ink(sheet.side + sheet.width() - right_width, y, right_width, Align::Right));
        y += lines.height();
    }
    ink
}

/// The word large and pale behind the text, and once in plain letters above it, where it can be read, copied and heard.
fn watermark(composer: &mut Composer, sheet: &Sheet, word: &str, spoken: bool) -> Vec<Ink> {
    let word = printable(word).replace('\n', " ");
    let pale = Style::new(Face::Bold, 100.0, Colour::FAINT);
    let diagonal = sheet.width.hypot(sheet.height) * 0.62;
    let size = (100.0 * diagonal / typeface::width(&word, pale).max(1.0)).min(130.0);
    let degrees = if sheet.width > sheet.height { 30.0 } else { 50.0 };
    let centre = (sheet.width / 2.0, sheet.height / 2.0);
    let label_style = Style::new(Face::Bold, 8.5, Colour::WARNING);
    let label = composer.lines(word.as_str(), label_style, sheet.width(), Align::Centre);
    let label = label.ink(sheet.side, sheet.top - 7.5, sheet.width(), Align::Centre);
    let mut ink = vec![Ink::Slanted { centre, text: word, style: Style { size, ..pale }, degrees }];
    if spoken {
        let tag = composer.tag("P");
        ink.extend(tagged(tag, label));
    } else {
        ink.extend(label);
    }
    ink
}
