//! French identifiers: parsed once at the edge, trusted inside, printed the French way.

mod bank;
mod company;
mod contact;
mod training;

pub use bank::{Bic, Iban};
pub use company::{Idcc, Naf, Rna, Siren, Siret, VatNumber};
pub use contact::{EmailAddress, Phone, Postcode};
pub use training::{Nda, Nsf};

/// Why a number was refused: a code for programs, a sentence for people in both languages.
///
/// The sentences never repeat the value: it may be a secret, and a log keeps them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fr}")]
pub struct Fault {
    /// Stable dotted code, e.g. `siret.key`.
    pub code: &'static str,
    /// What is wrong and what would be right, in French.
    pub fr: String,
    /// The same in English.
    pub en: String,
}

impl Fault {
    fn new(code: &'static str, fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, fr: fr.into(), en: en.into() }
    }
}

/// Declares a parsed string: reading, comparing and (de)serialising it, always through `parse`.
macro_rules! parsed {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The stored form: no spaces, no punctuation.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::platform::number::Fault;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::parse(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::platform::number::Fault;

            fn try_from(value: String) -> Result<Self, Self::Error> {
                Self::parse(&value)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
use parsed;

/// Shows the stored form in `Debug`, for numbers that are public.
macro_rules! shown {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}
use shown;

/// Thin no-break space: groups of digits stay on one line.
pub(crate) const THIN: char = '\u{202f}';

/// Removes what people type between digits: spaces of every width, dots, dashes, slashes.
fn compact(value: &str) -> String {
    value
        .chars()
        .filter(|c| {
            !(c.is_whitespace() || matches!(c, '.' | '-' | '/' | '\u{2011}' | '\u{200b}' | '\u{2060}' | '\u{feff}'))
        })
        .collect()
}

fn only_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits of an ASCII decimal string, as numbers.
fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    text.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0'))
}

/// The Luhn check: every second digit from the right doubled, the sum a multiple of ten.
fn luhn(text: &str) -> bool {
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, d * 2) {
            (0, _) => d,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Cuts a string in groups of the given sizes; what is left over is the last group.
fn grouped(text: &str, sizes: &[usize], space: char) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    for size in sizes {
        if rest.len() <= *size || !rest.is_char_boundary(*size) {
            break;
        }
        let (head, tail) = rest.split_at(*size);
        out.push_str(head);
        out.push(space);
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_are_cut_with_the_given_space() {
        assert_eq!(grouped("85296374100018", &[3, 3, 3], THIN), "852\u{202f}963\u{202f}741\u{202f}00018");
    }

    #[test]
    fn a_parsed_number_is_a_string_in_json_and_is_checked_on_the_way_in() {
        let siren: Siren = serde_json::from_str("\"732 829 320\"").unwrap();
        assert_eq!(serde_json::to_string(&siren).unwrap(), "\"732829320\"");
        let error = serde_json::from_str::<Siren>("\"732829321\"").unwrap_err().to_string();
        assert!(error.contains("SIREN"), "{error}");
    }

    fn with_key(body: &str) -> String {
        (0..10).map(|key| format!("{body}{key}")).find(|n| luhn(n)).unwrap()
    }

    proptest! {
        #[test]
        fn every_body_has_exactly_one_luhn_key(body in "[0-9]{1,20}") {
            prop_assert_eq!((0..10).filter(|key| luhn(&format!("{body}{key}"))).count(), 1);
        }

        #[test]
        fn luhn_notices_one_wrong_digit(body in "[0-9]{8}", at in 0usize..9, shift in 1u32..10) {
            let right = with_key(&body);
            let wrong: String = digits(&right)
                .enumerate()
                .map(|(i, d)| if i == at { (d + shift) % 10 } else { d })
                .map(|d| d.to_string())
                .collect();
            prop_assert!(!luhn(&wrong));
        }

        #[test]
        fn no_parser_panics_on_anything(text in ".*") {
            let _ = (Siren::parse(&text), Siret::parse(&text), VatNumber::parse(&text), Nda::parse(&text));
            let _ = (Rna::parse(&text), Idcc::parse(&text), Naf::parse(&text), Postcode::parse(&text));
            let _ = (Iban::parse(&text), Bic::parse(&text), Nsf::parse(&text), Phone::parse(&text));
            let _ = EmailAddress::parse(&text);
        }
    }
}
