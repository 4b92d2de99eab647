//! Numbers of companies and associations: SIREN, SIRET, VAT, NAF, IDCC, RNA.

use std::fmt;

use super::{Fault, THIN, compact, digits, grouped, luhn, only_digits, parsed, shown};

const LA_POSTE: &str = "356000000";

parsed! {
    /// The nine digits of a French company.
    Siren
}
parsed! {
    /// The fourteen digits of one establishment of a French company.
    Siret
}
parsed! {
    /// A French VAT number: `FR`, a key of two digits, the SIREN.
    VatNumber
}
parsed! {
    /// The register of associations: `W` and nine digits.
    Rna
}
parsed! {
    /// A collective agreement: four digits, padded with zeros.
    Idcc
}
parsed! {
    /// The principal activity (NAF/APE): four digits and a letter.
    Naf
}
shown!(Siren, Siret, VatNumber, Rna, Idcc, Naf);

impl Siren {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value);
        if !only_digits(&text) {
            return Err(Fault::new(
                "siren.digits",
                "Un SIREN s'écrit avec 9 chiffres, sans lettres.",
                "A SIREN is written with 9 digits and no letters.",
            ));
        }
        if text.len() != 9 {
            let n = text.len();
            return Err(Fault::new(
                "siren.length",
                format!("Ce SIREN compte {n} chiffres au lieu de 9."),
                format!("This SIREN has {n} digits instead of 9."),
            ));
        }
        if !luhn(&text) || digits(&text).all(|d| d == 0) {
            return Err(Fault::new(
                "siren.key",
                "Ce SIREN est mal recopié : sa clé de contrôle est fausse. Vérifiez les 9 chiffres sur l'avis de situation SIRENE.",
                "This SIREN was mistyped: its check digit is wrong. Compare the 9 digits with the SIRENE notice.",
            ));
        }
        Ok(Self(text))
    }
}

impl Siret {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value);
        if !only_digits(&text) {
            return Err(Fault::new(
                "siret.digits",
                "Un SIRET s'écrit avec 14 chiffres, sans lettres.",
                "A SIRET is written with 14 digits and no letters.",
            ));
        }
        if text.len() != 14 {
            let n = text.len();
            return Err(Fault::new(
                "siret.length",
                format!("Ce SIRET compte {n} chiffres au lieu de 14 : les 9 du SIREN puis les 5 de l'établissement."),
                format!(
                    "This SIRET has {n} digits instead of 14: the 9 of the SIREN, then the 5 of the establishment."
                ),
            ));
        }
        // The post offices outnumber what Luhn leaves, so La Poste got a rule of its own.
        let post_office = text.starts_with(LA_POSTE) && digits(&text).sum::<u32>().is_multiple_of(5);
        if !(luhn(&text) && luhn(&text[..9]) || post_office) || text.starts_with("000000000") {
            return Err(Fault::new(
                "siret.key",
                "Ce SIRET est mal recopié : sa clé de contrôle est fausse. Vérifiez les 14 chiffres sur l'avis de situation SIRENE.",
                "This SIRET was mistyped: its check digit is wrong. Compare the 14 digits with the SIRENE notice.",
            ));
        }
        Ok(Self(text))
    }

    /// The company this establishment belongs to.
    pub fn siren(&self) -> Siren {
        Siren(self.0[..9].to_owned())
    }

    /// The five digits that name the establishment.
    pub fn nic(&self) -> &str {
        &self.0[9..]
    }
}

impl VatNumber {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_uppercase();
        let Some(rest) = text.strip_prefix("FR") else {
            return Err(Fault::new(
                "vat.country",
                "Un numéro de TVA français commence par FR, suivi de 11 chiffres.",
                "A French VAT number begins with FR, followed by 11 digits.",
            ));
        };
        if rest.len() != 11 || !only_digits(rest) {
            return Err(Fault::new(
                "vat.form",
                "Un numéro de TVA français s'écrit FR suivi de 11 chiffres : la clé de 2 chiffres, puis le SIREN.",
                "A French VAT number is FR followed by 11 digits: a key of 2 digits, then the SIREN.",
            ));
        }
        let number = Siren::parse(&rest[2..]).map(|siren| Self::from_siren(&siren)).ok();
        number.filter(|n| n.0 == text).ok_or_else(|| {
            Fault::new(
                "vat.key",
                "Ce numéro de TVA est mal recopié : sa clé ne correspond pas au SIREN qu'il contient.",
                "This VAT number was mistyped: its key does not match the SIREN inside it.",
            )
        })
    }

    /// The number the tax office gives to this company.
    pub fn from_siren(siren: &Siren) -> Self {
        let number = digits(siren.as_str()).fold(0u32, |n, d| n * 10 + d);
        let key = (12 + 3 * (number % 97)) % 97;
        Self(format!("FR{key:02}{siren}", siren = siren.as_str()))
    }

    pub fn siren(&self) -> Siren {
        Siren(self.0[4..].to_owned())
    }
}

