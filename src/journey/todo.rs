//! What is missing for a session: why it matters, who does it, which call does it. Pure, from facts.

use chrono::NaiveDate;
use poem_openapi::Object;
use uuid::Uuid;

use crate::{platform::calendar, words};

words! {
    /// Who has to act.
    pub enum Who {
        /// The trainer.
        Trainer = "trainer",
        /// The cooperative's training office.
        Cooperative = "cooperative",
        /// The client.
        Client = "client",
        /// The funder.
        Funder = "funder",
    }
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Todo {
    /// A stable code for programs.
    pub code: String,
    /// What is missing, in French.
    pub what: String,
    /// Why it matters: the article or the indicator.
    pub why: String,
    /// Who acts.
    pub who: Who,
    /// The HTTP method of the call that does it.
    pub method: String,
    /// The path of the call that does it.
    pub path: String,
    /// The day by which it should be done, when there is one.
    pub due_on: Option<NaiveDate>,
    /// Whether the next step is refused without it.
    pub blocking: bool,
}

/// What is known of a session when its list is made.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The session.
    pub session: Uuid,
    /// Its state.
    pub state: String,
    /// Whether another training body entrusts it, sells it and certifies it: only the hours are ours.
    pub received: bool,
    /// The present day.
    pub today: NaiveDate,
    /// Days before the first one by which trainees are convoked.
    pub convocation_days: i64,
    /// Whether the cooperative approves before anything is agreed.
    pub approval_required: bool,
    /// Minutes of the programme.
    pub programme_minutes: i32,
    /// Its half-days, in order.
    pub slots: Vec<SlotFacts>,
    /// What is sold of it.
    pub bookings: Vec<BookingFacts>,
    /// Whether trainees were convoked.
    pub convoked: bool,
    /// Trainers without an accreditation on the first day, by name; none once the cooperative let it pass.
    pub not_accredited: Vec<(String, Uuid)>,
}

/// A half-day.
#[derive(Debug, Clone, Default)]
pub struct SlotFacts {
    /// The half-day.
    pub id: Uuid,
    /// Its day.
    pub day: NaiveDate,
    /// Minutes of training.
    pub minutes: i32,
    /// Whether somebody teaches it.
    pub has_trainer: bool,
    /// Whether it has ended.
    pub over: bool,
    /// Whether its attendance is closed.
    pub closed: bool,
}

/// What is sold to a buyer.
#[derive(Debug, Clone, Default)]
pub struct BookingFacts {
    /// The booking.
    pub id: Uuid,
    /// Its reference.
    pub reference: String,
    /// Its state.
    pub state: String,
    /// The state of its latest approval.
    pub approval: Option<String>,
    /// Its latest agreement and the agreement's state.
    pub agreement: Option<(Uuid, String)>,
    /// Its proposed amendment, and whether its paper was sent.
    pub amendment: Option<(Uuid, bool)>,
    /// Signatures of its agreement that are asked for on line: the request and whom it waits for.
    pub awaited: Vec<(Uuid, String)>,
    /// Enrolled or invited trainees.
    pub trainees: Vec<TraineeFacts>,
    /// Its funding files: identifier, state, day of filing, deadline of pieces.
    pub funding: Vec<FundingFacts>,
}

/// A trainee.
#[derive(Debug, Clone, Default)]
pub struct TraineeFacts {
    /// Its state.
    pub state: String,
    /// Whether the L6353-8 information was made available.
    pub informed: bool,
    /// Whether the results of the objectives are known.
    pub evaluated: bool,
    /// Whether a current certificate exists.
    pub certified: bool,
    /// Whether a current attestation exists.
    pub attested: bool,
    /// Minutes attended.
    pub attended: i32,
}

/// A funding file.
#[derive(Debug, Clone, Default)]
pub struct FundingFacts {
    /// The file.
    pub id: Uuid,
    /// Its state.
    pub state: String,
    /// The funder.
    pub funder: String,
    /// The last day to send its pieces.
    pub pieces_deadline: Option<NaiveDate>,
    /// Whether its pieces went.
    pub pieces_sent: bool,
}

