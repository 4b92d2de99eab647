//! What follows when all whom a paper needs have signed: the agreement is signed, the quote accepted.

use entity::{document, signature};
use sea_orm::ColumnTrait;

use super::{
    events::Event,
    request::of_document,
    rules::{self, Means, Party, State},
};
use crate::{
    agreement::{self, SignedByBoth},
    document::Kind,
    platform::{
        error::{Error, Result},
        tx::Tx,
    },
    quote,
};

/// Complete a locked paper if nobody is waited for any more.
pub(super) async fn complete(tx: &mut Tx<'_>, paper: &document::Model) -> Result<()> {
    let kind = Kind::of(&paper.kind)?;
    let requests = of_document(&tx.scope(), paper.id).await?;
    let states: Vec<(Party, State)> =
        requests.iter().map(|row| Ok((Party::of(&row.party)?, State::of(&row.state)?))).collect::<Result<_>>()?;
    if !rules::complete(kind, &states) {
        return Ok(());
    }
    let signatures = tx
        .scope()
        .find::<signature::Entity>()
        .filter(signature::Column::DocumentId.eq(paper.id))
        .ascending(signature::Column::Id)
        .all()
        .await?;
    let by = |party: Party| {
        let found = signatures.iter().find(|row| row.party == party.name());
        found.ok_or_else(|| lacks("a signature"))
    };
    match kind {
        Kind::Agreement | Kind::Amendment => {
            let (client, provider) = (by(Party::Client)?, by(Party::Cooperative)?);
            // Whoever writes down a signature on paper has seen it.
            let checked = [client, provider].into_iter().find(|row| row.means == Means::Paper.name());
            let (client_on, provider_on) = (client.signed_on, provider.signed_on);
            let signatory = provider.signatory_id.ok_or_else(|| lacks("a signatory"))?;
            let scan = [client, provider].into_iter().find_map(|row| row.scan_file_id);
            match (paper.amendment_id, paper.agreement_id) {
                (Some(id), _) => agreement::amend_by_both(tx, id, client_on.max(provider_on), signatory, scan).await?,
                (None, Some(id)) => {
                    let signed = SignedByBoth {
                        client_on,
                        client: client.name.clone(),
                        quality: client.quality.clone(),
                        provider_on,
                        signatory,
                        scan,
                        checked_by: checked.map(|row| row.recorded_by.clone()),
                    };
                    agreement::sign_by_both(tx, id, signed).await?;
                }
                (None, None) => return Err(lacks("an agreement")),
            }
        }
        Kind::Quote => {
            let client = by(Party::Client)?;
            let id = paper.quote_id.ok_or_else(|| lacks("a quote"))?;
            quote::accept_row(tx, id, client.signed_on, client.name.clone(), client.quality.clone()).await?;
        }
        // They are signed, and nothing else moves.
        Kind::Certificate | Kind::Attestation | Kind::Assiduity => {}
        Kind::Programme
        | Kind::Convocation
        | Kind::AttendanceSheet
        | Kind::WelcomeBooklet
        | Kind::InternalRules
        | Kind::DistanceRecord
        | Kind::SignatureEvidence => return Ok(()),
    }
    // An act without a row: the signed file follows, made by the worker.
    tx.act(paper.activity_id, Event::Completed { document: paper.id }.into());
    Ok(())
}

fn lacks(what: &str) -> Error {
    Error::internal(format!("a complete paper lacks {what}"))
}
