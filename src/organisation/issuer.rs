//! Who a paper comes from: the facts in force on its day, frozen in its content.

use chrono::NaiveDate;
use entity::{activity, declaration, legal_identity, signatory, vat_attestation};
use sea_orm::{ColumnTrait, ExprTrait, sea_query::SimpleExpr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    printed::{Letterhead, letterhead},
    settings::settings,
};
use crate::platform::{
    codes::stored,
    error::{Error, Result},
    number::Nda,
    scope::Scope,
    text::fold,
};

/// The cooperative and the brand, as a paper prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The brand (nom commercial).
    pub brand: String,
    /// The brand's accent colour, or else the cooperative's, `#rrggbb`.
    pub accent: Option<String>,
    /// The brand's address.
    pub brand_email: Option<String>,
    /// The brand's phone number.
    pub brand_phone: Option<String>,
    /// The legal training body.
    pub name: String,
    /// Its legal form.
    pub legal_form: String,
    /// Its capital, in cents of euro.
    pub capital_cents: Option<i64>,
    /// Its SIRET, 14 digits.
    pub siret: String,
    /// The city of its RCS.
    pub rcs_city: Option<String>,
    /// Its NAF code.
    pub naf: Option<String>,
    /// Its VAT number.
    pub vat_number: Option<String>,
    /// Street, postcode, city.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Its email address.
    pub email: Option<String>,
    /// Its phone number.
    pub phone: Option<String>,
    /// Its declaration of activity.
    pub nda: String,
    /// The region whose prefect registered it.
    pub prefect_region: String,
    /// Whether continuing training is exempt from VAT (CGI art. 261-4-4° a).
    pub vat_exempt: bool,
    /// What dresses the paper: logos, lines, texts that staff added.
    #[serde(default, skip_serializing_if = "Letterhead::is_empty")]
    pub letterhead: Letterhead,
}

impl Issuer {
    /// The line of conventions, contrats and quotes (art. R6351-6).
    pub fn declaration_line(&self) -> String {
        format!(
            "Déclaration d’activité enregistrée sous le numéro {} auprès du préfet de région {}",
            printed_nda(&self.nda),
            of_region(&self.prefect_region)
        )
    }

    /// The line of whatever is public (art. L6352-12).
    pub fn public_line(&self) -> String {
        let number = printed_nda(&self.nda);
        format!("Enregistrée sous le numéro {number}. Cet enregistrement ne vaut pas agrément de l’État.")
    }

    /// The party, in words: « Clairière, une activité de la coopérative … ».
    pub fn party(&self) -> String {
        format!("{}, {} ({} étant l’un de ses noms commerciaux)", self.name, self.legal_form, self.brand)
    }
}

/// A declaration number as it is printed: in groups of digits.
fn printed_nda(number: &str) -> String {
    Nda::parse(number).map_or_else(|_| number.to_owned(), |nda| nda.to_string())
}

/// « d’Île-de-France », « des Pays de la Loire », « de Bretagne ».
fn of_region(region: &str) -> String {
    let first = region.chars().next().map(|letter| fold(&letter.to_string())).unwrap_or_default();
    let plural = ["Pays de la Loire", "Hauts-de-France"];
    let masculine = ["Grand Est", "Centre-Val de Loire", "Centre"];
    if plural.contains(&region) {
        format!("des {region}")
    } else if masculine.contains(&region) {
        format!("du {region}")
    } else if matches!(first.as_str(), "a" | "e" | "i" | "o" | "u" | "y") {
        format!("d’{region}")
    } else {
        format!("de {region}")
    }
}

/// Rows of a dated table that are in force on a day.
pub(super) fn in_force<C: ColumnTrait>(from: C, to: C, day: NaiveDate) -> SimpleExpr {
    from.lte(day).and(to.is_null().or(to.gte(day)))
}

fn lacking(what: &'static str, fr: &str, en: &str, day: NaiveDate) -> Error {
    Error::refused(
        format!("organisation.no_{what}"),
        format!("L’organisation n’a pas de {fr} en vigueur le {day} : saisissez-le d’abord."),
        format!("The organisation has no {en} in force on {day}: enter it first."),
    )
}

