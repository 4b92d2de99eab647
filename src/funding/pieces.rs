//! The pieces of a file: those that the system already holds, those that somebody brought, those that are missing.

use chrono::NaiveDate;
use entity::{agreement, booking, document, funding_file, funding_piece, stored_file};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    dossier::{FundingFileOut, covered, shown_one},
    events::Event,
    words::{PieceKind, PieceState, Stage, State},
};
use crate::{
    document::Kind,
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
    },
};

/// A piece that somebody brings: a file, or an issued paper.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewPiece {
    /// What it is.
    pub kind: PieceKind,
    /// The file from outside.
    pub stored_file_id: Option<Uuid>,
    /// The paper, current.
    pub document_id: Option<Uuid>,
    /// The day on which the funder got it, if it did.
    pub provided_on: Option<NaiveDate>,
    /// A note about it.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub note: Option<String>,
}

/// A piece, held or missing.
#[derive(Debug, Clone, Object)]
pub struct PieceOut {
    /// What it is.
    pub kind: PieceKind,
    /// What it is needed for.
    pub stage: Stage,
    /// Whether it is there.
    pub state: PieceState,
    /// The trainee that it is about.
    pub enrolment_id: Option<Uuid>,
    /// The paper, current.
    pub document_id: Option<Uuid>,
    /// The file from outside.
    pub stored_file_id: Option<Uuid>,
    /// The day on which the funder got it.
    pub provided_on: Option<NaiveDate>,
    /// A note about it.
    pub note: Option<String>,
}

/// The pieces of a file.
#[derive(Debug, Clone, Object)]
pub struct PiecesOut {
    /// The file.
    pub funding_file_id: Uuid,
    /// The last day on which the funder takes them (forclusion).
    pub pieces_deadline: Option<NaiveDate>,
    /// How many are missing.
    pub missing: i32,
    /// The pieces: for the request, then for the payment.
    pub pieces: Vec<PieceOut>,
}

/// Which pieces are sent.
#[derive(Debug, Clone, Object, Validate)]
pub struct SendPieces {
    /// The pieces of the request, or those of the payment.
    pub stage: Stage,
}

/// What a file needs, in order.
const NEEDED: &[(PieceKind, Stage)] = &[
    (PieceKind::RequestForm, Stage::Request),
    (PieceKind::Programme, Stage::Request),
    (PieceKind::Quote, Stage::Request),
    (PieceKind::Agreement, Stage::Request),
    (PieceKind::ApprovalLetter, Stage::Payment),
    (PieceKind::Certificate, Stage::Payment),
    (PieceKind::AttendanceSheet, Stage::Payment),
    (PieceKind::Invoice, Stage::Payment),
];

/// A current paper, as the list of pieces sees it.
struct Paper {
    kind: Kind,
    id: Uuid,
    enrolment: Option<Uuid>,
}

/// The current papers that concern a file: an outdated one is not among them.
async fn papers(scope: &Scope<'_>, booking: &booking::Model) -> Result<Vec<Paper>> {
    use document::Column as D;
    let mut about = sea_orm::Condition::any()
        .add(D::ProgrammeVersionId.eq(booking.programme_version_id).and(D::Kind.eq(Kind::Programme.name())))
        .add(D::BookingId.eq(booking.id))
        .add(
            D::SessionId
                .eq(booking.session_id)
                .and(D::BookingId.is_null())
                .and(D::Kind.eq(Kind::AttendanceSheet.name())),
        );
    if let Some(quote) = booking.quote_id {
        about = about.add(D::QuoteId.eq(quote).and(D::Kind.eq(Kind::Quote.name())));
    }
    let rows = scope
        .find::<document::Entity>()
        .filter(D::ActivityId.eq(booking.activity_id))
        .filter(D::State.eq("current"))
        .filter(about)
        .descending(D::Id)
        .all()
        .await?;
    // A sheet of the booking's own trainees comes before one of the whole session.
    let (own, whole): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.booking_id.is_some());
    own.into_iter()
        .chain(whole)
        .map(|row| Ok(Paper { kind: Kind::of(&row.kind)?, id: row.id, enrolment: row.enrolment_id }))
        .collect()
}

