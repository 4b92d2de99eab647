//! Numbers of the training world: the declaration of activity and the speciality.

use std::fmt;

use super::{Fault, THIN, compact, grouped, only_digits, parsed, shown};

parsed! {
    /// The declaration of activity of a training provider (NDA): eleven digits.
    Nda
}
parsed! {
    /// A training speciality (NSF): three digits, sometimes a letter of function.
    Nsf
}
shown!(Nda, Nsf);

/// Regions as the prefectures number them; the old ones live on in old declarations.
const REGIONS: &[&str] = &[
    "01", "02", "03", "04", "05", "06", "11", "21", "22", "23", "24", "25", "26", "27", "28", "31", "32", "41", "42",
    "43", "44", "52", "53", "54", "72", "73", "74", "75", "76", "82", "83", "84", "91", "93", "94",
];

impl Nda {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value);
        if only_digits(&text) && text.len() == 11 {
            return Ok(Self(text));
        }
        Err(Fault::new(
            "nda.length",
            "Un numéro de déclaration d'activité s'écrit avec 11 chiffres, par exemple 93 06 10481 06.",
            "A declaration of activity number is written with 11 digits, for example 93 06 10481 06.",
        ))
    }

    /// A warning when the digits do not look like region, department, order, department.
    ///
    /// The pattern is observed, not published: a number is never refused for it.
    pub fn unusual(&self) -> Option<String> {
        let (region, department, again) = (&self.0[..2], &self.0[2..4], &self.0[9..]);
        if !REGIONS.contains(&region) {
            return Some(format!(
                "Ce numéro de déclaration d'activité commence par {region}, qui n'est le code d'aucune région connue : vérifiez-le sur le récépissé."
            ));
        }
        if department != again {
            return Some(format!(
                "Ce numéro de déclaration d'activité indique le département {department} au début et {again} à la fin : vérifiez-le sur le récépissé."
            ));
        }
        None
    }
}

impl Nsf {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_lowercase();
        let fits = text.is_ascii()
            && matches!(text.len(), 3 | 4)
            && only_digits(&text[..3])
            && matches!(text.as_bytes()[0], b'1'..=b'4')
            && text.bytes().skip(3).all(|b| b.is_ascii_lowercase());
        if fits {
            return Ok(Self(text));
        }
        Err(Fault::new(
            "nsf.form",
            "Un code NSF s'écrit avec 3 chiffres dont le premier va de 1 à 4, par exemple 326, parfois suivis d'une lettre.",
            "An NSF code is 3 digits, the first from 1 to 4, for example 326, sometimes followed by a letter.",
        ))
    }

    /// The three digits that the yearly report asks for.
    pub fn speciality(&self) -> &str {
        &self.0[..3]
    }
}

impl fmt::Display for Nda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0, &[2, 2, 5], THIN))
    }
}

impl fmt::Display for Nsf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_printed_in_its_four_parts() {
        let nda = Nda::parse("93.06.10481.06").unwrap();
        assert_eq!(nda.as_str(), "93061048106");
        assert_eq!(nda.to_string(), "93\u{202f}06\u{202f}10481\u{202f}06");
        assert_eq!(nda.unusual(), None);
    }

    #[test]
    fn an_odd_declaration_is_warned_about_and_never_refused() {
        assert!(Nda::parse("93061048113").unwrap().unusual().unwrap().contains("06 au début et 13 à la fin"));
        assert!(Nda::parse("99061048106").unwrap().unusual().unwrap().contains("commence par 99"));
        assert_eq!(Nda::parse("9306104810").unwrap_err().code, "nda.length");
        assert_eq!(Nda::parse("9306104810A").unwrap_err().code, "nda.length");
    }

    #[test]
    fn a_speciality_is_three_digits_and_perhaps_a_letter() {
        assert_eq!(Nsf::parse("326").unwrap().as_str(), "326");
        assert_eq!(Nsf::parse("326 T").unwrap().speciality(), "326");
        assert_eq!(Nsf::parse("32").unwrap_err().code, "nsf.form");
        assert_eq!(Nsf::parse("526").unwrap_err().code, "nsf.form");
    }
}
