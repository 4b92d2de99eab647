//! Issue the papers of attendance: sheets, certificates.

use chrono::NaiveDate;
use entity::{booking, document, enrolment, session, signatory};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;
use validator::Validate;

use super::{
    all_closed, certificate,
    roll::{Trainee, trainees},
    sheet,
};
use crate::{
    document::{About, DocumentOut, Issued, Kind, issue, outdate_paper},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        audit::moment,
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

/// A sheet that is about to be issued.
pub struct Sheet {
    session: session::Model,
    booking: Option<booking::Model>,
    content: sheet::Content,
}

impl Sheet {
    /// Gather what a sheet prints, by the rules of what may be printed.
    pub async fn gather(scope: &Scope<'_>, session: Uuid, of: &NewSheet, day: NaiveDate) -> Result<Self> {
        let NewSheet { booking_id, blank } = of;
        let blank = blank.unwrap_or(false);
        let session = scope.get::<session::Entity>(session).await?;
        let booking = scope.maybe::<booking::Entity>(*booking_id).await?;
        if booking.as_ref().is_some_and(|row| row.session_id != session.id) {
            return Err(Error::Missing("booking"));
        }
        if blank && all_closed(scope, session.id).await? {
            return Err(Error::refused(
                "sheet.all_closed",
                "Toutes les demi-journées sont closes : il n’y a plus rien à signer à la main.",
                "Every half-day is closed: nothing is left to sign by hand.",
            ));
        }
        let content = sheet::content(scope, &session, booking.as_ref(), blank, day).await?;
        if content.slots.is_empty() {
            return Err(Error::refused(
                "sheet.no_slot",
                "Cette session n’a aucune demi-journée.",
                "This session has no half-day.",
            ));
        }
        Ok(Self { session, booking, content })
    }

    /// Issue it, as part of a larger act.
    pub async fn issue(self, tx: &mut Tx<'_>) -> Result<Issued> {
        let Self { session, booking, content } = self;
        let title = format!("Feuille d’émargement – {}", session.title);
        let about = About {
            client: booking.as_ref().map(|row| row.client_id),
            session: Some(session.id),
            booking: booking.map(|row| row.id),
            ..About::default()
        };
        issue(tx, session.activity_id, Kind::AttendanceSheet, &title, about, &content).await
    }
}

/// Issue a certificate, as part of a larger act; its signatory must have a delegation on the day.
pub async fn issue_certificate(
    tx: &mut Tx<'_>,
    enrolment: &enrolment::Model,
    signatory: Option<Uuid>,
) -> Result<Issued> {
    let session = tx.scope().get::<session::Entity>(enrolment.session_id).await?;
    let facts = facts(&tx.scope(), tx.today(), &session, std::slice::from_ref(enrolment), signatory).await?;
    certificate_of(tx, &facts, enrolment).await
}

/// What the certificates of these trainees are made from; their signatory has a delegation on the day.
async fn facts(
    scope: &Scope<'_>,
    day: NaiveDate,
    session: &session::Model,
    enrolments: &[enrolment::Model],
    signatory: Option<Uuid>,
) -> Result<certificate::Facts> {
    let signatory = signatory_for(scope, signatory, Kind::Certificate.name(), None, day).await?;
    certificate::Facts::gather(scope, session, enrolments, signatory, day).await
}

/// The roll of a session, and what its certificates are made from, if there is anybody to certify.
async fn known(
    scope: &Scope<'_>,
    day: NaiveDate,
    session: &session::Model,
    signatory: Option<Uuid>,
) -> Result<(Vec<Trainee>, Option<certificate::Facts>)> {
    scope.maybe::<signatory::Entity>(signatory).await?;
    let roll = trainees(scope, session.id, None).await?;
    let enrolments: Vec<_> = roll.iter().map(|trainee| trainee.enrolment.clone()).collect();
    let facts =
        if enrolments.is_empty() { None } else { Some(facts(scope, day, session, &enrolments, signatory).await?) };
    Ok((roll, facts))
}

async fn certificate_of(tx: &mut Tx<'_>, facts: &certificate::Facts, enrolment: &enrolment::Model) -> Result<Issued> {
    let content = facts.of(enrolment)?;
    let title = format!("Certificat de réalisation – {}", content.trainee);
    issue(tx, enrolment.activity_id, Kind::Certificate, &title, facts.about(enrolment), &content).await
}

/// What a paper about a trainee is found by.
pub async fn about(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<About> {
    let booking = scope.get::<booking::Entity>(enrolment.booking_id).await?;
    Ok(about_trainee(enrolment, Some(booking.client_id)))
}

/// The same, when the client is known.
pub fn about_trainee(enrolment: &enrolment::Model, client: Option<Uuid>) -> About {
    About {
        client,
        session: Some(enrolment.session_id),
        booking: Some(enrolment.booking_id),
        enrolment: Some(enrolment.id),
        ..About::default()
    }
}

/// Issue a sheet.
pub async fn sheet_of(ctx: &mut Ctx, session: Uuid, of: NewSheet) -> Result<Issued> {
    // A sheet may hold thousands of presences: they are read while others write.
    let (scope, day) = (ctx.scope(), ctx.today());
    let activity = scope.get::<session::Entity>(session).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    let sheet = Sheet::gather(&scope, session, &of, day).await;
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let sheet = if tx.today() == day && moment(&tx.scope(), activity).await? == seen {
        sheet?
    } else {
        Sheet::gather(&tx.scope(), session.id, &of, tx.today()).await?
    };
    let issued = sheet.issue(&mut tx).await?;
    issued.answered(&mut tx);
    tx.commit().await?;
    Ok(issued)
}

/// Every half-day is closed: the sheet is issued, unless one that stands says so already. What was reopened meanwhile
/// waits for its next closing.
pub async fn issue_closed_sheet(ctx: &mut Ctx, session: Uuid) -> Result<()> {
    let (scope, day) = (ctx.scope(), ctx.today());
    if !all_closed(&scope, session).await? {
        return Ok(());
    }
    let of = NewSheet { booking_id: None, blank: None };
    let activity = scope.get::<session::Entity>(session).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    let sheet = Sheet::gather(&scope, session, &of, day).await;
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    if !all_closed(&tx.scope(), session.id).await? {
        return Ok(());
    }
    let whole = of_session(&tx.scope(), session.id).await?.into_iter().any(|paper| paper.booking_id.is_none());
    if whole {
        return Ok(());
    }
    let sheet = if tx.today() == day && moment(&tx.scope(), activity).await? == seen {
        sheet?
    } else {
        Sheet::gather(&tx.scope(), session.id, &of, tx.today()).await?
    };
    sheet.issue(&mut tx).await?;
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
pub async fn certify(ctx: &mut Ctx, enrolment: Uuid, with: NewCertificate) -> Result<Issued> {
    let mut tx = ctx.begin().await?;
    let enrolment = tx.lock::<enrolment::Entity>(enrolment).await?;
    let issued = issue_certificate(&mut tx, &enrolment, with.signatory_id).await?;
    issued.answered(&mut tx);
    tx.commit().await?;
    Ok(issued)
}

/// Issue the certificates of a session: all of them or none, but those who attended nothing, who are named.
pub async fn certify_all(ctx: &mut Ctx, session: Uuid, with: NewCertificate) -> Result<IssuedPapers> {
    // What everybody attended is read while others write.
    let (scope, day) = (ctx.scope(), ctx.today());
    let activity = scope.get::<session::Entity>(session).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    let row = scope.get::<session::Entity>(session).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    let known = known(&scope, day, &row, with.signatory_id).await;
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let (roll, facts) = if tx.today() == day && moment(&tx.scope(), activity).await? == seen {
        known?
    } else {
        self::known(&tx.scope(), tx.today(), &session, with.signatory_id).await?
    };
    let (mut documents, mut skipped, mut faults) = (vec![], vec![], vec![]);
    for (index, trainee) in roll.iter().enumerate() {
        let Some(facts) = &facts else { break };
        match certificate_of(&mut tx, facts, &trainee.enrolment).await {
            Ok(issued) => documents.push(issued.paper().try_into()?),
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
