//! Certificates of a long list of people: the glyphs of a paper are seldom those of the one before.

use clairiere::pdf::{Picture, Pictures};
use entity::document;

use crate::stage::Files;

const FIRST_NAMES: [&str; 12] =
    ["Aïcha", "Loïc", "Maëlle", "Gaëtan", "Zoé", "François", "Inès", "Noël", "Chloé", "Yann", "Œdipe", "Władysław"];
const LAST_NAMES: [&str; 11] =
    ["N’Guessan", "Lefèvre", "Kerbrat", "Le Goff", "Nguyễn", "Garçon", "D’Hôtel", "Quéméner", "Żak", "Brûlé", "Müller"];

/// The same certificate for somebody else.
pub fn named(certificate: &document::Model, n: usize) -> document::Model {
    let mut content: serde_json::Value = serde_json::from_str(&certificate.content).expect("a content is JSON");
    let (first, last) = (FIRST_NAMES[n % FIRST_NAMES.len()], LAST_NAMES[n / 3 % LAST_NAMES.len()]);
    content["trainee"] = format!("{first} {last} {n}").into();
    document::Model {
        content: content.to_string(),
        reference: format!("CRT-2026-{:04}", n % 10_000),
        ..certificate.clone()
    }
}

/// As the server does it: from the row, and the files that it names, to the bytes.
pub fn render(row: &document::Model, files: &Files) -> Vec<u8> {
    let content = serde_json::from_str(&row.content).expect("a content is JSON");
    let mut pictures = Pictures::default();
    for sha256 in Pictures::named_in(&content) {
        let file = files.get(&sha256).expect("the demonstration left the pictures that its papers name");
        pictures.insert(sha256, Picture::decode(file).expect("a picture that was taken can be read"));
    }
    clairiere::papers::render(row, &pictures).expect("an issued paper can be rendered")
}
