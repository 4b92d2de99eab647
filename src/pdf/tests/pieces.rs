//! Logos, charts, drawn signatures with their lines, carried files.

use super::*;

fn square(width: u32, height: u32, shade: u8) -> Picture {
    Picture::from_rgba(width, height, [shade, 90, 60, 255].repeat((width * height) as usize)).unwrap()
}

/// Where a picture of a file stands on its first page: left, bottom, right, top.
fn figure_boxes(bytes: &[u8]) -> BTreeMap<String, Vec<f32>> {
    let file = Document::load_mem(bytes).unwrap();
    let elements = file.objects.values().filter_map(|object| object.as_dict().ok());
    elements
        .filter(|entries| entries.get(b"S").and_then(Object::as_name).is_ok_and(|role| role == b"Figure"))
        .map(|entries| {
            let alt = lopdf::decode_text_string(entries.get(b"Alt").unwrap()).unwrap();
            let attributes = entries.get(b"A").unwrap().as_dict().unwrap();
            let corners = attributes.get(b"BBox").unwrap().as_array().unwrap();
            (alt, corners.iter().map(|corner| corner.as_float().unwrap()).collect())
        })
        .collect()
}

pub fn chart() -> Block {
    Block::chart(
        "Réponses à chaud, notes sur 5",
        5.0,
        [
            ("Contenu", 4.6, "4,6"),
            ("Rythme de la formation et équilibre entre les apports et la pratique", 3.2, "3,2"),
            ("Salle", 0.0, "0,0"),
        ],
    )
}

