//! What a page break may not part: an announcement from its list, a code from what it verifies, a row from its table.

use super::*;

const ADDRESS: &str = "https://example.org/verify/4P270-GEFNK-DTZ6A-5RGPH-19T48X";

/// The text of each page of a paper whose first lines are so many.
fn broken(before: usize, blocks: impl IntoIterator<Item = Block>) -> Vec<String> {
    let lines = (0..before).map(|n| Block::aligned(format!("ligne {n}"), Align::Left));
    pages(&render(&base(Paper::portrait("Essai")).extend(lines).extend(blocks)).unwrap())
}

/// Every place on the page where what is tried may begin.
fn everywhere(blocks: &[Block], look: impl Fn(&str)) {
    for before in 20..40 {
        for page in broken(before, blocks.iter().cloned()) {
            look(&page);
        }
    }
}

#[test]
fn a_code_is_never_alone_on_its_page() {
    let blocks = [
        Block::paragraph("Fait en deux exemplaires."),
        Block::signatures(vec![SignatureBox::new("Pour l’organisme"), SignatureBox::new("Pour le client")]),
        Block::qr(ADDRESS, "Pour vérifier"),
    ];
    everywhere(&blocks, |page| assert_eq!(page.contains("Pour vérifier"), page.contains("Fait en deux"), "{page}"));
}

#[test]
fn what_announces_stays_with_what_it_announces() {
    let blocks =
        [Block::paragraph(vec![Span::plain("Le programme comprend\u{a0}: ")]), Block::bullets(["premier point"])];
    everywhere(&blocks, |page| assert_eq!(page.contains("comprend"), page.contains("premier point"), "{page}"));
}

#[test]
fn no_row_is_left_alone_by_its_table() {
    let columns = || vec![Column::left("Échéance", 1.0)];
    let rows = |names: &[&str]| names.iter().map(|name| vec![(*name).to_owned()]).collect::<Vec<_>>();
    let two = [Block::table(columns(), rows(&["au début", "à la fin"]))];
    everywhere(&two, |page| assert_eq!(page.contains("au début"), page.contains("à la fin"), "{page}"));
    let four = [Block::table(columns(), rows(&["un", "deuxième", "troisième", "quatrième"]))];
    everywhere(&four, |page| assert_eq!(page.contains("troisième"), page.contains("quatrième"), "{page}"));
}

#[test]
fn an_address_that_a_line_can_hold_is_not_cut() {
    let text = |before: usize| format!("{}{ADDRESS} et bonjour@example.org", "mot ".repeat(before));
    for before in 0..40 {
        let said = broken(0, [Block::aligned(text(before), Align::Left)]).concat();
        assert!(said.contains(ADDRESS) && said.contains("bonjour@example.org"), "{said}");
    }
}

#[test]
fn neither_the_number_of_an_article_nor_a_code_is_cut() {
    for before in 0..40 {
        let text = format!("{}L.\u{a0}6353-1.", "mot ".repeat(before));
        assert!(broken(0, [Block::aligned(text, Align::Left)]).concat().contains("6353-1."), "{before}");
    }
    let signed = [Block::signatures(vec![SignatureBox::new("Cachet")]), Block::qr(ADDRESS, "Pour vérifier")];
    let said = broken(0, signed).concat();
    assert!(said.contains(ADDRESS.rsplit('/').next().unwrap()), "{said}");
}

#[test]
fn a_wide_sheet_shows_its_code_beside_its_facts() {
    let beside = |facts: usize| Block::FactsBesideQr {
        pairs: (0..facts).map(|n| (format!("Fait {n}"), LONG.into())).collect(),
        url: ADDRESS.into(),
        caption: "Pour vérifier".into(),
    };
    for facts in [1, 5] {
        let paper = base(Paper::portrait("Feuille")).landscape().push(beside(facts)).push(Block::paragraph("Ensuite."));
        let bytes = render(&paper).unwrap();
        assert_eq!(pages(&bytes).len(), 1);
        let all = pages(&bytes).concat();
        assert!(all.contains("Pour vérifier") && all.contains("Ensuite."), "{all}");
    }
}
