//! Bank details: account (IBAN) and bank (BIC). Both stay out of faults and logs.

use std::fmt;

use super::{Fault, compact, grouped, parsed, shown};

parsed! {
    /// A bank account, of any country.
    Iban
}
parsed! {
    /// A bank, eight or eleven characters.
    Bic
}
shown!(Bic);

/// Lengths of the countries that transfers come from; other countries are held to 15–34.
const LENGTHS: &[(&str, usize)] = &[
    ("AT", 20),
    ("BE", 16),
    ("CH", 21),
    ("DE", 22),
    ("ES", 24),
    ("FR", 27),
    ("GB", 22),
    ("IE", 22),
    ("IT", 27),
    ("LU", 20),
    ("MC", 27),
    ("NL", 18),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
];

impl Iban {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_uppercase();
        let bytes = text.as_bytes();
        let shaped = (15..=34).contains(&text.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes[..2].iter().all(u8::is_ascii_alphabetic)
            && bytes[2..4].iter().all(u8::is_ascii_digit);
        if !shaped {
            return Err(Fault::new(
                "iban.form",
                "Un IBAN commence par deux lettres de pays et deux chiffres, suivis de 11 à 30 lettres ou chiffres ; un IBAN français compte 27 caractères.",
                "An IBAN begins with two letters and two digits, followed by 11 to 30 letters or digits; a French one has 27 characters.",
            ));
        }
        let country = &text[..2];
        if let Some((_, length)) = LENGTHS.iter().find(|(c, n)| *c == country && *n != text.len()) {
            let n = text.len();
            return Err(Fault::new(
                "iban.length",
                format!("Cet IBAN compte {n} caractères ; un IBAN {country} en compte {length}."),
                format!("This IBAN has {n} characters; one that begins with {country} has {length}."),
            ));
        }
        if remainder(&text) != 1 {
            return Err(Fault::new(
                "iban.key",
                "Cet IBAN est mal recopié : sa clé de contrôle est fausse. Recopiez-le depuis le relevé d'identité bancaire.",
                "This IBAN was mistyped: its check digits are wrong. Copy it again from the bank's statement.",
            ));
        }
        Ok(Self(text))
    }

    /// Enough to recognise the account, not enough to use it: `FR76…0189`.
    pub fn masked(&self) -> String {
        format!("{}…{}", &self.0[..4], &self.0[self.0.len() - 4..])
    }
}

/// The account read as a number, country and key moved to the end, modulo 97.
fn remainder(text: &str) -> u32 {
    let (head, tail) = text.split_at(4);
    tail.chars().chain(head.chars()).fold(0, |rest, c| match c.to_digit(36) {
        Some(d) if d > 9 => (rest * 100 + d) % 97,
        Some(d) => (rest * 10 + d) % 97,
        None => rest,
    })
}

impl Bic {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_uppercase();
        let bytes = text.as_bytes();
        let fits = matches!(text.len(), 8 | 11)
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes[..6].iter().all(u8::is_ascii_alphabetic);
        if fits {
            return Ok(Self(text));
        }
        Err(Fault::new(
            "bic.form",
            "Un BIC s'écrit avec 8 ou 11 caractères : 6 lettres, puis 2 ou 5 lettres ou chiffres.",
            "A BIC has 8 or 11 characters: 6 letters, then 2 or 5 letters or digits.",
        ))
    }
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0, &[4; 8], '\u{a0}'))
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iban({})", self.masked())
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples that the IBAN registry publishes: nobody's accounts.
    const FRENCH: &str = "FR14 2004 1010 0505 0001 3M02 606";

    #[test]
    fn an_iban_is_read_with_spaces_and_printed_by_fours() {
        let iban = Iban::parse(&FRENCH.to_lowercase()).unwrap();
        assert_eq!(iban.as_str(), "FR1420041010050500013M02606");
        assert_eq!(iban.to_string(), FRENCH.replace(' ', "\u{a0}"));
        assert!(Iban::parse("DE89 3704 0044 0532 0130 00").is_ok());
        assert!(Iban::parse("BE68 5390 0754 7034").is_ok());
    }

    #[test]
    fn an_iban_is_masked_in_debug() {
        assert_eq!(format!("{:?}", Iban::parse(FRENCH).unwrap()), "Iban(FR14…2606)");
    }

    #[test]
    fn a_refused_iban_is_not_repeated() {
        let fault = Iban::parse("FR14 2004 1010 0505 0001 3M02 607").unwrap_err();
        assert_eq!(fault.code, "iban.key");
        assert!(!fault.fr.contains("2004") && !fault.en.contains("2004"));
        assert_eq!(Iban::parse("FR14 2004 1010 0505 0001 3M02").unwrap_err().code, "iban.length");
        assert_eq!(Iban::parse("1234").unwrap_err().code, "iban.form");
        assert_eq!(Iban::parse("FRé4 2004 1010 0505 0001").unwrap_err().code, "iban.form");
    }

    #[test]
    fn a_bic_has_eight_or_eleven_characters() {
        assert_eq!(Bic::parse("exam frpp xxx").unwrap().as_str(), "EXAMFRPPXXX");
        assert!(Bic::parse("EXAMFRPP").is_ok());
        assert_eq!(Bic::parse("EXAMFRPPX").unwrap_err().code, "bic.form");
    }
}
