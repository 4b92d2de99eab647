//! The convocation of a trainee: when, where, with whom, what to bring, whom to ask.

use chrono::NaiveDate;
use entity::{enrolment, person, programme_version, referent, session, session_slot, trainer};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    input::Half,
    out::place_of,
    place::{Place, place_lines},
    slots::{hours, is_distance, minutes_of, places, trainers_of},
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, Rich},
    people::printed_name,
    platform::{calendar, codes::stored, error::Result, money::Minutes, scope::Scope},
};

/// What the convocation prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The trainee.
    pub trainee: String,
    /// The exact title of the action.
    pub title: String,
    /// Its half-days.
    pub half_days: Vec<HalfDay>,
    /// Minutes of training in all.
    pub minutes: Minutes,
    /// The places of face-to-face half-days.
    pub places: Vec<Place>,
    /// Who teaches.
    pub trainers: Vec<String>,
    /// The referents: role in French, name, how to reach them.
    pub referents: Vec<Referent>,
    /// What a training at a distance promises (art. D6313-3-1).
    pub distance: Option<Distance>,
    /// What comes with the convocation.
    pub attachments: Vec<String>,
}

/// A half-day, as the convocation prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfDay {
    /// Its day.
    pub day: NaiveDate,
    /// Which half.
    pub half: Half,
    /// « 9 h – 12 h 30 ».
    pub hours: String,
    /// The name of its place, or its link.
    pub place: String,
}

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

/// The three items of article D6313-3-1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distance {
    /// Technical and teaching assistance.
    pub assistance: String,
    /// Activities at a distance and their average length.
    pub activities: String,
    /// Evaluations.
    pub evaluations: String,
}

/// What the convocation takes from the programme.
#[derive(Deserialize)]
struct Programme {
    distance_assistance: Option<Promise>,
    evaluation: Option<String>,
}

#[derive(Deserialize)]
struct Promise {
    assistance: String,
    activities: String,
    average_minutes: i32,
    evaluations: String,
}

fn role_in_french(role: &str) -> &'static str {
    match role {
        "disability" => "Référent handicap",
        "pedagogy" => "Référent pédagogique",
        "data_protection" => "Protection des données",
        "administration" => "Contact administratif",
        _ => "Contact",
    }
}

async fn referents(scope: &Scope<'_>, day: NaiveDate) -> Result<Vec<Referent>> {
    use referent::Column as R;
    let rows = scope
        .find::<referent::Entity>()
        .filter(R::ValidFrom.lte(day))
        .filter(R::ValidTo.is_null().or(R::ValidTo.gte(day)))
        .ascending(R::Role)
        .all()
        .await?;
    let one = |row: referent::Model| Referent {
        role: role_in_french(&row.role).to_owned(),
        name: format!("{} {}", row.first_name, row.last_name),
        reach: [row.email, row.phone].into_iter().flatten().collect::<Vec<_>>().join(", "),
    };
    Ok(rows.into_iter().map(one).collect())
}

