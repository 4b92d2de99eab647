//! Text made printable: composed characters, no controls, nothing that the shipped fonts lack, nothing lost without trace.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::typeface;

/// Printed in place of a character that no shipped font can draw.
const UNKNOWN: char = '?';

/// The first character that would be printed as [`UNKNOWN`].
pub fn first_unknown(text: &str) -> Option<char> {
    text.nfc().find(|&c| !is_space(c) && !is_invisible(c) && !typeface::covers(c) && letters_of(c).is_none())
}

/// The same text, printable with the shipped fonts; lines still end with `\n`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_ready) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").nfc() {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}' => out.push('\n'),
            c if is_invisible(c) => {}
            c if typeface::covers(c) => out.push(c),
            c if is_space(c) => out.push(' '),
            c => stand_in(c, &mut out),
        }
    }
    Cow::Owned(out)
}

/// A letter that composition leaves alone and that the fonts draw: nearly all of them.
fn is_ready(c: char) -> bool {
    c == '\n'
        || (c < '\u{300}' && c != '\u{ad}' || matches!(c, '’' | '–' | '€' | '\u{202f}' | '•' | '…'))
            && typeface::covers(c)
}

/// The nearest printable letters: without its accents, or in its plain form, before giving up.
fn stand_in(c: char, out: &mut String) {
    out.push_str(&letters_of(c).unwrap_or_else(|| UNKNOWN.to_string()));
}

/// Nothing for a lonely accent; `None` when no letter comes near.
fn letters_of(c: char) -> Option<String> {
    let letters: String = std::iter::once(c).nfkd().filter(|&part| typeface::covers(part)).collect();
    (!letters.is_empty() || is_mark(c)).then_some(letters)
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Controls, joiners, directional marks, variation selectors: they guide a screen and print nothing.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}
