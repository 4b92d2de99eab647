//! What nobody should type and somebody will: endless words, foreign letters, nothing at all, two hundred trainees.

use super::*;
use crate::pdf::typeface;

fn endless() -> String {
    "Aïcha".repeat(60)
}

fn long_title() -> String {
    "Maîtriser l’œuvre : gestion d’un chantier de restauration, de l’état des lieux à la réception des travaux, "
        .repeat(4)
}

/// A sheet of so many people and half-days.
fn attendance(people: usize, halves: usize, cell: &dyn Fn(usize, usize) -> GridCell) -> Paper {
    let columns = (0..halves).map(|n| format!("{} janvier matin\n9 h à 9 h 05 (5 min)", n + 1)).collect();
    let rows = (0..people)
        .map(|n| GridRow {
            name: format!("Stagiaire {n}-"),
            detail: "Menuiserie du Port".into(),
            cells: (0..halves).map(|half| cell(n, half)).collect(),
            apart: n + 1 == people,
        })
        .collect();
    base(Paper::portrait("Feuille d’émargement"))
        .landscape()
        .push(Block::title("Feuille d’émargement"))
        .push(Block::grid(Grid { names: "Nom, prénom".into(), columns, rows, row_height_mm: 11.0 }))
        .push(Block::signatures(vec![SignatureBox::new("Pour l’organisme").line("Maëlle Le Goff")]))
}

fn of_words(word: &str) -> Paper {
    let cells = vec![
        GridCell::Text(word.into()),
        GridCell::Mark(vec![word.into(), word.into()]),
        GridCell::Signed { picture: scrawl(), description: word.into(), lines: vec![word.into()] },
    ];
    let columns = vec![word.to_owned(), format!("{word}\n{word}"), "ok".to_owned()];
    let row = GridRow { name: word.into(), detail: word.into(), cells, apart: true };
    Paper::portrait(word)
        .reference("CR-2026-0042")
        .author(word)
        .header(word, word)
        .footer(word)
        .push(Block::title(word))
        .push(Block::subtitle(word))
        .push(Block::heading(word))
        .push(Block::subheading(word))
        .push(Block::paragraph(word))
        .push(Block::aligned(word, Align::Right))
        .push(Block::note(word))
        .push(Block::key_values([(word, word), ("court", word)]))
        .push(Block::table(vec![Column::left(word, 1.0), Column::right("b", 6.0)], [vec![word, "ok"], vec!["", word]]))
        .push(Block::grid(Grid { names: word.into(), columns, rows: vec![row], row_height_mm: 9.0 }))
        .push(Block::checkboxes([(word, true), (word, false)]))
        .push(Block::bullets([word, ""]))
        .push(Block::chart(word, 0.0, [(word, 2.0, word), ("b", 0.0, "0")]))
        .push(Block::signatures(vec![SignatureBox::new(word).line(word).evidence(word), SignatureBox::new("")]))
        .push(Block::qr("https://example.org/verify/0123456789", word))
}

/// Facts with a code beside them, then a grid.
fn beside(word: &str) -> Paper {
    let facts = Block::FactsBesideQr {
        pairs: vec![("Action".into(), word.into()), (word.into(), "court".into())],
        url: "https://example.org/verify/0123456789".into(),
        caption: word.into(),
    };
    let sheet = attendance(2, 1, &|_, _| GridCell::Blank);
    Paper { blocks: [vec![facts], sheet.blocks.clone()].concat(), ..sheet }
}

/// Each of them, under a name.
pub fn papers() -> Vec<(&'static str, Paper)> {
    let signed = |n: usize, half: usize| GridCell::Signed {
        picture: scrawl(),
        description: format!("Signature de la personne {n}, demi-journée {half}"),
        lines: vec!["arrivée 9 h 40".into(), "départ 11 h 15".into()],
    };
    let nothing = |_: usize, _: usize| GridCell::Blank;
    vec![
        ("endless-word", of_words(&endless())),
        ("long-title", of_words(&long_title())),
        ("emoji", of_words("Équipe 🎉 👩‍🏫 réunie")),
        ("right-to-left", of_words("שלום עולם — مرحبا بالعالم")),
        ("combining", of_words("Ae\u{301}lis O\u{308}zgu\u{308}r Cze\u{328}stochowa N\u{303}o")),
        ("empty", of_words("")),
        ("nobody", attendance(0, 6, &nothing)),
        ("two-hundred", attendance(200, 6, &signed)),
        ("sixty-halves", attendance(12, 60, &nothing)),
        ("code-beside", beside(&endless())),
        ("blank", attendance(24, 6, &nothing)),
    ]
}

/// All that this folder knows how to make.
pub fn all() -> Vec<(&'static str, Paper)> {
    let attachment = Attachment {
        name: "contenu.json".into(),
        media_type: "application/json".into(),
        description: "Contenu".into(),
        data: b"{}".to_vec(),
        ..Attachment::default()
    };
    let usual = [
        ("certificate", certificate().attachment(attachment)),
        ("convention", convention()),
        ("sheet", sheet()),
        ("pieces", pieces::sample()),
    ];
    usual.into_iter().chain(papers()).collect()
}

