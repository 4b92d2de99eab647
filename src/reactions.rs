//! What must happen because of what happened: one match, no `_`, and the only writer of the outbox.

use serde_json::json;
use uuid::Uuid;

use crate::{
    access::events::Event as User,
    agreement::events::Event as Agreement,
    attendance::events::Event as Attendance,
    booking::events::Event as Booking,
    document::{Kind, events::Event as Document},
    enrolment::events::Event as Enrolment,
    events::Event,
    funding::events::Event as Funding,
    message::{Cause, Text, events::Event as Message},
    platform::outbox::Due,
    quote::events::Event as Quote,
    session::events::Event as Session,
    signature::events::Event as Signature,
    signing::events::Event as Signing,
};

/// The jobs that an event asks for.
pub fn of(event: &Event) -> Vec<Due> {
    match event {
        Event::User(event) => of_user(event),
        Event::Audit(_)
        | Event::Identity(_)
        | Event::Activity(_)
        | Event::Person(_)
        | Event::Trainer(_)
        | Event::Client(_)
        | Event::Organisation(_)
        | Event::File(_)
        | Event::PaperText(_)
        | Event::Link(_)
        | Event::Catalogue(_)
        | Event::Needs(_)
        | Event::Evaluation(_)
        | Event::Job(_) => vec![],
        Event::Document(event) => of_document(event),
        Event::Quote(event) => of_quote(event),
        Event::Session(event) => of_session(event),
        Event::Booking(event) => of_booking(event),
        Event::Enrolment(event) => of_enrolment(event),
        Event::Agreement(event) => of_agreement(event),
        Event::Attendance(event) => of_attendance(event),
        Event::Signing(event) => of_signing(event),
        Event::Signature(event) => of_signature(event),
        Event::Funding(event) => of_funding(event),
        Event::Message(event) => of_message(event),
    }
}

fn of_user(event: &User) -> Vec<Due> {
    match event {
        User::KeyEnding { key, .. } => vec![Due::now("key_ending", json!({ "id": key }))],
        User::Created { .. }
        | User::Changed { .. }
        | User::Disabled { .. }
        | User::KeyCreated { .. }
        | User::KeyRotated { .. }
        | User::KeyRevoked { .. } => vec![],
    }
}

/// A session's planned mails are derived anew, once for all that just happened to it.
fn replan(kind: &str, id: Uuid) -> Due {
    Due::now("replan", json!({ "kind": kind, "id": id })).coalesce(format!("replan:{kind}:{id}"))
}

/// What is sold of a session is compared with what it says now, once for all that just happened to it.
fn recheck(session: Uuid) -> Due {
    Due::now("recheck_terms", json!({ "kind": "session", "id": session })).coalesce(format!("recheck_terms:{session}"))
}

/// What a paper was asked to be signed for is void.
fn cancel_signatures(kind: &str, id: Uuid) -> Due {
    Due::now("cancel_signatures", json!({ "kind": kind, "id": id }))
}

fn of_document(event: &Document) -> Vec<Due> {
    match event {
        Document::Issued { document, kind } => match *kind {
            kind if kind == Kind::Convocation.name() => vec![Cause::due(Text::Convocation, *document)],
            kind if kind == Kind::Attestation.name() => vec![Cause::due(Text::Thanks, *document)],
            kind if kind == Kind::Certificate.name() => vec![Cause::due(Text::Certificates, *document)],
            // Quotes and agreements leave when they are sent; programmes and sheets travel with others.
            _ => vec![],
        },
        Document::Corrected { document } => vec![Cause::due(Text::DocumentCorrected, *document)],
        Document::Revoked { document } => {
            vec![cancel_signatures("document", *document), Cause::due(Text::DocumentRevoked, *document)]
        }
        Document::Replaced { document, .. } | Document::Outdated { document } => {
            vec![cancel_signatures("document", *document)]
        }
        Document::Signed { document, .. } => vec![Cause::due(Text::SignatureDone, *document)],
        Document::Attached { .. } | Document::Rendered { .. } | Document::Sealed { .. } => vec![],
    }
}

fn of_quote(event: &Quote) -> Vec<Due> {
    match event {
        Quote::Sent { document, .. } => vec![Cause::due(Text::Proposal, *document)],
        Quote::Accepted { quote } | Quote::Declined { quote } | Quote::Replaced { quote, .. } => {
            vec![cancel_signatures("quote", *quote)]
        }
        Quote::Created { .. } | Quote::Changed { .. } | Quote::Deleted { .. } => vec![],
    }
}