struct List(Vec<Todo>);

impl List {
    #[expect(clippy::too_many_arguments, reason = "one line of the list: every argument is one of its columns")]
    fn add(
        &mut self,
        code: &str,
        what: impl Into<String>,
        why: &str,
        who: Who,
        call: (&str, String),
        due_on: Option<NaiveDate>,
        blocking: bool,
    ) {
        let (method, path) = call;
        self.0.push(Todo {
            code: code.to_owned(),
            what: what.into(),
            why: why.to_owned(),
            who,
            method: method.to_owned(),
            path,
            due_on,
            blocking,
        });
    }
}

/// What is missing, most pressing first.
pub fn todo(facts: &Facts) -> Vec<Todo> {
    let mut list = List(vec![]);
    if matches!(facts.state.as_str(), "cancelled" | "closed") {
        return list.0;
    }
    let first_day = facts.slots.first().map(|slot| slot.day);
    plan(facts, first_day, &mut list);
    for booking in facts.bookings.iter().filter(|booking| !matches!(booking.state.as_str(), "cancelled" | "declined")) {
        sale(facts, booking, first_day, &mut list);
        amendment(booking, first_day, &mut list);
        trainees(facts, booking, first_day, &mut list);
        funding(facts, booking, first_day, &mut list);
    }
    days(facts, &mut list);
    list.0.sort_by_key(|todo| (!todo.blocking, todo.due_on.unwrap_or(NaiveDate::MAX)));
    list.0
}

fn plan(facts: &Facts, first_day: Option<NaiveDate>, list: &mut List) {
    let session = facts.session;
    if facts.slots.is_empty() {
        let path = format!("/v1/sessions/{session}/slots");
        list.add(
            "session.no_slot",
            "Planifier les demi-journées",
            "art. D6353-1 : période de réalisation",
            Who::Trainer,
            ("POST", path),
            None,
            true,
        );
    }
    for slot in facts.slots.iter().filter(|slot| !slot.has_trainer) {
        let what = format!("Dire qui anime le {}", calendar::long_date(slot.day));
        let path = format!("/v1/slots/{}/trainers", slot.id);
        list.add(
            "session.no_trainer",
            what,
            "art. L6353-8 : liste des formateurs",
            Who::Trainer,
            ("PUT", path),
            first_day,
            true,
        );
    }
    let planned: i32 = facts.slots.iter().map(|slot| slot.minutes).sum();
    if !facts.slots.is_empty() && facts.programme_minutes > 0 && planned != facts.programme_minutes {
        let what = format!(
            "La durée planifiée ({}) n’est pas celle du programme ({})",
            crate::platform::money::Minutes(planned),
            crate::platform::money::Minutes(facts.programme_minutes)
        );
        let path = format!("/v1/sessions/{session}/slots");
        list.add(
            "session.duration",
            what,
            "Les heures doivent concorder partout (art. R6313-3)",
            Who::Trainer,
            ("POST", path),
            first_day,
            false,
        );
    }
    for (name, trainer) in &facts.not_accredited {
        let what = format!("Agréer {name} pour animer cette formation");
        list.add(
            "trainer.not_accredited",
            what,
            "Qualiopi, indicateur 21",
            Who::Cooperative,
            ("POST", format!("/v1/trainers/{trainer}/accredit")),
            first_day,
            true,
        );
    }
    if facts.bookings.is_empty() && !facts.received && facts.state != "completed" {
        list.add(
            "session.no_booking",
            "Rattacher un client à la session",
            "art. L6353-1",
            Who::Trainer,
            ("POST", "/v1/bookings".into()),
            first_day,
            true,
        );
    }
}

