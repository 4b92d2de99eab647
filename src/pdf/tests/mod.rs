//! Tests of the whole engine, on papers like those that are sent.

mod breaks;
mod bundle;
mod extremes;
mod pieces;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lopdf::{Dictionary, Document, Object};

use super::*;

fn noon() -> DateTime<Utc> {
    "2026-01-17T11:00:00Z".parse().unwrap()
}

fn base(paper: Paper) -> Paper {
    paper
        .reference("CR-2026-0042")
        .author("Coopérative Les Sentiers")
        .issued_at(noon())
        .header("Les Sentiers", "Coopérative d’activité et d’emploi · 12 rue de l’Œuvre, 35000 Rennes")
        .footer(
            "Déclaration d’activité enregistrée sous le numéro 53 35 09876 35 auprès du préfet de la région Bretagne.",
        )
        .footer("SIRET 123 456 789 00012 · cet enregistrement ne vaut pas agrément de l’État.")
}

const LONG: &str = "L’organisme de formation s’engage à mettre en œuvre les moyens pédagogiques, techniques et d’encadrement nécessaires à la bonne réalisation de l’action, conformément au programme annexé à la présente convention ; il remet à chaque stagiaire le règlement intérieur applicable aux stagiaires, ainsi que les modalités d’évaluation des acquis (art. L. 6353-1 du code du travail).";

/// A signature drawn with a wave, on a transparent ground.
fn scrawl() -> Picture {
    let (width, height) = (240_u32, 80_u32);
    let mut rgba = vec![0_u8; (width * height * 4) as usize];
    for x in 0..width {
        let y = (40.0 + 26.0 * (x as f32 / 14.0).sin() * (1.0 - x as f32 / 300.0)) as u32;
        for thick in 0..3 {
            let at = (((y + thick) * width + x) * 4) as usize;
            rgba[at..at + 4].copy_from_slice(&[24, 40, 110, 255]);
        }
    }
    Picture::from_rgba(width, height, rgba).unwrap()
}

fn certificate() -> Paper {
    base(Paper::portrait("Certificat de réalisation"))
        .push(Block::title("Certificat de réalisation"))
        .push(Block::subtitle("Action de formation professionnelle"))
        .push(Block::paragraph(vec![
            Span::plain("Je soussignée, "),
            Span::bold("Maëlle Le Goff"),
            Span::plain(", représentante légale de la coopérative Les Sentiers, atteste que la personne désignée ci-dessous a suivi l’action de formation suivante."),
        ]))
        .push(Block::key_values([
            ("Stagiaire", "Aïcha N’Guessan-Lefèvre"),
            ("Action de formation", "Maîtriser l’œuvre : gestion d’un chantier de restauration, niveau 2"),
            ("Nature", "Action de formation (art. L. 6313-1, 1°)"),
            ("Dates", "Du 5 au 7 janvier 2026"),
            ("Durée suivie", "21\u{202f}h sur 21\u{202f}h prévues"),
            ("Lieu", "12 rue de l’Œuvre, 35000 Rennes\net à distance"),
            ("Prix", "1\u{202f}250,00\u{202f}€ net de taxe"),
        ]))
        .push(Block::paragraph("Sans préjudice des délais imposés par les règles fiscales, comptables ou commerciales, je m’engage à conserver l’ensemble des pièces justificatives qui ont permis d’établir le présent certificat pendant une durée de trois ans à compter de la fin de l’année du dernier paiement."))
        .push(Block::signatures(vec![SignatureBox::new("Pour l’organisme de formation").line("Maëlle Le Goff, gérante").line("Rennes, le 17 janvier 2026").image(scrawl())]))
        .push(Block::note("Établi en application de l’article R. 6332-26 du code du travail."))
        .push(Block::qr("https://exemple.fr/verifier/CR-2026-0042-7F3A", "Vérifier l’authenticité de ce document"))
}