fn of_session(event: &Session) -> Vec<Due> {
    match event {
        Session::Changed { session } | Session::SlotPlanned { session, .. } | Session::SlotChanged { session, .. } => {
            vec![replan("session", *session), recheck(*session)]
        }
        Session::Planned { session }
        | Session::Opened { session }
        | Session::Started { session }
        | Session::Completed { session }
        | Session::Closed { session }
        | Session::GoDecided { session } => vec![replan("session", *session)],
        Session::Cancelled { session } => {
            vec![replan("session", *session), Cause::due(Text::SessionCancelled, *session)]
        }
        Session::SlotMoved { session, slot } | Session::SlotCancelled { session, slot } => {
            vec![replan("session", *session), recheck(*session), Cause::due(Text::SessionMoved, *slot)]
        }
        Session::Convoked { session } => {
            vec![replan("session", *session), Cause::due(Text::ConvocationCopy, *session)]
        }
        Session::TrainerChanged { session, .. } => vec![recheck(*session)],
        Session::Deleted { .. } => vec![],
    }
}

fn of_booking(event: &Booking) -> Vec<Due> {
    match event {
        Booking::Changed { booking } => vec![Cause::due(Text::AgreementNotice, *booking)],
        Booking::Agreed { booking } | Booking::Declined { booking } => vec![replan("booking", *booking)],
        Booking::Cancelled { booking } => {
            vec![replan("booking", *booking), Cause::due(Text::SessionCancelled, *booking)]
        }
        Booking::MateriallyChanged { booking } => vec![
            Due::now("propose_amendment", json!({ "kind": "booking", "id": booking }))
                .coalesce(format!("propose_amendment:{booking}")),
        ],
        Booking::ApprovalRequested { booking, .. } => vec![Cause::due(Text::ApprovalRequested, *booking)],
        Booking::ApprovalReturned { booking, .. } => vec![Cause::due(Text::ApprovalReturned, *booking)],
        Booking::Drafted { .. }
        | Booking::Edited { .. }
        | Booking::Proposed { .. }
        | Booking::Deleted { .. }
        | Booking::AccreditationOverridden { .. }
        | Booking::StartOverridden { .. }
        | Booking::ApprovalAccepted { .. }
        | Booking::ApprovalVoided { .. } => vec![],
    }
}

fn of_enrolment(event: &Enrolment) -> Vec<Due> {
    match event {
        // The list of an agreement that is signed may be another.
        Enrolment::Enrolled { enrolment } | Enrolment::Replaced { enrolment, .. } => {
            vec![replan("enrolment", *enrolment), Cause::due(Text::AgreementNotice, *enrolment)]
        }
        Enrolment::Abandoned { enrolment } | Enrolment::NoShow { enrolment } => vec![replan("enrolment", *enrolment)],
        Enrolment::PackSent { pack, .. } => vec![Cause::due(Text::Information, *pack)],
        Enrolment::Invited { .. }
        | Enrolment::Changed { .. }
        | Enrolment::Started { .. }
        | Enrolment::Completed { .. } => vec![],
    }
}

fn of_agreement(event: &Agreement) -> Vec<Due> {
    match event {
        Agreement::Sent { agreement } => vec![Cause::due(Text::AgreementToSign, *agreement)],
        Agreement::Signed { agreement } | Agreement::Voided { agreement } => {
            vec![cancel_signatures("agreement", *agreement)]
        }
        Agreement::AmendmentSent { document, .. } => vec![Cause::due(Text::AmendmentToSign, *document)],
        Agreement::AmendmentSigned { amendment, .. } => vec![cancel_signatures("amendment", *amendment)],
        Agreement::Drafted { .. } | Agreement::Amended { .. } | Agreement::AmendmentWithdrawn { .. } => vec![],
    }
}

/// Who was away is told, once for all that was just recorded.
fn absences(slot: Uuid) -> Due {
    Cause::due(Text::AbsenceNotice, slot).coalesce(format!("absences:{slot}"))
}