fn sale(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let (id, reference) = (booking.id, &booking.reference);
    if booking.state == "draft" {
        let path = format!("/v1/bookings/{id}/propose");
        list.add(
            "booking.draft",
            format!("Proposer {reference} au client"),
            "art. L6353-1",
            Who::Trainer,
            ("POST", path),
            first_day,
            true,
        );
    }
    if facts.approval_required && booking.state != "agreed" {
        match booking.approval.as_deref() {
            Some("accepted") => {}
            Some("requested") => {
                let path = format!("/v1/bookings/{id}/accept-approval");
                list.add(
                    "approval.pending",
                    format!("Valider {reference}, ou le renvoyer avec une raison"),
                    "La coopérative répond de l’activité (art. L7332-5)",
                    Who::Cooperative,
                    ("POST", path),
                    first_day,
                    true,
                );
            }
            _ => {
                let path = format!("/v1/bookings/{id}/request-approval");
                list.add(
                    "approval.missing",
                    format!("Demander la validation de {reference} à la coopérative"),
                    "La coopérative répond de l’activité (art. L7332-5)",
                    Who::Trainer,
                    ("POST", path),
                    first_day,
                    true,
                );
            }
        }
    }
    match &booking.agreement {
        None => {
            let path = format!("/v1/bookings/{id}/agreement");
            list.add(
                "agreement.missing",
                format!("Rédiger la convention de {reference}"),
                "art. L6353-1 et D6353-1",
                Who::Trainer,
                ("POST", path),
                first_day,
                true,
            );
        }
        Some((agreement, state)) if state == "draft" => {
            let path = format!("/v1/agreements/{agreement}/send");
            list.add(
                "agreement.draft",
                format!("Envoyer la convention de {reference}"),
                "art. L6353-1",
                Who::Trainer,
                ("POST", path),
                first_day,
                true,
            );
        }
        Some((_, state)) if state == "sent" && !booking.awaited.is_empty() => {
            for (request, name) in &booking.awaited {
                let path = format!("/v1/signature-requests/{request}/resend");
                list.add(
                    "agreement.signature_awaited",
                    format!("Relancer {name}, qui n’a pas encore signé la convention de {reference}"),
                    "À signer avant le premier jour",
                    Who::Client,
                    ("POST", path),
                    first_day,
                    true,
                );
            }
        }
        Some((agreement, state)) if state == "sent" => {
            let path = format!("/v1/agreements/{agreement}/sign-on-paper");
            list.add(
                "agreement.unsigned",
                format!("Faire signer la convention de {reference}"),
                "À signer avant le premier jour",
                Who::Client,
                ("POST", path),
                first_day,
                true,
            );
        }
        Some((_, state)) if state == "signed" && booking.state != "agreed" => {
            let path = format!("/v1/bookings/{id}/agree");
            list.add(
                "booking.not_agreed",
                format!("Confirmer {reference} : la convention est signée"),
                "art. L6353-1",
                Who::Trainer,
                ("POST", path),
                first_day,
                true,
            );
        }
        Some(_) => {}
    }
}

fn amendment(booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let reference = &booking.reference;
    match booking.amendment {
        None => {}
        Some((id, false)) => list.add(
            "amendment.unsent",
            format!("Envoyer l’avenant de {reference} : ce qui est prévu diffère de ce qui est signé"),
            "C. civ. art. 1193 : un contrat ne se modifie que d’un commun accord",
            Who::Trainer,
            ("POST", format!("/v1/amendments/{id}/send")),
            first_day,
            false,
        ),
        Some((id, true)) => list.add(
            "amendment.unsigned",
            format!("Faire signer l’avenant de {reference}"),
            "C. civ. art. 1193 : un contrat ne se modifie que d’un commun accord",
            Who::Client,
            ("POST", format!("/v1/amendments/{id}/sign-on-paper")),
            first_day,
            false,
        ),
    }
}

