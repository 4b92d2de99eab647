//! The lines that a list may hold: each with the rule that asks for it, whoever acts, the call that does it.

use super::Who;

/// A line of the list, but for whom and what it is about.
pub(super) struct Line {
    /// A stable code for programs.
    pub code: &'static str,
    /// The article or the indicator that asks for it.
    pub why: &'static str,
    /// Who acts.
    pub who: Who,
    /// The HTTP method of the call.
    pub method: &'static str,
    /// Whether the next step is refused without it.
    pub blocking: bool,
}

const fn line(code: &'static str, why: &'static str, who: Who, method: &'static str, blocking: bool) -> Line {
    Line { code, why, who, method, blocking }
}

pub(super) const SESSION_NO_SLOT: Line =
    line("session.no_slot", "art. D6353-1 : période de réalisation", Who::Trainer, "POST", true);
pub(super) const SESSION_NO_TRAINER: Line =
    line("session.no_trainer", "art. L6353-8 : liste des formateurs", Who::Trainer, "PUT", true);
pub(super) const SESSION_DURATION: Line =
    line("session.duration", "Les heures doivent concorder partout (art. R6313-3)", Who::Trainer, "POST", false);
pub(super) const TRAINER_NOT_ACCREDITED: Line =
    line("trainer.not_accredited", "Qualiopi, indicateur 21", Who::Cooperative, "POST", true);
pub(super) const SESSION_NO_BOOKING: Line = line("session.no_booking", "art. L6353-1", Who::Trainer, "POST", true);
pub(super) const BOOKING_DRAFT: Line = line("booking.draft", "art. L6353-1", Who::Trainer, "POST", true);
pub(super) const APPROVAL_PENDING: Line =
    line("approval.pending", "La coopérative répond de l’activité (art. L7332-5)", Who::Cooperative, "POST", true);
pub(super) const APPROVAL_MISSING: Line =
    line("approval.missing", "La coopérative répond de l’activité (art. L7332-5)", Who::Trainer, "POST", true);
pub(super) const AGREEMENT_MISSING: Line =
    line("agreement.missing", "art. L6353-1 et D6353-1", Who::Trainer, "POST", true);
pub(super) const AGREEMENT_DRAFT: Line = line("agreement.draft", "art. L6353-1", Who::Trainer, "POST", true);
pub(super) const AGREEMENT_SIGNATURE_AWAITED: Line =
    line("agreement.signature_awaited", "À signer avant le premier jour", Who::Client, "POST", true);
pub(super) const AGREEMENT_UNSIGNED: Line =
    line("agreement.unsigned", "À signer avant le premier jour", Who::Client, "POST", true);
pub(super) const BOOKING_NOT_AGREED: Line = line("booking.not_agreed", "art. L6353-1", Who::Trainer, "POST", true);
pub(super) const AMENDMENT_UNSENT: Line = line(
    "amendment.unsent",
    "C. civ. art. 1193 : un contrat ne se modifie que d’un commun accord",
    Who::Trainer,
    "POST",
    false,
);
pub(super) const AMENDMENT_UNSIGNED: Line = line(
    "amendment.unsigned",
    "C. civ. art. 1193 : un contrat ne se modifie que d’un commun accord",
    Who::Client,
    "POST",
    false,
);
pub(super) const ENROLMENT_NONE: Line = line("enrolment.none", "art. L6353-8", Who::Trainer, "POST", true);
pub(super) const ENROLMENT_NOT_INFORMED: Line =
    line("enrolment.not_informed", "art. L6353-8 : avant l’inscription définitive", Who::Trainer, "POST", true);
pub(super) const ENROLMENT_INVITED: Line = line("enrolment.invited", "art. L6353-8", Who::Trainer, "POST", true);
pub(super) const SESSION_NOT_CONVOKED: Line =
    line("session.not_convoked", "Qualiopi, indicateur 9", Who::Trainer, "POST", false);
pub(super) const EVALUATION_MISSING: Line =
    line("evaluation.missing", "Qualiopi, indicateur 11", Who::Trainer, "PUT", false);
pub(super) const CERTIFICATE_MISSING: Line =
    line("certificate.missing", "Arrêté du 21 décembre 2018", Who::Cooperative, "POST", true);
pub(super) const ATTESTATION_MISSING: Line = line("attestation.missing", "art. L6313-7", Who::Trainer, "POST", false);
pub(super) const FUNDING_NOT_FILED: Line =
    line("funding.not_filed", "À déposer avant le premier jour", Who::Trainer, "POST", true);
pub(super) const FUNDING_NO_DECISION: Line =
    line("funding.no_decision", "art. R6332-24 : réponse sous deux mois", Who::Funder, "POST", false);
pub(super) const FUNDING_PIECES: Line =
    line("funding.pieces", "art. R6332-25 : paiement après exécution", Who::Trainer, "POST", false);
pub(super) const MESSAGE_FAILED: Line =
    line("message.failed", "La personne n’a pas été prévenue", Who::Trainer, "POST", false);
pub(super) const MESSAGE_TOO_LATE: Line =
    line("message.too_late", "La personne n’a pas été prévenue à temps", Who::Trainer, "POST", false);
pub(super) const ATTENDANCE_OPEN: Line =
    line("attendance.open", "art. R6313-3 : preuve de la réalisation", Who::Trainer, "POST", true);
pub(super) const SESSION_NOT_COMPLETED: Line =
    line("session.not_completed", "Toutes les demi-journées sont closes", Who::Trainer, "POST", false);
pub(super) const ATTENDANCE_LATE_MARK: Line =
    line("attendance.late_mark", "Elle ne compte que si elle est acceptée avec un motif", Who::Trainer, "POST", false);
pub(super) const ATTENDANCE_UNCONFIRMED: Line = line(
    "attendance.unconfirmed",
    "Une présence déclarée ne compte que confirmée par la coopérative (art. R6313-3)",
    Who::Cooperative,
    "POST",
    false,
);
pub(super) const ATTENDANCE_WALK_IN: Line = line(
    "attendance.walk_in",
    "art. L6353-1 : sans inscription, sa présence ne compte pas",
    Who::Trainer,
    "POST",
    false,
);
pub(super) const ENROLMENT_NAME: Line = line(
    "enrolment.name_correction",
    "Le nom est imprimé sur le certificat de réalisation",
    Who::Trainer,
    "POST",
    false,
);
pub(super) const SHEET_OUTDATED: Line =
    line("sheet.outdated", "Un document qui n’est plus à jour ne s’utilise plus", Who::Trainer, "POST", false);
pub(super) const ATTENDANCE_LATE_STATEMENT: Line = line(
    "attendance.late_statement",
    "Une présence déclarée après coup ne compte que confirmée par la coopérative (art. R6313-3)",
    Who::Cooperative,
    "POST",
    false,
);
pub(super) const BOOKING_ORDER: Line =
    line("booking.order_reference", "Le client public paie sur bon de commande", Who::Trainer, "PATCH", true);