fn of_attendance(event: &Attendance) -> Vec<Due> {
    match event {
        Attendance::Closed { slot, session } => {
            vec![absences(*slot), replan("session", *session)]
        }
        // Who was away may be another than was told; in the evening nobody may have closed. What was told is not told again.
        Attendance::Recorded { slot, .. } | Attendance::Amended { slot, .. } => vec![absences(*slot)],
        // Before it ends and the morning after, it reminds those who have not signed.
        Attendance::Opened { session, .. } | Attendance::Reopened { session, .. } => {
            vec![replan("session", *session)]
        }
        // Who only said who they are may not be: the person is told.
        Attendance::Signed { evidence, declared: true, .. } => vec![Cause::due(Text::SigningReceipt, *evidence)],
        Attendance::SignedLate { late_mark, .. } => vec![Cause::due(Text::SigningReceipt, *late_mark)],
        Attendance::AllClosed { session } => vec![
            Due::now("issue_sheet", json!({ "kind": "session", "id": session }))
                .coalesce(format!("issue_sheet:{session}")),
        ],
        Attendance::Signed { declared: false, .. }
        | Attendance::LateMarkDecided { .. }
        | Attendance::StatementConfirmed { .. }
        | Attendance::TimesNoted { .. }
        | Attendance::WalkedIn { .. }
        | Attendance::WalkInSettled { .. }
        | Attendance::ConnectionsImported { .. }
        | Attendance::NetworkErased { .. }
        | Attendance::DistanceRecorded { .. }
        | Attendance::CorrectionAsked { .. }
        | Attendance::CorrectionSettled { .. } => vec![],
    }
}

fn of_signing(event: &Signing) -> Vec<Due> {
    match event {
        Signing::LinkAsked { enrolment, .. } => vec![Cause::due(Text::SigningLink, *enrolment)],
        Signing::DayLinkAsked { slot, .. } => vec![Cause::due(Text::DayLink, *slot)],
        // Whoever looks at the half-day sees it.
        Signing::Disputed { .. } | Signing::CodeMade { .. } | Signing::CodeMistyped { .. } => vec![],
    }
}

fn of_signature(event: &Signature) -> Vec<Due> {
    match event {
        Signature::Invited { request, .. } => vec![Cause::due(Text::SignatureRequest, *request)],
        Signature::Reminded { request } => vec![Cause::due(Text::SignatureReminder, *request)],
        Signature::CodeAsked { code } => vec![Cause::due(Text::SignatureCode, *code)],
        Signature::Refused { request, .. } => vec![Cause::due(Text::SignatureRefused, *request)],
        Signature::Completed { document } => vec![
            Due::now("signed_file", json!({ "kind": "document", "id": document }))
                .once(format!("signed_file:{document}")),
        ],
        Signature::Requested { .. }
        | Signature::Opened { .. }
        | Signature::ReminderMissed { .. }
        | Signature::CodeMade { .. }
        | Signature::CodeMissed { .. }
        | Signature::CodeUsed { .. }
        | Signature::Signed { .. }
        | Signature::Expired { .. }
        | Signature::NetworkErased { .. }
        | Signature::Cancelled { .. } => vec![],
    }
}

fn of_funding(event: &Funding) -> Vec<Due> {
    match event {
        Funding::PiecesSent { funding_file } => vec![Cause::due(Text::Pieces, *funding_file)],
        Funding::Drafted { .. }
        | Funding::Changed { .. }
        | Funding::Filed { .. }
        | Funding::Decided { .. }
        | Funding::Withdrawn { .. }
        | Funding::PieceAdded { .. }
        | Funding::Invoiced { .. }
        | Funding::Paid { .. } => vec![],
    }
}

