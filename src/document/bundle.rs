//! The liasse: several papers as one file, laid out again from their frozen contents, with an outline and page numbers.
//!
//! What was signed, sealed or scanned is carried inside untouched: a signature survives no new layout.

use entity::document;
use poem_openapi::Object;
use tokio::sync::Semaphore;
use uuid::Uuid;
use validator::Validate;

use super::{
    attachment::{AttachmentKind, rows_of},
    bytes::{FileRole, PaperFile, file, file_name, presented},
    pictures::pictures_of,
    replaced::require_current,
};
use crate::{
    file::saved_name,
    organisation,
    papers::{
        self, Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{self, Attachment, Block, Paper, Part, Pictures, Relationship},
    platform::{
        access::Ctx,
        answer::File,
        audit::sha256,
        codes::store,
        error::{Error, Fault, Result},
    },
};

/// Papers to put together.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewBundle {
    /// The papers, current, of one activity, in the order in which they are to be read.
    #[oai(validator(min_items = 1, max_items = 100))]
    pub document_ids: Vec<Uuid>,
    /// What the cover says; « Liasse de documents » when absent.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
}

/// Bundles made at once: each holds its papers in memory.
static ROOM: Semaphore = Semaphore::const_new(2);
/// Most that a bundle may carry, in bytes.
const MOST_CARRIED: usize = 200 * 1024 * 1024;

/// One file for all these papers. Nothing is stored: the same papers can be put together again at any time.
pub async fn bundle(ctx: &Ctx, input: NewBundle) -> Result<File> {
    let NewBundle { document_ids, title } = input;
    let mut rows = vec![];
    for (place, id) in document_ids.into_iter().enumerate() {
        let row = ctx.scope().get::<document::Entity>(id).await?;
        require_current(&row).map_err(|error| at(place, error))?;
        rows.push(row);
    }
    let Some(first) = rows.first() else { return Err(Error::Missing("document")) };
    let activity = first.activity_id;
    if let Some(place) = rows.iter().position(|row| row.activity_id != activity) {
        return Err(Error::invalid(
            format!("/document_ids/{place}"),
            "document.other_activity",
            "Une liasse réunit les documents d’une seule activité.",
            "A bundle holds the papers of one activity.",
        ));
    }
    let title = title.unwrap_or_else(|| "Liasse de documents".to_owned());
    let issuer = organisation::issuer(&ctx.scope(), activity, ctx.today()).await?;
    let stamp = Stamp {
        reference: String::new(),
        title: title.clone(),
        issued_on: ctx.today(),
        issued_at: ctx.now(),
        specimen: rows.iter().any(|row| row.specimen),
        verification: None,
        pictures: pictures_of(ctx.app(), activity, &store(&issuer)?).await?,
    };
    let front = blocks::paper(&title, &issuer, &stamp, DeclarationLine::Public).push(Block::title(&title)).push(
        Block::paragraph(
            "Chaque partie nomme sa référence et l’empreinte (SHA-256) du fichier émis. Les originaux signés ou \
             cachetés et les copies numérisées sont joints à ce fichier, tels quels.",
        ),
    );
    let _room = ROOM.acquire().await.map_err(Error::internal)?;
    let (mut gathered, mut carried) = (vec![], 0);
    for row in rows {
        let digest = presented(ctx.app(), &row).await?.sha256;
        let originals = originals(ctx, &row).await?;
        carried += originals.iter().map(|one| one.data.len()).sum::<usize>();
        if carried > MOST_CARRIED {
            return Err(Error::refused(
                "document.bundle_too_large",
                "Cette liasse dépasse 200 Mio : réunissez moins de documents.",
                "This bundle is larger than 200 MiB: take fewer papers.",
            ));
        }
        let pictures = pictures_of(ctx.app(), row.activity_id, &row.content).await?;
        gathered.push(Gathered { row, pictures, digest, originals });
    }
    let bytes = ctx.app().heavy(move || put_together(gathered, front)).await??;
    Ok(File { media_type: "application/pdf".into(), name: format!("{title}.pdf"), sha256: sha256(&bytes), bytes })
}

fn at(place: usize, error: Error) -> Error {
    match error {
        Error::Refused(refused) => {
            Error::Invalid(vec![Fault::new(format!("/document_ids/{place}"), refused.code, refused.fr, refused.en)])
        }
        other => other,
    }
}

/// What a part is laid out from.
struct Gathered {
    row: document::Model,
    pictures: Pictures,
    digest: String,
    originals: Vec<Attachment>,
}

fn put_together(gathered: Vec<Gathered>, mut front: Paper) -> Result<Vec<u8>> {
    papers::typeset(&mut front);
    let mut parts = vec![];
    for Gathered { row, pictures, digest, originals } in gathered {
        let paper = papers::laid(&row, &pictures)?;
        parts.push(Part { paper, title: row.title, reference: row.reference, digest, originals });
    }
    pdf::bundle(&parts, &front).map_err(|error| Error::internal(format!("bundle: {error}")))
}

/// What travels with a paper untouched.
async fn originals(ctx: &Ctx, row: &document::Model) -> Result<Vec<Attachment>> {
    let mut originals = vec![];
    let PaperFile { role, bytes, .. } = file(ctx.app(), row, None).await?;
    let description = match role {
        FileRole::Presented => None,
        FileRole::Signed => Some("Original signé"),
        FileRole::Sealed | FileRole::SealedSigned => Some("Original portant le cachet de l’organisme"),
    };
    if let Some(description) = description {
        originals.push(Attachment {
            name: file_name(row)?,
            media_type: "application/pdf".into(),
            description: format!("{description} de {}", row.reference),
            relationship: Relationship::Source,
            data: bytes,
        });
    }
    for (attachment, stored) in rows_of(&ctx.scope(), row.id).await? {
        let what = match AttachmentKind::of(&attachment.what)? {
            AttachmentKind::SignedScan => "Copie numérisée",
            AttachmentKind::Proof => "Justificatif",
            AttachmentKind::Other => "Pièce jointe",
        };
        let data = ctx.app().blobs.get(stored.activity_id, &stored.sha256).await?;
        originals.push(Attachment {
            name: format!("{} {what} {}", row.reference, saved_name(&stored)),
            media_type: stored.media_type,
            description: format!("{what} de {}", row.reference),
            relationship: Relationship::Supplement,
            data,
        });
    }
    Ok(originals)
}
