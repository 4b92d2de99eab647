//! Issue the papers of attendance: sheets, certificates.

use entity::{booking, document, enrolment, session, signatory};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;
use validator::Validate;

use super::{all_closed, certificate, roll::trainees, sheet};
use crate::{
    document::{About, DocumentOut, Kind, issue, outdate_paper},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        codes::stored,
        error::{Error, Fault, Result},
        scope::Scope,
        tx::Tx,
    },
    words,
};

words! {
    /// Why somebody gets no paper.
    pub enum Without {
        /// Not a minute attended: nothing can be certified.
        NoAttendance = "no_attendance",
    }
}

/// Which attendance sheet is asked for.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSheet {
    /// Only the trainees of this booking; all of the session when absent.
    pub booking_id: Option<Uuid>,
    /// To be signed by hand, with spare rows, instead of showing what was recorded.
    pub blank: Option<bool>,
}

/// Who certifies.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewCertificate {
    /// The signatory of the cooperative; whoever may sign certificates when absent.
    pub signatory_id: Option<Uuid>,
}

/// Somebody who gets no paper.
#[derive(Debug, Clone, Object)]
pub struct Skipped {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// Why.
    pub why: Without,
}

/// Papers that were issued together.
#[derive(Debug, Clone, Object)]
pub struct IssuedPapers {
    /// The papers, by trainee's name.
    pub documents: Vec<DocumentOut>,
    /// Those who get none, and why.
    pub skipped: Vec<Skipped>,
}

/// Issue an attendance sheet, as part of a larger act.
pub async fn issue_sheet(tx: &mut Tx<'_>, session: Uuid, of: NewSheet) -> Result<document::Model> {
    let NewSheet { booking_id, blank } = of;
    let session = tx.scope().get::<session::Entity>(session).await?;
    let booking = tx.scope().maybe::<booking::Entity>(booking_id).await?;
    if booking.as_ref().is_some_and(|row| row.session_id != session.id) {
        return Err(Error::Missing("booking"));
    }
    if blank.unwrap_or(false) && super::all_closed(tx, session.id).await? {
        return Err(Error::refused(
            "sheet.all_closed",
            "Toutes les demi-journées sont closes : il n’y a plus rien à signer à la main.",
            "Every half-day is closed: nothing is left to sign by hand.",
        ));
    }
    let day = tx.today();
    let content = sheet::content(&tx.scope(), &session, booking.as_ref(), blank.unwrap_or(false), day).await?;
    if content.slots.is_empty() {
        return Err(Error::refused(
            "sheet.no_slot",
            "Cette session n’a aucune demi-journée.",
            "This session has no half-day.",
        ));
    }
    let title = format!("Feuille d’émargement – {}", session.title);
    let about = About {
        client: booking.as_ref().map(|row| row.client_id),
        session: Some(session.id),
        booking: booking.map(|row| row.id),
        ..About::default()
    };
    issue(tx, session.activity_id, Kind::AttendanceSheet, &title, about, &content).await
}

/// Issue a certificate, as part of a larger act; its signatory must have a delegation on the day.
pub async fn issue_certificate(
    tx: &mut Tx<'_>,
    enrolment: &enrolment::Model,
    signatory: Option<Uuid>,
) -> Result<document::Model> {
    let day = tx.today();
    let signatory = signatory_for(&tx.scope(), signatory, Kind::Certificate.name(), None, day).await?;
    let content = certificate::content(&tx.scope(), enrolment, signatory, day).await?;
    let title = format!("Certificat de réalisation – {}", content.trainee);
    let about = about(&tx.scope(), enrolment).await?;
    issue(tx, enrolment.activity_id, Kind::Certificate, &title, about, &content).await
}

/// What a paper about a trainee is found by.
pub async fn about(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<About> {
    let booking = scope.get::<booking::Entity>(enrolment.booking_id).await?;
    Ok(About {
        client: Some(booking.client_id),
        session: Some(enrolment.session_id),
        booking: Some(booking.id),
        enrolment: Some(enrolment.id),
        ..About::default()
    })
}

/// Issue a sheet.
pub async fn sheet_of(ctx: &mut Ctx, session: Uuid, of: NewSheet) -> Result<DocumentOut> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let row = issue_sheet(&mut tx, session.id, of).await?;
    tx.answers_at(format!("/v1/documents/{}", row.id), 201);
    tx.commit().await?;
    row.try_into()
}

