//! Who signs for the cooperative, and whom people may turn to.

use chrono::NaiveDate;
use entity::{referent, signatory};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use validator::Validate;

use super::fact::fact;
use crate::{
    platform::{
        check,
        codes::{store, stored},
        error::Result,
    },
    words,
};

words! {
    /// Kinds of paper that a delegation covers: those that the system issues, and amendments.
    pub enum SignedPaper {
        /// Devis.
        Quote = "quote",
        /// Programme of a training (fiche programme).
        Programme = "programme",
        /// Convention or contrat.
        Agreement = "agreement",
        /// Avenant.
        Amendment = "amendment",
        /// Convocation of a trainee.
        Convocation = "convocation",
        /// Feuille d'émargement.
        AttendanceSheet = "attendance-sheet",
        /// Certificat de réalisation.
        Certificate = "certificate",
        /// Attestation de fin de formation.
        Attestation = "attestation",
        /// Attestation d'assiduité.
        Assiduity = "assiduity",
    }
}

/// Who may sign for the cooperative: which papers, up to which amount (délégation de signature).
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSignatory {
    /// First name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub first_name: String,
    /// Last name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub last_name: String,
    /// In which quality they sign (qualité), as papers print it.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub quality: String,
    /// Email address.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Whether they represent the cooperative by law (représentant légal): any paper, any amount.
    pub legal_representative: bool,
    /// Kinds of paper that they may sign by delegation.
    #[oai(validator(max_items = 9, unique_items))]
    pub paper_kinds: Vec<SignedPaper>,
    /// Highest amount that they may sign, in cents of euro excluding VAT; none means no limit.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub max_amount_cents: Option<i64>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

impl NewSignatory {
    fn written(row: signatory::Model) -> Self {
        Self {
            first_name: row.first_name,
            last_name: row.last_name,
            quality: row.quality,
            email: row.email,
            legal_representative: row.legal_representative,
            paper_kinds: stored(&row.paper_kinds).unwrap_or_default(),
            max_amount_cents: row.max_amount_cents,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }

    fn fill(self, edit: &mut signatory::ActiveModel) -> Result<()> {
        let Self {
            first_name,
            last_name,
            quality,
            email,
            legal_representative,
            paper_kinds,
            max_amount_cents,
            valid_from,
            valid_to,
        } = self;
        edit.first_name = Set(first_name);
        edit.last_name = Set(last_name);
        edit.quality = Set(quality);
        edit.email = Set(email);
        edit.legal_representative = Set(legal_representative);
        edit.paper_kinds = Set(store(&paper_kinds)?);
        edit.max_amount_cents = Set(max_amount_cents);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// Somebody who may sign, as the system knows it.
    SignatoryFact: NewSignatory -> SignatoryOut of signatory at "organisation/signatories",
    same |input| {
        use signatory::Column;
        Some(
            Column::FirstName
                .eq(input.first_name.as_str())
                .and(Column::LastName.eq(input.last_name.as_str()))
                .and(Column::Quality.eq(input.quality.as_str())),
        )
    }
}

words! {
    /// What somebody is the named contact for.
    pub enum ReferentRole {
        /// Disability (référent handicap).
        Disability = "disability",
        /// Teaching (référent pédagogique).
        Pedagogy = "pedagogy",
        /// Personal data (référent protection des données).
        DataProtection = "data_protection",
        /// Administration (référent administratif).
        Administration = "administration",
    }
}

/// A named contact of the cooperative, one per role at a time.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewReferent {
    /// What they are the contact for.
    pub role: ReferentRole,
    /// First name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub first_name: String,
    /// Last name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub last_name: String,
    /// Email address printed on papers.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Phone number printed on papers.
    #[oai(validator(max_length = 30))]
    #[validate(custom(function = check::valid_phone))]
    pub phone: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

impl NewReferent {
    fn written(row: referent::Model) -> Self {
        Self {
            role: ReferentRole::of(&row.role).unwrap_or(ReferentRole::Administration),
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            phone: row.phone,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }

    fn fill(self, edit: &mut referent::ActiveModel) -> Result<()> {
        let Self { role, first_name, last_name, email, phone, valid_from, valid_to } = self;
        edit.role = Set(role.into());
        edit.first_name = Set(first_name);
        edit.last_name = Set(last_name);
        edit.email = Set(email);
        edit.phone = Set(phone);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }
}

fact! {
    /// A named contact, as the system knows it.
    Referent: NewReferent -> ReferentOut of referent at "organisation/referents",
    same |input| Some(referent::Column::Role.eq(input.role.name()))
}