/// The facts in force on a day, for an activity.
pub async fn issuer(scope: &Scope<'_>, activity: Uuid, day: NaiveDate) -> Result<Issuer> {
    use {declaration::Column as D, legal_identity::Column as L, vat_attestation::Column as V};
    let activity = scope.get::<activity::Entity>(activity).await?;
    let identity = scope
        .find::<legal_identity::Entity>()
        .filter(in_force(L::ValidFrom, L::ValidTo, day))
        .descending(L::ValidFrom)
        .one()
        .await?
        .ok_or_else(|| lacking("identity", "identité légale", "legal identity", day))?;
    let declaration = scope
        .find::<declaration::Entity>()
        .filter(in_force(D::ValidFrom, D::ValidTo, day))
        .descending(D::ValidFrom)
        .one()
        .await?
        .ok_or_else(|| lacking("declaration", "déclaration d’activité (NDA)", "declaration of activity (NDA)", day))?;
    let vat = scope
        .find::<vat_attestation::Entity>()
        .filter(in_force(V::ValidFrom, V::ValidTo, day))
        .descending(V::ValidFrom)
        .one()
        .await?;
    let organisation = settings(scope).await?;
    Ok(Issuer {
        letterhead: letterhead(scope, &organisation, &activity).await?,
        brand: activity.name,
        accent: activity.accent.or(organisation.accent),
        brand_email: activity.email,
        brand_phone: activity.phone,
        name: identity.name,
        legal_form: identity.legal_form,
        capital_cents: identity.capital_cents,
        siret: identity.siret,
        rcs_city: identity.rcs_city,
        naf: identity.naf,
        vat_number: identity.vat_number,
        address: identity.address,
        postcode: identity.postcode,
        city: identity.city,
        email: identity.email,
        phone: identity.phone,
        nda: declaration.number,
        prefect_region: declaration.prefect_region,
        vat_exempt: vat.is_some_and(|vat| vat.exempt),
    })
}

/// Who signs for the cooperative, as a paper prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// First and last name.
    pub name: String,
    /// « gérante », « déléguée à la formation »…
    pub quality: String,
    /// Whether they represent the cooperative by law, or by delegation.
    pub legal_representative: bool,
}

/// Somebody who may sign a kind of paper for an amount on a day: the one who is named, or whoever may.
pub async fn signatory_for(
    scope: &Scope<'_>,
    named: Option<Uuid>,
    paper: &str,
    amount_cents: Option<i64>,
    day: NaiveDate,
) -> Result<signatory::Model> {
    use signatory::Column as S;
    let refused = |who: &str| {
        Error::refused(
            "signature.no_delegation",
            format!(
                "{who} n’a pas de délégation en vigueur le {day} pour signer ce document (« {paper} ») à ce montant."
            ),
            format!("{who} has no delegation in force on {day} to sign this paper (“{paper}”) at this amount."),
        )
    };
    let mut candidates = scope.find::<signatory::Entity>().descending(S::LegalRepresentative).ascending(S::Id);
    if let Some(id) = named {
        let person = scope.get::<signatory::Entity>(id).await?;
        return if may_sign(&person, paper, amount_cents, day)? {
            Ok(person)
        } else {
            Err(refused(&format!("{} {}", person.first_name, person.last_name)))
        };
    }
    candidates = candidates.filter(in_force(S::ValidFrom, S::ValidTo, day));
    for person in candidates.all().await? {
        if may_sign(&person, paper, amount_cents, day)? {
            return Ok(person);
        }
    }
    Err(refused("Personne"))
}

fn may_sign(person: &signatory::Model, paper: &str, amount_cents: Option<i64>, day: NaiveDate) -> Result<bool> {
    let in_force = person.valid_from <= day && person.valid_to.is_none_or(|end| end >= day);
    let kinds: Vec<String> = stored(&person.paper_kinds)?;
    let kind = person.legal_representative || kinds.iter().any(|kind| kind == paper);
    let amount = person.legal_representative
        || person.max_amount_cents.is_none_or(|most| amount_cents.is_none_or(|amount| amount <= most));
    Ok(in_force && kind && amount)
}

impl From<signatory::Model> for Signatory {
    fn from(row: signatory::Model) -> Self {
        Self {
            name: format!("{} {}", row.first_name, row.last_name),
            quality: row.quality,
            legal_representative: row.legal_representative,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_takes_its_preposition() {
        let said =
            ["Île-de-France", "Pays de la Loire", "Grand Est", "Bretagne", "Occitanie", "La Réunion"].map(of_region);
        let expected =
            ["d’Île-de-France", "des Pays de la Loire", "du Grand Est", "de Bretagne", "d’Occitanie", "de La Réunion"];
        assert_eq!(said, expected);
    }
}
