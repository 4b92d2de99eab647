//! How to reach somebody: postcode, telephone, e-mail address.

use std::fmt;

use super::{Fault, compact, only_digits, parsed, shown};

parsed! {
    /// A French postcode: five digits.
    Postcode
}
parsed! {
    /// A telephone number in the international form, `+33612345678`.
    Phone
}
parsed! {
    /// An e-mail address that ordinary servers accept: ASCII, with a dotted domain.
    ///
    /// Stricter than RFC 5322 on purpose: quoted names and bare hosts are typing mistakes here.
    EmailAddress
}
shown!(Postcode, Phone, EmailAddress);

impl Postcode {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value);
        let known = only_digits(&text) && text.len() == 5 && !matches!(&text[..2], "96" | "99");
        if known {
            return Ok(Self(text));
        }
        Err(Fault::new(
            "postcode.form",
            "Un code postal français s'écrit avec 5 chiffres, par exemple 06000 ou 97400.",
            "A French postcode is written with 5 digits, for example 06000 or 97400.",
        ))
    }

    /// The department: `06`, `2A`, `974`.
    pub fn department(&self) -> &str {
        match &self.0[..3] {
            "200" | "201" => "2A",
            "202" | "206" => "2B",
            overseas if overseas.starts_with("97") || overseas.starts_with("98") => overseas,
            _ => &self.0[..2],
        }
    }
}

/// National prefixes of the overseas departments, which have country codes of their own.
const OVERSEAS: &[(&str, &[&str])] = &[
    ("262", &["0262", "0263", "0269", "0639", "0692", "0693"]),
    ("590", &["0590", "0690", "0691"]),
    ("594", &["0594", "0694"]),
    ("596", &["0596", "0696", "0697"]),
];

impl Phone {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text: String = compact(&value.replace("(0)", "")).chars().filter(|c| !matches!(c, '(' | ')')).collect();
        let text = match text.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => text,
        };
        if let Some(rest) = text.strip_prefix('+') {
            if let Some(national) = rest.strip_prefix("33") {
                // "+33 06…" is written every day: the zero is only for calls inside France.
                return Self::french(national.strip_prefix('0').unwrap_or(national));
            }
            if only_digits(rest) && (8..=15).contains(&rest.len()) && !rest.starts_with('0') {
                return Ok(Self(format!("+{rest}")));
            }
            return Err(Fault::new(
                "phone.international",
                "Un numéro international s'écrit + puis l'indicatif du pays, de 8 à 15 chiffres en tout.",
                "An international number is + and the country code, 8 to 15 digits in all.",
            ));
        }
        match text.strip_prefix('0') {
            Some(rest) if text.len() == 10 => {
                let overseas = OVERSEAS.iter().find(|(_, prefixes)| prefixes.iter().any(|p| text.starts_with(p)));
                match overseas {
                    Some((country, _)) if only_digits(rest) => Ok(Self(format!("+{country}{rest}"))),
                    _ => Self::french(rest),
                }
            }
            _ => Self::french(&text),
        }
    }

    fn french(national: &str) -> Result<Self, Fault> {
        if only_digits(national) && national.len() == 9 && !national.starts_with('0') {
            return Ok(Self(format!("+33{national}")));
        }
        Err(Fault::new(
            "phone.form",
            "Un numéro de téléphone français compte 10 chiffres et commence par 0, par exemple 06 12 34 56 78 ; à l'étranger, écrivez + et l'indicatif.",
            "A French telephone number has 10 digits and begins with 0, for example 06 12 34 56 78; from abroad, write + and the country code.",
        ))
    }
}

