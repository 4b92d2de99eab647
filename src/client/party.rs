//! A client as papers print it.

use entity::{client, client_contact, person};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    buyer::Kind,
    contact::{ContactRole, contacts_in_role},
};
use crate::{
    people::printed_name,
    platform::{error::Result, number::Siret, scope::Scope},
};

/// A client, as papers print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its legal form, when it is known.
    pub legal_form: Option<String>,
    /// Its SIRET in groups of digits, when it has one.
    pub siret: Option<String>,
    /// Its RNA number, when it has one.
    pub rna: Option<String>,
    /// Street, then postcode and city.
    pub address: Vec<String>,
    /// Who signs for it, when that is known.
    pub signatory: Option<Representative>,
}

/// Who signs for a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// « Mme Marie Durand ».
    pub name: String,
    /// « présidente », when it is known.
    pub quality: Option<String>,
}

impl Party {
    /// The lines of an address block: name, form, address, numbers, who signs.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![match &self.legal_form {
            Some(form) => format!("{}, {form}", self.name),
            None => self.name.clone(),
        }];
        lines.extend(self.address.iter().cloned());
        lines.extend(self.siret.iter().map(|siret| format!("SIRET {siret}")));
        lines.extend(self.rna.iter().map(|rna| format!("RNA {rna}")));
        lines.extend(self.signatory.iter().map(|who| match &who.quality {
            Some(quality) => format!("Représentée par {}, {quality}", who.name),
            None => format!("Représentée par {}", who.name),
        }));
        lines
    }
}

/// Who signs for a client: the first contact with that role.
pub async fn signatory_contact(
    scope: &Scope<'_>,
    client: Uuid,
) -> Result<Option<(client_contact::Model, person::Model)>> {
    Ok(contacts_in_role(scope, client, ContactRole::Signatory).await?.into_iter().next())
}

/// A client as papers print it today.
pub async fn printed(scope: &Scope<'_>, row: &client::Model) -> Result<Party> {
    let signatory = signatory_contact(scope, row.id)
        .await?
        .map(|(contact, person)| Representative { name: printed_name(&person), quality: contact.quality });
    let name = match scope.maybe::<person::Entity>(row.person_id).await? {
        Some(person) if row.kind == Kind::Individual.name() => printed_name(&person),
        _ => row.name.clone(),
    };
    let mut address: Vec<String> = row.address.lines().map(str::to_owned).collect();
    address.push(format!("{} {}", row.postcode, row.city));
    if row.country != "FR" {
        address.push(row.country.clone());
    }
    Ok(Party {
        name,
        legal_form: row.legal_form.clone(),
        siret: row
            .siret
            .as_deref()
            .map(|siret| Siret::parse(siret).map_or_else(|_| siret.to_owned(), |siret| siret.to_string())),
        rna: row.rna.clone(),
        address,
        signatory,
    })
}
