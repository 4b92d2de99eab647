//! Bundles: the pages of several papers in one file, numbered from the first to the last.

use crate::pdf::{Block, Column, Paper, Part, Rich, Table};

use super::{Bookmark, Draft, Laid, Numbering, Shown};

/// The front with its table of contents, then each part under a line that names it.
///
/// Parts are shared out between pages first, as the table names their pages; its own length does not depend on them.
pub fn lay_out_bundle(front: &Paper, parts: &[Part]) -> Laid {
    let drafts: Vec<Draft<'_>> = parts.iter().map(|part| Draft::new(&part.paper)).collect();
    let lengths: Vec<usize> = drafts.iter().map(|draft| draft.pages.len()).collect();
    let opening = Draft::new(&with_contents(front, parts, &vec![0; parts.len()])).pages.len();
    let first_pages: Vec<usize> = (0..parts.len()).map(|n| opening + lengths[..n].iter().sum::<usize>()).collect();
    let count = opening + lengths.iter().sum::<usize>();

    let front = with_contents(front, parts, &first_pages);
    let mut laid = Draft::new(&front).dressed(Numbering { before: 0, count }, None);
    for (n, ((part, draft), before)) in parts.iter().zip(drafts).zip(first_pages).enumerate() {
        let strip = format!("Pièce {} / {} – {} – SHA-256 {}", n + 1, parts.len(), part.reference, part.digest);
        laid.bookmarks.push(Bookmark { level: 0, text: named(part), page: before, y: 0.0 });
        laid.add(draft.dressed(Numbering { before, count }, Some(&strip)));
    }
    laid
}

fn named(part: &Part) -> String {
    if part.reference.is_empty() { part.title.clone() } else { format!("{} – {}", part.title, part.reference) }
}

/// The front, ended by the list of its parts; pages are counted from zero.
fn with_contents(front: &Paper, parts: &[Part], first_pages: &[usize]) -> Paper {
    let rows = parts.iter().zip(first_pages).enumerate().map(|(n, (part, page))| {
        let digest: String = part.digest.chars().take(16).collect();
        [(n + 1).to_string(), part.title.clone(), part.reference.clone(), digest, (page + 1).to_string()]
            .map(Rich::from)
            .to_vec()
    });
    let columns = vec![
        Column::right("N°", 0.9),
        Column::left("Pièce", 6.0),
        Column::left("Référence", 3.6),
        Column::left("Empreinte (début)", 3.6),
        Column::right("Page", 1.2),
    ];
    front.clone().push(Block::heading("Pièces réunies")).push(Block::Table(Table {
        columns,
        rows: rows.collect(),
        totals: 0,
    }))
}

impl Laid {
    /// Adds the pages of another paper behind these.
    fn add(&mut self, other: Self) {
        let Self { pages, tags, pictures, bookmarks } = other;
        let (first_tag, first_page) = (self.tags.len(), self.pages.len());
        let places: Vec<usize> = pictures.into_iter().map(|picture| self.place(picture)).collect();
        self.tags.extend(tags);
        self.bookmarks
            .extend(bookmarks.into_iter().map(|bookmark| Bookmark { page: bookmark.page + first_page, ..bookmark }));
        self.pages.extend(pages.into_iter().map(|mut page| {
            page.ink = page.ink.into_iter().map(|ink| ink.renumbered(first_tag, &places)).collect();
            page
        }));
    }

    /// The number of a picture among those of the whole file.
    fn place(&mut self, picture: Shown) -> usize {
        self.pictures.iter().position(|known| *known == picture).unwrap_or_else(|| {
            self.pictures.push(picture);
            self.pictures.len() - 1
        })
    }
}