fn trainees(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let id = booking.id;
    let present: Vec<&TraineeFacts> = booking
        .trainees
        .iter()
        .filter(|one| !matches!(one.state.as_str(), "abandoned" | "no_show" | "replaced"))
        .collect();
    if present.is_empty() {
        let path = format!("/v1/bookings/{id}/enrolments");
        list.add(
            "enrolment.none",
            format!("Inscrire les stagiaires de {}", booking.reference),
            "art. L6353-8",
            Who::Trainer,
            ("POST", path),
            first_day,
            true,
        );
    }
    let uninformed = present.iter().filter(|one| !one.informed).count();
    if uninformed > 0 {
        let path = format!("/v1/bookings/{id}/information-packs");
        list.add(
            "enrolment.not_informed",
            format!("Remettre l’information préalable à {uninformed} stagiaire(s)"),
            "art. L6353-8 : avant l’inscription définitive",
            Who::Trainer,
            ("POST", path),
            first_day,
            true,
        );
    }
    let invited = present.iter().filter(|one| one.state == "invited").count();
    if invited > 0 && uninformed == 0 {
        let path = format!("/v1/bookings/{id}/enrol");
        list.add(
            "enrolment.invited",
            format!("Inscrire définitivement {invited} stagiaire(s)"),
            "art. L6353-8",
            Who::Trainer,
            ("POST", path),
            first_day,
            true,
        );
    }
    let enrolled = present.iter().any(|one| one.state == "enrolled");
    if enrolled && !facts.convoked {
        let due = first_day.map(|day| day - chrono::Days::new(facts.convocation_days.unsigned_abs()));
        let path = format!("/v1/sessions/{}/convocations", facts.session);
        list.add(
            "session.not_convoked",
            "Convoquer les stagiaires",
            "Qualiopi, indicateur 9",
            Who::Trainer,
            ("POST", path),
            due,
            false,
        );
    }
    let all_closed = !facts.slots.is_empty() && facts.slots.iter().all(|slot| slot.closed);
    if !all_closed {
        return;
    }
    let session = facts.session;
    let attended: Vec<&&TraineeFacts> = present.iter().filter(|one| one.attended > 0).collect();
    let unknown = attended.iter().filter(|one| !one.evaluated).count();
    if unknown > 0 {
        let path = format!("/v1/sessions/{session}/evaluations");
        list.add(
            "evaluation.missing",
            format!("Saisir les acquis de {unknown} stagiaire(s)"),
            "Qualiopi, indicateur 11",
            Who::Trainer,
            ("PUT", path),
            None,
            false,
        );
    }
    let uncertified = attended.iter().filter(|one| !one.certified).count();
    if uncertified > 0 {
        let path = format!("/v1/sessions/{session}/certificates");
        list.add(
            "certificate.missing",
            format!("Établir {uncertified} certificat(s) de réalisation"),
            "Arrêté du 21 décembre 2018",
            Who::Cooperative,
            ("POST", path),
            None,
            true,
        );
    }
    let unattested = attended.iter().filter(|one| one.evaluated && !one.attested).count();
    if unattested > 0 {
        let path = format!("/v1/sessions/{session}/attestations");
        list.add(
            "attestation.missing",
            format!("Remettre {unattested} attestation(s) de fin de formation"),
            "art. L6313-7",
            Who::Trainer,
            ("POST", path),
            None,
            false,
        );
    }
}

