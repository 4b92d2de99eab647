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
    paper::{DocumentOut, State},
    wording::{Drafts, freeze},
};
use crate::{
    platform::{
        answer::Upserted,
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
    /// The member of its content that says the day of its issue, if it prints one there.
    fn day_of_issue(self) -> Option<&'static str> {
        match self {
            Self::Certificate | Self::Attestation | Self::DistanceRecord | Self::Assiduity => Some("day"),
            Self::Quote
            | Self::Programme
            | Self::Agreement
            | Self::Convocation
            | Self::AttendanceSheet
            | Self::Amendment
            | Self::WelcomeBooklet
            | Self::InternalRules
            | Self::SignatureEvidence => None,
        }
    }

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

/// What issuing a paper came to.
#[derive(Debug, Clone)]
pub enum Issued {
    /// It was issued now; it replaces the one that stood, if any.
    New(document::Model),
    /// The one that stands says exactly this: nothing was issued, nobody is told anything again.
    Standing(document::Model),
}

impl Issued {
    /// The paper, whichever it is.
    pub fn paper(self) -> document::Model {
        match self {
            Self::New(row) | Self::Standing(row) => row,
        }
    }

    /// The paper, when it was issued now.
    pub fn made(self) -> Option<document::Model> {
        match self {
            Self::New(row) => Some(row),
            Self::Standing(_) => None,
        }
    }

    /// Say in the unit of work where the answer is, should the request be repeated.
    pub fn answered(&self, tx: &mut Tx<'_>) {
        match self {
            Self::New(row) => tx.answers_at(place(row.id), 201),
            Self::Standing(row) => tx.answers_at(place(row.id), 200),
        }
    }

    /// 201 with a new paper, 200 with the one that stands.
    pub fn answer(self) -> Result<Upserted<DocumentOut>> {
        Ok(match self {
            Self::New(row) => Upserted::Made(place(row.id), row.try_into()?),
            Self::Standing(row) => Upserted::Changed(row.try_into()?),
        })
    }
}

fn place(paper: Uuid) -> String {
    format!("/v1/documents/{paper}")
}

/// Issue a paper in an activity, unless the current one says exactly this. `content` holds nothing that the paper does not
/// print.
///
/// The texts that staff add to this kind of paper are written into it, at `/issuer/letterhead/texts`.
/// A paper of the same kind about the same rows that says something else, or is outdated, is replaced: it keeps its bytes
/// and says so. Number, day and code do not count as something else.
pub async fn issue(
    tx: &mut Tx<'_>,
    activity: Uuid,
    kind: Kind,
    title: &str,
    about: About,
    content: &impl Serialize,
) -> Result<Issued> {
    // Two who issue the same paper at once meet here and not at their counter, where a number would be lost.
    tx.alone(&format!("document:{activity}:{}", kind.name())).await?;
    let before = standing(tx, activity, kind, &about).await?;
    let content = serde_json::to_value(content)?;
    if let Some(old) = before.as_ref().filter(|old| old.state == State::Current.name() && old.title == title)
        && is_same(tx, old, kind, content.clone()).await?
    {
        return Ok(Issued::Standing(old.clone()));
    }
    write(tx, (activity, kind, title), about, before, content).await.map(Issued::New)
}

/// Issue again what stands and says the same, for a reason that is told: a new number, today's day.
pub async fn issue_anew(tx: &mut Tx<'_>, old: document::Model) -> Result<document::Model> {
    let kind = Kind::of(&old.kind)?;
    let mut content: Value = stored(&old.content)?;
    if let Some(letterhead) = content.pointer_mut("/issuer/letterhead").and_then(Value::as_object_mut) {
        letterhead.remove("texts");
    }
    if let Some(day) = kind.day_of_issue() {
        content[day] = serde_json::to_value(tx.today())?;
    }
    let about = About {
        client: old.client_id,
        quote: old.quote_id,
        programme_version: old.programme_version_id,
        session: old.session_id,
        booking: old.booking_id,
        enrolment: old.enrolment_id,
        agreement: old.agreement_id,
        amendment: old.amendment_id,
        mark: old.mark_id,
        days: old.first_day.zip(old.last_day),
    };
    let title = old.title.clone();
    write(tx, (old.activity_id, kind, &title), about, Some(old), content).await
}

/// The paper of this kind about exactly these rows that stands, or waits to be replaced.
async fn standing(tx: &Tx<'_>, activity: Uuid, kind: Kind, about: &About) -> Result<Option<document::Model>> {
    let About { client: _, quote, programme_version, session, booking, enrolment, agreement, amendment, mark, days } =
        about;
    let (first_day, last_day) = days.unzip();
    let same =
        |column: document::Column, value: &Option<Uuid>| value.map_or_else(|| column.is_null(), |id| column.eq(id));
    let same_day = |column: document::Column, value: Option<NaiveDate>| {
        value.map_or_else(|| column.is_null(), |day| column.eq(day))
    };
    tx.scope()
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
        .await
}

/// Whether this content, had it been issued under the number and on the day of a paper, were that paper to the letter:
/// its dress and the texts that staff add included, as well as what the operator chose.
async fn is_same(tx: &Tx<'_>, old: &document::Model, kind: Kind, mut content: Value) -> Result<bool> {
    if let Some(day) = kind.day_of_issue() {
        content[day] = stored::<Value>(&old.content)?[day].take();
    }
    let issue = (old.reference.as_str(), old.issued_on);
    freeze(&tx.scope(), old.activity_id, kind, issue, &Drafts::default(), &mut content).await?;
    let settings = tx.settings();
    let here = old.verification_address.as_ref().is_none_or(|at| at.starts_with(&verify_at(&settings.base_url())));
    Ok(here && old.specimen == settings.specimen && sha256(store(&content)?) == old.content_hash)
}

/// Where papers are verified.
fn verify_at(base_url: &str) -> String {
    format!("{base_url}/verify/")
}

/// Number, freeze and keep a paper; the one before is replaced.
async fn write(
    tx: &mut Tx<'_>,
    (activity, kind, title): (Uuid, Kind, &str),
    about: About,
    before: Option<document::Model>,
    mut content: Value,
) -> Result<document::Model> {
    let About { client, quote, programme_version, session, booking, enrolment, agreement, amendment, mark, days } =
        about;
    let (first_day, last_day) = days.unzip();
    let today = tx.today();
    let year = chrono::Datelike::year(&today);
    let number = tx.next_number(&format!("document:{activity}:{}:{year}", kind.name())).await?;
    let reference = format!("{}-{year}-{number:04}", kind.letters());
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
    let base = verify_at(&tx.settings().base_url());
    let address = code.as_deref().map(|code| format!("{base}{}", code::printed(code)));
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