fn convention() -> Paper {
    let mut paper = base(Paper::portrait("Convention de formation professionnelle"))
        .watermark("SPÉCIMEN")
        .push(Block::title("Convention de formation professionnelle"))
        .push(Block::subtitle("Articles L. 6353-1 et suivants du code du travail"))
        .push(Block::heading("Entre les soussignés"))
        .push(Block::bullets([
            "Les Sentiers, coopérative d’activité et d’emploi, représentée par Maëlle Le Goff ;",
            "Menuiserie du Port, société à responsabilité limitée, représentée par Yann Kerbrat.",
        ]));
    for n in 1..=12 {
        paper =
            paper.push(Block::heading(format!("Article {n} – Objet, durée et modalités"))).push(Block::paragraph(LONG));
        if n % 3 == 0 {
            paper = paper.push(Block::subheading("Précisions")).push(Block::paragraph(LONG));
        }
    }
    paper
        .push(Block::heading("Prix de l’action"))
        .push(Block::Table(Table {
            columns: vec![
                Column::left("Désignation", 5.0),
                Column::right("Quantité", 1.5),
                Column::right("Prix unitaire", 2.0),
                Column::right("Montant", 2.0),
            ],
            rows: vec![
                vec![
                    "Maîtriser l’œuvre, niveau 2\n3 jours en présence".into(),
                    "1".into(),
                    "1\u{202f}250,00\u{202f}€".into(),
                    "1\u{202f}250,00\u{202f}€".into(),
                ],
                vec!["Frais de dossier".into(), "1".into(), "45,00\u{202f}€".into(), "45,00\u{202f}€".into()],
                vec!["Total".into(), "".into(), "".into(), "1\u{202f}295,00\u{202f}€".into()],
            ],
            totals: 1,
        }))
        .push(Block::checkboxes([
            ("Le bénéficiaire a reçu le règlement intérieur", true),
            ("Le bénéficiaire demande un aménagement lié à un handicap", false),
        ]))
        .push(Block::paragraph(LONG))
        .push(Block::signatures(vec![
            SignatureBox::new("Pour l’organisme de formation")
                .line("Maëlle Le Goff, gérante")
                .line("« Lu et approuvé »"),
            SignatureBox::new("Pour l’entreprise bénéficiaire")
                .line("Yann Kerbrat, gérant")
                .line("Date, cachet et signature"),
        ]))
}

fn sheet() -> Paper {
    let columns = ["5 janvier", "6 janvier", "7 janvier"]
        .iter()
        .flat_map(|day| [format!("{day}\nmatin, 9 h – 12 h 30"), format!("{day}\naprès-midi, 13 h 30 – 17 h")])
        .collect();
    let signature = scrawl();
    let rows = (0..24)
        .map(|n| GridRow {
            apart: n == 23,
            name: format!("Aïcha N’Guessan {n}"),
            detail: "Menuiserie du Port".into(),
            cells: (0..6)
                .map(|half| match (n + half) % 9 {
                    8 => GridCell::Text("Absente".into()),
                    7 => GridCell::Blank,
                    k if k % 2 == 0 => GridCell::Mark(vec!["Signé à 9 h 02".into(), "code reçu au 06 •• •• 42".into()]),
                    _ => GridCell::Picture {
                        picture: signature.clone(),
                        description: format!("Signature de la personne {n}"),
                    },
                })
                .collect(),
        })
        .collect();
    base(Paper::portrait("Feuille d’émargement"))
        .landscape()
        .push(Block::title("Feuille d’émargement"))
        .push(Block::subtitle(
            "Maîtriser l’œuvre : gestion d’un chantier de restauration – du 5 au 7 janvier 2026 – 21\u{202f}h",
        ))
        .push(Block::grid(Grid { names: "Stagiaire".into(), columns, rows, row_height_mm: 11.0 }))
        .push(Block::signatures(vec![
            SignatureBox::new("Formatrice").line("Gaëlle Œillet"),
            SignatureBox::new("Pour l’organisme").line("Maëlle Le Goff"),
        ]))
}

/// The text of each page, as a reader that follows the fonts' own tables finds it.
fn pages(bytes: &[u8]) -> Vec<String> {
    let file = Document::load_mem(bytes).unwrap();
    file.page_iter().map(|page| page_text(&file, page)).collect()
}

