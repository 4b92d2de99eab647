//! What papers print of the cooperative: identity, declaration of activity, VAT, quality, bank.

use std::borrow::Cow;

use chrono::NaiveDate;
use entity::{bank_account, declaration, legal_identity, quality_certificate, vat_attestation};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use validator::{Validate, ValidationError};

use super::fact::{compact, fact};
use crate::{
    platform::{
        check,
        codes::{store, stored},
        error::Result,
        number::{Bic, Iban, Naf, Nda, Siren, Siret, VatNumber},
    },
    words,
};

/// Who the legal training body is, from a day to another.
#[derive(Debug, Clone, Object, Validate)]
#[validate(schema(function = "one_company"))]
pub struct NewLegalIdentity {
    /// Registered name (dénomination sociale).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// Legal form (forme juridique), as papers print it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub legal_form: String,
    /// Capital, in cents of euro; that of the last closed year when it is variable.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub capital_cents: Option<i64>,
    /// SIREN, 9 digits.
    #[oai(validator(max_length = 20))]
    #[validate(custom(function = check::valid_siren))]
    pub siren: String,
    /// SIRET of the head office, 14 digits that begin with the SIREN.
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_siret))]
    pub siret: String,
    /// City of the trade register (RCS).
    #[oai(validator(min_length = 1, max_length = 100))]
    pub rcs_city: Option<String>,
    /// Main activity code (code NAF ou APE).
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_naf))]
    pub naf: Option<String>,
    /// VAT number (numéro de TVA intracommunautaire), made from the SIREN.
    #[oai(validator(max_length = 20))]
    #[validate(custom(function = check::valid_vat_number))]
    pub vat_number: Option<String>,
    /// Number and street.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub address: String,
    /// Postcode, 5 digits.
    #[oai(validator(max_length = 10))]
    #[validate(custom(function = check::valid_postcode))]
    pub postcode: String,
    /// City.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub city: String,
    /// Country, two letters (ISO 3166-1); `FR` when absent.
    #[oai(validator(pattern = "^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// Email address printed on papers.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Phone number printed on papers.
    #[oai(validator(max_length = 30))]
    #[validate(custom(function = check::valid_phone))]
    pub phone: Option<String>,
    /// Web site printed on papers.
    #[oai(validator(max_length = 200))]
    pub website: Option<String>,
    /// First day on which papers print this.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

/// SIREN, SIRET and VAT number must speak of one company.
fn one_company(input: &NewLegalIdentity) -> Result<(), ValidationError> {
    let fault = |at: &'static str, code: &'static str, fr: &'static str, en: &'static str| {
        let mut error = ValidationError::new(code).with_message(Cow::Borrowed(fr));
        error.add_param(Cow::Borrowed("at"), &at);
        error.add_param(Cow::Borrowed("en"), &en);
        Err(error)
    };
    let Ok(siren) = Siren::parse(&input.siren) else { return Ok(()) };
    if Siret::parse(&input.siret).is_ok_and(|siret| siret.siren() != siren) {
        return fault(
            "/siret",
            "siret.siren",
            "Les 9 premiers chiffres du SIRET doivent être ceux du SIREN.",
            "The first 9 digits of the SIRET must be those of the SIREN.",
        );
    }
    let vat = input.vat_number.as_deref().and_then(|number| VatNumber::parse(number).ok());
    if vat.is_some_and(|number| number.siren() != siren) {
        return fault(
            "/vat_number",
            "vat.siren",
            "Le numéro de TVA doit être celui de ce SIREN.",
            "The VAT number must be that of this SIREN.",
        );
    }
    Ok(())
}

impl NewLegalIdentity {
    fn written(row: legal_identity::Model) -> Self {
        Self {
            name: row.name,
            legal_form: row.legal_form,
            capital_cents: row.capital_cents,
            siren: row.siren,
            siret: row.siret,
            rcs_city: row.rcs_city,
            naf: row.naf,
            vat_number: row.vat_number,
            address: row.address,
            postcode: row.postcode,
            city: row.city,
            country: Some(row.country),
            email: row.email,
            phone: row.phone,
            website: row.website,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }

    fn fill(self, edit: &mut legal_identity::ActiveModel) -> Result<()> {
        let Self {
            name,
            legal_form,
            capital_cents,
            siren,
            siret,
            rcs_city,
            naf,
            vat_number,
            address,
            postcode,
            city,
            country,
            email,
            phone,
            website,
            valid_from,
            valid_to,
        } = self;
        edit.name = Set(name);
        edit.legal_form = Set(legal_form);
        edit.capital_cents = Set(capital_cents);
        edit.siren = Set(compact(Siren::parse(&siren), siren));
        edit.siret = Set(compact(Siret::parse(&siret), siret));
        edit.rcs_city = Set(rcs_city);
        edit.naf = Set(naf.map(|naf| compact(Naf::parse(&naf), naf)));
        edit.vat_number = Set(vat_number.map(|number| compact(VatNumber::parse(&number), number)));
        edit.address = Set(address);
        edit.postcode = Set(postcode);
        edit.city = Set(city);
        edit.country = Set(country.unwrap_or_else(|| "FR".to_owned()));
        edit.email = Set(email);
        edit.phone = Set(phone);
        edit.website = Set(website);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// Who the legal training body is, as the system knows it.
    LegalIdentity: NewLegalIdentity -> LegalIdentityOut of legal_identity at "organisation/legal-identities",
    same |_| None
}

/// The declaration of activity (déclaration d'activité, NDA), printed by conventions (art. R6351-6).
#[derive(Debug, Clone, Object, Validate)]
pub struct NewDeclaration {
    /// Its number, 11 digits; an unusual one is warned about in the facts, never refused.
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_nda))]
    pub number: String,
    /// The region whose prefect registered it (préfet de région).
    #[oai(validator(min_length = 1, max_length = 100))]
    pub prefect_region: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

