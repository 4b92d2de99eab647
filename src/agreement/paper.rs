//! The agreement as a paper: what it prints, frozen, and what convention and contrat share.

use chrono::NaiveDate;
use entity::{agreement, booking};
use serde::{Deserialize, Serialize};

use super::{
    agreement::Kind,
    contract, convention,
    items::{Due, Item, duration, instalments, period, printed},
    rules::withdrawal_days,
    signing::PAPER,
    terms::Terms,
};
use crate::{
    booking as sold,
    client::{self, Party},
    organisation::{Issuer, Signatory, issuer, signatory_for},
    papers::Stamp,
    pdf::{Align, Block, Column, Paper, Rich, SignatureBox, Span},
    platform::{calendar, codes::stored, error::Result, money::Rate, scope::Scope},
};

/// What the paper prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Convention or contrat.
    pub kind: Kind,
    /// The cooperative, which is the party, and the brand, one of its trade names.
    pub issuer: Issuer,
    /// Who signs for the cooperative.
    pub signatory: Signatory,
    /// The buyer.
    pub client: Party,
    /// What both sides agree on.
    pub terms: Terms,
    /// For an individual: days in which they may withdraw.
    pub withdrawal_days: Option<u64>,
}

/// The facts of the day.
pub async fn content(
    scope: &Scope<'_>,
    booking: &booking::Model,
    row: &agreement::Model,
    day: NaiveDate,
) -> Result<Content> {
    let kind = Kind::of(&row.kind)?;
    let terms: Terms = stored(&row.terms)?;
    let signatory = signatory_for(scope, row.signatory_id, PAPER, Some(terms.price_cents), day).await?;
    Ok(Content {
        kind,
        issuer: issuer(scope, row.activity_id, day).await?,
        signatory: signatory.into(),
        client: client::printed(scope, &sold::buyer(scope, booking).await?).await?,
        terms,
        withdrawal_days: (kind == Kind::Contract).then(|| withdrawal_days(row.concluded_at_distance)),
    })
}

/// The two sides of an agreement, and of its amendments.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    /// The cooperative and the brand.
    pub issuer: &'a Issuer,
    /// Who signs for it.
    pub signatory: &'a Signatory,
    /// The buyer.
    pub client: &'a Party,
}

impl Content {
    pub(super) fn sides(&self) -> Sides<'_> {
        Sides { issuer: &self.issuer, signatory: &self.signatory, client: &self.client }
    }

    /// The title that lists show.
    pub fn title(&self) -> String {
        let what = match self.kind {
            Kind::Contract => "Contrat de formation professionnelle",
            Kind::Convention | Kind::Quote | Kind::Order => "Convention de formation professionnelle",
        };
        format!("{what} – {}", self.terms.title)
    }
}

/// The paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    match content.kind {
        Kind::Contract => contract::layout(content, stamp),
        Kind::Convention | Kind::Quote | Kind::Order => convention::layout(content, stamp),
    }
}

/// Articles, numbered as they come.
#[derive(Default)]
pub(super) struct Articles {
    number: u32,
    blocks: Vec<Block>,
}

impl Articles {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// One article: its title, its blocks.
    pub(super) fn article(mut self, title: &str, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.number += 1;
        self.blocks.push(Block::heading(format!("Article {} – {title}", self.number)));
        self.blocks.extend(blocks);
        self
    }

    /// The same, unless there is nothing to say.
    pub(super) fn maybe_article(self, title: &str, blocks: Vec<Block>) -> Self {
        if blocks.is_empty() { self } else { self.article(title, blocks) }
    }

    pub(super) fn blocks(self) -> Vec<Block> {
        self.blocks
    }
}

/// Running text.
pub(super) fn text(text: impl Into<Rich>) -> Block {
    Block::paragraph(text)
}

/// Text with numbers that cannot be cut: ragged, for justified it would gape.
fn left(text: impl Into<Rich>) -> Block {
    Block::aligned(text, Align::Left)
}

