//! The words of funding.

use crate::words;

words! {
    /// Who is paid by the funder.
    pub enum Mode as "PaymentMode" {
        /// The cooperative invoices the funder (subrogation).
        Subrogation = "subrogation",
        /// The client pays, and is reimbursed by the funder (remboursement).
        Reimbursement = "reimbursement",
    }
}

words! {
    /// Where a file stands.
    pub enum State as "FundingState" {
        /// Being prepared.
        Draft = "draft",
        /// Complete, to be filed before the training begins.
        ToFile = "to_file",
        /// Filed with the funder (déposé).
        Filed = "filed",
        /// Granted in full (accord de prise en charge).
        Approved = "approved",
        /// Granted in part.
        PartiallyApproved = "partially_approved",
        /// Refused, with a reason (art. R6332-24).
        Refused = "refused",
        /// Given up.
        Withdrawn = "withdrawn",
        /// Invoiced, after the training (art. R6332-25).
        Invoiced = "invoiced",
        /// Paid.
        Paid = "paid",
    }
}

words! {
    /// What the funder decided.
    pub enum Decision {
        /// Granted in full.
        Approved = "approved",
        /// Granted in part.
        PartiallyApproved = "partially_approved",
        /// Refused.
        Refused = "refused",
    }
}

words! {
    /// Kinds of piece that funders ask for.
    pub enum PieceKind {
        /// The funder's own form (formulaire de demande).
        RequestForm = "request_form",
        /// Programme of the training.
        Programme = "programme",
        /// Quote (devis).
        Quote = "quote",
        /// Convention or contrat, signed or to be signed.
        Agreement = "agreement",
        /// The funder's decision (accord de prise en charge).
        ApprovalLetter = "approval_letter",
        /// Certificat de réalisation of a trainee.
        Certificate = "certificate",
        /// Attendance sheet (feuille d'émargement).
        AttendanceSheet = "attendance_sheet",
        /// Invoice.
        Invoice = "invoice",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Whether a piece is there.
    pub enum PieceState {
        /// It is there, and current.
        Held = "held",
        /// It is missing.
        Missing = "missing",
    }
}

words! {
    /// What a piece is needed for.
    pub enum Stage {
        /// The request, before the training (demande de prise en charge).
        Request = "request",
        /// The payment, after it (service fait).
        Payment = "payment",
    }
}
