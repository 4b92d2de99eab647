//! What every paper begins and ends with: the brand and the cooperative above, the identity and the reference below.

use super::{Stamp, prose::prose};
use crate::{
    organisation::Issuer,
    pdf::{Block, Colour, Depicted, Paper},
    platform::{money::Cents, number::Siret},
};

/// Between the parts of a line: a line may break after it, not before.
const DASH: &str = "\u{a0}– ";

/// Which line about the declaration of activity a paper carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclarationLine {
    /// Conventions, contrats, quotes (art. R6351-6).
    Contract,
    /// Whatever is public: the programme (art. L6352-12).
    Public,
}

/// A portrait paper with the header and footer of its issuer.
pub fn paper(title: &str, issuer: &Issuer, stamp: &Stamp, line: DeclarationLine) -> Paper {
    let declaration = match line {
        DeclarationLine::Contract => issuer.declaration_line(),
        DeclarationLine::Public => issuer.public_line(),
    };
    let letterhead = &issuer.letterhead;
    let above: Vec<String> = letterhead.header_line.iter().cloned().chain([carried_by(issuer)]).collect();
    let mut paper = Paper::portrait(title)
        .reference(&stamp.reference)
        .author(&issuer.name)
        .issued_at(stamp.issued_at)
        .header(&issuer.brand, above.join("\n"));
    for line in letterhead.footer_line.iter().cloned().chain([identity_line(issuer), declaration]) {
        paper = paper.footer(line);
    }
    let logo = |named: &Option<Depicted>| named.as_ref().and_then(|named| stamp.pictures.get(named));
    paper.header.logo = logo(&letterhead.brand_logo);
    paper.header.organisation_logo = logo(&letterhead.logo);
    if let Some(accent) = issuer.accent.as_deref().and_then(colour) {
        paper = paper.accent(accent);
    }
    if stamp.specimen { paper.watermark("SPÉCIMEN") } else { paper }
}

/// What staff add below the title.
pub fn introduction(issuer: &Issuer) -> Vec<Block> {
    issuer.letterhead.texts.introduction.iter().flat_map(|text| added(text)).collect()
}

/// The clauses that staff add, to stand before the signatures; none, most often.
pub fn clauses(issuer: &Issuer) -> Vec<Block> {
    issuer.letterhead.texts.clauses.iter().flat_map(|text| added(text)).collect()
}

/// What staff add at the end.
pub fn closing(issuer: &Issuer) -> Vec<Block> {
    issuer.letterhead.texts.closing.iter().flat_map(|text| added(text)).collect()
}

/// Blocks under a heading, or nothing at all.
pub fn headed(title: &str, blocks: Vec<Block>) -> Vec<Block> {
    if blocks.is_empty() { vec![] } else { [vec![Block::heading(title)], blocks].concat() }
}

/// An added text as blocks: its titles stand below those of the paper.
fn added(text: &str) -> Vec<Block> {
    let below = |block| match block {
        Block::Heading(title) => Block::Subheading(title),
        other => other,
    };
    prose(text).into_iter().map(below).collect()
}

/// How whoever holds the paper can verify it: a code to scan, and its address to type.
pub fn verification(stamp: &Stamp) -> Option<Block> {
    let address = stamp.verification.as_deref()?;
    Some(Block::qr(address, "Pour vérifier ce document, photographiez ce carré ou ouvrez l’adresse\u{a0}:"))
}

/// The facts at the head of a wide sheet, with the code beside them.
pub fn facts_with_verification(facts: Vec<(String, String)>, stamp: &Stamp) -> Block {
    let pairs = facts.into_iter().map(|(label, value)| (label, value.into())).collect();
    match verification(stamp) {
        Some(Block::Qr { url, caption }) => Block::FactsBesideQr { pairs, url, caption },
        _ => Block::KeyValues(pairs),
    }
}

/// Who carries the brand, and how to reach the brand.
fn carried_by(issuer: &Issuer) -> String {
    let carrier = format!("Une activité de {}, {}", issuer.name, issuer.legal_form);
    let reach = [&issuer.brand_email, &issuer.brand_phone].into_iter().flatten().cloned();
    std::iter::once(carrier).chain(reach).collect::<Vec<_>>().join(DASH)
}

/// Name, form, capital, address, SIRET, RCS, NAF, VAT number, how to reach it: one line.
pub fn identity_line(issuer: &Issuer) -> String {
    let mut parts = vec![format!("{}, {}", issuer.name, issuer.legal_form)];
    if let Some(capital) = issuer.capital_cents {
        parts.push(format!("capital {}", Cents(capital)));
    }
    parts.push(format!("{}, {} {}", issuer.address, issuer.postcode, issuer.city));
    parts.push(format!(
        "SIRET {}",
        Siret::parse(&issuer.siret).map_or_else(|_| issuer.siret.clone(), |siret| siret.to_string())
    ));
    if let Some(city) = &issuer.rcs_city {
        parts.push(format!("RCS {city}"));
    }
    if let Some(naf) = &issuer.naf {
        parts.push(format!("NAF {naf}"));
    }
    if let Some(vat) = &issuer.vat_number {
        parts.push(format!("TVA {vat}"));
    }
    parts.extend([&issuer.email, &issuer.phone].into_iter().flatten().cloned());
    parts.join(DASH)
}

fn colour(hex: &str) -> Option<Colour> {
    let digits = hex.strip_prefix('#')?;
    let part = |at: usize| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    Some(Colour(part(0)?, part(2)?, part(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_text_has_paragraphs_titles_and_lists() {
        let text = "# Confidentialité\nPremière ligne\nseconde ligne\n\nDeux choses :\n- l’une\n- l’autre\nEt voilà.";
        assert_eq!(
            added(text),
            [
                Block::subheading("Confidentialité"),
                Block::paragraph("Première ligne\nseconde ligne"),
                Block::paragraph("Deux choses :"),
                Block::bullets(["l’une", "l’autre"]),
                Block::paragraph("Et voilà."),
            ]
        );
    }
}
