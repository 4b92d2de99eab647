//! The amendment as a paper (avenant): what changes in a signed agreement, old and new, item by item.

use chrono::NaiveDate;
use entity::{agreement, amendment, booking, document};
use serde::{Deserialize, Serialize};

use super::{
    agreement::Kind,
    amendment::ItemChange,
    items::ITEMS,
    paper::{Articles, Sides, parties, signatures, text},
    terms::Terms,
};
use crate::{
    booking as sold,
    client::{self, Party},
    organisation::{Issuer, Signatory, issuer, signatory_for},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, Rich},
    platform::{calendar, codes::stored, error::Result, scope::Scope},
};

/// The kind of paper that delegations name.
pub(super) const PAPER: &str = "amendment";

/// What the paper prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative, which is the party, and the brand.
    pub issuer: Issuer,
    /// Who signs for the cooperative.
    pub signatory: Signatory,
    /// The buyer.
    pub client: Party,
    /// What is amended: convention, contrat, or what stands for them.
    pub kind: Kind,
    /// The reference of the paper that is amended.
    pub amended: String,
    /// The day on which both sides had signed it.
    pub signed_on: NaiveDate,
    /// The title of the action.
    pub title: String,
    /// Its number among the amendments of the agreement.
    pub number: i32,
    /// Why.
    pub reason: String,
    /// What changes, by the French label of its item.
    pub changes: Vec<Change>,
}

/// One item that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its French label, as art. D6353-1 names it.
    pub item: String,
    /// What was agreed.
    pub before: String,
    /// What is agreed from now on.
    pub after: String,
}

/// The facts of the day.
pub(super) async fn content(
    scope: &Scope<'_>,
    booking: &booking::Model,
    agreement: &agreement::Model,
    row: &amendment::Model,
    day: NaiveDate,
) -> Result<Content> {
    let terms: Terms = stored(&agreement.terms)?;
    let changes: Vec<ItemChange> = stored(&row.changes)?;
    let signatory = signatory_for(scope, None, PAPER, Some(booking.price_cents), day).await?;
    let paper = scope.maybe::<document::Entity>(agreement.document_id).await?;
    let label =
        |change: &ItemChange| ITEMS.iter().find(|(item, _, _)| *item == change.item).map_or("", |(_, label, _)| label);
    Ok(Content {
        issuer: issuer(scope, row.activity_id, day).await?,
        signatory: signatory.into(),
        client: client::printed(scope, &sold::buyer(scope, booking).await?).await?,
        kind: Kind::of(&agreement.kind)?,
        amended: paper.map_or_else(|| agreement.reference.clone(), |paper| paper.reference),
        signed_on: agreement.client_signed_on.max(agreement.provider_signed_on).unwrap_or(day),
        title: terms.title,
        number: row.number,
        reason: row.reason.clone(),
        changes: changes
            .iter()
            .map(|change| Change {
                item: label(change).to_owned(),
                before: change.before.clone(),
                after: change.after.clone(),
            })
            .collect(),
    })
}

impl Content {
    /// The title that lists show.
    pub(super) fn listed(&self) -> String {
        format!("Avenant n° {} {} – {}", self.number, self.to_what(), self.title)
    }

    /// « à la convention CNV-2026-0001 ».
    fn to_what(&self) -> String {
        let what = match self.kind {
            Kind::Convention => "à la convention",
            Kind::Contract => "au contrat",
            Kind::Quote => "au devis",
            Kind::Order => "au bon de commande",
        };
        format!("{what} {}", self.amended)
    }
}

/// The paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, signatory, client, kind, amended: _, signed_on, title, number, reason, changes } = content;
    let sides = Sides { issuer, signatory, client };
    let (called, signs) = match kind {
        Kind::Contract => ("le ou la stagiaire", "Le ou la stagiaire"),
        Kind::Convention | Kind::Quote | Kind::Order => ("le client", "Pour le client"),
    };
    let past = if *kind == Kind::Convention { "signée" } else { "signé" };
    let signed = format!("{}, {past} par les deux parties le {}", content.to_what(), calendar::date(*signed_on));
    let rows = changes.iter().map(|change| -> Vec<Rich> {
        vec![change.item.as_str().into(), change.before.as_str().into(), change.after.as_str().into()]
    });
    // The labels are those of art. D6353-1, which a contrat does not follow.
    let law = if *kind == Kind::Contract { "Mention" } else { "Mention (art. D. 6353-1)" };
    let columns = vec![
        Column::left(law, 1.6),
        Column::left("Ce qui était convenu", 2.3),
        Column::left("Ce qui le remplace", 2.3),
    ];
    let articles = Articles::new()
        .article(
            "Objet de l’avenant",
            [
                text(format!("Le présent avenant modifie les conditions de l’action de formation « {title} ».")),
                text(format!("Motif : {reason}")),
            ],
        )
        .article("Modifications", [Block::table(columns, rows)])
        .article(
            "Effet",
            [text(
                "L’avenant prend effet à la date de la dernière signature. Les autres clauses demeurent inchangées et \
                 continuent de s’appliquer.",
            )],
        );
    blocks::paper(&format!("Avenant n° {number}"), issuer, stamp, DeclarationLine::Contract)
        .push(Block::title(format!("Avenant n° {number}")))
        .push(Block::subtitle(signed))
        .extend(blocks::introduction(issuer))
        .extend(parties(sides, called))
        .extend(articles.blocks())
        .extend(signatures(sides, signs))
        .extend(blocks::closing(issuer))
}
