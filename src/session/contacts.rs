//! Whom trainees may turn to: the referents of the cooperative, those who teach.

use chrono::NaiveDate;
use entity::{person, referent, trainer};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::slots::trainers_of;
use crate::{
    organisation::{Issuer, ReferentRole},
    platform::{error::Result, scope::Scope},
};

/// Somebody to ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Referent {
    /// For what, in French.
    pub role: String,
    /// First and last name.
    pub name: String,
    /// Email, phone.
    pub reach: String,
}

fn role_in_french(role: ReferentRole) -> &'static str {
    match role {
        ReferentRole::Disability => "Référent handicap",
        ReferentRole::Pedagogy => "Référent pédagogique",
        ReferentRole::DataProtection => "Protection des données",
        ReferentRole::Administration => "Contact administratif",
    }
}

/// The referents of a day.
pub(super) async fn referents(scope: &Scope<'_>, day: NaiveDate) -> Result<Vec<Referent>> {
    use referent::Column as R;
    let rows = scope
        .find::<referent::Entity>()
        .filter(R::ValidFrom.lte(day))
        .filter(R::ValidTo.is_null().or(R::ValidTo.gte(day)))
        .ascending(R::Role)
        .all()
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Referent {
                role: role_in_french(ReferentRole::of(&row.role)?).to_owned(),
                name: format!("{} {}", row.first_name, row.last_name),
                reach: [row.email, row.phone].into_iter().flatten().collect::<Vec<_>>().join(", "),
            })
        })
        .collect()
}

/// Who teaches these half-days, with how to reach them.
pub(super) async fn trainer_lines(scope: &Scope<'_>, slots: &[Uuid]) -> Result<Vec<String>> {
    let found = trainers_of(scope, slots).await?;
    let trainers = scope.map::<trainer::Entity>(found.iter().map(|(id, _)| *id)).await?;
    let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
    let line = |(id, name): (Uuid, String)| {
        let person = trainers.get(&id).and_then(|row| people.get(&row.person_id));
        let reach = person.into_iter().flat_map(|row| [row.email.clone(), row.phone.clone()]).flatten();
        [name].into_iter().chain(reach).collect::<Vec<_>>().join(", ")
    };
    Ok(found.into_iter().map(line).collect())
}

/// Trainers, the brand, then the referents, as label and value.
pub(super) fn people(trainers: &[String], issuer: &Issuer, referents: &[Referent]) -> Vec<(String, String)> {
    let mut people = vec![];
    if !trainers.is_empty() {
        people.push(("Formation assurée par".to_owned(), trainers.join(" ; ")));
    }
    let contact = [Some(issuer.brand.clone()), issuer.brand_email.clone(), issuer.brand_phone.clone()];
    people.push(("Contact".to_owned(), contact.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    for Referent { role, name, reach } in referents {
        people.push((role.clone(), if reach.is_empty() { name.clone() } else { format!("{name}, {reach}") }));
    }
    people
}
