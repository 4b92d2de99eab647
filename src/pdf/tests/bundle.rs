//! Bundles: several papers in one file.

use super::*;

fn part(paper: Paper, title: &str, reference: &str) -> Part {
    let original = Attachment {
        name: format!("{reference}.pdf"),
        media_type: "application/pdf".into(),
        description: "Original scellé".into(),
        relationship: Relationship::Source,
        data: format!("%PDF-1.7 {reference}").into_bytes(),
    };
    Part {
        paper: paper.reference(reference),
        title: title.into(),
        reference: reference.into(),
        digest: format!("{:0>16}", reference.to_lowercase().replace('-', "")).repeat(4),
        originals: vec![original],
    }
}

pub fn sample() -> (Vec<Part>, Paper) {
    let parts = vec![
        part(convention(), "Convention de formation", "CNV-2026-0001"),
        part(sheet(), "Feuille d’émargement", "EMG-2026-0003"),
        part(certificate(), "Certificat de réalisation", "CRT-2026-0042"),
    ];
    let front = base(Paper::portrait("Dossier de la session SES-2026-0007"))
        .push(Block::title("Dossier de formation"))
        .push(Block::paragraph(LONG));
    (parts, front)
}

#[test]
fn a_bundle_numbers_its_pages_from_first_to_last() {
    let (parts, front) = sample();
    let bytes = bundle(&parts, &front).unwrap();
    let pages = pages(&bytes);
    for (n, page) in pages.iter().enumerate() {
        assert!(letters(page).contains(&format!("page{}/{}", n + 1, pages.len())), "page {n}");
    }
    let alone: usize = parts.iter().map(|part| super::pages(&render(&part.paper).unwrap()).len()).sum();
    assert_eq!(pages.len(), alone + 1);
}

#[test]
fn each_part_of_a_bundle_is_named_on_its_pages_and_in_the_outline() {
    let (parts, front) = sample();
    let bytes = bundle(&parts, &front).unwrap();
    let pages = pages(&bytes);
    for part in &parts {
        let held: Vec<usize> = (0..pages.len()).filter(|n| pages[*n].contains(&part.digest)).collect();
        assert_eq!(held.len(), super::pages(&render(&part.paper).unwrap()).len(), "{}", part.reference);
        assert!(pages[0].contains(&part.reference) && pages[0].contains(&(held[0] + 1).to_string()));
    }
    let file = Document::load_mem(&bytes).unwrap();
    let titles: Vec<String> = file
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|entries| entries.has(b"Dest") && entries.has(b"First"))
        .map(|entries| lopdf::decode_text_string(entries.get(b"Title").unwrap()).unwrap())
        .collect();
    for title in ["Convention de formation – CNV-2026-0001", "Certificat de réalisation – CRT-2026-0042"] {
        assert!(titles.iter().any(|known| known == title), "{titles:?}");
    }
}

#[test]
fn a_bundle_carries_its_originals_untouched() {
    let (parts, front) = sample();
    let file = Document::load_mem(&bundle(&parts, &front).unwrap()).unwrap();
    for part in &parts {
        let data = &part.originals[0].data;
        let carried = file.objects.values().filter_map(|object| object.as_stream().ok());
        assert!(carried.into_iter().any(|stream| stream.content == *data), "{}", part.reference);
    }
}

#[test]
fn the_same_bundle_gives_the_same_bytes() {
    let (parts, front) = sample();
    let (one, other) = (bundle(&parts, &front).unwrap(), bundle(&parts, &front).unwrap());
    assert!(one == other);
    assert!(bundle(&[], &front).is_ok(), "a bundle of nothing is its front");
}