fn funding(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    for file in &booking.funding {
        let id = file.id;
        match file.state.as_str() {
            "draft" | "to_file" => {
                let path = format!("/v1/funding-files/{id}/file");
                list.add(
                    "funding.not_filed",
                    format!("Déposer le dossier auprès de {}", file.funder),
                    "À déposer avant le premier jour",
                    Who::Trainer,
                    ("POST", path),
                    first_day,
                    true,
                );
            }
            "filed" => {
                let path = format!("/v1/funding-files/{id}/decide");
                list.add(
                    "funding.no_decision",
                    format!("Noter la réponse de {}", file.funder),
                    "art. R6332-24 : réponse sous deux mois",
                    Who::Funder,
                    ("POST", path),
                    first_day,
                    false,
                );
            }
            "approved" | "partially_approved" if !file.pieces_sent && facts.slots.iter().all(|slot| slot.closed) => {
                let path = format!("/v1/funding-files/{id}/send-pieces");
                list.add(
                    "funding.pieces",
                    format!("Envoyer les pièces à {}", file.funder),
                    "art. R6332-25 : paiement après exécution",
                    Who::Trainer,
                    ("POST", path),
                    file.pieces_deadline,
                    false,
                );
            }
            _ => {}
        }
    }
}

fn days(facts: &Facts, list: &mut List) {
    for slot in facts.slots.iter().filter(|slot| slot.over && !slot.closed) {
        let what = format!("Clore l’émargement du {}", calendar::long_date(slot.day));
        let path = format!("/v1/slots/{}/attendance", slot.id);
        list.add(
            "attendance.open",
            what,
            "art. R6313-3 : preuve de la réalisation",
            Who::Trainer,
            ("POST", path),
            Some(slot.day),
            true,
        );
    }
    let all_closed = !facts.slots.is_empty() && facts.slots.iter().all(|slot| slot.closed);
    if all_closed && facts.state == "running" {
        let path = format!("/v1/sessions/{}/complete", facts.session);
        list.add(
            "session.not_completed",
            "Terminer la session",
            "Toutes les demi-journées sont closes",
            Who::Trainer,
            ("POST", path),
            Some(facts.today),
            false,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            state: "planned".into(),
            today: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
            convocation_days: 15,
            programme_minutes: 210,
            slots: vec![SlotFacts {
                day: NaiveDate::from_ymd_opt(2026, 4, 1).unwrap(),
                minutes: 210,
                has_trainer: true,
                ..SlotFacts::default()
            }],
            ..Facts::default()
        }
    }

    fn codes(facts: &Facts) -> Vec<String> {
        todo(facts).into_iter().map(|todo| todo.code).collect()
    }

    #[test]
    fn a_session_without_buyer_asks_for_one() {
        assert_eq!(codes(&facts()), ["session.no_booking"]);
    }

    #[test]
    fn a_session_that_another_body_sells_asks_for_no_buyer() {
        assert!(todo(&Facts { received: true, ..facts() }).is_empty());
    }

    #[test]
    fn nothing_is_asked_of_a_cancelled_session() {
        assert!(todo(&Facts { state: "cancelled".into(), ..facts() }).is_empty());
    }

    #[test]
    fn an_amendment_is_sent_then_signed() {
        let with = |sent| {
            let booking = BookingFacts {
                amendment: Some((Uuid::nil(), sent)),
                state: "agreed".into(),
                ..BookingFacts::default()
            };
            codes(&Facts { bookings: vec![booking], ..facts() })
        };
        assert!(with(false).contains(&"amendment.unsent".to_owned()));
        assert!(with(true).contains(&"amendment.unsigned".to_owned()));
    }

    #[test]
    fn what_blocks_comes_first_and_convocations_are_due_fifteen_days_before() {
        let booking = BookingFacts {
            state: "agreed".into(),
            agreement: Some((Uuid::nil(), "signed".into())),
            trainees: vec![TraineeFacts { state: "enrolled".into(), informed: true, ..TraineeFacts::default() }],
            funding: vec![FundingFacts {
                state: "draft".into(),
                funder: "Uniformation".into(),
                ..FundingFacts::default()
            }],
            ..BookingFacts::default()
        };
        let list = todo(&Facts { bookings: vec![booking], ..facts() });
        assert_eq!(list[0].code, "funding.not_filed");
        assert_eq!(list[1].code, "session.not_convoked");
        assert_eq!(list[1].due_on, NaiveDate::from_ymd_opt(2026, 3, 17));
    }
}