impl Rna {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_uppercase();
        match text.strip_prefix('W') {
            Some(rest) if rest.len() == 9 && only_digits(rest) => Ok(Self(text)),
            _ => Err(Fault::new(
                "rna.form",
                "Un numéro RNA s'écrit W suivi de 9 chiffres ; il figure sur le récépissé de la préfecture.",
                "An RNA number is W followed by 9 digits; the prefecture's receipt bears it.",
            )),
        }
    }
}

impl Idcc {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value);
        if only_digits(&text) && text.len() <= 4 {
            return Ok(Self(format!("{text:0>4}")));
        }
        Err(Fault::new(
            "idcc.form",
            "Un code IDCC s'écrit avec 1 à 4 chiffres, par exemple 1486 ou 0016.",
            "An IDCC code is written with 1 to 4 digits, for example 1486 or 0016.",
        ))
    }
}

impl Naf {
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let text = compact(value).to_ascii_uppercase();
        let fits =
            text.len() == 5 && text.is_ascii() && only_digits(&text[..4]) && text.as_bytes()[4].is_ascii_alphabetic();
        if fits {
            return Ok(Self(text));
        }
        Err(Fault::new(
            "naf.form",
            "Un code NAF (APE) s'écrit avec 4 chiffres et une lettre, par exemple 85.59A.",
            "A NAF (APE) code is written with 4 digits and a letter, for example 85.59A.",
        ))
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0, &[3, 3], THIN))
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0, &[3, 3, 3], THIN))
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0, &[2, 2, 3, 3], THIN))
    }
}

impl fmt::Display for Rna {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Idcc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Naf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", &self.0[..2], &self.0[2..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_siret_is_read_with_spaces_and_printed_in_groups() {
        let siret = Siret::parse(" 732 829 320.00074 ").unwrap();
        assert_eq!(siret.as_str(), "73282932000074");
        assert_eq!(siret.to_string(), "732\u{202f}829\u{202f}320\u{202f}00074");
        assert_eq!(siret.siren().as_str(), "732829320");
        assert_eq!(siret.nic(), "00074");
    }

    #[test]
    fn a_siret_says_what_is_wrong_with_it() {
        assert_eq!(Siret::parse("73282932000075").unwrap_err().code, "siret.key");
        assert_eq!(
            Siret::parse("7328293200007").unwrap_err().fr,
            "Ce SIRET compte 13 chiffres au lieu de 14 : les 9 du SIREN puis les 5 de l'établissement."
        );
        assert_eq!(Siret::parse("7328293200007A").unwrap_err().code, "siret.digits");
        assert_eq!(Siret::parse("").unwrap_err().code, "siret.digits");
        assert_eq!(Siret::parse("00000000000000").unwrap_err().code, "siret.key");
    }

    #[test]
    fn the_post_office_follows_its_own_rule() {
        assert!(Siret::parse("35600000000048").is_ok());
        assert!(Siret::parse("35600000049837").is_ok());
        assert_eq!(Siret::parse("35600000049838").unwrap_err().code, "siret.key");
    }

    #[test]
    fn a_vat_number_carries_the_key_of_its_siren() {
        let siren = Siren::parse("552 081 317").unwrap();
        let vat = VatNumber::from_siren(&siren);
        assert_eq!(vat.as_str(), "FR03552081317");
        assert_eq!(VatNumber::parse("fr 03 552.081.317").unwrap(), vat);
        assert_eq!(vat.to_string(), "FR\u{202f}03\u{202f}552\u{202f}081\u{202f}317");
        assert_eq!(vat.siren(), siren);
        assert_eq!(VatNumber::parse("FR04552081317").unwrap_err().code, "vat.key");
        assert_eq!(VatNumber::parse("BE0403019261").unwrap_err().code, "vat.country");
        assert_eq!(VatNumber::parse("FR0355208131").unwrap_err().code, "vat.form");
    }

    #[test]
    fn small_codes_are_padded_and_upper_cased() {
        assert_eq!(Idcc::parse("16").unwrap().as_str(), "0016");
        assert_eq!(Idcc::parse("12345").unwrap_err().code, "idcc.form");
        assert_eq!(Naf::parse("85.59a").unwrap().as_str(), "8559A");
        assert_eq!(Naf::parse("8559A").unwrap().to_string(), "85.59A");
        assert!(Naf::parse("855éA").is_err());
        assert_eq!(Rna::parse("w 751 234 567").unwrap().as_str(), "W751234567");
        assert_eq!(Rna::parse("751234567").unwrap_err().code, "rna.form");
    }

    proptest! {
        #[test]
        fn a_printed_siren_reads_back(body in 1u32..99_999_999) {
            let siren = (0..10).map(|k| format!("{body:08}{k}")).find_map(|n| Siren::parse(&n).ok()).unwrap();
            let printed = siren.to_string();
            prop_assert_eq!(&Siren::parse(&printed).unwrap(), &siren);
            let vat = VatNumber::from_siren(&siren);
            let printed = vat.to_string();
            prop_assert_eq!(VatNumber::parse(&printed).unwrap().siren(), siren);
        }
    }
}