/// « Entre les soussignés »: the cooperative, then the buyer.
pub(super) fn parties(sides: Sides<'_>, called: &str) -> Vec<Block> {
    let Sides { issuer, signatory, client } = sides;
    let mut provider = vec![
        Span::bold(issuer.name.clone()),
        Span::plain(format!(
            ", {}, sise {}, {} {}, SIRET {}, agissant sous le nom commercial « {} », représentée par {}, {},",
            issuer.legal_form,
            issuer.address,
            issuer.postcode,
            issuer.city,
            siret(&issuer.siret),
            issuer.brand,
            signatory.name,
            signatory.quality
        )),
    ];
    provider.push(Span::plain("\nci-après « l’organisme de formation »,"));
    let mut lines = client.lines().into_iter();
    let mut buyer = vec![Span::bold(lines.next().unwrap_or_default())];
    buyer.extend(lines.map(|line| Span::plain(format!(", {}", lower_first(&line)))));
    buyer.push(Span::plain(format!(",\nci-après « {called} »,")));
    vec![
        Block::heading("Entre les soussignés"),
        left(provider),
        text(vec![Span::plain(issuer.declaration_line()), Span::plain(".")]),
        text("d’une part, et"),
        left(buyer),
        text("d’autre part, il est convenu ce qui suit."),
    ]
}

fn siret(number: &str) -> String {
    crate::platform::number::Siret::parse(number).map_or_else(|_| number.to_owned(), |siret| siret.to_string())
}

/// « Représentée par … » in the middle of a sentence.
fn lower_first(line: &str) -> String {
    match line.strip_prefix("Représentée") {
        Some(rest) => format!("représentée{rest}"),
        None => line.to_owned(),
    }
}

/// What it is about: title, nature, objectives.
pub(super) fn object(terms: &Terms) -> Vec<Block> {
    vec![
        text(vec![
            Span::plain("L’organisme de formation organise l’action de formation intitulée : "),
            Span::bold(terms.title.clone()),
            Span::plain("."),
        ]),
        text(
            "Elle entre dans la catégorie des actions de formation prévue au 1° de l’article L. 6313-1 du code du travail.",
        ),
    ]
}

/// A list, or one sentence when there is only one thing to say.
pub(super) fn list(items: &[String]) -> Block {
    match items {
        [one] => text(one.as_str()),
        several => Block::bullets(several.iter().map(String::as_str)),
    }
}

/// Words that announce a list, and the list; nothing when it is empty.
pub(super) fn announced(what: &str, items: &[String]) -> Vec<Block> {
    if items.is_empty() { vec![] } else { vec![text(what), list(items)] }
}

/// Duration, days, distance share.
pub(super) fn length(terms: &Terms) -> Vec<Block> {
    let hours = duration(terms);
    vec![Block::key_values([
        ("Durée", hours),
        ("Période de réalisation", period(terms)),
        ("Part des enseignements à distance", share(terms)),
    ])]
}

/// « 0 % de la durée totale », always said.
pub(super) fn share(terms: &Terms) -> String {
    format!("{} de la durée totale", Rate(terms.distance_basis_points))
}

/// Hours and places.
pub(super) fn conduct(terms: &Terms) -> Vec<Block> {
    let mut blocks = announced("La formation se déroule aux dates et horaires suivants :", &terms.schedule);
    blocks.extend(announced("Lieu et modalités d’accès :", &terms.places));
    if let Some(distance) = &terms.distance {
        blocks.extend([text("Pour la part à distance (article D. 6313-3-1 du code du travail) :"), distance.block()]);
    }
    if !terms.trainers.is_empty() {
        blocks.push(text(format!("La formation est animée par {}.", trainers(terms))));
    }
    blocks
}

/// « Marie Durand (Master…) et Paul Petit ».
fn trainers(terms: &Terms) -> String {
    let names: Vec<String> = terms
        .trainers
        .iter()
        .map(|trainer| match trainer.titles.as_slice() {
            [] => trainer.name.clone(),
            titles => format!("{} ({})", trainer.name, titles.join(" ; ")),
        })
        .collect();
    calendar::and(&names)
}

