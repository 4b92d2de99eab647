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
        found.ok_or_else(|| Error::internal("a complete paper lacks a signature"))
    };
    match (kind, paper.agreement_id, paper.quote_id) {
        (Kind::Agreement, Some(id), _) => {
            let (client, provider) = (by(Party::Client)?, by(Party::Cooperative)?);
            let scan = [client, provider].into_iter().find_map(|row| row.scan_file_id);
            // Whoever writes down a signature on paper has seen it.
            let checked = [client, provider].into_iter().find(|row| row.means == Means::Paper.name());
            let signed = SignedByBoth {
                client_on: client.signed_on,
                client: client.name.clone(),
                quality: client.quality.clone(),
                provider_on: provider.signed_on,
                signatory: provider.signatory_id.ok_or_else(|| Error::internal("nobody signed for the cooperative"))?,
                scan,
                checked_by: checked.map(|row| row.recorded_by.clone()),
            };
            agreement::sign_by_both(tx, id, signed).await?;
        }
        (Kind::Quote, _, Some(id)) => {
            let client = by(Party::Client)?;
            quote::accept_row(tx, id, client.signed_on, client.name.clone(), client.quality.clone()).await?;
        }
        (Kind::Amendment, ..) => {
            let (client, provider) = (by(Party::Client)?, by(Party::Cooperative)?);
            let id = paper.amendment_id.ok_or_else(|| Error::internal("the paper of an amendment names none"))?;
            let signatory =
                provider.signatory_id.ok_or_else(|| Error::internal("nobody signed for the cooperative"))?;
            let scan = client.scan_file_id.or(provider.scan_file_id);
            agreement::amend_by_both(tx, id, client.signed_on.max(provider.signed_on), signatory, scan).await?;
        }
        // A certificate or an attestation is signed, and nothing else moves.
        (Kind::Certificate | Kind::Attestation | Kind::Assiduity, ..) => {}
        (
            Kind::Agreement
            | Kind::Quote
            | Kind::Programme
            | Kind::Convocation
            | Kind::AttendanceSheet
            | Kind::WelcomeBooklet
            | Kind::InternalRules
            | Kind::DistanceRecord
            | Kind::SignatureEvidence,
            ..,
        ) => return Ok(()),
    }
    // An act without a row: the signed file follows, made by the worker.
    tx.act(paper.activity_id, Event::Completed { document: paper.id }.into());
    Ok(())
}
