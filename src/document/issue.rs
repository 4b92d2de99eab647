//! Issue a paper: freeze its content and hash, take a number, and supersede the one that it replaces.

use chrono::NaiveDate;
use entity::document;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    code,
    events::Event,
    wording::{Drafts, freeze},
};
use crate::{
    platform::{
        audit::sha256,
        codes::{store, stored},
        error::Result,
        text::fold,
        tx::Tx,
    },
    words,
};

words! {
    /// Kinds of paper.
    pub enum Kind as "PaperKind" {
        /// Devis.
        Quote = "quote",
        /// Programme of a training (fiche programme).
        Programme = "programme",
        /// Convention de formation professionnelle (art. L6353-1), or contrat de formation (art. L6353-3).
        Agreement = "agreement",
        /// Convocation of a trainee.
        Convocation = "convocation",
        /// Feuille d'émargement.
        AttendanceSheet = "attendance-sheet",
        /// Certificat de réalisation.
        Certificate = "certificate",
        /// Attestation de fin de formation.
        Attestation = "attestation",
        /// Avenant to a convention or contrat.
        Amendment = "amendment",
        /// Livret d'accueil of a session.
        WelcomeBooklet = "welcome-booklet",
        /// Règlement intérieur that applies to a session (art. L6352-3, R6352-1).
        InternalRules = "internal-rules",
        /// Relevé de connexion et de suivi à distance (art. D6313-3-1).
        DistanceRecord = "distance-record",
        /// Attestation d'assiduité: hours attended, period by period.
        Assiduity = "assiduity",
        /// Fiche de preuve d'une signature.
        SignatureEvidence = "signature-evidence",
    }
}

impl Kind {
    /// The letters of its references.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Quote => "DEV",
            Self::Programme => "PRG",
            Self::Agreement => "CNV",
            Self::Convocation => "CVC",
            Self::AttendanceSheet => "EMG",
            Self::Certificate => "CRT",
            Self::Attestation => "ATT",
            Self::Amendment => "AVN",
            Self::WelcomeBooklet => "LIV",
            Self::InternalRules => "RGI",
            Self::DistanceRecord => "RCD",
            Self::Assiduity => "ASD",
            Self::SignatureEvidence => "PRV",
        }
    }
}

impl Kind {
    /// Whether it carries a code by which whoever holds it can verify it; the seal is put on these.
    pub fn verifiable(self) -> bool {
        match self {
            Self::Agreement
            | Self::AttendanceSheet
            | Self::Certificate
            | Self::Attestation
            | Self::Amendment
            | Self::DistanceRecord
            | Self::Assiduity
            | Self::SignatureEvidence => true,
            Self::Quote | Self::Programme | Self::Convocation | Self::WelcomeBooklet | Self::InternalRules => false,
        }
    }

    /// Whether it is presented to be signed by others: the seal comes after their signatures.
    pub fn awaits_signatures(self) -> bool {
        match self {
            Self::Agreement | Self::Quote | Self::Amendment => true,
            Self::Programme
            | Self::Convocation
            | Self::AttendanceSheet
            | Self::Certificate
            | Self::Attestation
            | Self::WelcomeBooklet
            | Self::InternalRules
            | Self::DistanceRecord
            | Self::Assiduity
            | Self::SignatureEvidence => false,
        }
    }
}

/// What a paper is about: the rows that lists and downloads find it by.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The client it is addressed to.
    pub client: Option<Uuid>,
    /// The quote it prints.
    pub quote: Option<Uuid>,
    /// The programme version it prints.
    pub programme_version: Option<Uuid>,
    /// The session it belongs to.
    pub session: Option<Uuid>,
    /// The booking it belongs to.
    pub booking: Option<Uuid>,
    /// The trainee it is about.
    pub enrolment: Option<Uuid>,
    /// The agreement it prints, or amends.
    pub agreement: Option<Uuid>,
    /// The amendment it prints.
    pub amendment: Option<Uuid>,
    /// The mark that it proves.
    pub mark: Option<Uuid>,
    /// The days it is about, when it is not about all of them.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Issue a paper in an activity. `content` holds nothing that the paper does not print.
