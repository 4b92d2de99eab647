//! The signed file: the paper laid out again with its signatures and their proof, carrying the file that was presented.

use entity::{document, signature, stored_file};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    LEVEL,
    evidence::short,
    rules::{Means, Party, moment},
};
use crate::{
    document::{self as papers, FileRole},
    file::saved_name,
    papers::signed::{Carried, Place, Presented, Signature, render_signed},
    pdf::Picture,
    platform::{
        access::Ctx,
        calendar,
        error::{Error, Result},
    },
};

/// Make the signed file of a complete paper, once; doing it twice keeps the first.
pub async fn make_signed_file(ctx: &mut Ctx, document: Uuid) -> Result<()> {
    let paper = ctx.scope().get::<document::Entity>(document).await?;
    let rows = ctx
        .scope()
        .find::<signature::Entity>()
        .filter(signature::Column::DocumentId.eq(document))
        .ascending(signature::Column::Id)
        .all()
        .await?;
    let file = papers::presented(ctx.app(), &paper).await?;
    let presented =
        Presented { name: format!("presente-{}.pdf", paper.reference), sha256: file.sha256, bytes: file.bytes };
    let mut signatures = vec![];
    for row in &rows {
        signatures.push(printed(ctx, row).await?);
    }
    let pictures = papers::pictures_of(ctx.app(), paper.activity_id, &paper.content).await?;
    let row = paper.clone();
    let made = ctx.app().heavy(move || render_signed(&row, &pictures, &presented, &signatures));
    let bytes = made.await??;
    papers::keep(ctx.app(), &paper, FileRole::Signed, bytes).await.map(drop)
}

/// A signature as the paper shows it: in its frame, and on the page of proofs.
async fn printed(ctx: &Ctx, row: &signature::Model) -> Result<Signature> {
    let app = ctx.app();
    let picture = match &row.picture_sha256 {
        Some(hash) => {
            let bytes = app.blobs.get(Some(row.activity_id), hash).await?;
            let decoded = app.heavy(move || Picture::decode(&bytes)).await?;
            Some(decoded.map_err(|why| Error::internal(format!("signature {}: {why}", row.id)))?)
        }
        None => None,
    };
    let scan = match row.scan_file_id {
        Some(id) => {
            let file = ctx.scope().get::<stored_file::Entity>(id).await?;
            let data = app.blobs.get(file.activity_id, &file.sha256).await?;
            Some(Carried { name: saved_name(&file), media_type: file.media_type, sha256: file.sha256, data })
        }
        None => None,
    };
    let means = Means::of(&row.means)?;
    let (day, instant) = (calendar::date(row.signed_on), moment(row.signed_at));
    let who = match &row.quality {
        Some(quality) => format!("{}, {quality}", row.name),
        None => row.name.clone(),
    };
    let how = match (means, &row.typed_name) {
        (Means::Drawn, _) => "signature dessinée à l’écran".to_owned(),
        (Means::Typed, Some(typed)) => format!("nom tapé : « {typed} »"),
        (Means::Typed, None) => "nom tapé".to_owned(),
        (Means::Paper, _) => "à la main, sur le document imprimé".to_owned(),
    };
    let lines = match means {
        Means::Drawn | Means::Typed => vec![format!("Signé électroniquement {instant}")],
        Means::Paper => vec![format!("Signé à la main le {day} ; original numérisé joint à ce fichier")],
    };
    let mut proof = vec![
        ("Pour".to_owned(), party_words(Party::of(&row.party)?).to_owned()),
        ("Signé".to_owned(), if means == Means::Paper { format!("le {day}") } else { instant.clone() }),
        ("Instant (UTC)".to_owned(), row.signed_at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        ("Comment".to_owned(), how),
        ("Consentement".to_owned(), row.consent.clone()),
    ];
    if let Some(address) = &row.code_sent_to {
        let verified = row.code_verified_at.map(|at| format!(", saisi {}", moment(at))).unwrap_or_default();
        proof.push(("Code à usage unique".to_owned(), format!("envoyé à {address}{verified}")));
    }
    if let Some(scan) = &scan {
        proof.push(("Original numérisé".to_owned(), format!("« {} », SHA-256 {}", scan.name, scan.sha256)));
        proof.push(("Constaté par".to_owned(), row.recorded_by.clone()));
    }
    proof.push(("Empreinte de la preuve".to_owned(), format!("SHA-256 {}", row.digest)));
    proof.push(("Niveau".to_owned(), format!("signature électronique {LEVEL}")));
    Ok(Signature {
        place: match Party::of(&row.party)? {
            Party::Cooperative => Place::Provider,
            Party::Client | Party::Trainee => Place::Other,
        },
        who: vec![who],
        typed: row.typed_name.clone(),
        picture,
        lines,
        evidence: vec![format!("Niveau {LEVEL} – preuve {}", short(&row.digest))],
        proof,
        scan,
    })
}

fn party_words(party: Party) -> &'static str {
    match party {
        Party::Client => "le client",
        Party::Trainee => "le ou la stagiaire",
        Party::Cooperative => "l’organisme de formation",
    }
}