/// All of them on one paper.
pub fn sample() -> Paper {
    let signed = |lines: &[&str]| GridCell::Signed {
        picture: scrawl(),
        description: "Signature".into(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    let rows = vec![
        GridRow::new("Paul Martin", "Menuiserie du Port", vec![signed(&[]), signed(&["arrivée 9 h 40"])]),
        GridRow::new("Anne Le Bihan", "Menuiserie du Port", vec![signed(&["départ 11 h 15"]), GridCell::Blank]),
        GridRow::new(
            "Marie Le Goff",
            "formatrice",
            vec![signed(&["signé le 5 janvier 2026 à 12 h 31"]), GridCell::Blank],
        )
        .apart(),
    ];
    let columns = vec!["5 janvier\nmatin".into(), "6 janvier\nmatin".into()];
    base(Paper::portrait("Pièces"))
        .logo(square(300, 100, 10))
        .organisation_logo(square(100, 100, 200))
        .push(Block::title("Pièces"))
        .push(chart())
        .push(Block::grid(Grid { names: "Stagiaire".into(), columns, rows, row_height_mm: 9.0 }))
        .push(Block::signatures(vec![
            SignatureBox::new("Pour l’organisme").line("Maëlle Le Goff, gérante").image(scrawl()),
            SignatureBox::new("Pour le client")
                .line("Yann Kerbrat, gérant")
                .image(scrawl())
                .evidence("Signé électroniquement le 17 janvier 2026 à 9 h 30, code reçu au 06 •• •• 42")
                .evidence("Empreinte du document présenté : 5feceb66ffc86f38"),
        ]))
}

#[test]
fn two_logos_stand_on_either_side() {
    let paper = base(Paper::portrait("x")).logo(square(300, 100, 10)).organisation_logo(square(100, 100, 200));
    let boxes = figure_boxes(&render(&paper).unwrap());
    let (brand, organisation) = (&boxes["Logo : Les Sentiers"], &boxes["Logo : Coopérative Les Sentiers"]);
    assert!(brand[0] < 70.0 && brand[2] < 200.0, "{brand:?}");
    assert!(organisation[2] > 530.0, "{organisation:?}");

    let one = base(Paper::portrait("x")).logo(square(300, 100, 10));
    assert!(
        figure_boxes(&render(&one).unwrap())["Logo : Les Sentiers"][2] > 530.0,
        "a single logo stands on the right"
    );
}

#[test]
fn a_chart_is_spoken_with_its_values() {
    let bytes = render(&base(Paper::portrait("x")).push(chart())).unwrap();
    let boxes = figure_boxes(&bytes);
    let (spoken, place) = boxes.iter().next().unwrap();
    assert!(spoken.starts_with("Réponses à chaud, notes sur 5. Contenu : 4,6 ; Rythme"), "{spoken}");
    assert!(place[2] - place[0] > 200.0, "the bars belong to the figure: {place:?}");
    let text = pages(&bytes)[0].clone();
    assert!(text.contains("Contenu") && text.contains("4,6"), "{text}");
}

#[test]
fn a_chart_longer_than_a_page_is_several_figures() {
    let bars = (0..80).map(|n| (format!("Question {n}"), n as f32, format!("{n} voix")));
    let bytes = render(&Paper::portrait("x").push(Block::chart("Voix", 0.0, bars))).unwrap();
    assert_eq!(pages(&bytes).len(), roles(&bytes)["Figure"]);
    assert!(pages(&bytes).concat().contains("79 voix"));
}

#[test]
fn a_drawn_signature_keeps_its_lines_under_it() {
    let cell =
        |lines: Vec<String>| GridCell::Signed { picture: scrawl(), description: "Signature de Paul".into(), lines };
    let grid = Grid {
        names: "Stagiaire".into(),
        columns: vec!["5 janvier".into(), "6 janvier".into()],
        rows: vec![
            GridRow::new("Paul Martin", "", vec![cell(vec!["arrivée 9 h 40".into()]), cell(vec![])]),
            GridRow::new("Marie Le Goff", "formatrice", vec![GridCell::Blank]).apart(),
        ],
        row_height_mm: 9.0,
    };
    let bytes = render(&Paper::portrait("x").landscape().push(Block::grid(grid))).unwrap();
    assert!(pages(&bytes)[0].contains("arrivée 9 h 40"));
    assert_eq!(roles(&bytes)["Figure"], 2);
}

#[test]
fn a_signature_box_tells_its_evidence() {
    let frame = SignatureBox::new("Pour le client").image(scrawl()).evidence("Signé le 17 janvier 2026 à 9 h 30");
    let bytes = render(&Paper::portrait("x").push(Block::signatures(vec![frame]))).unwrap();
    assert!(pages(&bytes)[0].contains("Signé le 17 janvier 2026 à 9 h 30"));
}

#[test]
fn carried_files_have_names_of_their_own() {
    let file = |name: &str, relationship| Attachment {
        name: name.into(),
        media_type: "application/pdf".into(),
        relationship,
        data: b"%PDF-1.4".to_vec(),
        ..Attachment::default()
    };
    let paper = Paper::portrait("x")
        .attachment(file("scan.pdf", Relationship::Supplement))
        .attachment(file("scan.pdf", Relationship::Source))
        .attachment(file("émargement.pdf", Relationship::Data));
    let file = Document::load_mem(&render(&paper).unwrap()).unwrap();
    let names = file.catalog().unwrap().get(b"Names").unwrap().as_dict().unwrap();
    let names = names.get(b"EmbeddedFiles").unwrap().as_dict().unwrap().get(b"Names").unwrap().as_array().unwrap();
    let named = |at: usize| lopdf::decode_text_string(&names[at]).unwrap();
    assert_eq!([named(0), named(2), named(4)], ["scan (2).pdf", "scan.pdf", "émargement.pdf"]);
    let kinds: Vec<&[u8]> = [1, 3, 5]
        .map(|at: usize| file.dereference(&names[at]).unwrap().1.as_dict().unwrap())
        .iter()
        .map(|entries| entries.get(b"AFRelationship").unwrap().as_name().unwrap())
        .collect();
    assert_eq!(kinds, [&b"Source"[..], b"Supplement", b"Data"]);
}