/// Every half-day is closed: the sheet is issued, unless one that stands says so already. What was reopened meanwhile
/// waits for its next closing.
pub async fn issue_closed_sheet(ctx: &mut Ctx, session: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    if !all_closed(&tx, session.id).await? {
        return Ok(());
    }
    let whole = of_session(&tx.scope(), session.id).await?.into_iter().any(|paper| paper.booking_id.is_none());
    if whole {
        return Ok(());
    }
    issue_sheet(&mut tx, session.id, NewSheet { booking_id: None, blank: None }).await?;
    tx.commit().await
}

/// The sheets of a session that stand and show what was recorded: those to be signed by hand are not among them.
async fn of_session(scope: &Scope<'_>, session: Uuid) -> Result<Vec<document::Model>> {
    let sheets = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::Kind.eq(Kind::AttendanceSheet.name()))
        .filter(document::Column::State.eq("current"))
        .ascending(document::Column::Id)
        .all()
        .await?;
    let mut filled = vec![];
    for paper in sheets {
        if !stored::<sheet::Content>(&paper.content)?.blank {
            filled.push(paper);
        }
    }
    Ok(filled)
}

/// What a sheet shows has grown: those that were issued before are outdated; those to be signed by hand stand.
pub(super) async fn outdate_sheets(tx: &mut Tx<'_>, session: Uuid, why: &str) -> Result<()> {
    for paper in of_session(&tx.scope(), session).await? {
        outdate_paper(tx, paper.id, why).await?;
    }
    Ok(())
}

/// Issue one trainee's certificate.
pub async fn certify(ctx: &mut Ctx, enrolment: Uuid, with: NewCertificate) -> Result<DocumentOut> {
    let mut tx = ctx.begin().await?;
    let enrolment = tx.lock::<enrolment::Entity>(enrolment).await?;
    let row = issue_certificate(&mut tx, &enrolment, with.signatory_id).await?;
    tx.answers_at(format!("/v1/documents/{}", row.id), 201);
    tx.commit().await?;
    row.try_into()
}

/// Issue the certificates of a session: all of them or none, but those who attended nothing, who are named.
pub async fn certify_all(ctx: &mut Ctx, session: Uuid, with: NewCertificate) -> Result<IssuedPapers> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    tx.scope().maybe::<signatory::Entity>(with.signatory_id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let (mut documents, mut skipped, mut faults) = (vec![], vec![], vec![]);
    for (index, trainee) in roll.iter().enumerate() {
        match issue_certificate(&mut tx, &trainee.enrolment, with.signatory_id).await {
            Ok(row) => documents.push(row.try_into()?),
            Err(Error::Refused(refused)) => match refused.code.as_ref() {
                "certificate.no_attendance" => skipped.push(Skipped {
                    enrolment_id: trainee.enrolment.id,
                    name: trainee.name.clone(),
                    why: Without::NoAttendance,
                }),
                "certificate.half_days_open" => {
                    faults.push(Fault::new(format!("/{index}"), refused.code, refused.fr, refused.en));
                }
                _ => return Err(Error::Refused(refused)),
            },
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    tx.answers_at(format!("/v1/sessions/{}/certificates", session.id), 200);
    tx.commit().await?;
    Ok(IssuedPapers { documents, skipped })
}

/// The current papers of a kind about the trainees of a session, and who attended nothing.
pub async fn current(scope: &Scope<'_>, session: Uuid, kind: Kind) -> Result<IssuedPapers> {
    let session = scope.get::<session::Entity>(session).await?;
    let roll = trainees(scope, session.id, None).await?;
    let enrolments: Vec<_> = roll.iter().map(|trainee| trainee.enrolment.clone()).collect();
    let counted = super::attended_by(scope, &enrolments).await?;
    let rows = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session.id))
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::State.eq("current"))
        .ascending(document::Column::Id)
        .all()
        .await?;
    let nothing = |id: &Uuid| counted.get(id).is_some_and(|all| all.minutes.0 == 0 && all.open_slots.is_empty());
    Ok(IssuedPapers {
        documents: rows.into_iter().map(DocumentOut::try_from).collect::<Result<_>>()?,
        skipped: roll
            .iter()
            .filter(|trainee| nothing(&trainee.enrolment.id))
            .map(|trainee| Skipped {
                enrolment_id: trainee.enrolment.id,
                name: trainee.name.clone(),
                why: Without::NoAttendance,
            })
            .collect(),
    })
}