impl EmailAddress {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = value.trim();
        let Some((user, domain)) = text.rsplit_once('@') else {
            return Err(Fault::new(
                "email.form",
                "Une adresse électronique contient un @, par exemple prenom.nom@example.org.",
                "An e-mail address has an @, for example first.last@example.org.",
            ));
        };
        if text.len() > 254 || user.len() > 64 {
            return Err(Fault::new(
                "email.length",
                "Cette adresse électronique est trop longue : 254 caractères au plus, dont 64 avant le @.",
                "This e-mail address is too long: at most 254 characters, 64 of them before the @.",
            ));
        }
        if !text.is_ascii() {
            return Err(Fault::new(
                "email.ascii",
                "Une adresse électronique s'écrit sans accents ni espaces.",
                "An e-mail address is written without accents or spaces.",
            ));
        }
        let atom = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        };
        if !user.split('.').all(atom) {
            return Err(Fault::new(
                "email.user",
                "La partie de l'adresse avant le @ est mal écrite : lettres, chiffres, tirets, et des points isolés à l'intérieur.",
                "The part before the @ is misspelt: letters, digits, dashes, and single dots inside.",
            ));
        }
        let label = |part: &str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        };
        let last = domain.rsplit('.').next().unwrap_or_default();
        let dotted = domain.contains('.') && last.len() >= 2 && last.bytes().any(|b| b.is_ascii_alphabetic());
        if !dotted || !domain.split('.').all(label) {
            return Err(Fault::new(
                "email.domain",
                "La partie de l'adresse après le @ n'est pas un nom de domaine, par exemple example.org.",
                "The part after the @ is not a domain name, for example example.org.",
            ));
        }
        // The domain ignores case everywhere; the user's part is the other server's business.
        Ok(Self(format!("{user}@{}", domain.to_ascii_lowercase())))
    }

    pub fn user(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(user, _)| user)
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Phone {
    /// French numbers as they are dialled in France, by twos; others in the international form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(national) = self.0.strip_prefix("+33") else {
            return f.write_str(&self.0);
        };
        f.write_str("0")?;
        for (i, digit) in national.chars().enumerate() {
            if i % 2 == 1 {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_has_five_digits_and_a_department() {
        assert_eq!(Postcode::parse("06 000").unwrap().department(), "06");
        assert_eq!(Postcode::parse("20090").unwrap().department(), "2A");
        assert_eq!(Postcode::parse("97400").unwrap().department(), "974");
        assert_eq!(Postcode::parse("6000").unwrap_err().code, "postcode.form");
        assert_eq!(Postcode::parse("99100").unwrap_err().code, "postcode.form");
    }

    #[test]
    fn every_way_of_writing_a_french_number_is_the_same_number() {
        for text in [
            "06 12 34 56 78",
            "06.12.34.56.78",
            "+33 6 12 34 56 78",
            "0033612345678",
            "+33 (0)6 12 34 56 78",
            "+33 06-12-34-56-78",
        ] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), "+33612345678", "{text}");
        }
        assert_eq!(Phone::parse("0612345678").unwrap().to_string(), "06 12 34 56 78".replace(' ', "\u{a0}"));
    }

    #[test]
    fn numbers_from_elsewhere_keep_their_country() {
        assert_eq!(Phone::parse("+32 470 12 34 56").unwrap().to_string(), "+32470123456");
        assert_eq!(Phone::parse("0262 12 34 56").unwrap().as_str(), "+262262123456");
        assert_eq!(Phone::parse("+1 23").unwrap_err().code, "phone.international");
        assert_eq!(Phone::parse("3949").unwrap_err().code, "phone.form");
        assert_eq!(Phone::parse("pas de téléphone").unwrap_err().code, "phone.form");
    }

    #[test]
    fn an_address_is_trimmed_and_its_domain_lower_cased() {
        let address = EmailAddress::parse(" Paul.Martin+stage@Example.ORG ").unwrap();
        assert_eq!(address.as_str(), "Paul.Martin+stage@example.org");
        assert_eq!((address.user(), address.domain()), ("Paul.Martin+stage", "example.org"));
    }

    #[test]
    fn a_wrong_address_says_which_part_is_wrong() {
        let code = |text: &str| EmailAddress::parse(text).unwrap_err().code;
        assert_eq!(code("paul.example.org"), "email.form");
        assert_eq!(code("paul..martin@example.org"), "email.user");
        assert_eq!(code(".paul@example.org"), "email.user");
        assert_eq!(code("paul@martin@example.org"), "email.user");
        assert_eq!(code("paul\r\nBcc: eve@example.org"), "email.user");
        assert_eq!(code("paul@localhost"), "email.domain");
        assert_eq!(code("paul@example..org"), "email.domain");
        assert_eq!(code("paul@-example.org"), "email.domain");
        assert_eq!(code("paul@192.0.2.1"), "email.domain");
        assert_eq!(code("hélène@example.org"), "email.ascii");
        assert_eq!(code(&format!("{}@example.org", "a".repeat(65))), "email.length");
    }
}
