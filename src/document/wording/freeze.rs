//! The texts in force for a paper, with their variables replaced, frozen into its content.

use chrono::NaiveDate;
use entity::paper_text;
use sea_orm::{ColumnTrait, ExprTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{super::Kind, place::Place, template::read, variables};
use crate::{
    organisation::Texts,
    platform::{error::Result, scope::Scope},
};

/// Texts that are tried without being saved: each takes the place of those in force.
#[derive(Debug, Clone, Default)]
pub struct Drafts {
    /// Below the title.
    pub introduction: Option<String>,
    /// Before the signatures.
    pub clauses: Option<String>,
    /// At the end.
    pub closing: Option<String>,
}

impl Drafts {
    fn at(&self, place: Place) -> Option<&String> {
        match place {
            Place::Introduction => self.introduction.as_ref(),
            Place::Clauses => self.clauses.as_ref(),
            Place::Closing => self.closing.as_ref(),
        }
    }
}

/// Write into the content of a paper the texts that it will print, if any.
pub async fn freeze(
    scope: &Scope<'_>,
    activity: Uuid,
    kind: Kind,
    (reference, issued_on): (&str, NaiveDate),
    drafts: &Drafts,
    content: &mut Value,
) -> Result<()> {
    let mut facts = content.clone();
    facts["paper"] = json!({ "reference": reference, "issued_on": issued_on });
    let known = variables::of(kind);
    let rows = scope
        .find::<paper_text::Entity>()
        .filter(paper_text::Column::Kind.eq(kind.name()))
        .filter(paper_text::Column::ActivityId.is_null().or(paper_text::Column::ActivityId.eq(activity)))
        .all()
        .await?;
    let mut texts = Texts::default();
    for place in Place::ALL {
        let bodies: Vec<&String> = match drafts.at(*place) {
            Some(draft) => {
                place.stands_on(kind, &format!("/{}", place.name()))?;
                vec![draft]
            }
            None => in_force(&rows, *place),
        };
        let pointer = format!("/{}", place.name());
        let mut written = vec![];
        for body in bodies {
            written.push(read(body, &known, &pointer)?.write(&facts)?);
        }
        match place {
            Place::Introduction => texts.introduction = written.pop(),
            Place::Clauses => texts.clauses = written,
            Place::Closing => texts.closing = written.pop(),
        }
    }
    if let Some(issuer) = content.get_mut("issuer").filter(|_| !texts.is_empty()) {
        issuer["letterhead"]["texts"] = serde_json::to_value(texts)?;
    }
    Ok(())
}

/// The cooperative's clauses bind every activity, so an activity adds its own after them; its introduction and closing
/// words take the place of the cooperative's.
fn in_force(rows: &[paper_text::Model], place: Place) -> Vec<&String> {
    let here = || rows.iter().filter(|row| row.place == place.name());
    let common = here().filter(|row| row.activity_id.is_none());
    let own = here().filter(|row| row.activity_id.is_some());
    let all: Vec<&String> = common.chain(own).map(|row| &row.body).collect();
    match place {
        Place::Clauses => all,
        Place::Introduction | Place::Closing => all.into_iter().next_back().into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn row(activity: Option<u128>, place: Place, body: &str) -> paper_text::Model {
        paper_text::Model {
            id: Uuid::nil(),
            activity_id: activity.map(Uuid::from_u128),
            kind: Kind::Quote.into(),
            place: place.into(),
            body: body.into(),
            version: 1,
            seq: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_activity_adds_its_clauses_and_replaces_the_introduction() {
        let rows = [
            row(Some(1), Place::Clauses, "à elle"),
            row(None, Place::Clauses, "de tous"),
            row(Some(1), Place::Introduction, "Bonjour d’elle"),
            row(None, Place::Introduction, "Bonjour de tous"),
            row(None, Place::Closing, "Merci"),
        ];
        assert_eq!(in_force(&rows, Place::Clauses), ["de tous", "à elle"]);
        assert_eq!(in_force(&rows, Place::Introduction), ["Bonjour d’elle"]);
        assert_eq!(in_force(&rows, Place::Closing), ["Merci"]);
    }
}
