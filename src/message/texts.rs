//! The words of every mail: one file a text, in French.

use crate::words;

words! {
    /// What a mail says.
    pub enum Text {
        /// The offer: quote and programme, to the client's signatory.
        Proposal = "proposal",
        /// The agreement (convention, contrat) to sign, to the client's signatory.
        AgreementToSign = "agreement_to_sign",
        /// What changed without touching the signed agreement, to the client.
        AgreementNotice = "agreement_notice",
        /// Approval asked of the cooperative.
        ApprovalRequested = "approval_requested",
        /// Returned by the cooperative with a reason, to the activity.
        ApprovalReturned = "approval_returned",
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
        /// Thanks, with the attestation, to the trainee.
        Thanks = "thanks",
        /// The certificates (certificats de réalisation), to the client.
        Certificates = "certificates",
        /// The pieces of a funding file.
        Pieces = "pieces",
        /// For trainees without an address: the client is asked to hand things over.
        Relay = "relay",
    }
}

impl Text {
    /// Its template.
    pub fn source(self) -> &'static str {
        match self {
            Self::Proposal => include_str!("texts/proposal.fr.txt"),
            Self::AgreementToSign => include_str!("texts/agreement_to_sign.fr.txt"),
            Self::AgreementNotice => include_str!("texts/agreement_notice.fr.txt"),
            Self::ApprovalRequested => include_str!("texts/approval_requested.fr.txt"),
            Self::ApprovalReturned => include_str!("texts/approval_returned.fr.txt"),
            Self::Convocation => include_str!("texts/convocation.fr.txt"),
            Self::ConvocationCopy => include_str!("texts/convocation_copy.fr.txt"),
            Self::Reminder => include_str!("texts/reminder.fr.txt"),
            Self::SessionMoved => include_str!("texts/session_moved.fr.txt"),
            Self::SessionCancelled => include_str!("texts/session_cancelled.fr.txt"),
            Self::AbsenceNotice => include_str!("texts/absence_notice.fr.txt"),
            Self::Thanks => include_str!("texts/thanks.fr.txt"),
            Self::Certificates => include_str!("texts/certificates.fr.txt"),
            Self::Pieces => include_str!("texts/pieces.fr.txt"),
            Self::Relay => include_str!("texts/relay.fr.txt"),
        }
    }

    /// Whether it is said once for ever about its subject; the others are said again each time something happens.
    pub fn is_said_once(self) -> bool {
        match self {
            Self::Proposal
            | Self::AgreementToSign
            | Self::Convocation
            | Self::Reminder
            | Self::SessionCancelled
            | Self::AbsenceNotice
            | Self::Thanks
            | Self::Certificates => true,
            Self::AgreementNotice
            | Self::ApprovalRequested
            | Self::ApprovalReturned
            | Self::ConvocationCopy
            | Self::SessionMoved
            | Self::Pieces
            | Self::Relay => false,
        }
    }
}
