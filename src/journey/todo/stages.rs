//! What each stage of a training lacks, from its first half-day to the pieces of its funding files.

use chrono::NaiveDate;

use super::{BookingFacts, Facts, List, TraineeFacts, Wait, counted, lines};
use crate::{
    message::Unsent,
    platform::{calendar, money::Minutes},
};

pub(super) fn plan(facts: &Facts, first_day: Option<NaiveDate>, list: &mut List) {
    let session = facts.session;
    if facts.slots.is_empty() {
        let path = format!("/v1/sessions/{session}/slots");
        list.add(&lines::SESSION_NO_SLOT, "Planifier les demi-journées", path, None);
    }
    for slot in facts.slots.iter().filter(|slot| !slot.has_trainer) {
        let what = format!("Dire qui anime le {}", calendar::long_date(slot.day));
        let path = format!("/v1/slots/{}/trainers", slot.id);
        list.add(&lines::SESSION_NO_TRAINER, what, path, first_day);
    }
    let planned: i32 = facts.slots.iter().map(|slot| slot.minutes).sum();
    if !facts.slots.is_empty() && facts.programme_minutes > 0 && planned != facts.programme_minutes {
        let what = format!(
            "La durée planifiée ({}) n’est pas celle du programme ({})",
            Minutes(planned),
            Minutes(facts.programme_minutes)
        );
        let path = format!("/v1/sessions/{session}/slots");
        list.add(&lines::SESSION_DURATION, what, path, first_day);
    }
    let passed = !facts.bookings.is_empty() && facts.bookings.iter().all(|booking| booking.accreditation_overridden);
    for (name, trainer) in facts.not_accredited.iter().filter(|_| !passed) {
        let what = format!("Agréer {name} pour animer cette formation");
        list.add(&lines::TRAINER_NOT_ACCREDITED, what, format!("/v1/trainers/{trainer}/accredit"), first_day);
    }
    if facts.bookings.is_empty() && !facts.received && facts.state != "completed" {
        list.add(&lines::SESSION_NO_BOOKING, "Rattacher un client à la session", "/v1/bookings", first_day);
    }
}

pub(super) fn sale(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let (id, reference) = (booking.id, &booking.reference);
    if booking.state == "draft" {
        let path = format!("/v1/bookings/{id}/propose");
        list.add(&lines::BOOKING_DRAFT, format!("Proposer {reference} au client"), path, first_day);
    }
    if facts.approval_required && booking.state != "agreed" {
        match booking.approval.as_deref() {
            Some("accepted") => {}
            Some("requested") => {
                let path = format!("/v1/bookings/{id}/accept-approval");
                list.add(
                    &lines::APPROVAL_PENDING,
                    format!("Valider {reference}, ou le renvoyer avec une raison"),
                    path,
                    first_day,
                );
            }
            _ => {
                let path = format!("/v1/bookings/{id}/request-approval");
                list.add(
                    &lines::APPROVAL_MISSING,
                    format!("Demander la validation de {reference} à la coopérative"),
                    path,
                    first_day,
                );
            }
        }
    }
    if booking.order_missing && booking.state != "agreed" {
        let path = format!("/v1/bookings/{id}");
        list.add(&lines::BOOKING_ORDER, format!("Saisir la référence d’engagement de {reference}"), path, first_day);
    }
    match &booking.agreement {
        None => {
            let path = format!("/v1/bookings/{id}/agreement");
            list.add(&lines::AGREEMENT_MISSING, format!("Rédiger la convention de {reference}"), path, first_day);
        }
        Some((agreement, state)) if state == "draft" => {
            let path = format!("/v1/agreements/{agreement}/send");
            list.add(&lines::AGREEMENT_DRAFT, format!("Envoyer la convention de {reference}"), path, first_day);
        }
        Some((_, state)) if state == "sent" && !booking.awaited.is_empty() => {
            for (request, name) in &booking.awaited {
                let path = format!("/v1/signature-requests/{request}/resend");
                list.add(
                    &lines::AGREEMENT_SIGNATURE_AWAITED,
                    format!("Relancer {name}, qui n’a pas encore signé la convention de {reference}"),
                    path,
                    first_day,
                );
            }
        }
        Some((agreement, state)) if state == "sent" => {
            let path = format!("/v1/agreements/{agreement}/sign-on-paper");
            list.add(&lines::AGREEMENT_UNSIGNED, format!("Faire signer la convention de {reference}"), path, first_day);
        }
        Some((_, state)) if state == "signed" && booking.state != "agreed" => {
            let path = format!("/v1/bookings/{id}/agree");
            list.add(
                &lines::BOOKING_NOT_AGREED,
                format!("Confirmer {reference} : la convention est signée"),
                path,
                first_day,
            );
        }
        Some(_) => {}
    }
}

