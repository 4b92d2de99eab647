//! The certificat de réalisation: the ministry's model, its fields in their order.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{booking, client, enrolment, person, session, signatory};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Attended, attended_by, issue::about_trainee, matrix::named};
use crate::{
    document::About,
    enrolment::Status,
    organisation::{Issuer, Signatory, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Align, Block, Paper, Rich, SignatureBox, Span},
    people::printed_name,
    platform::{
        calendar,
        error::{Error, Result},
        money::Minutes,
        scope::Scope,
    },
};

/// What the certificate prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// Who certifies.
    pub signatory: Signatory,
    /// The trainee.
    pub trainee: String,
    /// What the trainee is: « salarié(e) de l'entreprise … ».
    pub quality: String,
    /// The title of the action, the same as on its agreement.
    pub title: String,
    /// First day attended.
    pub first_day: NaiveDate,
    /// Last day attended.
    pub last_day: NaiveDate,
    /// Minutes attended.
    pub attended: Minutes,
    /// Whether some of it was at a distance.
    pub distance: bool,
    /// Where and when it is done.
    pub city: String,
    /// The day of issue.
    pub day: NaiveDate,
}

/// What a trainee is towards the client (field 5 of the model).
pub fn quality_of(status: Status, client_kind: &str, client: &str) -> String {
    match (status, client_kind) {
        (Status::Employee, "association") => format!("salarié(e) de l’association {client}"),
        (Status::Employee, "public_body") => format!("salarié(e) de l’organisme public {client}"),
        (Status::Employee, _) => format!("salarié(e) de l’entreprise {client}"),
        (Status::Volunteer, "association") => format!("bénévole de l’association {client}"),
        (Status::Volunteer, _) => format!("bénévole, pour {client}"),
        (Status::JobSeeker, _) => "demandeur ou demandeuse d’emploi".into(),
        (Status::PublicAgent, _) => format!("agent(e) de l’organisme public {client}"),
        (Status::SelfEmployed, _) => "travailleur ou travailleuse indépendant(e)".into(),
        (Status::Individual, _) => "stagiaire à titre individuel".into(),
        (Status::Other, _) => format!("stagiaire inscrit(e) par {client}"),
    }
}

/// What the certificates of a session's trainees are made from: read at once, however many they are.
pub struct Facts {
    issuer: Issuer,
    signatory: Signatory,
    title: String,
    day: NaiveDate,
    people: HashMap<Uuid, person::Model>,
    bookings: HashMap<Uuid, booking::Model>,
    clients: HashMap<Uuid, client::Model>,
    counted: HashMap<Uuid, Attended>,
    open: HashMap<Uuid, String>,
}

impl Facts {
    /// Read what is known of these trainees of a session.
    pub async fn gather(
        scope: &Scope<'_>,
        session: &session::Model,
        enrolments: &[enrolment::Model],
        signatory: signatory::Model,
        day: NaiveDate,
    ) -> Result<Self> {
        let bookings = scope.map::<booking::Entity>(enrolments.iter().map(|one| one.booking_id)).await?;
        let counted = attended_by(scope, enrolments).await?;
        let open: HashSet<Uuid> = counted.values().flat_map(|one| one.open_slots.iter().copied()).collect();
        Ok(Self {
            issuer: issuer(scope, session.activity_id, day).await?,
            signatory: signatory.into(),
            title: session.title.clone(),
            day,
            people: scope.map::<person::Entity>(enrolments.iter().map(|one| one.person_id)).await?,
            clients: scope.map::<client::Entity>(bookings.values().map(|one| one.client_id)).await?,
            bookings,
            counted,
            open: named(scope, open).await?,
        })
    }

    /// The rows that the certificate of a trainee is found by.
    pub(super) fn about(&self, enrolment: &enrolment::Model) -> About {
        let booking = self.bookings.get(&enrolment.booking_id);
        about_trainee(enrolment, booking.map(|booking| booking.client_id))
    }

    /// What the certificate of a trainee prints; refused without an attended minute, or while half-days are open.
    pub fn of(&self, enrolment: &enrolment::Model) -> Result<Content> {
        let unknown = || Error::internal(format!("the facts of enrolment {} were not gathered", enrolment.id));
        let person = self.people.get(&enrolment.person_id).ok_or_else(unknown)?;
        let counted = self.counted.get(&enrolment.id).ok_or_else(unknown)?;
        if !counted.open_slots.is_empty() {
            let open: Vec<&str> =
                counted.open_slots.iter().filter_map(|id| self.open.get(id)).map(String::as_str).collect();
            return Err(Error::refused(
                "certificate.half_days_open",
                format!(
                    "{} : ces demi-journées ne sont pas closes : {}. Le certificat compte les heures suivies.",
                    printed_name(person),
                    open.join(" ; ")
                ),
                format!("{}: these half-days are not closed: {}.", printed_name(person), open.join("; ")),
            ));
        }
        let (Some(first_day), Some(last_day)) = (counted.first_day, counted.last_day) else {
            return Err(Error::refused(
                "certificate.no_attendance",
                format!("{} n’a suivi aucune heure : rien ne peut être certifié.", printed_name(person)),
                format!("{} attended no hour: nothing can be certified.", printed_name(person)),
            ));
        };
        let booking = self.bookings.get(&enrolment.booking_id).ok_or_else(unknown)?;
        let client = self.clients.get(&booking.client_id).ok_or_else(unknown)?;
        Ok(Content {
            issuer: self.issuer.clone(),
            signatory: self.signatory.clone(),
            trainee: printed_name(person),
            quality: quality_of(Status::of(&enrolment.status)?, &client.kind, &client.name),
            title: self.title.clone(),
            first_day,
            last_day,
            attended: counted.minutes,
            distance: counted.distance,
            city: self.issuer.city.clone(),
            day: self.day,
        })
    }
}

