//! The words of every mail: one file a text, in French.

use chrono::{DateTime, TimeDelta, Utc};

use crate::words;

words! {
    /// What a mail says.
    pub enum Text {
        /// The offer: quote and programme, to the client's signatory.
        Proposal = "proposal",
        /// The agreement (convention, contrat) to sign, to the client's signatory.
        AgreementToSign = "agreement_to_sign",
        /// The amendment (avenant) to sign, to the client's signatory.
        AmendmentToSign = "amendment_to_sign",
        /// What changed without touching the signed agreement, to the client.
        AgreementNotice = "agreement_notice",
        /// Somebody is asked to sign a paper on line, with their personal link.
        SignatureRequest = "signature_request",
        /// They have not signed yet.
        SignatureReminder = "signature_reminder",
        /// The one-time code of a signature.
        SignatureCode = "signature_code",
        /// The signed paper, to all who signed it.
        SignatureDone = "signature_done",
        /// Somebody refused to sign, to the activity.
        SignatureRefused = "signature_refused",
        /// Approval asked of the cooperative.
        ApprovalRequested = "approval_requested",
        /// Returned by the cooperative with a reason, to the activity.
        ApprovalReturned = "approval_returned",
        /// What must be known before an enrolment (art. L6353-8), to the trainee.
        Information = "information",
        /// The convocation, to the trainee.
        Convocation = "convocation",
        /// Who was convoked, to the client's training lead.
        ConvocationCopy = "convocation_copy",
        /// The practical reminder before a block of days.
        Reminder = "reminder",
        /// A half-day moved or was cancelled, to those concerned.
        SessionMoved = "session_moved",
        /// The session is cancelled.
        SessionCancelled = "session_cancelled",
        /// Absences of the day, to the client, without their reasons (art. L6353-10).
        AbsenceNotice = "absence_notice",
        /// A signature is missing, before the half-day ends or the morning after, to the trainee.
        Unsigned = "unsigned",
        /// A half-day is not closed the morning after, to its trainers.
        Unclosed = "unclosed",
        /// Thanks, with the attestation, to the trainee.
        Thanks = "thanks",
        /// The certificates (certificats de réalisation), to the client.
        Certificates = "certificates",
        /// The pieces of a funding file.
        Pieces = "pieces",
        /// A corrected paper, to whoever received the one that it replaces.
        DocumentCorrected = "document_corrected",
        /// A paper was taken back, to whoever received it.
        DocumentRevoked = "document_revoked",
        /// A trainee's personal link to sign: a half-day begins, or it was asked for.
        SigningLink = "signing_link",
        /// The page of a trainer's day.
        DayLink = "day_link",
        /// Signed with the code of the room: « ce n'est pas vous ? »
        SigningReceipt = "signing_receipt",
        /// For trainees without an address: the client is asked to hand things over.
        Relay = "relay",
    }
}

/// How long a text is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// As long as anybody likes.
    Always,
    /// Until what it announces begins.
    UntilItBegins,
    /// Until what it carries opens nothing any more.
    UntilItEnds,
    /// So long after it was due.
    For(TimeDelta),
}

/// What the use of a mail is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it was due.
    pub due: DateTime<Utc>,
    /// When what it announces begins.
    pub begins: Option<DateTime<Utc>>,
    /// When what it carries ends.
    pub ends: Option<DateTime<Utc>>,
}

impl Use {
    /// The instant from which a mail is of no use; none when it always is.
    pub fn until(self, window: Window) -> Option<DateTime<Utc>> {
        let Window { due, begins, ends } = window;
        match self {
            Self::Always => None,
            Self::UntilItBegins => begins,
            Self::UntilItEnds => ends,
            Self::For(time) => Some(due + time),
        }
    }
}

/// Whether what is of use until then still is.
pub fn is_of_use(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    until.is_none_or(|until| now < until)
}