pub(super) fn amendment(booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let reference = &booking.reference;
    match booking.amendment {
        None => {}
        Some((id, false)) => list.add(
            &lines::AMENDMENT_UNSENT,
            format!("Envoyer l’avenant de {reference} : ce qui est prévu diffère de ce qui est signé"),
            format!("/v1/amendments/{id}/send"),
            first_day,
        ),
        Some((id, true)) => list.add(
            &lines::AMENDMENT_UNSIGNED,
            format!("Faire signer l’avenant de {reference}"),
            format!("/v1/amendments/{id}/sign-on-paper"),
            first_day,
        ),
    }
}

pub(super) fn trainees(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    let id = booking.id;
    let present: Vec<&TraineeFacts> = booking
        .trainees
        .iter()
        .filter(|one| !matches!(one.state.as_str(), "abandoned" | "no_show" | "replaced"))
        .collect();
    if present.is_empty() {
        let path = format!("/v1/bookings/{id}/enrolments");
        list.add(&lines::ENROLMENT_NONE, format!("Inscrire les stagiaires de {}", booking.reference), path, first_day);
    }
    let uninformed = present.iter().filter(|one| !one.informed).count();
    if uninformed > 0 {
        let path = format!("/v1/bookings/{id}/information-packs");
        list.add(
            &lines::ENROLMENT_NOT_INFORMED,
            format!("Remettre l’information préalable à {}", counted(uninformed, "stagiaire")),
            path,
            first_day,
        );
    }
    let invited = present.iter().filter(|one| one.state == "invited").count();
    if invited > 0 && uninformed == 0 {
        let path = format!("/v1/bookings/{id}/enrol");
        list.add(
            &lines::ENROLMENT_INVITED,
            format!("Inscrire définitivement {}", counted(invited, "stagiaire")),
            path,
            first_day,
        );
    }
    let uninvited = present.iter().filter(|one| one.state == "enrolled" && !one.convoked).count();
    if uninvited > 0 && facts.slots.iter().any(|slot| !slot.over) {
        let due = first_day.map(|day| day - chrono::Days::new(facts.convocation_days.unsigned_abs()));
        let path = format!("/v1/sessions/{}/convocations", facts.session);
        let what = if facts.convoked {
            format!("Convoquer {} de {}", counted(uninvited, "stagiaire"), booking.reference)
        } else {
            "Convoquer les stagiaires".into()
        };
        list.add(&lines::SESSION_NOT_CONVOKED, what, path, due);
    }
}

/// The papers of whoever attended something, even of those who left.
pub(super) fn papers(facts: &Facts, booking: &BookingFacts, list: &mut List) {
    let all_closed = !facts.slots.is_empty() && facts.slots.iter().all(|slot| slot.closed);
    if !all_closed {
        return;
    }
    let session = facts.session;
    let attended: Vec<&TraineeFacts> = booking.trainees.iter().filter(|one| one.attended > 0).collect();
    let unknown = attended.iter().filter(|one| !one.evaluated).count();
    if unknown > 0 {
        let path = format!("/v1/sessions/{session}/evaluations");
        list.add(
            &lines::EVALUATION_MISSING,
            format!("Saisir les acquis de {}", counted(unknown, "stagiaire")),
            path,
            None,
        );
    }
    let uncertified = attended.iter().filter(|one| !one.certified).count();
    if uncertified > 0 {
        let path = format!("/v1/sessions/{session}/certificates");
        list.add(
            &lines::CERTIFICATE_MISSING,
            format!("Établir {} de réalisation", counted(uncertified, "certificat")),
            path,
            None,
        );
    }
    let unattested = attended.iter().filter(|one| one.evaluated && !one.attested).count();
    if unattested > 0 {
        let path = format!("/v1/sessions/{session}/attestations");
        list.add(
            &lines::ATTESTATION_MISSING,
            format!("Remettre {} de fin de formation", counted(unattested, "attestation")),
            path,
            None,
        );
    }
}

