//! Lines: words shared out within a width, hyphenated in French, and never lost however long they are.

use std::sync::LazyLock;

use hyphenation::{Hyphenator, Language, Load, Standard};

use crate::pdf::{
    Align, Rich,
    elements::ink::Ink,
    text::printable,
    typeface::{Style, width},
};

static FRENCH: LazyLock<Standard> = LazyLock::new(|| {
    let mut file: &[u8] = include_bytes!("../assets/fr.standard.bincode");
    Standard::from_reader(Language::French, &mut file)
        .expect("the dictionary is part of the program, and tests read it")
});

/// Fewest letters on either side of a hyphen.
const FEWEST_LETTERS: usize = 3;
/// Read back as a soft hyphen, so that a search finds the whole word.
const HYPHEN: char = '\u{ad}';

/// A piece of text in one style.
#[derive(Clone, Debug)]
struct Run {
    text: String,
    style: Style,
    width: f32,
}

impl Run {
    fn new(text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        Self { width: width(&text, style), text, style }
    }
}

/// Runs without a space between them.
#[derive(Clone, Debug, Default)]
struct Word {
    runs: Vec<Run>,
    width: f32,
}

/// A broken line, ready to be placed.
#[derive(Clone, Debug)]
pub struct Line {
    words: Vec<Word>,
    /// With its spaces, before justification.
    pub width: f32,
    /// Ends a paragraph: never justified.
    ends: bool,
}

/// A block of lines in one base style.
#[derive(Clone, Debug)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub style: Style,
    space: f32,
}

impl Lines {
    /// Breaks the text for a width; words are hyphenated when the lines will be justified.
    pub fn new(text: &Rich, style: Style, room: f32, align: Align) -> Self {
        let space = width(" ", style);
        let mut breaker = Breaker {
            width: room,
            space,
            hyphenate: align == Align::Justified,
            lines: Vec::new(),
            line: Vec::new(),
            filled: 0.0,
        };
        for words in paragraphs(text, style) {
            for word in words {
                breaker.push(word);
            }
            breaker.end_line(true);
        }
        while breaker.lines.last().is_some_and(|line| line.words.is_empty()) {
            breaker.lines.pop();
        }
        Self { lines: breaker.lines, style, space }
    }

    pub fn height(&self) -> f32 {
        self.lines.len() as f32 * self.style.leading()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Width of the longest line.
    pub fn widest(&self) -> f32 {
        self.lines.iter().map(|line| line.width).fold(0.0, f32::max)
    }

    /// The block cut after so many lines.
    pub fn split_off(&mut self, at: usize) -> Self {
        let rest = self.lines.split_off(at.min(self.lines.len()));
        Self { lines: rest, style: self.style, space: self.space }
    }

    /// Draws all lines from a top left corner.
    pub fn ink(&self, x: f32, y: f32, width: f32, align: Align) -> Vec<Ink> {
        let leading = self.style.leading();
        self.lines
            .iter()
            .enumerate()
            .flat_map(|(n, line)| self.line_ink(line, x, y + n as f32 * leading, width, align))
            .collect()
    }

    /// Draws one line from its top left corner: one mark for each change of style.
    fn line_ink(&self, line: &Line, x: f32, y: f32, width: f32, align: Align) -> Vec<Ink> {
        let room = (width - line.width).max(0.0);
        let gaps = line.words.len().saturating_sub(1);
        let (start, spread) = match align {
            Align::Left => (x, 0.0),
            Align::Centre => (x + room / 2.0, 0.0),
            Align::Right => (x + room, 0.0),
            // A line that a long word left half empty is not torn apart.
            Align::Justified if line.ends || gaps == 0 || room > width * 0.3 => (x, 0.0),
            Align::Justified => (x, room / gaps as f32),
        };
        let baseline = y + self.style.baseline();
        let mut marks: Vec<Ink> = Vec::new();
        let mut at = start;
        for (n, word) in line.words.iter().enumerate() {
            let mut run_at = at;
            for (m, run) in word.runs.iter().enumerate() {
                let spaced = n > 0 && m == 0;
                match marks.last_mut() {
                    Some(Ink::Text { text, style, .. }) if *style == run.style => {
                        if spaced {
                            text.push(' ');
                        }
                        text.push_str(&run.text);
                    }
                    last => {
                        if let (true, Some(Ink::Text { text, .. })) = (spaced, last) {
                            text.push(' ');
                        }
                        marks.push(Ink::Text { x: run_at, baseline, text: run.text.clone(), style: run.style, spread });
                    }
                }
                run_at += run.width;
            }
            at += word.width + self.space + spread;
        }
        if !line.ends
            && let Some(Ink::Text { text, .. }) = marks.last_mut()
            && !text.ends_with(HYPHEN)
        {
            text.push(' ');
        }
        marks
    }
}

impl Word {
    fn new(runs: Vec<Run>) -> Self {
        Self { width: runs.iter().map(|run| run.width).sum(), runs }
    }

