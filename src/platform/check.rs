//! The parsers as functions for `#[validate(custom(function = …))]`, with sentences in both languages.
//!
//! Named `valid_…`: a function that bears the name of the field it checks is shadowed by the
//! field inside the derived code, and does not compile.

use std::borrow::Cow;

use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::number::{
    Bic, EmailAddress, Fault, Iban, Idcc, Naf, Nda, Nsf, Phone, Postcode, Rna, Siren, Siret, VatNumber,
};

impl From<Fault> for ValidationError {
    fn from(fault: Fault) -> Self {
        let Fault { code, fr, en } = fault;
        let mut error = Self::new(code).with_message(Cow::Owned(fr));
        error.add_param(Cow::Borrowed("en"), &en);
        error
    }
}

macro_rules! checks {
    ($($function:ident => $number:ident),* $(,)?) => {$(
        pub fn $function(value: &str) -> Result<(), ValidationError> {
            $number::parse(value).map(drop).map_err(ValidationError::from)
        }
    )*};
}

checks! {
    valid_siren => Siren,
    valid_siret => Siret,
    valid_vat_number => VatNumber,
    valid_nda => Nda,
    valid_rna => Rna,
    valid_idcc => Idcc,
    valid_naf => Naf,
    valid_nsf => Nsf,
    valid_postcode => Postcode,
    valid_iban => Iban,
    valid_bic => Bic,
    valid_phone => Phone,
    valid_email => EmailAddress,
}

/// Forgets the refused values, which the derived code adds to every error after our functions ran.
///
/// Call it on whatever `validate()` returned, before an answer or a log is made of it.
pub fn without_values(mut errors: ValidationErrors) -> ValidationErrors {
    for kind in errors.errors_mut().values_mut() {
        forget(kind);
    }
    errors
}

fn forget(kind: &mut ValidationErrorsKind) {
    match kind {
        ValidationErrorsKind::Field(errors) => {
            for error in errors {
                error.params.remove("value");
            }
        }
        ValidationErrorsKind::Struct(inner) => inner.errors_mut().values_mut().for_each(forget),
        ValidationErrorsKind::List(items) => {
            items.values_mut().flat_map(|inner| inner.errors_mut().values_mut()).for_each(forget);
        }
    }
}

#[cfg(test)]
mod tests {
    use validator::Validate;

    use super::*;

    #[derive(Validate)]
    struct Account {
        #[validate(custom(function = valid_iban))]
        iban: String,
    }

    #[derive(Validate)]
    struct NewClient {
        #[validate(custom(function = valid_siret))]
        siret: Option<String>,
        #[validate(nested)]
        accounts: Vec<Account>,
    }

    #[test]
    fn an_error_speaks_both_languages_and_forgets_the_value() {
        let client =
            NewClient { siret: Some("73282932000075".into()), accounts: vec![Account { iban: "FR00 SECRET".into() }] };
        let errors = without_values(client.validate().unwrap_err());
        let text = serde_json::to_string(&errors).unwrap();
        assert!(
            text.contains("siret.key")
                && text.contains("Ce SIRET est mal recopié")
                && text.contains("This SIRET was mistyped"),
            "{text}"
        );
        assert!(text.contains("iban.form"), "{text}");
        assert!(!text.contains("SECRET") && !text.contains("73282932000075"), "{text}");
    }

    #[test]
    fn a_right_value_passes() {
        let client = NewClient { siret: None, accounts: vec![Account { iban: "BE68 5390 0754 7034".into() }] };
        assert!(client.validate().is_ok());
    }
}