pub(super) fn funding(facts: &Facts, booking: &BookingFacts, first_day: Option<NaiveDate>, list: &mut List) {
    for file in &booking.funding {
        let id = file.id;
        match file.state.as_str() {
            "draft" | "to_file" => {
                let path = format!("/v1/funding-files/{id}/file");
                list.add(
                    &lines::FUNDING_NOT_FILED,
                    format!("Déposer le dossier auprès de {}", file.funder),
                    path,
                    first_day,
                );
            }
            "filed" => {
                let path = format!("/v1/funding-files/{id}/decide");
                list.add(&lines::FUNDING_NO_DECISION, format!("Noter la réponse de {}", file.funder), path, first_day);
            }
            "approved" | "partially_approved" if !file.pieces_sent && facts.slots.iter().all(|slot| slot.closed) => {
                let path = format!("/v1/funding-files/{id}/send-pieces");
                list.add(
                    &lines::FUNDING_PIECES,
                    format!("Envoyer les pièces à {}", file.funder),
                    path,
                    file.pieces_deadline,
                );
            }
            _ => {}
        }
    }
}

pub(super) fn days(facts: &Facts, list: &mut List) {
    for slot in facts.slots.iter().filter(|slot| slot.over && !slot.closed) {
        let what = format!("Clore l’émargement du {}", calendar::long_date(slot.day));
        let path = format!("/v1/slots/{}/attendance", slot.id);
        list.add(&lines::ATTENDANCE_OPEN, what, path, Some(slot.day));
    }
    let all_closed = !facts.slots.is_empty() && facts.slots.iter().all(|slot| slot.closed);
    if all_closed && facts.state == "running" {
        let path = format!("/v1/sessions/{}/complete", facts.session);
        list.add(&lines::SESSION_NOT_COMPLETED, "Terminer la session", path, Some(facts.today));
    }
}

/// What somebody said or signed and nobody has decided on.
pub(super) fn waits(facts: &Facts, list: &mut List) {
    for (wait, id, name) in &facts.waits {
        match wait {
            Wait::LateMark => list.add(
                &lines::ATTENDANCE_LATE_MARK,
                format!("Accepter ou refuser la signature tardive de {name}"),
                format!("/v1/late-marks/{id}/accept"),
                None,
            ),
            Wait::LateStatement => list.add(
                &lines::ATTENDANCE_LATE_STATEMENT,
                format!("Accepter ou refuser la présence que déclare {name}"),
                format!("/v1/late-marks/{id}/accept"),
                None,
            ),
            Wait::Statement => list.add(
                &lines::ATTENDANCE_UNCONFIRMED,
                format!("Confirmer la présence de {name}, déclarée sans signature"),
                format!("/v1/marks/{id}/confirm"),
                None,
            ),
            Wait::WalkIn => list.add(
                &lines::ATTENDANCE_WALK_IN,
                format!("Rattacher {name}, ajouté(e) sur place, à une inscription"),
                format!("/v1/walk-ins/{id}/attach"),
                None,
            ),
            Wait::NameCorrection => list.add(
                &lines::ENROLMENT_NAME,
                format!("Corriger le nom de {name}, qui le dit mal écrit"),
                format!("/v1/name-corrections/{id}/settle"),
                None,
            ),
            Wait::Sheet => list.add(
                &lines::SHEET_OUTDATED,
                format!("Émettre à nouveau la feuille d’émargement {name}, qui n’est plus à jour"),
                format!("/v1/documents/{id}/replace"),
                None,
            ),
        }
    }
}

/// Mails that did not leave: refused, or too late, as long as somebody can still be told another way.
pub(super) fn mails(facts: &Facts, list: &mut List) {
    let over = facts.slots.iter().all(|slot| slot.over);
    for one in facts.unsent.iter().filter(|one| !(one.too_late && over)) {
        let (line, why) = if one.too_late {
            (&lines::MESSAGE_TOO_LATE, "n’est pas parti à temps")
        } else {
            (&lines::MESSAGE_FAILED, "n’est pas parti")
        };
        let what = format!("Prévenir {} : le courriel «\u{a0}{}\u{a0}» {why}", named(one), one.subject);
        list.add(line, what, format!("/v1/messages/{}/resend", one.message), None);
    }
}

fn named(one: &Unsent) -> &str {
    if one.name.is_empty() { "le destinataire" } else { &one.name }
}