    /// Cuts after so many bytes of the text of its runs.
    fn cut(&self, at: usize, hyphen: bool) -> (Self, Self) {
        let (mut head, mut tail, mut seen) = (Vec::new(), Vec::new(), 0);
        for run in &self.runs {
            let here = at.saturating_sub(seen).min(run.text.len());
            let (left, right) = run.text.split_at(here);
            if !left.is_empty() {
                head.push((left.to_owned(), run.style));
            }
            if !right.is_empty() {
                tail.push((right.to_owned(), run.style));
            }
            seen += run.text.len();
        }
        if let (true, Some(last)) = (hyphen, head.last_mut()) {
            last.0.push(HYPHEN);
        }
        let word = |runs: Vec<(String, Style)>| {
            Self::new(runs.into_iter().map(|(text, style)| Run::new(text, style)).collect())
        };
        (word(head), word(tail))
    }

    fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }
}

/// The words of each paragraph of a text.
fn paragraphs(text: &Rich, base: Style) -> Vec<Vec<Word>> {
    let mut paragraphs: Vec<Vec<Vec<Run>>> = vec![vec![Vec::new()]];
    for span in &text.0 {
        let style = base.emphasised(span.bold, span.italic);
        for (n, line) in printable(&span.text).split('\n').enumerate() {
            if n > 0 {
                paragraphs.push(vec![Vec::new()]);
            }
            let words = paragraphs.last_mut().expect("it starts with one paragraph and only grows");
            for (m, piece) in line.split(' ').enumerate() {
                if m > 0 {
                    words.push(Vec::new());
                }
                if !piece.is_empty() {
                    let word = words.last_mut().expect("a paragraph starts with one word and only grows");
                    word.push(Run::new(piece, style));
                }
            }
        }
    }
    let measured = |words: Vec<Vec<Run>>| words.into_iter().filter(|runs| !runs.is_empty()).map(Word::new).collect();
    paragraphs.into_iter().map(measured).collect()
}

struct Breaker {
    width: f32,
    space: f32,
    hyphenate: bool,
    lines: Vec<Line>,
    line: Vec<Word>,
    filled: f32,
}

impl Breaker {
    fn push(&mut self, mut word: Word) {
        loop {
            let before = if self.line.is_empty() { 0.0 } else { self.filled + self.space };
            if before + word.width <= self.width + 0.01 {
                self.filled = before + word.width;
                self.line.push(word);
                return;
            }
            let room = self.width - before;
            let cut =
                self.soft_cut(&word, room).or_else(|| self.line.is_empty().then(|| self.hard_cut(&word)).flatten());
            if let Some((head, tail)) = cut {
                self.filled = before + head.width;
                self.line.push(head);
                word = tail;
            } else if self.line.is_empty() {
                // One letter wider than the column: it stands out of its frame rather than disappear.
                self.filled = word.width;
                self.line.push(word);
                return;
            }
            self.end_line(false);
        }
    }

    fn end_line(&mut self, ends: bool) {
        let words = std::mem::take(&mut self.line);
        self.lines.push(Line { words, width: std::mem::take(&mut self.filled), ends });
    }

    /// Cuts where French allows, and after the hyphens and slashes of the word itself.
    fn soft_cut(&self, word: &Word, room: f32) -> Option<(Word, Word)> {
        let text = word.text();
        // An address or the number of an article is not cut when a line of its own would hold it.
        let whole = word.width <= self.width;
        if whole && (text.contains('@') || text.contains("://")) {
            return None;
        }
        let number = |at: usize| text[at..].starts_with(|c: char| c.is_ascii_digit());
        let mut places: Vec<(usize, bool)> = text
            .char_indices()
            .filter(|(at, c)| *at > 1 && matches!(c, '-' | '/' | '@') && at + 1 < text.len())
            .filter(|(at, _)| !(whole && number(at + 1)))
            .map(|(at, _)| (at + 1, false))
            .collect();
        if self.hyphenate {
            places.extend(syllables(&text).into_iter().map(|at| (at, true)));
        }
        places.sort_unstable();
        places.into_iter().rev().map(|(at, hyphen)| word.cut(at, hyphen)).find(|(head, _)| head.width <= room)
    }

    /// Cuts anywhere: the word is wider than the whole line.
    fn hard_cut(&self, word: &Word) -> Option<(Word, Word)> {
        let text = word.text();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
        let fitting = places.partition_point(|&at| word.cut(at, false).0.width <= self.width);
        let place = places.get(fitting.saturating_sub(1))?;
        Some(word.cut(*place, false))
    }
}

/// Where a word may be hyphenated: plain lower-case words only, names are left whole.
fn syllables(text: &str) -> Vec<usize> {
    let start = text
        .rfind(['’', '\'', '«', '(', '\u{a0}', '\u{202f}'])
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let stem = text[start..].trim_end_matches(|c: char| !c.is_alphabetic());
    if stem.chars().count() < 2 * FEWEST_LETTERS || !stem.chars().all(char::is_lowercase) {
        return Vec::new();
    }
    let far_enough =
        |at: &usize| stem[..*at].chars().count() >= FEWEST_LETTERS && stem[*at..].chars().count() >= FEWEST_LETTERS;
    FRENCH.hyphenate(stem).breaks.into_iter().filter(far_enough).map(|at| start + at).collect()
}
