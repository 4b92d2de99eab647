//! Where a training takes place: whose room, how one gets in, what is in it.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use crate::{
    pdf::Block,
    platform::{error::Fault, number::Postcode},
    words,
};

words! {
    /// Whose room it is.
    pub enum Whose {
        /// The training body's own (locaux de l'organisme).
        Own = "own",
        /// The client's (locaux de l'entreprise ou de l'association).
        Client = "client",
        /// Somebody else's: hired or lent.
        ThirdParty = "third_party",
    }
}

/// A place (lieu de la formation).
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Place {
    /// The name of the place: « Maison des associations, salle 2 ».
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// Whose room it is.
    pub whose: Whose,
    /// Number and street.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub address: String,
    /// Postcode, five digits.
    #[oai(validator(max_length = 10))]
    pub postcode: String,
    /// City.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub city: String,
    /// How to get there: transport, door, floor.
    #[oai(validator(max_length = 1000))]
    pub access: Option<String>,
    /// How disabled people get in (accès PSH); printed on the convocation.
    #[oai(validator(max_length = 1000))]
    pub disabled_access: Option<String>,
    /// What is in the room: screen, network, computers.
    #[oai(validator(max_length = 1000))]
    pub equipment: Option<String>,
    /// Whether the host has internal rules of its own, whose health and safety part then applies (art. R6352-1).
    #[oai(default)]
    #[serde(default)]
    pub host_rules: bool,
}

/// What a schema cannot say of a place.
pub(super) fn faults(place: Option<&Place>, at: &str) -> Vec<Fault> {
    let Some(place) = place else { return vec![] };
    match Postcode::parse(&place.postcode) {
        Ok(_) => vec![],
        Err(fault) => vec![Fault::new(format!("{at}/postcode"), fault.code, fault.fr, fault.en)],
    }
}

impl Whose {
    /// As papers print it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Own => "locaux de l’organisme de formation",
            Self::Client => "locaux du client",
            Self::ThirdParty => "salle louée ou prêtée",
        }
    }
}

/// A place as a paper shows it to those who come: where, how one gets in, what is there, whose rules apply.
pub(super) fn place_blocks(place: &Place) -> Vec<Block> {
    let mut lines = place_lines(place).into_iter();
    let mut blocks: Vec<Block> = lines.next().map(Block::subheading).into_iter().collect();
    blocks.push(Block::bullets(lines));
    if place.host_rules {
        blocks.push(Block::note(
            "Le lieu d’accueil a son propre règlement intérieur : ses mesures de santé et de sécurité s’appliquent aux \
             stagiaires (art. R. 6352-1 du code du travail).",
        ));
    }
    blocks
}

/// A place as papers print it: name and address, access, access for disabled people, equipment.
pub fn place_lines(place: &Place) -> Vec<String> {
    let mut lines = vec![
        format!("{} ({})", place.name, place.whose.printed()),
        format!("{}, {} {}", place.address, place.postcode, place.city),
    ];
    if let Some(access) = &place.access {
        lines.push(format!("Accès : {access}"));
    }
    if let Some(access) = &place.disabled_access {
        lines.push(format!("Accès des personnes en situation de handicap : {access}"));
    }
    if let Some(equipment) = &place.equipment {
        lines.push(format!("Équipement : {equipment}"));
    }
    lines
}