fn of_message(event: &Message) -> Vec<Due> {
    match event {
        Message::Written { message } => {
            vec![Due::now("send", json!({ "id": message })).once(format!("send:{message}"))]
        }
        // The convocations are papers: they are issued first, and their mails follow.
        Message::Due { session, text: Text::Convocation, .. } => vec![Due::now("convoke", json!({ "id": session }))],
        Message::Due { reminder, text, .. } => vec![Cause::due(*text, *reminder)],
        Message::Planned { .. }
        | Message::Missed { .. }
        | Message::Unaddressed { .. }
        | Message::Begun { .. }
        | Message::Sent { .. }
        | Message::Failed { .. }
        | Message::Revived { .. }
        | Message::TooLate { .. } => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(event: impl Into<Event>) -> String {
        let event = event.into();
        let jobs: Vec<String> = of(&event)
            .iter()
            .map(|due| {
                let text = due.payload["text"].as_str().map(|text| format!(" {text}")).unwrap_or_default();
                let key = match (&due.once, &due.coalesce) {
                    (Some(_), _) => ", once",
                    (None, Some(_)) => ", coalesced",
                    (None, None) => "",
                };
                format!("{}{text}{key}", due.kind)
            })
            .collect();
        format!("{} → {}", event.name(), jobs.join(" + "))
    }

    #[test]
    fn what_follows_from_what() {
        let id = Uuid::nil();
        let seen = [
            told(Quote::Sent { quote: id, document: id }),
            told(Agreement::Sent { agreement: id }),
            told(Agreement::AmendmentSent { agreement: id, amendment: id, document: id }),
            told(Booking::Changed { booking: id }),
            told(Booking::Agreed { booking: id }),
            told(Booking::ApprovalRequested { booking: id, approval: id }),
            told(Booking::ApprovalReturned { booking: id, approval: id }),
            told(Enrolment::PackSent { enrolment: id, pack: id }),
            told(Enrolment::Enrolled { enrolment: id }),
            told(Session::Planned { session: id }),
            told(Session::SlotMoved { session: id, slot: id }),
            told(Session::SlotCancelled { session: id, slot: id }),
            told(Session::Convoked { session: id }),
            told(Session::Cancelled { session: id }),
            told(Document::Issued { document: id, kind: "convocation" }),
            told(Document::Issued { document: id, kind: "attestation" }),
            told(Document::Issued { document: id, kind: "certificate" }),
            told(Document::Issued { document: id, kind: "quote" }),
            told(Document::Corrected { document: id }),
            told(Attendance::Closed { slot: id, session: id }),
            told(Attendance::Recorded { slot: id, session: id }),
            told(Attendance::Amended { slot: id, session: id }),
            told(Attendance::Opened { slot: id, session: id }),
            told(Attendance::Signed { slot: id, session: id, evidence: id, declared: true }),
            told(Attendance::Signed { slot: id, session: id, evidence: id, declared: false }),
            told(Attendance::AllClosed { session: id }),
            told(Signature::Invited { request: id, document: id }),
            told(Signature::Reminded { request: id }),
            told(Signature::CodeAsked { code: id }),
            told(Signature::Refused { request: id, document: id }),
            told(Signature::Completed { document: id }),
            told(Document::Signed { document: id, file: id }),
            told(Document::Revoked { document: id }),
            told(Agreement::Voided { agreement: id }),
            told(Funding::PiecesSent { funding_file: id }),
            told(Message::Due { session: id, reminder: id, text: Text::Convocation }),
            told(Message::Due { session: id, reminder: id, text: Text::Reminder }),
            told(Message::Written { message: id }),
            told(Message::Unaddressed { message: id }),
        ];
        let expected = [
            "quote.sent → mail proposal, once",
            "agreement.sent → mail agreement_to_sign, once",
            "agreement.amendment_sent → mail amendment_to_sign, once",
            "booking.changed → mail agreement_notice",
            "booking.agreed → replan, coalesced",
            "booking.approval_requested → mail approval_requested",
            "booking.approval_returned → mail approval_returned",
            "enrolment.pack_sent → mail information, once",
            "enrolment.enrolled → replan, coalesced + mail agreement_notice",
            "session.planned → replan, coalesced",
            "session.slot_moved → replan, coalesced + recheck_terms, coalesced + mail session_moved",
            "session.slot_cancelled → replan, coalesced + recheck_terms, coalesced + mail session_moved",
            "session.convoked → replan, coalesced + mail convocation_copy",
            "session.cancelled → replan, coalesced + mail session_cancelled, once",
            "document.issued → mail convocation, once",
            "document.issued → mail thanks, once",
            "document.issued → mail certificates, once",
            "document.issued → ",
            "document.corrected → mail document_corrected, once",
            "attendance.slot_closed → mail absence_notice, coalesced + replan, coalesced",
            "attendance.recorded → mail absence_notice, coalesced",
            "attendance.amended → mail absence_notice, coalesced",
            "attendance.slot_opened → replan, coalesced",
            "attendance.signed → mail signing_receipt, once",
            "attendance.signed → ",
            "attendance.all_closed → issue_sheet, coalesced",
            "signature.invited → mail signature_request",
            "signature.reminded → mail signature_reminder",
            "signature.code_asked → mail signature_code",
            "signature.refused → mail signature_refused",
            "signature.completed → signed_file, once",
            "document.signed → mail signature_done, once",
            "document.revoked → cancel_signatures + mail document_revoked, once",
            "agreement.voided → cancel_signatures",
            "funding.pieces_sent → mail pieces",
            "message.reminder_due → convoke",
            "message.reminder_due → mail reminder, once",
            "message.written → send, once",
            "message.unaddressed → ",
        ];
        assert_eq!(seen, expected);
    }
}