fn page_text(file: &Document, page: lopdf::ObjectId) -> String {
    let resources = file.get_dictionary(page).unwrap().get(b"Resources").unwrap();
    let resources = file.dereference(resources).unwrap().1.as_dict().unwrap();
    let Ok(fonts) = resources.get_deref(b"Font", file) else { return String::new() };
    let maps: BTreeMap<Vec<u8>, BTreeMap<u16, char>> =
        fonts.as_dict().unwrap().iter().map(|(name, font)| (name.clone(), characters(file, font))).collect();
    let (mut text, mut font) = (String::new(), Vec::new());
    for operation in lopdf::content::Content::decode(&file.get_page_content(page)).unwrap().operations {
        match operation.operator.as_str() {
            "Tf" => font = operation.operands[0].as_name().unwrap().to_vec(),
            "TJ" => {
                for glyphs in operation.operands[0].as_array().unwrap().iter().filter_map(|piece| piece.as_str().ok()) {
                    text.extend(
                        glyphs.chunks_exact(2).map(|pair| maps[&font][&u16::from_be_bytes([pair[0], pair[1]])]),
                    );
                }
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

fn characters(file: &Document, font: &Object) -> BTreeMap<u16, char> {
    let font: &Dictionary = file.dereference(font).unwrap().1.as_dict().unwrap();
    let map = font.get_deref(b"ToUnicode", file).unwrap().as_stream().unwrap().decompressed_content().unwrap();
    let map = String::from_utf8(map).unwrap();
    let hex = |text: &str| u32::from_str_radix(text.trim_matches(['<', '>']), 16).unwrap();
    map.lines()
        .filter_map(|line| line.split_once("> <"))
        .filter(|(code, _)| !code.contains("codespace") && code.starts_with('<'))
        .filter(|(code, character)| code.len() == 5 && character.len() == 5)
        .map(|(code, character)| (hex(code) as u16, char::from_u32(hex(character)).unwrap()))
        .collect()
}

/// Without what line breaking adds and removes.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{ad}').collect()
}

fn roles(bytes: &[u8]) -> BTreeMap<String, usize> {
    let file = Document::load_mem(bytes).unwrap();
    let mut roles = BTreeMap::new();
    for entries in file.objects.values().filter_map(|object| object.as_dict().ok()) {
        if let (Ok(b"StructElem"), Ok(role)) =
            (entries.get(b"Type").and_then(Object::as_name), entries.get(b"S").and_then(Object::as_name))
        {
            *roles.entry(String::from_utf8_lossy(role).into_owned()).or_default() += 1;
        }
    }
    roles
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    for paper in [certificate(), convention(), sheet()] {
        assert_eq!(render(&paper).unwrap(), render(&paper.clone()).unwrap());
    }
}

/// What the engine makes of three papers. These change only when the engine does: its fonts, its shapes, how it writes a
/// file, or the papers of this test. What was issued keeps its bytes; whoever changes a line here looks at the pages.
const PINNED: [(&str, &str); 3] = [
    ("certificate", "94e55663e32dbe4e23700107e9b342542044deb6c61cf3d81502b3e7d9fa30ca"),
    ("convention", "2f8d90f87280017badfb4c623af49f1d51a340cc4c2225127a8f5105e4be005d"),
    ("sheet", "dbb0c982583f63e15af50bd502d71d707303b6f0957cd7bf7029121d933e992b"),
];

#[test]
fn the_same_paper_gives_the_same_bytes_on_every_machine() {
    let papers = [certificate(), convention(), sheet()];
    let made = papers.map(|paper| crate::platform::audit::sha256(render(&paper).unwrap()));
    assert_eq!(made, PINNED.map(|(_, hash)| hash.to_owned()));
}

#[test]
fn papers_are_small() {
    let (certificate, sheet) = (render(&certificate()).unwrap().len(), render(&sheet()).unwrap().len());
    assert!(certificate < 60_000, "a certificate takes {certificate} bytes");
    assert!(sheet < 130_000, "an attendance sheet takes {sheet} bytes");
}

#[test]
fn text_survives_whole() {
    let pages = pages(&render(&certificate()).unwrap());
    let text = letters(&pages.concat());
    for expected in [
        "Aïcha N’Guessan-Lefèvre",
        "Maîtriser l’œuvre : gestion d’un chantier",
        "1 250,00 €",
        "conserver l’ensemble des pièces justificatives",
        "page 1 / 1",
    ] {
        assert!(text.contains(&letters(expected)), "« {expected} » is missing");
    }
}

#[test]
fn a_code_stands_beside_a_lonely_signature_box() {
    let words = |paper: &Paper| {
        let laid = elements::lay_out(paper);
        let at = |needle: &str| {
            laid.pages[0].ink.iter().find_map(|ink| match ink {
                elements::Ink::Text { text, x, baseline, .. } if text.contains(needle) => Some((*x, *baseline)),
                _ => None,
            })
        };
        (at("Vérifier").unwrap(), at("Maëlle Le Goff, gérante").unwrap())
    };
    let (code, signature) = words(&certificate());
    assert!(code.0 < signature.0 && (code.1 - signature.1).abs() < 20.0, "{code:?} {signature:?}");
}

#[test]
fn decomposed_names_are_composed() {
    let paper = Paper::portrait("x").push(Block::paragraph("Ae\u{301}lis Cze\u{328}stochowa"));
    assert!(pages(&render(&paper).unwrap())[0].contains("Aélis Częstochowa"));
}

#[test]
fn an_endless_word_is_cut_not_lost() {
    let word: String = "abcdefghij".repeat(30);
    let paper = Paper::portrait("x")
        .push(Block::paragraph(word.as_str()))
        .push(Block::table(vec![Column::left("a", 1.0), Column::left("b", 6.0)], [vec![word.as_str(), "ok"]]));
    let text = letters(&pages(&render(&paper).unwrap()).concat());
    assert_eq!(text.matches(&word).count(), 2);
}

#[test]
fn emoji_and_right_to_left_do_not_stop_a_paper() {
    let paper = Paper::portrait("مرحبا 🎉")
        .watermark("🎉")
        .push(Block::title("🎉"))
        .push(Block::paragraph("Bonjour 👩‍🏫 שלום مرحبا \u{202e}x\u{0}\u{7}\tfin ﬁn"))
        .push(Block::bullets(["日本語"]));
    let text = pages(&render(&paper).unwrap()).concat();
    assert!(text.contains("Bonjour ?"), "{text}");
    assert!(text.contains("fin fin"), "{text}");
}

#[test]
fn an_unknown_character_is_named() {
    assert_eq!(supports("Œuvre de Łukasz, Ștefan et Nguyễn\n– 21\u{202f}h ☑ ✓ €"), Ok(()));
    assert_eq!(supports("e\u{301}"), Ok(()));
    assert_eq!(supports("Иван"), Err('И'));
    assert_eq!(supports("ok 🎉"), Err('🎉'));
}

#[test]
fn an_empty_paper_is_a_page() {
    assert_eq!(pages(&render(&Paper::portrait("Rien")).unwrap()).len(), 1);
}

#[test]
fn a_long_table_repeats_its_header_and_cuts_no_row() {
    let rows = (0..200).map(|n| vec![format!("début {n}-\nmilieu\nfin {n}-"), "x".to_owned()]);
    let paper = Paper::portrait("Liste")
        .push(Block::table(vec![Column::left("Repère", 3.0), Column::left("Autre", 1.0)], rows));
    let pages = pages(&render(&paper).unwrap());
    assert!(pages.len() > 5);
    for (n, page) in pages.iter().enumerate() {
        assert_eq!(page.matches("Repère").count(), 1, "page {n}");
    }
    for n in 0..200 {
        let holds = |text: &str| pages.iter().position(|page| page.contains(&format!("{text} {n}-"))).unwrap();
        assert_eq!(holds("début"), holds("fin"), "row {n} is cut");
    }
}

#[test]
fn a_row_taller_than_a_page_goes_on_over_the_next_ones() {
    let cell = (0..300).map(|n| format!("ligne {n}-\n")).collect::<Vec<_>>().concat();
    let pages =
        pages(&render(&Paper::portrait("x").push(Block::table(vec![Column::left("a", 1.0)], [vec![cell]]))).unwrap());
    assert!(pages.len() > 3);
    assert!((0..300).all(|n| pages.iter().any(|page| page.contains(&format!("ligne {n}-")))));
}

#[test]
fn pages_are_counted() {
    let three = Paper::portrait("x")
        .push(Block::paragraph("un"))
        .push(Block::page_break())
        .push(Block::paragraph("deux"))
        .push(Block::page_break())
        .push(Block::paragraph("trois"));
    let texts = pages(&render(&three).unwrap());
    assert_eq!(texts.len(), 3);
    for (n, text) in texts.iter().enumerate() {
        assert!(letters(text).contains(&format!("page{}/3", n + 1)), "{text}");
    }
    assert!(letters(&pages(&render(&certificate()).unwrap())[0]).contains("page1/1"));
}

#[test]
fn a_heading_and_its_signatures_are_never_alone() {
    for filler in 0..60 {
        let mut paper = Paper::portrait("x");
        for n in 0..filler {
            paper = paper.push(Block::aligned(format!("ligne {n}"), Align::Left));
        }
        let paper = paper
            .push(Block::heading("Titre seul"))
            .push(Block::aligned("sous le titre", Align::Left))
            .push(Block::signatures(vec![SignatureBox::new("Signataire")]));
        let laid = elements::lay_out(&paper);
        let holds = |needle: &str| {
            laid.pages
                .iter()
                .position(|page| {
                    page.ink.iter().any(|ink| matches!(ink, elements::Ink::Text { text, .. } if text.contains(needle)))
                })
                .unwrap()
        };
        assert_eq!(holds("Titre seul"), holds("sous le titre"), "after {filler} lines");
        assert_eq!(holds("sous le titre"), holds("Signataire"), "after {filler} lines");
    }
}

#[test]
fn the_structure_tree_says_what_things_are() {
    let certificate = roles(&render(&certificate()).unwrap());
    assert_eq!((certificate["Document"], certificate["H1"], certificate["Table"], certificate["TR"]), (1, 1, 1, 7));
    assert_eq!((certificate["TH"], certificate["TD"]), (7, 7));
    assert_eq!(certificate["Figure"], 2);
    let sheet = roles(&render(&sheet()).unwrap());
    assert_eq!(sheet["TR"], 25, "the repeated header is said once");
    assert_eq!(sheet["TD"], 24 * 6);
    assert_eq!(roles(&render(&convention()).unwrap())["LI"], 4);
}

#[test]
fn a_watermark_is_on_every_page() {
    let pages = pages(&render(&convention()).unwrap());
    assert!(pages.len() > 2);
    assert!(pages.iter().all(|page| page.contains("SPÉCIMEN")));
}

#[test]
fn a_shared_picture_is_written_once() {
    let file = Document::load_mem(&render(&sheet()).unwrap()).unwrap();
    let images = file
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image"));
    assert_eq!(images.count(), 1, "one signature in four shades");
}

#[test]
fn an_attachment_travels_inside() {
    let data = b"{\"minutes\":1260}".to_vec();
    let attachment = Attachment {
        name: "contenu.json".into(),
        media_type: "application/json".into(),
        description: "Contenu du document".into(),
        data: data.clone(),
        ..Attachment::default()
    };
    let file = Document::load_mem(&render(&certificate().attachment(attachment)).unwrap()).unwrap();
    let streams = file.objects.values().filter_map(|object| object.as_stream().ok());
    let found: Vec<_> = streams
        .filter(|stream| stream.dict.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"EmbeddedFile"))
        .collect();
    assert_eq!(found[0].decompressed_content().unwrap(), data);
    assert!(file.catalog().unwrap().has(b"AF"));
}

#[test]
fn pictures_are_taken_within_limits() {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbaImage::new(5000, 2).write_to(&mut png, image::ImageOutputFormat::Png).unwrap();
    assert_eq!(Picture::decode(png.get_ref()), Err(PictureError::TooLarge));
    assert_eq!(Picture::decode(&vec![0; 3_000_000]), Err(PictureError::TooHeavy));
    assert_eq!(Picture::decode(b"GIF89a"), Err(PictureError::Unreadable));
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbaImage::new(30, 20).write_to(&mut png, image::ImageOutputFormat::Png).unwrap();
    assert_eq!(Picture::decode(&png.get_ref()[..40]), Err(PictureError::Unreadable));
    let picture = Picture::decode(png.get_ref()).unwrap();
    assert_eq!((picture.width(), picture.height()), (30, 20));
}

/// `PAPERS=folder cargo test --lib pdf -- --ignored` leaves papers there, to look at and to validate.
#[test]
#[ignore = "writes files"]
fn write_papers() {
    let folder = std::path::PathBuf::from(std::env::var("PAPERS").unwrap());
    let (parts, front) = bundle::sample();
    std::fs::write(folder.join("bundle.pdf"), super::bundle(&parts, &front).unwrap()).unwrap();
    for (name, paper) in extremes::all() {
        std::fs::write(folder.join(format!("{name}.pdf")), render(&paper).unwrap()).unwrap();
    }
}