/// Left, top, right and bottom of a text, in millimetres, without the space that ends it.
fn place(ink: &elements::Ink) -> Option<(String, [f32; 4])> {
    let elements::Ink::Text { x, baseline, text, style, spread } = ink else { return None };
    let text = text.trim_end();
    let gaps = text.chars().filter(|c| *c == ' ').count() as f32;
    let width = typeface::width(text, *style) + gaps * spread;
    let tall = style.size * typeface::POINT;
    Some((text.to_owned(), [*x, baseline - 0.62 * tall, x + width, baseline + 0.1 * tall]))
}

#[test]
fn nothing_leaves_the_margins() {
    for (name, paper) in all() {
        for (n, page) in elements::lay_out(&paper).pages.iter().enumerate() {
            let (width, height) = page.size;
            let side = if paper.landscape { 14.0 } else { 22.0 };
            for (text, [left, top, right, bottom]) in page.ink.iter().filter_map(place) {
                let within = left >= side - 0.1 && right <= width - side + 0.1 && top >= 4.0 && bottom <= height - 4.0;
                assert!(within, "{name}, page {n}: « {text} » stands at {left} {top} {right} {bottom}");
            }
        }
    }
}

#[test]
fn no_text_covers_another() {
    for (name, paper) in all() {
        for (n, page) in elements::lay_out(&paper).pages.iter().enumerate() {
            let places: Vec<_> = page.ink.iter().filter_map(place).filter(|(text, _)| !text.is_empty()).collect();
            for (m, (one, a)) in places.iter().enumerate() {
                for (other, b) in &places[m + 1..] {
                    let across = a[2].min(b[2]) - a[0].max(b[0]);
                    let down = a[3].min(b[3]) - a[1].max(b[1]);
                    assert!(across < 0.3 || down < 0.3, "{name}, page {n}: « {one} » and « {other} » overlap");
                }
            }
        }
    }
}

#[test]
fn an_endless_name_is_printed_whole_everywhere() {
    let word = endless();
    let paper = of_words(&word);
    let text = letters(&pages(&render(&paper).unwrap()).concat());
    // Title, subtitle, headings, paragraphs, note, labels and values, cells, lists, chart, boxes, caption; and the brand,
    // the organisation and the foot.
    assert!(text.matches(&word).count() >= 24, "{}", text.matches(&word).count());
}

#[test]
fn nobody_comes_to_a_sheet_that_still_stands() {
    let pages = pages(&render(&attendance(0, 6, &|_, _| GridCell::Blank)).unwrap());
    assert_eq!(pages.len(), 1);
    assert!(pages[0].contains("Nom, prénom") && pages[0].contains("Pour l’organisme"));
}

#[test]
fn two_hundred_people_are_all_there_under_a_repeated_header() {
    let bytes = render(&attendance(200, 6, &|_, _| GridCell::Blank)).unwrap();
    let pages = pages(&bytes);
    assert!((0..200).all(|n| pages.iter().filter(|page| page.contains(&format!("Stagiaire {n}-"))).count() == 1));
    for page in pages.iter().filter(|page| page.contains("Stagiaire ")) {
        assert_eq!(page.matches("Nom, prénom").count(), 1);
    }
}

#[test]
fn sixty_half_days_become_several_grids() {
    let paper = attendance(12, 60, &|_, half| GridCell::Text(format!("case {half}-")));
    let text = pages(&render(&paper).unwrap()).concat();
    for half in 0..60 {
        assert_eq!(letters(&text).matches(&format!("case{half}-")).count(), 12, "half-day {half}");
    }
    assert!(text.matches("Stagiaire 3-").count() > 3, "the names come back beside each part");
}

#[test]
fn signature_pictures_stay_light() {
    // Twenty-four people sign six times, never twice alike.
    let strokes = |n: usize, half: usize| {
        let (width, height) = (360_u32, 120_u32);
        let mut rgba = vec![0_u8; (width * height * 4) as usize];
        let (speed, rise) = (11.0 + (n % 7) as f32, 20.0 + (half * 5) as f32);
        for step in 0..width * 4 {
            let x = step as f32 / 4.0;
            let y = 60.0 + rise * (x / speed).sin() * (x / 37.0 + n as f32).cos();
            for dx in 0..3 {
                for dy in 0..3 {
                    let at = ((y as u32 + dy).min(height - 1) * width + (x as u32 + dx).min(width - 1)) as usize * 4;
                    rgba[at..at + 4].copy_from_slice(&[20, 30, 90, 255]);
                }
            }
        }
        GridCell::Signed {
            picture: Picture::from_rgba(width, height, rgba).unwrap(),
            description: format!("Signature de la personne {n}"),
            lines: vec![],
        }
    };
    let bytes = render(&attendance(24, 6, &strokes)).unwrap().len();
    assert!(bytes < 130_000, "a sheet of 144 signatures takes {bytes} bytes");
}
