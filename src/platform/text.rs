//! French text: folded for searching, spaced for printing, shortened for names of files and people.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::number::THIN;

const NBSP: char = '\u{a0}';

/// What a search column holds: lower case, no accents, single spaces between words.
///
/// `fold("L'Œuvre d’été")` is `l oeuvre d ete`.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for c in plain.flat_map(UnicodeNormalization::nfkd).filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            c if c.is_alphanumeric() => out.push(c),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A name for a file or a path: ASCII words joined by dashes, at most sixty characters.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for word in fold(text).split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if out.is_empty() {
            out.extend(word.chars().take(60));
        } else if out.len() + 1 + word.len() > 60 {
            break;
        } else {
            out.push('-');
            out.push_str(word);
        }
    }
    if out.is_empty() { "sans-nom".into() } else { out }
}

/// « Prénom N. »: enough to tell people apart, not enough to look them up.
pub fn short_name(first: &str, last: &str) -> String {
    let (first, last) = (first.trim(), last.trim());
    match last.chars().find(|c| c.is_alphabetic()) {
        Some(letter) if first.is_empty() => format!("{}.", upper(letter)),
        Some(letter) => format!("{first}{NBSP}{}.", upper(letter)),
        None => first.to_owned(),
    }
}

/// The initials, compound first names included: Jean-Pierre Martin is `JPM`.
pub fn initials(first: &str, last: &str) -> String {
    let names = first.split(|c: char| c.is_whitespace() || c == '-').chain([last]);
    names.filter_map(|name| name.chars().find(|c| c.is_alphabetic())).map(upper).collect()
}

fn upper(letter: char) -> String {
    letter.to_uppercase().collect()
}