///
/// The texts that staff add to this kind of paper are written into it, at `/issuer/letterhead/texts`.
/// A current paper of the same kind about the same rows is replaced: it keeps its bytes and says so.
pub async fn issue(
    tx: &mut Tx<'_>,
    activity: Uuid,
    kind: Kind,
    title: &str,
    about: About,
    content: &impl Serialize,
) -> Result<document::Model> {
    let About { client, quote, programme_version, session, booking, enrolment, agreement, amendment, mark, days } =
        about;
    let (first_day, last_day) = days.unzip();
    let same =
        |column: document::Column, value: Option<Uuid>| value.map_or_else(|| column.is_null(), |id| column.eq(id));
    let same_day = |column: document::Column, value: Option<NaiveDate>| {
        value.map_or_else(|| column.is_null(), |day| column.eq(day))
    };
    let before = tx
        .scope()
        .find::<document::Entity>()
        .filter(document::Column::ActivityId.eq(activity))
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::State.is_in(["current", "outdated"]))
        .filter(same(document::Column::QuoteId, quote))
        .filter(same(document::Column::ProgrammeVersionId, programme_version))
        .filter(same(document::Column::SessionId, session))
        .filter(same(document::Column::BookingId, booking))
        .filter(same(document::Column::EnrolmentId, enrolment))
        .filter(same(document::Column::AgreementId, agreement))
        .filter(same(document::Column::AmendmentId, amendment))
        .filter(same(document::Column::MarkId, mark))
        .filter(same_day(document::Column::FirstDay, first_day))
        .filter(same_day(document::Column::LastDay, last_day))
        .one()
        .await?;
    let today = tx.today();
    let year = chrono::Datelike::year(&today);
    let number = tx.next_number(&format!("document:{activity}:{}:{year}", kind.name())).await?;
    let reference = format!("{}-{year}-{number:04}", kind.letters());
    let mut content = serde_json::to_value(content)?;
    freeze(&tx.scope(), activity, kind, (&reference, today), &Drafts::default(), &mut content).await?;
    let content = store(&content)?;
    let content_hash = sha256(&content);
    let (id, now, actor) = (tx.new_id(), tx.now(), tx.actor().to_owned());
    let specimen = tx.settings().specimen;
    let code = kind.verifiable().then(|| {
        let mut random = [0; code::BYTES];
        tx.secret(&mut random);
        code::from_random(random)
    });
    // The address is frozen too: a paper prints the same one for ever.
    let base = tx.settings().base_url();
    let address = code.as_deref().map(|code| format!("{base}/verify/{}", code::printed(code)));
    if let Some(old) = &before {
        tx.act(activity, Event::Replaced { document: old.id, by: id }.into())
            .update(old.clone(), |edit: &mut document::ActiveModel| edit.state = Set("replaced".into()))
            .await?;
    }
    tx.act(activity, Event::Issued { document: id, kind: kind.name() }.into())
        .insert(document::ActiveModel {
            id: Set(id),
            kind: Set(kind.name().into()),
            search: Set(fold(&format!("{title} {reference}"))),
            reference: Set(reference),
            title: Set(title.into()),
            client_id: Set(client),
            quote_id: Set(quote),
            programme_version_id: Set(programme_version),
            session_id: Set(session),
            booking_id: Set(booking),
            enrolment_id: Set(enrolment),
            agreement_id: Set(agreement),
            amendment_id: Set(amendment),
            mark_id: Set(mark),
            first_day: Set(first_day),
            last_day: Set(last_day),
            content: Set(content),
            content_hash: Set(content_hash),
            layout_version: Set(1),
            issued_on: Set(today),
            issued_at: Set(now),
            issued_by: Set(actor),
            specimen: Set(specimen),
            state: Set("current".into()),
            replaces_id: Set(before.map(|old| old.id)),
            verification_code: Set(code),
            verification_address: Set(address),
            ..Default::default()
        })
        .await
}

/// Whether an issued paper says what this content says; how it is dressed and what staff added does not count.
pub fn says(paper: &document::Model, content: &impl Serialize) -> Result<bool> {
    let undressed = |mut content: Value| {
        if let Some(issuer) = content.get_mut("issuer").and_then(Value::as_object_mut) {
            issuer.remove("letterhead");
        }
        content
    };
    Ok(undressed(stored(&paper.content)?) == undressed(serde_json::to_value(content)?))
}