fn printed_as(kind: PieceKind) -> Option<Kind> {
    match kind {
        PieceKind::Programme => Some(Kind::Programme),
        PieceKind::Quote => Some(Kind::Quote),
        PieceKind::Agreement => Some(Kind::Agreement),
        PieceKind::Certificate => Some(Kind::Certificate),
        PieceKind::AttendanceSheet => Some(Kind::AttendanceSheet),
        PieceKind::RequestForm | PieceKind::ApprovalLetter | PieceKind::Invoice | PieceKind::Other => None,
    }
}

fn stage_of(kind: PieceKind) -> Stage {
    NEEDED.iter().find(|(needed, _)| *needed == kind).map_or(Stage::Payment, |(_, stage)| *stage)
}

/// The pieces of a file, as they stand.
pub async fn of_file(scope: &Scope<'_>, id: Uuid) -> Result<PiecesOut> {
    let file = scope.get::<funding_file::Entity>(id).await?;
    let booking = scope.get::<booking::Entity>(file.booking_id).await?;
    let trainees: Vec<Uuid> = covered(scope, &[id]).await?.into_iter().map(|row| row.enrolment_id).collect();
    let papers = papers(scope, &booking).await?;
    let signed = scope
        .find::<agreement::Entity>()
        .filter(agreement::Column::BookingId.eq(booking.id))
        .filter(agreement::Column::ScanFileId.is_not_null())
        .filter(agreement::Column::State.ne("void"))
        .descending(agreement::Column::Id)
        .one()
        .await?;
    let mut brought = scope
        .find::<funding_piece::Entity>()
        .filter(funding_piece::Column::FundingFileId.eq(id))
        .ascending(funding_piece::Column::Id)
        .all()
        .await?;
    // Whatever was brought and is outdated since no longer counts.
    let ids: Vec<Uuid> = brought.iter().filter_map(|row| row.document_id).collect();
    let known = scope.map::<document::Entity>(ids).await?;
    brought.retain(|row| row.document_id.is_none_or(|id| known.get(&id).is_some_and(|paper| paper.state == "current")));
    let mut pieces = vec![];
    for (kind, stage) in NEEDED.iter().copied() {
        let people: Vec<Option<Uuid>> = match kind {
            PieceKind::Certificate => trainees.iter().copied().map(Some).collect(),
            _ => vec![None],
        };
        for enrolment in people {
            let printed = printed_as(kind).and_then(|printed| {
                papers
                    .iter()
                    .find(|paper| paper.kind == printed && (enrolment.is_none() || paper.enrolment == enrolment))
            });
            let at = brought.iter().position(|row| {
                row.kind == kind.name()
                    && (enrolment.is_none()
                        || row
                            .document_id
                            .is_some_and(|id| known.get(&id).is_some_and(|paper| paper.enrolment_id == enrolment)))
            });
            let own = at.map(|at| brought.remove(at));
            let scan = signed.as_ref().filter(|_| kind == PieceKind::Agreement).and_then(|row| row.scan_file_id);
            let document_id = own.as_ref().and_then(|row| row.document_id).or_else(|| printed.map(|paper| paper.id));
            let stored_file_id = own.as_ref().and_then(|row| row.stored_file_id).or(scan);
            let held = document_id.is_some() || stored_file_id.is_some();
            pieces.push(PieceOut {
                kind,
                stage,
                state: if held { PieceState::Held } else { PieceState::Missing },
                enrolment_id: enrolment,
                document_id,
                stored_file_id,
                provided_on: own.as_ref().and_then(|row| row.provided_on),
                note: own.and_then(|row| row.note),
            });
        }
    }
    for row in brought {
        let kind = PieceKind::of(&row.kind)?;
        pieces.push(PieceOut {
            kind,
            stage: stage_of(kind),
            state: PieceState::Held,
            enrolment_id: row.document_id.and_then(|id| known.get(&id)).and_then(|paper| paper.enrolment_id),
            document_id: row.document_id,
            stored_file_id: row.stored_file_id,
            provided_on: row.provided_on,
            note: row.note,
        });
    }
    let missing = pieces.iter().filter(|piece| piece.state == PieceState::Missing).count();
    Ok(PiecesOut {
        funding_file_id: id,
        pieces_deadline: file.pieces_deadline,
        missing: i32::try_from(missing).unwrap_or(i32::MAX),
        pieces,
    })
}