/// The names of those who follow, or how many they are.
pub(super) fn followers(terms: &Terms) -> Vec<Block> {
    let heads =
        format!("L’action est prévue pour {} stagiaire{}.", terms.heads, if terms.heads > 1 { "s" } else { "" });
    if terms.trainees.is_empty() {
        let names = if terms.heads > 1 { "Leurs noms sont communiqués" } else { "Son nom est communiqué" };
        return vec![text(format!("{heads} {names} à l’organisme de formation avant le premier jour."))];
    }
    vec![text(heads), Block::bullets(terms.trainees.iter().map(String::as_str))]
}

/// The price and its VAT line.
pub(super) fn price(content: &Content) -> Vec<Block> {
    let price = printed(Item::Price, &content.terms);
    let vat = if content.issuer.vat_exempt {
        "Montant net : exonération de TVA en application de l’article 261, 4, 4° a du code général des impôts."
    } else {
        "Montant hors taxe, auquel s’ajoute la TVA au taux en vigueur."
    };
    let mut blocks = vec![
        text(vec![Span::plain("Le prix de l’action est fixé à "), Span::bold(price), Span::plain(".")]),
        text(vat),
    ];
    if let Some(order) = &content.terms.order_reference {
        blocks.push(text(format!("Référence de commande : {order}.")));
    }
    blocks
}

/// How it is paid, with the instalments.
pub(super) fn payment(terms: &Terms) -> Vec<Block> {
    let mut blocks: Vec<Block> = terms.payment_terms.iter().map(|terms| text(terms.as_str())).collect();
    if !terms.instalments.is_empty() {
        let columns =
            vec![Column::left("Échéance", 4.0), Column::right("Part du prix", 1.5), Column::right("Montant", 2.0)];
        let rows = instalments(terms)
            .map(|Due { when, share, amount }| -> Vec<String> { vec![when, share.to_string(), amount.to_string()] });
        blocks.push(Block::table(columns, rows));
    }
    blocks
}

/// What the parties owe when the training is not carried out (art. L6354-1).
pub(super) fn refund() -> Block {
    text(
        "En cas d’inexécution totale ou partielle de l’action, l’organisme de formation rembourse les sommes indûment perçues de ce fait (article L. 6354-1 du code du travail).",
    )
}

/// Personal data.
pub(super) fn personal_data(content: &Content) -> Block {
    let contact = content.issuer.email.as_deref().or(content.issuer.brand_email.as_deref());
    let contact = contact.map_or_else(String::new, |email| format!(" à l’adresse {email}"));
    text(format!(
        "Les données personnelles recueillies servent à organiser l’action, à en suivre l’exécution et à en justifier auprès des financeurs et de l’administration. Elles sont conservées pendant la durée qu’imposent ces obligations. Chaque personne concernée peut demander l’accès à ses données, leur rectification, leur effacement ou la limitation de leur traitement{contact}, et saisir la Commission nationale de l’informatique et des libertés."
    ))
}

/// Where disputes go.
pub(super) fn disputes(content: &Content) -> Block {
    text(format!(
        "Les parties recherchent d’abord un règlement amiable. À défaut, le litige est porté devant le tribunal compétent dans le ressort du siège de l’organisme de formation ({}), sous réserve des règles impératives plus favorables au consommateur.",
        content.issuer.city
    ))
}

/// Where both sides sign.
pub(super) fn signatures(sides: Sides<'_>, called: &str) -> Vec<Block> {
    let Sides { issuer, signatory, client } = sides;
    let buyer = client.signatory.as_ref().map_or_else(
        || client.name.clone(),
        |who| match &who.quality {
            Some(quality) => format!("{}, {quality}", who.name),
            None => who.name.clone(),
        },
    );
    let sign = |title: &str, who: String| {
        SignatureBox::new(title).line(who).line("Date :").line("Signature, précédée de « lu et approuvé »")
    };
    vec![
        text(format!("Fait en deux exemplaires à {}.", issuer.city)),
        Block::signatures(vec![
            sign("Pour l’organisme de formation", format!("{}, {}", signatory.name, signatory.quality)),
            sign(called, buyer),
        ]),
    ]
}
