//! What is handed to the trainees of a session: the welcome booklet and the règlement intérieur, from the cooperative's
//! texts and the facts of the session.

use entity::{document, organisation_text, session};
use sea_orm::ColumnTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{booklet, house_rules};
use crate::{
    document::{About, Issued, Kind, issue, says},
    organisation::{TextKind, text_in_force},
    platform::{
        access::Ctx,
        calendar::date,
        error::{Error, Result},
        tx::Tx,
    },
};

/// What is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handout {
    /// Livret d'accueil.
    Booklet,
    /// Règlement intérieur.
    Rules,
}

impl Handout {
    const ALL: [Self; 2] = [Self::Booklet, Self::Rules];

    /// The paper that it is.
    fn kind(self) -> Kind {
        match self {
            Self::Booklet => Kind::WelcomeBooklet,
            Self::Rules => Kind::InternalRules,
        }
    }

    /// The text that it is made from.
    fn text(self) -> TextKind {
        match self {
            Self::Booklet => TextKind::WelcomeBooklet,
            Self::Rules => TextKind::InternalRules,
        }
    }

    /// Its name in the middle of a sentence, in French and in English.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Booklet => ("livret d’accueil", "welcome booklet"),
            Self::Rules => ("règlement intérieur", "internal rules"),
        }
    }
}

/// The words of a text; one that is a file of its own is handed over as it is.
pub(super) fn body(text: &organisation_text::Model) -> Result<String> {
    text.body.clone().ok_or_else(|| {
        Error::refused(
            "handout.text_is_file",
            format!(
                "« {} » est un fichier : il se remet tel quel. Publiez-en le texte pour le mettre en page.",
                text.title
            ),
            format!("“{}” is a file: hand it over as it is, or publish its words to have it laid out.", text.title),
        )
    })
}

async fn issue_one(tx: &mut Tx<'_>, session: &session::Model, what: Handout) -> Result<Option<document::Model>> {
    let day = tx.today();
    let Some(text) = text_in_force(&tx.scope(), what.text(), day).await? else {
        let (fr, en) = what.words();
        return Err(Error::refused(
            "handout.no_text",
            format!("La coopérative n’a pas de {fr} en vigueur le {} : publiez-le d’abord.", date(day)),
            format!("The cooperative has no {en} in force on {day}: publish it first."),
        ));
    };
    match what {
        Handout::Booklet => {
            let content = booklet::content(&tx.scope(), session, &text, day).await?;
            issue_new(tx, session, what, &content.heading, &content).await
        }
        Handout::Rules => {
            let content = house_rules::content(&tx.scope(), session, &text, day).await?;
            issue_new(tx, session, what, &content.heading, &content).await
        }
    }
}

/// Issue a handout, unless the current one says exactly this.
async fn issue_new(
    tx: &mut Tx<'_>,
    session: &session::Model,
    what: Handout,
    heading: &str,
    content: &impl Serialize,
) -> Result<Option<document::Model>> {
    let kind = what.kind();
    let current = tx
        .scope()
        .find::<document::Entity>()
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::SessionId.eq(session.id))
        .filter(document::Column::State.eq("current"))
        .one()
        .await?;
    if current.map_or(Ok(false), |paper| says(&paper, content))? {
        return Ok(None);
    }
    let title = format!("{heading} – {}", session.title);
    let about = About { session: Some(session.id), ..About::default() };
    Ok(issue(tx, session.activity_id, kind, &title, about, content).await?.made())
}

/// Issue the handouts of a session whose texts are published as words, when they are missing or no longer say what is
/// planned; answers what was issued.
pub async fn issue_handouts(tx: &mut Tx<'_>, session: &session::Model) -> Result<Vec<document::Model>> {
    let mut issued = vec![];
    for what in Handout::ALL {
        let text = text_in_force(&tx.scope(), what.text(), tx.today()).await?;
        if text.is_some_and(|text| text.body.is_some()) {
            issued.extend(issue_one(tx, session, what).await?);
        }
    }
    Ok(issued)
}

/// Issue one handout, or answer the one that stands.
pub(super) async fn hand_out(ctx: &mut Ctx, id: Uuid, what: Handout) -> Result<Issued> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(id).await?;
    let issued = match issue_one(&mut tx, &session, what).await? {
        Some(row) => Issued::New(row),
        None => tx
            .scope()
            .find::<document::Entity>()
            .filter(document::Column::Kind.eq(what.kind().name()))
            .filter(document::Column::SessionId.eq(id))
            .filter(document::Column::State.eq("current"))
            .one()
            .await?
            .map(Issued::Standing)
            .ok_or(Error::Missing("document"))?,
    };
    issued.answered(&mut tx);
    tx.commit().await?;
    Ok(issued)
}