async fn trainer_lines(scope: &Scope<'_>, slots: &[Uuid]) -> Result<Vec<String>> {
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

async fn distance(scope: &Scope<'_>, session: &session::Model) -> Result<Distance> {
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    let programme: Programme = stored(&version.content)?;
    let said = programme.distance_assistance;
    Ok(Distance {
        assistance: said.as_ref().map_or_else(
            || "Assistance technique et pédagogique : écrire ou appeler le formateur ou la formatrice.".to_owned(),
            |said| said.assistance.clone(),
        ),
        activities: said.as_ref().map_or_else(
            || "Classes virtuelles aux horaires ci-dessus.".to_owned(),
            |said| format!("{} Durée moyenne : {}.", said.activities, Minutes(said.average_minutes)),
        ),
        evaluations: said
            .map(|said| said.evaluations)
            .or(programme.evaluation)
            .unwrap_or_else(|| "Évaluation des acquis en fin de formation.".to_owned()),
    })
}

/// Gather what the convocation of a trainee prints; `slots` are the half-days that they follow.
pub async fn content(
    scope: &Scope<'_>,
    enrolment: &enrolment::Model,
    slots: &[session_slot::Model],
    attachments: Vec<String>,
    day: NaiveDate,
) -> Result<Content> {
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let trainee = scope.get::<person::Entity>(enrolment.person_id).await?;
    let mut half_days = vec![];
    for slot in slots {
        let place = if is_distance(slot) {
            slot.link.clone().or_else(|| session.link.clone())
        } else {
            place_of(slot.place.as_deref().or(session.place.as_deref()))?.map(|place| place.name)
        };
        half_days.push(HalfDay {
            day: slot.day,
            half: Half::of(&slot.half)?,
            hours: hours(slot),
            place: place.unwrap_or_default(),
        });
    }
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let at_a_distance = slots.iter().any(is_distance);
    Ok(Content {
        issuer: issuer(scope, enrolment.activity_id, day).await?,
        trainee: printed_name(&trainee),
        places: places(&session, slots)?,
        trainers: trainer_lines(scope, &ids).await?,
        referents: referents(scope, day).await?,
        distance: if at_a_distance { Some(distance(scope, &session).await?) } else { None },
        minutes: Minutes(slots.iter().map(|slot| minutes_of(slot).0).sum()),
        title: session.title,
        half_days,
        attachments,
    })
}

fn half_word(half: Half) -> &'static str {
    match half {
        Half::Morning => "matin",
        Half::Afternoon => "après-midi",
    }
}

/// The convocation on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, trainee, title, half_days, minutes, places, trainers, referents, distance, attachments } =
        content;
    let rows = half_days.iter().map(|one| -> Vec<Rich> {
        vec![
            calendar::long_date(one.day).into(),
            half_word(one.half).into(),
            one.hours.as_str().into(),
            one.place.as_str().into(),
        ]
    });
    let columns = vec![
        Column::left("Jour", 2.2),
        Column::left("Demi-journée", 1.2),
        Column::left("Horaires", 1.3),
        Column::left("Lieu ou lien", 2.3),
    ];
    let mut paper = blocks::paper("Convocation", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("CONVOCATION À UNE FORMATION"))
        .push(Block::paragraph(format!("{trainee}, vous êtes attendu·e à la formation « {title} ».")))
        .extend(blocks::introduction(issuer))
        .push(Block::heading("Quand"))
        .push(Block::table(columns, rows))
        .push(Block::note(format!("Durée totale : {minutes}.")));
    for (index, place) in places.iter().enumerate() {
        if index == 0 {
            paper = paper.push(Block::heading("Où"));
        }
        paper = paper.push(Block::bullets(place_lines(place)));
        if let Some(equipment) = &place.equipment {
            paper = paper.push(Block::paragraph(format!("Équipement : {equipment}")));
        }
        if place.host_rules {
            paper = paper.push(Block::note(
                "Le lieu d’accueil a son propre règlement intérieur : ses mesures d’hygiène et de sécurité s’appliquent (art. R6352-1 du code du travail).",
            ));
        }
    }
    if let Some(Distance { assistance, activities, evaluations }) = distance {
        paper = paper.push(Block::heading("À distance (art. D6313-3-1 du code du travail)")).push(Block::key_values([
            ("Assistance technique et pédagogique", assistance.clone()),
            ("Activités à distance et durée moyenne", activities.clone()),
            ("Évaluations", evaluations.clone()),
        ]));
    }
    let mut people: Vec<(String, String)> = vec![("Formation assurée par".to_owned(), trainers.join(" ; "))];
    let contact = [Some(issuer.brand.clone()), issuer.brand_email.clone(), issuer.brand_phone.clone()];
    people.push(("Contact".to_owned(), contact.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    for Referent { role, name, reach } in referents {
        people.push((role.clone(), if reach.is_empty() { name.clone() } else { format!("{name}, {reach}") }));
    }
    paper = paper.push(Block::heading("Avec qui")).push(Block::key_values(people)).push(Block::paragraph(
        "Une situation de handicap, un besoin particulier ? Écrivez-nous avant la formation : nous l’adapterons ensemble.",
    ));
    if !attachments.is_empty() {
        paper = paper.push(Block::heading("Pièces jointes")).push(Block::bullets(attachments.clone()));
    }
    paper.extend(blocks::closing(issuer))
}
