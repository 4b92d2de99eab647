//! What a client must say of itself, according to what it is.

use chrono::NaiveDate;

use super::buyer::{Kind, NewClient};
use crate::platform::{calendar::date, error::Fault};

/// Everything that is missing or contradictory.
pub(super) fn faults(client: &NewClient, today: NaiveDate) -> Vec<Fault> {
    let mut faults = vec![];
    match client.kind {
        Kind::Company if client.siret.is_none() => faults.push(Fault::new(
            "/siret",
            "client.siret_required",
            "Une entreprise a un SIRET\u{a0}: indiquez-le, il est imprimé sur la convention.",
            "A company has a SIRET: give it, the agreement prints it.",
        )),
        Kind::PublicBody if client.siret.is_none() => faults.push(Fault::new(
            "/siret",
            "client.siret_required",
            "Un organisme public a un SIRET\u{a0}: indiquez-le, Chorus Pro l’exige.",
            "A public body has a SIRET: give it, Chorus Pro demands it.",
        )),
        Kind::Association if client.siret.is_none() && client.rna.is_none() => faults.push(Fault::new(
            "/siret",
            "client.siret_or_rna_required",
            "Une association est connue par son SIRET ou par son numéro RNA\u{a0}: indiquez l’un des deux.",
            "An association is known by its SIRET or its RNA number: give one of them.",
        )),
        Kind::Individual if client.person_id.is_none() => faults.push(Fault::new(
            "/person_id",
            "client.person_required",
            "Un particulier est une personne\u{a0}: indiquez laquelle.",
            "An individual is a person: say which.",
        )),
        Kind::Company | Kind::PublicBody | Kind::Association | Kind::Individual => {}
    }
    if client.rna.is_some() && client.kind != Kind::Association {
        faults.push(Fault::new(
            "/rna",
            "client.rna_of_association",
            "Seule une association a un numéro RNA.",
            "Only an association has an RNA number.",
        ));
    }
    if client.person_id.is_some() && client.kind != Kind::Individual {
        faults.push(Fault::new(
            "/person_id",
            "client.person_of_individual",
            "Seul un particulier est une personne\u{a0}: les autres ont des contacts.",
            "Only an individual is a person: others have contacts.",
        ));
    }
    let opco = [
        ("/funder_id", client.funder_id.is_some()),
        ("/opco_source", client.opco_source.is_some()),
        ("/opco_known_on", client.opco_known_on.is_some()),
    ];
    if opco.iter().any(|(_, given)| *given) {
        faults.extend(opco.iter().filter(|(_, given)| !given).map(|(at, _)| {
            Fault::new(
                *at,
                "client.opco_incomplete",
                "L’OPCO vient avec sa source et la date à laquelle il est connu\u{a0}: les trois ou aucun.",
                "The OPCO comes with its source and the day it is known since: all three or none.",
            )
        }));
    }
    if let Some(day) = client.opco_known_on
        && day > today
    {
        faults.push(Fault::new(
            "/opco_known_on",
            "client.opco_in_future",
            format!("L’OPCO ne peut être connu le {}, après aujourd’hui, {}.", date(day), date(today)),
            format!("The OPCO cannot be known on {day}, after today, {today}."),
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn association() -> NewClient {
        NewClient {
            activity_id: None,
            external_id: None,
            kind: Kind::Association,
            name: "Les Lilas".into(),
            legal_form: None,
            siret: None,
            rna: Some("W123456789".into()),
            vat_number: None,
            naf: None,
            idcc: None,
            headcount_band: None,
            funder_id: None,
            opco_source: None,
            opco_known_on: None,
            address: "1 rue des Lilas".into(),
            postcode: "75020".into(),
            city: "Paris".into(),
            country: "FR".into(),
            billing_address: None,
            purchase_order_required: false,
            service_code: None,
            email: None,
            phone: None,
            note: None,
            person_id: None,
        }
    }

    fn monday() -> NaiveDate {
        "2026-03-02".parse().unwrap()
    }

    fn codes(client: &NewClient) -> Vec<String> {
        faults(client, monday()).into_iter().map(|fault| fault.code.into_owned()).collect()
    }

    #[test]
    fn each_kind_is_known_by_its_own_number() {
        assert!(codes(&association()).is_empty());
        assert_eq!(codes(&NewClient { rna: None, ..association() }), ["client.siret_or_rna_required"]);
        assert_eq!(codes(&NewClient { kind: Kind::Company, rna: None, ..association() }), ["client.siret_required"]);
        assert_eq!(
            codes(&NewClient { kind: Kind::Individual, ..association() }),
            ["client.person_required", "client.rna_of_association"]
        );
    }

    #[test]
    fn an_opco_is_never_known_without_its_source_and_date() {
        let vague = NewClient { funder_id: Some(Uuid::nil()), ..association() };
        assert_eq!(codes(&vague), ["client.opco_incomplete", "client.opco_incomplete"]);
        let prophet = NewClient {
            funder_id: Some(Uuid::nil()),
            opco_source: Some(super::super::buyer::OpcoSource::Declared),
            opco_known_on: "2026-03-03".parse().ok(),
            ..association()
        };
        assert_eq!(codes(&prophet), ["client.opco_in_future"]);
    }
}
