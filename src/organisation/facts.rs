//! Everything that is in force on a day, and what looks wrong.

use chrono::{NaiveDate, TimeDelta};
use entity::{
    Visible, bank_account, declaration, legal_identity, organisation_text, quality_certificate, referent, signatory,
    vat_attestation,
};
use poem_openapi::Object;

use super::{
    identity::{BankAccountOut, DeclarationOut, LegalIdentityOut, QualityCertificateOut, VatAttestationOut},
    issuer::in_force,
    people::{ReferentOut, ReferentRole, SignatoryOut},
    text::{OrganisationTextOut, TextKind},
};
use crate::platform::{calendar::date, error::Result, number::Nda, scope::Scope};

/// What papers of a day print of the cooperative.
#[derive(Debug, Clone, Object)]
pub struct Facts {
    /// The day.
    pub on: NaiveDate,
    /// Who the training body is.
    pub legal_identity: Option<LegalIdentityOut>,
    /// Its declaration of activity (NDA).
    pub declaration: Option<DeclarationOut>,
    /// Whether training is exempt from VAT.
    pub vat_attestation: Option<VatAttestationOut>,
    /// Its Qualiopi certificates.
    pub quality_certificates: Vec<QualityCertificateOut>,
    /// Who may sign.
    pub signatories: Vec<SignatoryOut>,
    /// Its named contacts.
    pub referents: Vec<ReferentOut>,
    /// Where it is paid.
    pub bank_account: Option<BankAccountOut>,
    /// The texts in force, without their body.
    pub texts: Vec<OrganisationTextOut>,
    /// What is missing or looks unusual, in French: warned about, never refused.
    pub warnings: Vec<String>,
}

macro_rules! standing {
    ($scope:ident, $table:ident, $day:ident) => {
        all::<$table::Entity>($scope, $table::Column::ValidFrom, $table::Column::ValidTo, $day).await?.into_iter()
    };
}

async fn all<E: Visible>(scope: &Scope<'_>, from: E::Column, to: E::Column, day: NaiveDate) -> Result<Vec<E::Model>> {
    scope.find::<E>().filter(in_force(from, to, day)).descending(from).limit(200).all().await
}

/// The facts of a day.
pub async fn facts(scope: &Scope<'_>, on: NaiveDate) -> Result<Facts> {
    let mut facts = Facts {
        on,
        legal_identity: standing!(scope, legal_identity, on).next().map(Into::into),
        declaration: standing!(scope, declaration, on).next().map(Into::into),
        vat_attestation: standing!(scope, vat_attestation, on).next().map(Into::into),
        quality_certificates: standing!(scope, quality_certificate, on).map(Into::into).collect(),
        signatories: standing!(scope, signatory, on).map(Into::into).collect(),
        referents: standing!(scope, referent, on).map(Into::into).collect(),
        bank_account: standing!(scope, bank_account, on).next().map(Into::into),
        texts: standing!(scope, organisation_text, on).map(OrganisationTextOut::short).collect(),
        warnings: vec![],
    };
    facts.warnings = warnings(&facts);
    Ok(facts)
}

/// How long before its end a certificate is worth a word.
const SOON: TimeDelta = TimeDelta::days(90);

fn warnings(facts: &Facts) -> Vec<String> {
    let mut said = vec![];
    let mut missing = |absent: bool, what: &str| {
        if absent {
            said.push(format!("{what} en vigueur le {}.", date(facts.on)));
        }
    };
    missing(facts.legal_identity.is_none(), "Aucune identité légale");
    missing(facts.declaration.is_none(), "Aucune déclaration d’activité");
    missing(facts.vat_attestation.is_none(), "Aucune attestation de TVA : la TVA est facturée");
    missing(facts.quality_certificates.is_empty(), "Aucun certificat Qualiopi");
    missing(!facts.signatories.iter().any(|one| one.fact.legal_representative), "Aucun représentant légal");
    missing(!facts.referents.iter().any(|one| one.fact.role == ReferentRole::Disability), "Aucun référent handicap");
    missing(facts.bank_account.is_none(), "Aucun compte bancaire");
    missing(
        !facts.texts.iter().any(|one| one.text.kind == TextKind::InternalRules),
        "Aucun règlement intérieur (art. L6352-3)",
    );
    let nda = facts.declaration.as_ref().and_then(|one| Nda::parse(&one.fact.number).ok());
    said.extend(nda.and_then(|nda| nda.unusual()));
    for certificate in &facts.quality_certificates {
        if let Some(end) = certificate.fact.valid_to.filter(|end| *end - facts.on < SOON) {
            said.push(format!(
                "Le certificat Qualiopi {} expire le {} : préparez l’audit de renouvellement.",
                certificate.fact.number,
                date(end)
            ));
        }
    }
    said
}
