//! A paper laid out again with its signatures: each in its frame, then a page of proofs; it carries the file that was
//! presented and names its hash.

use entity::document;

use super::{Stamp, carried_content, paper, typeset, with_code};
use crate::{
    document::Kind,
    pdf::{self, Attachment, Block, Paper, Picture, Pictures, Relationship, SignatureBox},
    platform::error::{Error, Result},
};

/// Which frame of a paper somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The training body's: the first, and the only one of a certificate.
    Provider,
    /// The other side's.
    Other,
}

/// A signature, as a paper shows it.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Where.
    pub place: Place,
    /// Who signed: name, quality.
    pub who: Vec<String>,
    /// The name that was typed.
    pub typed: Option<String>,
    /// The drawing.
    pub picture: Option<Picture>,
    /// When and how, under the signature.
    pub lines: Vec<String>,
    /// Smaller, below.
    pub evidence: Vec<String>,
    /// The page of proofs: label and value.
    pub proof: Vec<(String, String)>,
    /// The scan of a signature on paper.
    pub scan: Option<Carried>,
}

/// A file to carry.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its hash.
    pub sha256: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// The file that was presented to those who signed.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The name it is carried under.
    pub name: String,
    /// Its hash.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The bytes of a signed paper.
pub fn render_signed(
    row: &document::Model,
    pictures: &Pictures,
    presented: &Presented,
    signatures: &[Signature],
) -> Result<Vec<u8>> {
    let stamp = Stamp { pictures: pictures.clone(), ..Stamp::from(row) };
    let mut paper = paper(Kind::of(&row.kind)?, &row.content, &stamp)?;
    fill(&mut paper, signatures);
    with_code(&mut paper, &stamp);
    paper.blocks.extend(proofs(&stamp, presented, signatures));
    typeset::typeset(&mut paper);
    paper.attachments.push(Attachment {
        name: presented.name.clone(),
        media_type: "application/pdf".into(),
        description: format!("Le fichier présenté aux signataires, SHA-256 {}", presented.sha256),
        relationship: Relationship::Source,
        data: presented.bytes.clone(),
    });
    paper.attachments.push(carried_content(row));
    for scan in signatures.iter().filter_map(|one| one.scan.as_ref()) {
        paper.attachments.push(Attachment {
            name: scan.name.clone(),
            media_type: scan.media_type.clone(),
            description: format!("Original signé à la main, numérisé, SHA-256 {}", scan.sha256),
            relationship: Relationship::Supplement,
            data: scan.data.clone(),
        });
    }
    pdf::render(&paper).map_err(|error| Error::internal(format!("{} signed: {error}", row.reference)))
}

/// The frames of the first row of frames: what they ask for is replaced by what was given.
fn fill(paper: &mut Paper, signatures: &[Signature]) {
    let frames = paper.blocks.iter_mut().find_map(|block| match block {
        Block::Signatures(frames) => Some(frames),
        _ => None,
    });
    let Some(frames) = frames else { return };
    for signature in signatures {
        let last = frames.len().saturating_sub(1);
        let index = match signature.place {
            Place::Provider => 0,
            Place::Other => last,
        };
        let Some(frame) = frames.get_mut(index) else { continue };
        *frame = signed_frame(frame, signature);
    }
}

fn signed_frame(frame: &SignatureBox, signature: &Signature) -> SignatureBox {
    let mut lines = signature.who.clone();
    if signature.picture.is_none() {
        lines.extend(signature.typed.iter().map(|name| format!("« {name} »")));
    }
    lines.extend(signature.lines.iter().cloned());
    SignatureBox {
        title: frame.title.clone(),
        lines,
        image: signature.picture.clone(),
        evidence: signature.evidence.clone(),
    }
}

/// What proves the signatures, on a page of its own.
fn proofs(stamp: &Stamp, presented: &Presented, signatures: &[Signature]) -> Vec<Block> {
    let mut all = vec![
        Block::page_break(),
        Block::title("Preuve des signatures"),
        Block::paragraph(format!(
            "Ce fichier reprend le document {} avec ses signatures. Il contient, en pièce jointe, le fichier même qui a \
             été présenté aux signataires.",
            stamp.reference
        )),
        Block::key_values([
            ("Fichier présenté", presented.name.clone()),
            ("Empreinte SHA-256", presented.sha256.clone()),
        ]),
    ];
    for signature in signatures {
        all.push(Block::heading(signature.who.join(", ")));
        all.push(Block::key_values(signature.proof.iter().map(|(label, value)| (label.clone(), value.clone()))));
    }
    all.push(Block::note(
        "Signature électronique simple au sens du règlement (UE) n° 910/2014 (eIDAS) et de l’article 1367 du code civil : \
         elle lie une personne, jointe à son adresse, à un fichier et à un instant. Elle n’est ni avancée ni qualifiée.",
    ));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(place: Place, name: &str) -> Signature {
        Signature {
            place,
            who: vec![name.into()],
            typed: Some(name.into()),
            picture: None,
            lines: vec!["Signé électroniquement".into()],
            evidence: vec!["Niveau simple".into()],
            proof: vec![("Signataire".into(), name.into())],
            scan: None,
        }
    }

    #[test]
    fn each_signature_stands_in_its_frame_and_a_later_form_stays_blank() {
        let frame = |title: &str| SignatureBox::new(title).line("Date :");
        let mut paper = Paper::portrait("Contrat")
            .push(Block::signatures(vec![frame("Pour l’organisme"), frame("Le ou la stagiaire")]))
            .push(Block::signatures(vec![frame("Formulaire")]));
        fill(&mut paper, &[signature(Place::Other, "Zoé Lefèvre")]);
        let frames: Vec<&SignatureBox> = paper
            .blocks
            .iter()
            .flat_map(|block| match block {
                Block::Signatures(frames) => frames.iter().collect(),
                _ => vec![],
            })
            .collect();
        assert_eq!(frames[0].lines, ["Date :"], "the cooperative has not signed");
        assert_eq!(frames[1].lines, ["Zoé Lefèvre", "« Zoé Lefèvre »", "Signé électroniquement"]);
        assert_eq!((frames[1].title.as_str(), frames[1].evidence.len()), ("Le ou la stagiaire", 1));
        assert_eq!(frames[2].lines, ["Date :"]);
        let mut certificate = Paper::portrait("Certificat").push(Block::signatures(vec![frame("Cachet")]));
        fill(&mut certificate, &[signature(Place::Provider, "Rosa Bellanger")]);
        assert!(format!("{certificate:?}").contains("Rosa Bellanger"));
    }
}