/// Prepares French text for layout: curly apostrophes, and spaces that keep signs, units and titles
/// on the line of their word. Addresses of sites and people are left alone. Applying it twice
/// changes nothing more.
pub fn typography(text: &str) -> String {
    let chars: Vec<char> = text.nfc().collect();
    join_words(&space_signs(&chars))
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_space(c: char) -> bool {
    c.is_whitespace() && !is_break(c)
}

/// First pass: signs and the spaces around them.
fn space_signs(chars: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(chars.len() + 16);
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        if i == 0 || chars[i - 1].is_whitespace() {
            let token: &[char] = &chars[i..i + chars[i..].iter().take_while(|c| !c.is_whitespace()).count()];
            if is_address(token) {
                out.extend_from_slice(token);
                i += token.len();
                continue;
            }
        }
        let next = chars.get(i + 1).copied();
        i += 1;
        match c {
            '\'' => out.push('’'),
            '«' => {
                out.push(c);
                let begin = i;
                while chars.get(i).copied().is_some_and(is_space) {
                    i += 1;
                }
                // At the end of a text, words of another style may follow.
                if chars.get(i).map_or(i > begin, |c| !is_break(*c)) {
                    out.push(NBSP);
                }
            }
            '»' => {
                glue(&mut out, NBSP, |_| true);
                out.push(c);
            }
            ':' => {
                let ends = next.is_none_or(|n| n.is_whitespace() || n == '»');
                if ends {
                    glue(&mut out, NBSP, closes_a_word);
                } else if next.is_some_and(|n| !n.is_alphanumeric()) {
                    glue(&mut out, NBSP, |_| false);
                }
                out.push(c);
            }
            ';' | '!' | '?' => {
                let ends = next.is_none_or(|n| n.is_whitespace() || matches!(n, '»' | ')' | '!' | '?' | '"' | '”'));
                glue(&mut out, THIN, |last| ends && closes_a_word(last));
                out.push(c);
            }
            '%' if base(&out).is_some_and(|b| b.is_ascii_digit()) => {
                glue(&mut out, THIN, |_| true);
                out.push(c);
            }
            '€' if base(&out).is_some_and(|b| b.is_ascii_digit()) => {
                glue(&mut out, NBSP, |_| true);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn is_address(token: &[char]) -> bool {
    token.contains(&'@')
        || token.windows(3).any(|w| w == [':', '/', '/'])
        || token.windows(4).any(|w| w == ['w', 'w', 'w', '.'])
}

fn closes_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ')' | '»' | ']' | '”' | '’' | '"' | '.' | '…' | '%' | '€')
}

/// The last character that is not a space, on this line.
fn base(out: &[char]) -> Option<char> {
    out.iter().rev().copied().find(|c| !is_space(*c)).filter(|c| !is_break(*c))
}

/// Puts this space, and only this one, before the sign to come. Where there is no space yet,
/// `insert` decides from the last character; the beginning of a line is left alone.
fn glue(out: &mut Vec<char>, space: char, insert: impl Fn(char) -> bool) {
    let Some(base) = base(out) else { return };
    let spaces = out.iter().rev().take_while(|c| is_space(**c)).count();
    if spaces == 0 && !insert(base) {
        return;
    }
    out.truncate(out.len() - spaces);
    out.push(space);
}

/// Books of a code of law, before the number of an article.
const BOOKS: &[&str] = &["L.", "R.", "D.", "A."];
const ARTICLES: &[&str] = &["art.", "article", "articles", "Article", "Articles"];
/// Names of registers, before a number.
const REGISTERS: &[&str] = &["SIRET", "SIREN", "RNA", "RCS", "NAF", "TVA", "capital"];
const TITLES: &[&str] = &["M.", "MM.", "Mme", "Mmes", "Mlle", "Dr", "Me", "Pr"];
const UNITS: &[&str] = &[
    "h",
    "min",
    "s",
    "heure",
    "heures",
    "minute",
    "minutes",
    "jour",
    "jours",
    "j",
    "demi-journée",
    "demi-journées",
    "semaine",
    "semaines",
    "mois",
    "an",
    "ans",
    "km",
    "m",
    "cm",
    "mm",
    "m²",
    "kg",
    "g",
    "ko",
    "Ko",
    "Mo",
    "Go",
    "euro",
    "euros",
    "pages",
    "personnes",
    "stagiaires",
];

/// Second pass: plain spaces inside a number and its unit, a title and its name.
fn join_words(chars: &[char]) -> String {
    let mut out = String::with_capacity(chars.len() + 16);
    for (i, &c) in chars.iter().enumerate() {
        if c != ' ' {
            out.push(c);
            continue;
        }
        let start = chars[..i].iter().rposition(|c| c.is_whitespace()).map_or(0, |p| p + 1);
        let end = chars[i + 1..].iter().position(|c| c.is_whitespace()).map_or(chars.len(), |p| i + 1 + p);
        let earlier = start.checked_sub(2).map(|p| chars[p]);
        out.push(if belong(earlier, &chars[start..i], &chars[i + 1..end]) { NBSP } else { c });
    }
    out
}

/// Whether these two words must stay together; `earlier` ends the word before them.
fn belong(earlier: Option<char>, left: &[char], right: &[char]) -> bool {
    let left: String = left.iter().collect();
    let right: String = right.iter().collect();
    let left = left.trim_start_matches(|c: char| !c.is_alphanumeric());
    let unit = right.trim_end_matches(|c: char| c.is_ascii_punctuation() || c == '…' || c == '’');
    if TITLES.contains(&left) {
        return right.starts_with(char::is_uppercase);
    }
    if left == "h" {
        return earlier.is_some_and(|c| c.is_ascii_digit())
            && unit.len() == 2
            && unit.bytes().all(|b| b.is_ascii_digit());
    }
    let numbered = right.starts_with(|c: char| c.is_ascii_digit());
    if BOOKS.contains(&left) {
        return numbered;
    }
    if REGISTERS.contains(&left) {
        return numbered || right.starts_with(char::is_uppercase);
    }
    if left.rsplit('’').next().is_some_and(|word| ARTICLES.contains(&word)) {
        return numbered || BOOKS.contains(&right.as_str());
    }
    // A postcode and its city.
    if left.len() == 5 && left.bytes().all(|b| b.is_ascii_digit()) && right.starts_with(char::is_uppercase) {
        return true;
    }
    if left == "n°" {
        return numbered || right.starts_with(char::is_uppercase);
    }
    // A telephone number, said by pairs.
    let pair = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if pair(left) && pair(unit) {
        return true;
    }
    let number = left.ends_with(|c: char| c.is_ascii_digit())
        && left.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.');
    number && UNITS.contains(&unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Spaces made visible: `_` for U+00A0, `~` for U+202F.
    fn seen(text: &str) -> String {
        typography(text).replace(NBSP, "_").replace(THIN, "~")
    }

    #[test]
    fn folding_forgets_case_accents_and_signs() {
        assert_eq!(fold("  L'Œuvre d’Été — n° 3 ! "), "l oeuvre d ete n 3");
        assert_eq!(fold("ÇA Æ ﬁn ²"), "ca ae fin 2");
        assert_eq!(fold("Élodie\u{a0}N’Guyen"), fold("elodie n guyen"));
        assert_eq!(fold("…"), "");
    }

    #[test]
    fn a_slug_is_made_of_short_ascii_words() {
        assert_eq!(slug("Convention d'été : « Rust » (2026)"), "convention-d-ete-rust-2026");
        assert_eq!(slug("★"), "sans-nom");
        assert_eq!(slug("../../etc"), "etc");
        assert!(slug(&"mot ".repeat(40)).len() <= 60);
    }

    #[test]
    fn names_are_shortened_to_what_tells_people_apart() {
        assert_eq!(short_name("Élodie", "martin"), "Élodie\u{a0}M.");
        assert_eq!(short_name("Paul", "d'Arc"), "Paul\u{a0}D.");
        assert_eq!(short_name("Paul", ""), "Paul");
        assert_eq!(initials("Jean-Pierre", "Étoile"), "JPÉ");
    }

    #[test]
    fn signs_keep_their_space() {
        assert_eq!(seen("Prêt ? Oui ! Non ; voilà : ici"), "Prêt~? Oui~! Non~; voilà_: ici");
        assert_eq!(seen("Prêt? Oui! Note: x"), "Prêt~? Oui~! Note_: x");
        assert_eq!(seen("Quoi ?! «Ah» « Oh »"), "Quoi~?! «_Ah_» «_Oh_»");
        assert_eq!(seen("de 9:30 à 12:00"), "de 9:30 à 12:00");
        assert_eq!(seen("20 % ou 20% de 1250,00 €"), "20~% ou 20~% de 1250,00_€");
        assert_eq!(seen("l'été"), "l’été");
        assert_eq!(seen("dit « "), "dit «_");
    }

    #[test]
    fn numbers_and_titles_keep_what_follows() {
        assert_eq!(seen("14 h, soit 2 jours ; 3 h 30 (45 min)"), "14_h, soit 2_jours~; 3_h_30 (45_min)");
        assert_eq!(seen("M. Martin et Mme Petit, me dit-il"), "M._Martin et Mme_Petit, me dit-il");
        assert_eq!(seen("(M. Martin)"), "(M._Martin)");
        assert_eq!(seen("n° 12, n° CNV-2026-0003, n° de dossier"), "n°_12, n°_CNV-2026-0003, n° de dossier");
        assert_eq!(seen("75020 Paris, SIRET 732, RCS Paris, TVA due"), "75020_Paris, SIRET_732, RCS_Paris, TVA due");
        assert_eq!(seen("tél. 02 99 00 45 67, 12 rue"), "tél. 02_99_00_45_67, 12 rue");
    }

    #[test]
    fn articles_of_the_law_keep_their_numbers() {
        assert_eq!(seen("(article L. 6353-6 du code)"), "(article_L._6353-6 du code)");
        assert_eq!(seen("l'article 261, art. D. 6313-3-1"), "l’article_261, art._D._6313-3-1");
        assert_eq!(seen("Paul L. est là, un article de loi"), "Paul L. est là, un article de loi");
    }

    #[test]
    fn addresses_are_left_alone() {
        let text = "Voir https://example.org/a?b=c'd:e; ou paul.o'neil@example.org!";
        assert_eq!(typography(text), text);
    }

    #[test]
    fn the_space_of_printed_amounts_is_the_one_of_running_text() {
        let printed = super::super::money::Cents(125_000).to_string();
        assert_eq!(typography(&printed), printed);
    }

    #[test]
    fn text_is_composed() {
        assert_eq!(typography("e\u{301}te\u{301}"), "été");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn typography_twice_is_typography_once(text in "[a zM.é'«»:;!?%€0-9\n\u{a0}\u{202f}\u{301}\t@/w()h-]{0,24}") {
            let once = typography(&text);
            prop_assert_eq!(typography(&once), once);
        }
    }

    proptest! {
        #[test]
        fn typography_of_anything_is_stable(text in ".{0,60}") {
            let once = typography(&text);
            prop_assert_eq!(typography(&once), once);
        }

        #[test]
        fn folding_twice_is_folding_once(text in ".{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
