//! The words of a PDF, in the order in which they are drawn.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Once,
};

/// The words of a paper, page by page; `pdftotext` reads them where it is installed.
pub fn pages(bytes: &[u8]) -> Vec<String> {
    let text = poppler(bytes, "-raw").unwrap_or_else(|| plain(bytes));
    text.split('\u{c}').filter(|page| !page.trim().is_empty()).map(str::to_owned).collect()
}

/// A word and its place on a page of this size, in points from the upper left corner.
pub struct Word {
    pub text: String,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub width: f64,
    pub height: f64,
}

/// Each word with its place; nothing where `pdftotext` is not installed, and whoever runs the tests is told.
pub fn words_of(bytes: &[u8]) -> Vec<Word> {
    static TOLD: Once = Once::new();
    let boxes = poppler(bytes, "-bbox").unwrap_or_else(|| {
        TOLD.call_once(|| {
            // Straight to the terminal: what tests print is shown only when they fail.
            let told = "pdftotext is missing (poppler-utils): words outside their page were not looked for\n";
            std::io::stderr().write_all(told.as_bytes()).unwrap();
        });
        String::new()
    });
    let (mut words, mut page) = (vec![], (0.0, 0.0));
    for line in boxes.lines().map(str::trim) {
        let number = |name: &str| -> f64 {
            let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap_or_default();
            rest.split('"').next().and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        if line.starts_with("<page ") {
            page = (number("width"), number("height"));
        } else if line.starts_with("<word ") {
            let text = line.split('>').nth(1).unwrap_or_default().trim_end_matches("</word").to_owned();
            words.push(Word {
                text,
                left: number("xMin"),
                top: number("yMin"),
                right: number("xMax"),
                bottom: number("yMax"),
                width: page.0,
                height: page.1,
            });
        }
    }
    words
}

fn poppler(bytes: &[u8], how: &str) -> Option<String> {
    let mut child = Command::new("pdftotext")
        .args([how, "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).is_ok());
    let out = child.wait_with_output().ok()?;
    writer.join().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Without poppler: each page's own text.
fn plain(bytes: &[u8]) -> String {
    let document = lopdf::Document::load_mem(bytes).unwrap();
    let page = |number: u32| document.extract_text(&[number]).unwrap_or_default();
    document.get_pages().keys().map(|number| page(*number)).collect::<Vec<_>>().join("\u{c}")
}

/// Words as they are compared: no space, no hyphen, no full stop, no mark of a list, one
/// apostrophe, so that lines and typography do not matter.
pub fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}' | '\u{ad}' | '#' | '•' | '.'))
        .map(|c| if c == '\'' { '’' } else { c })
        .collect()
}

/// The folded words of a paper, without what stands on every page above and below its text, where it is cut.
pub fn running(bytes: &[u8]) -> String {
    let pages: Vec<String> = pages(bytes).iter().map(|page| folded(page)).collect();
    let all = pages.concat();
    if pages.len() < 2 {
        return all;
    }
    let chars: Vec<Vec<char>> = pages.iter().map(|page| page.chars().collect()).collect();
    // The first page has a header of its own; what all the others begin with is theirs.
    let top = common(chars[1..].iter().map(|page| page.iter()).collect());
    // « page 2 / 3 » differs; the lines before it do not.
    let tail = |page: &[char]| page.iter().rev().position(|c| *c == 'p').map_or(0, |at| at + 1);
    let bottoms: Vec<usize> = chars.iter().map(|page| tail(page)).collect();
    let below = common(chars.iter().zip(&bottoms).map(|(page, tail)| page[..page.len() - tail].iter().rev()).collect());
    let mut out = String::new();
    for (index, (page, tail)) in chars.iter().zip(&bottoms).enumerate() {
        let from = if index == 0 || chars.len() < 3 { 0 } else { top };
        let to = page.len() - tail - below;
        out.extend(page.get(from..to.max(from)).into_iter().flatten());
    }
    // Furniture is printed too.
    out + &all
}

/// How many characters all of these begin with.
fn common<'a>(mut all: Vec<impl Iterator<Item = &'a char>>) -> usize {
    let mut count = 0;
    loop {
        let mut next = all.iter_mut().map(Iterator::next);
        let Some(Some(first)) = next.next() else { return count };
        if next.any(|other| other != Some(first)) {
            return count;
        }
        count += 1;
    }
}