impl Text {
    /// Its template.
    pub fn source(self) -> &'static str {
        match self {
            Self::Proposal => include_str!("texts/proposal.fr.txt"),
            Self::AgreementToSign => include_str!("texts/agreement_to_sign.fr.txt"),
            Self::AmendmentToSign => include_str!("texts/amendment_to_sign.fr.txt"),
            Self::AgreementNotice => include_str!("texts/agreement_notice.fr.txt"),
            Self::SignatureRequest => include_str!("texts/signature_request.fr.txt"),
            Self::SignatureReminder => include_str!("texts/signature_reminder.fr.txt"),
            Self::SignatureCode => include_str!("texts/signature_code.fr.txt"),
            Self::SignatureDone => include_str!("texts/signature_done.fr.txt"),
            Self::SignatureRefused => include_str!("texts/signature_refused.fr.txt"),
            Self::ApprovalRequested => include_str!("texts/approval_requested.fr.txt"),
            Self::ApprovalReturned => include_str!("texts/approval_returned.fr.txt"),
            Self::Information => include_str!("texts/information.fr.txt"),
            Self::Convocation => include_str!("texts/convocation.fr.txt"),
            Self::ConvocationCopy => include_str!("texts/convocation_copy.fr.txt"),
            Self::Reminder => include_str!("texts/reminder.fr.txt"),
            Self::SessionMoved => include_str!("texts/session_moved.fr.txt"),
            Self::SessionCancelled => include_str!("texts/session_cancelled.fr.txt"),
            Self::AbsenceNotice => include_str!("texts/absence_notice.fr.txt"),
            Self::Unsigned => include_str!("texts/unsigned.fr.txt"),
            Self::Unclosed => include_str!("texts/unclosed.fr.txt"),
            Self::Thanks => include_str!("texts/thanks.fr.txt"),
            Self::Certificates => include_str!("texts/certificates.fr.txt"),
            Self::Pieces => include_str!("texts/pieces.fr.txt"),
            Self::DocumentCorrected => include_str!("texts/document_corrected.fr.txt"),
            Self::DocumentRevoked => include_str!("texts/document_revoked.fr.txt"),
            Self::SigningLink => include_str!("texts/signing_link.fr.txt"),
            Self::DayLink => include_str!("texts/day_link.fr.txt"),
            Self::SigningReceipt => include_str!("texts/signing_receipt.fr.txt"),
            Self::Relay => include_str!("texts/relay.fr.txt"),
        }
    }

    /// Whether this fact of it may wait for a link or a code that is made when the mail leaves.
    pub fn may_await(self, fact: &str) -> bool {
        match self {
            Self::SigningLink | Self::DayLink | Self::SigningReceipt => fact == "link",
            Self::SignatureRequest | Self::SignatureReminder => fact == "address",
            Self::SignatureCode => fact == "code",
            _ => false,
        }
    }

    /// How long it is of use: one decision for what is planned, written, sent and revived.
    pub fn of_use(self) -> Use {
        match self {
            // Contracts, papers, what somebody decided: late is better than never.
            Self::Proposal
            | Self::AgreementToSign
            | Self::AmendmentToSign
            | Self::AgreementNotice
            | Self::SignatureDone
            | Self::SignatureRefused
            | Self::ApprovalRequested
            | Self::ApprovalReturned
            | Self::SessionCancelled
            | Self::Thanks
            | Self::Certificates
            | Self::Pieces
            | Self::DocumentCorrected
            | Self::DocumentRevoked => Use::Always,
            // They say to come: once it has begun, whoever was to come did or did not.
            Self::Information | Self::Convocation | Self::ConvocationCopy | Self::Reminder | Self::SessionMoved => {
                Use::UntilItBegins
            }
            // Their link or their code opens nothing any more.
            Self::SignatureRequest | Self::SignatureReminder | Self::SignatureCode | Self::SigningReceipt => {
                Use::UntilItEnds
            }
            // The employer asks for hours of absence at the end of the month.
            Self::AbsenceNotice => Use::For(TimeDelta::days(7)),
            // Of a day: the next day has its own.
            Self::Unsigned | Self::Unclosed | Self::SigningLink | Self::DayLink => Use::For(TimeDelta::hours(24)),
            // Of use as long as the text in whose place it is written.
            Self::Relay => Use::Always,
        }
    }

    /// Whether it is still planned where its time was over before anything asked for it: a training that is sold ten days
    /// ahead convokes its trainees; what is said of days gone by is not said in a burst.
    pub fn is_planned_late(self) -> bool {
        matches!(self, Self::Convocation)
    }

    /// Whether somebody must be told another way when it did not leave.
    pub fn matters(self) -> bool {
        match self {
            Self::Proposal
            | Self::AgreementToSign
            | Self::AmendmentToSign
            | Self::SignatureRequest
            | Self::Information
            | Self::Convocation
            | Self::Relay
            | Self::SessionMoved
            | Self::SessionCancelled
            | Self::AbsenceNotice
            | Self::Certificates
            | Self::Pieces
            | Self::DocumentCorrected
            | Self::DocumentRevoked => true,
            // Another says the same, or whoever wants it asks again.
            Self::AgreementNotice
            | Self::SignatureReminder
            | Self::SignatureCode
            | Self::SignatureDone
            | Self::SignatureRefused
            | Self::ApprovalRequested
            | Self::ApprovalReturned
            | Self::ConvocationCopy
            | Self::Reminder
            | Self::Unsigned
            | Self::Unclosed
            | Self::Thanks
            | Self::SigningLink
            | Self::DayLink
            | Self::SigningReceipt => false,
        }
    }

    /// Whether it is said once for ever about its subject; the others are said again each time something happens.
    pub fn is_said_once(self) -> bool {
        match self {
            Self::Proposal
            | Self::AgreementToSign
            | Self::AmendmentToSign
            | Self::Information
            | Self::Convocation
            | Self::Reminder
            | Self::SessionCancelled
            | Self::Unsigned
            | Self::Unclosed
            | Self::Thanks
            | Self::SignatureDone
            | Self::Certificates
            | Self::DocumentCorrected
            | Self::DocumentRevoked
            | Self::SigningReceipt => true,
            // Each of its letters says what makes it itself.
            Self::AbsenceNotice
            | Self::AgreementNotice
            | Self::SignatureRequest
            | Self::SignatureReminder
            | Self::SignatureCode
            | Self::SignatureRefused
            | Self::ApprovalRequested
            | Self::ApprovalReturned
            | Self::ConvocationCopy
            | Self::SessionMoved
            | Self::Pieces
            | Self::SigningLink
            | Self::DayLink
            | Self::Relay => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mail::{Frame, render};

    /// Every text, with facts and without those that may be missing.
    #[test]
    fn every_text_reads_in_french_with_and_without_its_options() {
        let mut full = json!({
            "brand": "Clairière", "hello": "Bonjour Zoé Lefèvre,", "title": "Administrer Zourit",
            "days": ["2026-03-03", "2026-03-24"], "schedule": ["mardi 3 mars 2026, de 9 h à 12 h 30, Salle des Lilas"],
            "reference": "CNV-2026-0001", "programme": true, "house_rules": true, "valid_until": "2026-04-30",
            "paper": "Convention", "the_paper": "la convention de formation CNV-2026-0001", "individual": true,
            "client": "Les Lilas", "price": 125_000, "reason": "Salle indisponible", "names": ["Zoé Lefèvre", "Ali Benali"],
            "cancelled": null, "before": "lundi 2 mars 2026 à 9 h", "after": "mardi 3 mars 2026, de 9 h à 12 h 30",
            "day": "2026-03-03", "half": "mardi 3 mars 2026, de 9 h à 12 h 30", "count": 2, "number": "D-42",
            "amendment": "l’avenant n° 1 à la convention CNV-2026-0001", "enclosed": ["le programme", "le règlement intérieur"],
            "funder": "Uniformation", "what": "la convocation jointe", "timetable": ["3 mars 2026, 9 h – 12 h 30"], "trainers": ["Marie Durand"],
            "contact": "Rose Garnier", "old": "CRT-2026-0001",
        });
        // What people sign with, apart: one table of so many lines is too long for the macro.
        let signing = json!({
            "over": true, "again": true, "at": "mardi 3 mars 2026 à 9 h 02",
            "link": "https://formation.example.org/presence/lien-personnel.sign_session.0.1", "base_url": "https://formation.example.org", "address": "/signature/jeton",
            "code": "123456", "expires": "lundi 6 avril 2026 à 9 h", "papers": ["Convention CNV-2026-0001"],
            "name": "Zoé Lefèvre", "signatory": "Agnès Petit", "signatories": ["Agnès Petit, présidente", "Rosa Bellanger, gérante"],
        });
        for (name, value) in signing.as_object().into_iter().flatten() {
            full[name] = value.clone();
        }
        let mut bare = full.clone();
        for option in ["valid_until", "reason", "before", "number"] {
            bare[option] = json!(null);
        }
        bare["names"] = json!([]);
        for option in ["programme", "house_rules", "individual", "over", "again"] {
            bare[option] = json!(false);
        }
        bare["days"] = json!([]);
        bare["enclosed"] = json!([]);
        bare["schedule"] = json!([]);
        bare["trainers"] = json!([]);
        bare["price"] = json!(0);
        bare["cancelled"] = json!("mardi 3 mars 2026");
        let frame = Frame { brand: "Clairière".into(), identity: vec!["Les Communs, SCOP".into()] };
        for text in Text::ALL {
            for facts in [&full, &bare] {
                // Whoever has no day is never written to about days.
                if facts["days"] == json!([])
                    && matches!(text, Text::Convocation | Text::ConvocationCopy | Text::Reminder)
                {
                    continue;
                }
                let mail = render(text.source(), facts, &frame).unwrap_or_else(|error| panic!("{text:?}: {error}"));
                assert!(mail.subject.starts_with("Clairière"), "{text:?}: {}", mail.subject);
                assert!(mail.text.contains("Bonjour") && !mail.text.contains("{{"), "{text:?}: {}", mail.text);
                let forbidden = ["handicap", "évaluation", "null", "none", " ,"];
                let seen = mail.text.replace('\n', " / ");
                for word in forbidden {
                    assert!(!seen.replace(" / ", "/").contains(word), "{text:?} says « {word} »: {seen}");
                }
            }
        }
    }
}