impl NewDeclaration {
    fn written(row: declaration::Model) -> Self {
        Self {
            number: row.number,
            prefect_region: row.prefect_region,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }

    fn fill(self, edit: &mut declaration::ActiveModel) -> Result<()> {
        let Self { number, prefect_region, valid_from, valid_to } = self;
        edit.number = Set(compact(Nda::parse(&number), number));
        edit.prefect_region = Set(prefect_region);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// A declaration of activity, as the system knows it.
    Declaration: NewDeclaration -> DeclarationOut of declaration at "organisation/declarations",
    same |_| None
}

/// Whether continuing training is exempt from VAT (attestation 3511, CGI art. 261-4-4° a).
#[derive(Debug, Clone, Object, Validate)]
pub struct NewVatAttestation {
    /// Whether training is sold without VAT.
    pub exempt: bool,
    /// The attestation's reference.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub reference: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

impl NewVatAttestation {
    fn written(row: vat_attestation::Model) -> Self {
        Self { exempt: row.exempt, reference: row.reference, valid_from: row.valid_from, valid_to: row.valid_to }
    }

    fn fill(self, edit: &mut vat_attestation::ActiveModel) -> Result<()> {
        let Self { exempt, reference, valid_from, valid_to } = self;
        edit.exempt = Set(exempt);
        edit.reference = Set(reference);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// A VAT attestation, as the system knows it.
    VatAttestation: NewVatAttestation -> VatAttestationOut of vat_attestation at "organisation/vat-attestations",
    same |_| None
}

words! {
    /// Categories of action that a Qualiopi certificate covers (art. L6313-1).
    pub enum ActionCategory {
        /// Training (action de formation).
        Training = "action_formation",
        /// Skills assessment (bilan de compétences).
        Assessment = "bilan_competences",
        /// Validation of experience (VAE).
        Validation = "vae",
        /// Apprenticeship (apprentissage).
        Apprenticeship = "apprentissage",
    }
}

/// A Qualiopi certificate (art. L6316-1).
#[derive(Debug, Clone, Object, Validate)]
pub struct NewQualityCertificate {
    /// Who certified (organisme certificateur).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub certifier: String,
    /// The certificate's number.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub number: String,
    /// The categories of action that it covers.
    #[oai(validator(min_items = 1, max_items = 4, unique_items))]
    pub categories: Vec<ActionCategory>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; a certificate holds three years.
    pub valid_to: Option<NaiveDate>,
}

impl NewQualityCertificate {
    fn written(row: quality_certificate::Model) -> Self {
        Self {
            certifier: row.certifier,
            number: row.number,
            categories: stored(&row.categories).unwrap_or_default(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }

    fn fill(self, edit: &mut quality_certificate::ActiveModel) -> Result<()> {
        let Self { certifier, number, categories, valid_from, valid_to } = self;
        edit.certifier = Set(certifier);
        edit.number = Set(number);
        edit.categories = Set(store(&categories)?);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// A Qualiopi certificate, as the system knows it.
    QualityCertificate: NewQualityCertificate -> QualityCertificateOut of quality_certificate at "organisation/quality-certificates",
    same |input| Some(quality_certificate::Column::Number.eq(input.number.as_str()))
}

/// Where the cooperative is paid: one account at a time, the one that papers print.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewBankAccount {
    /// Who holds the account (titulaire).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub holder: String,
    /// IBAN.
    #[oai(validator(max_length = 50))]
    #[validate(custom(function = check::valid_iban))]
    pub iban: String,
    /// BIC of the bank.
    #[oai(validator(max_length = 20))]
    #[validate(custom(function = check::valid_bic))]
    pub bic: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

impl NewBankAccount {
    fn written(row: bank_account::Model) -> Self {
        Self { holder: row.holder, iban: row.iban, bic: row.bic, valid_from: row.valid_from, valid_to: row.valid_to }
    }

    fn fill(self, edit: &mut bank_account::ActiveModel) -> Result<()> {
        let Self { holder, iban, bic, valid_from, valid_to } = self;
        edit.holder = Set(holder);
        edit.iban = Set(compact(Iban::parse(&iban), iban));
        edit.bic = Set(bic.map(|bic| compact(Bic::parse(&bic), bic)));
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// A bank account, as the system knows it.
    BankAccount: NewBankAccount -> BankAccountOut of bank_account at "organisation/bank-accounts",
    same |_| None
}
