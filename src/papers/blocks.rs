//! What every paper begins and ends with: the brand and the cooperative above, the identity and the reference below.

use super::Stamp;
use crate::{
    organisation::Issuer,
    pdf::{Block, Colour, Depicted, Paper},
    platform::{
        money::Cents,
        number::{Nda, Siret},
    },
};

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
    let mut above = format!("Une activité de {}, {}", issuer.name, issuer.legal_form);
    if let Some(line) = &letterhead.header_line {
        above = format!("{line}\n{above}");
    }
    let mut paper = Paper::portrait(title)
        .reference(&stamp.reference)
        .author(&issuer.name)
        .issued_at(stamp.issued_at)
        .header(&issuer.brand, above);
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

/// A text as blocks: empty lines part paragraphs, `# ` begins a title, `- ` the items of a list.
fn added(text: &str) -> Vec<Block> {
    let mut blocks = vec![];
    for paragraph in text.replace("\r\n", "\n").split("\n\n") {
        let mut lines: Vec<&str> = vec![];
        let mut items: Vec<&str> = vec![];
        for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(item) = line.strip_prefix("- ") {
                flush(&mut blocks, &mut lines, &mut vec![]);
                items.push(item);
            } else if let Some(title) = line.strip_prefix("# ") {
                flush(&mut blocks, &mut lines, &mut items);
                blocks.push(Block::subheading(title));
            } else {
                flush(&mut blocks, &mut vec![], &mut items);
                lines.push(line);
            }
        }
        flush(&mut blocks, &mut lines, &mut items);
    }
    blocks
}

/// What was gathered becomes a paragraph or a list.
fn flush(blocks: &mut Vec<Block>, lines: &mut Vec<&str>, items: &mut Vec<&str>) {
    if !lines.is_empty() {
        blocks.push(Block::paragraph(std::mem::take(lines).join("\n")));
    }
    if !items.is_empty() {
        blocks.push(Block::bullets(std::mem::take(items)));
    }
}

/// How whoever holds the paper can verify it: a code to scan, and its address to type.
pub fn verification(stamp: &Stamp) -> Option<Block> {
    let address = stamp.verification.as_deref()?;
    let short = address.split_once("://").map_or(address, |(_, rest)| rest);
    Some(Block::qr(address, format!("Vérifier ce document : {short}")))
}

/// Name, form, capital, address, SIRET, RCS, NAF, VAT number: one line.
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
    parts.join(" – ")
}

/// The declaration number as it is printed.
pub fn printed_nda(number: &str) -> String {
    Nda::parse(number).map_or_else(|_| number.to_owned(), |nda| nda.to_string())
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
        assert_eq!(added(" \n\n \n"), []);
    }
}