/// The certificate on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, signatory, trainee, quality, title, first_day, last_day, attended, distance, city, day } =
        content;
    let line = |label: &str, value: &str| Rich(vec![Span::plain(format!("{label} ")), Span::bold(value)]);
    let power = if signatory.legal_representative {
        "représentant légal du dispensateur de l’action concourant au développement des compétences"
    } else {
        "ayant délégation du représentant légal du dispensateur de l’action concourant au développement des compétences"
    };
    let until = if first_day == last_day {
        Rich(vec![
            Span::plain("qui s’est déroulée du "),
            Span::bold(calendar::date(*first_day)),
            Span::plain(" au "),
            Span::bold(calendar::date(*last_day)),
            Span::plain(" (une seule journée)"),
        ])
    } else {
        Rich(vec![
            Span::plain("qui s’est déroulée du "),
            Span::bold(calendar::date(*first_day)),
            Span::plain(" au "),
            Span::bold(calendar::date(*last_day)),
        ])
    };
    let mut duration = line("pour une durée de", &hours(*attended)).0;
    duration.push(Span::plain(if *distance { "¹, dont une partie à distance" } else { "¹" }));
    let left = |text: Rich| Block::aligned(text, Align::Left);
    blocks::paper("Certificat de réalisation", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("CERTIFICAT DE RÉALISATION"))
        .push(left(line("Je soussigné(e)", &format!("{}, {}", signatory.name, signatory.quality))))
        .push(left(line(power, &issuer.name)))
        .push(Block::spacer(2.0))
        .push(left("atteste que :".into()))
        .push(left(Span::bold(trainee).into()))
        .push(left(quality.into()))
        .push(Block::spacer(2.0))
        .push(left(line("a suivi l’action", title)))
        .push(left("Nature de l’action concourant au développement des compétences :".into()))
        .push(Block::checkboxes([
            ("action de formation", true),
            ("bilan de compétences", false),
            ("action de VAE", false),
            ("action de formation par apprentissage", false),
        ]))
        .push(left(until))
        .push(left(Rich(duration)))
        .push(Block::spacer(2.0))
        .push(Block::paragraph(
            "Sans préjudice des délais imposés par les règles fiscales, comptables ou commerciales, je m’engage à conserver l’ensemble des pièces justificatives qui ont permis d’établir le présent certificat pendant une durée de trois ans à compter de la fin de l’année du dernier paiement. En cas de cofinancement des fonds européens, la durée de conservation est étendue conformément aux obligations conventionnelles spécifiques.",
        ))
        .push(left(format!("Fait à {city}, le {}", calendar::date(*day)).into()))
        .push(Block::signatures(vec![
            SignatureBox::new("Cachet et signature du responsable du dispensateur de formation")
                .line(&signatory.name)
                .line(&signatory.quality)
                .line(&issuer.name),
        ]))
        .push(Block::note(
            "¹ Pour une formation à distance, la durée tient compte des activités pédagogiques réalisées et du temps estimé pour les réaliser.",
        ))
        .push(Block::note(
            "Lorsque l’action est mise en œuvre dans le cadre d’un projet de transition professionnelle, le certificat de réalisation doit être transmis mensuellement.",
        ))
        .extend(blocks::closing(issuer))
}

/// « 13 h 30 (13,50 heures) ».
fn hours(minutes: Minutes) -> String {
    let hundredths = (i64::from(minutes.0) * 100 + 30) / 60;
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let word = if hundredths < 200 { "heure" } else { "heures" };
    match part {
        0 => format!("{whole} {word}"),
        _ => format!("{minutes} ({whole},{part:02} {word})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quality_follows_the_status() {
        assert_eq!(quality_of(Status::Employee, "company", "Sève"), "salarié(e) de l’entreprise Sève");
        assert_eq!(quality_of(Status::Employee, "association", "Les Lilas"), "salarié(e) de l’association Les Lilas");
        assert_eq!(quality_of(Status::Volunteer, "association", "Les Lilas"), "bénévole de l’association Les Lilas");
        assert_eq!(quality_of(Status::Volunteer, "company", "Sève"), "bénévole, pour Sève");
        assert_eq!(quality_of(Status::PublicAgent, "public_body", "Ville"), "agent(e) de l’organisme public Ville");
        for status in Status::ALL {
            let said = quality_of(*status, "company", "Sève");
            let employed = said.starts_with("salarié(e)");
            assert_eq!(employed, *status == Status::Employee, "{said}");
        }
    }

    #[test]
    fn hours_are_what_was_attended() {
        assert_eq!(hours(Minutes(840)), "14 heures");
        assert_eq!(hours(Minutes(810)), format!("{} (13,50 heures)", Minutes(810)));
        assert_eq!(hours(Minutes(200)), format!("{} (3,33 heures)", Minutes(200)));
    }
}