/// Bring a piece.
pub async fn add(ctx: &mut Ctx, id: Uuid, input: NewPiece) -> Result<PiecesOut> {
    let NewPiece { kind, stored_file_id, document_id, provided_on, note } = input;
    let mut tx = ctx.begin().await?;
    let file = tx.lock::<funding_file::Entity>(id).await?;
    if stored_file_id.is_some() == document_id.is_some() {
        return Err(Error::invalid(
            "/stored_file_id",
            "funding.one_piece",
            "Une pièce est soit un fichier, soit un document émis.",
            "A piece is either a file or an issued paper.",
        ));
    }
    if let Some(stored) = tx.scope().maybe::<stored_file::Entity>(stored_file_id).await?
        && stored.activity_id.is_some_and(|activity| activity != file.activity_id)
    {
        return Err(Error::Missing("stored_file"));
    }
    if let Some(paper) = tx.scope().maybe::<document::Entity>(document_id).await? {
        if paper.activity_id != file.activity_id {
            return Err(Error::Missing("document"));
        }
        if paper.state != "current" {
            return Err(Error::refused(
                "funding.piece_outdated",
                format!("Le document {} est à l’état « {} » : émettez-le à nouveau.", paper.reference, paper.state),
                format!("Paper {} is {}: issue it again.", paper.reference, paper.state),
            ));
        }
    }
    let piece = tx.new_id();
    let mut act = tx.act(file.activity_id, Event::PieceAdded { funding_file: id, piece }.into());
    act.insert(funding_piece::ActiveModel {
        id: Set(piece),
        funding_file_id: Set(id),
        kind: Set(kind.into()),
        document_id: Set(document_id),
        stored_file_id: Set(stored_file_id),
        provided_on: Set(provided_on),
        note: Set(note),
        ..Default::default()
    })
    .await?;
    act.touch::<funding_file::ActiveModel>(file).await?;
    tx.answers_at(format!("/v1/funding-files/{id}/pieces"), 200);
    let out = of_file(&tx.scope(), id).await?;
    tx.commit().await?;
    Ok(out)
}

/// Send the pieces that are held: each is recorded as provided today, and the mail follows.
pub async fn send(ctx: &mut Ctx, id: Uuid, input: SendPieces) -> Result<FundingFileOut> {
    let mut tx = ctx.begin().await?;
    let file = tx.lock::<funding_file::Entity>(id).await?;
    let state = State::of(&file.state)?;
    if matches!(state, State::Refused | State::Withdrawn | State::Paid) {
        return Err(Error::no_move("funding.no_move", state.name(), "send_pieces", &[]));
    }
    let held: Vec<PieceOut> = of_file(&tx.scope(), id)
        .await?
        .pieces
        .into_iter()
        .filter(|piece| piece.stage == input.stage && piece.state == PieceState::Held)
        .collect();
    if held.is_empty() {
        return Err(Error::refused(
            "funding.no_piece",
            "Aucune pièce à envoyer : émettez les documents ou ajoutez les fichiers d’abord.",
            "No piece to send: issue the papers or add the files first.",
        ));
    }
    let (today, activity) = (tx.today(), file.activity_id);
    let brought =
        tx.scope().find::<funding_piece::Entity>().filter(funding_piece::Column::FundingFileId.eq(id)).all().await?;
    let mut act = tx.act(activity, Event::PiecesSent { funding_file: id }.into());
    for piece in held {
        let known = brought.iter().find(|row| {
            row.kind == piece.kind.name()
                && row.document_id == piece.document_id
                && row.stored_file_id.or(piece.stored_file_id) == piece.stored_file_id
        });
        match known {
            Some(row) => {
                act.update(row.clone(), |edit: &mut funding_piece::ActiveModel| edit.provided_on = Set(Some(today)))
                    .await?;
            }
            None => {
                act.insert(funding_piece::ActiveModel {
                    funding_file_id: Set(id),
                    kind: Set(piece.kind.into()),
                    document_id: Set(piece.document_id),
                    stored_file_id: Set(piece.stored_file_id),
                    provided_on: Set(Some(today)),
                    note: Set(piece.note),
                    ..Default::default()
                })
                .await?;
            }
        }
    }
    let file = act.touch::<funding_file::ActiveModel>(file).await?;
    tx.answers_at(format!("/v1/funding-files/{id}"), 200);
    let out = shown_one(&tx.scope(), file).await?;
    tx.commit().await?;
    Ok(out)
}
