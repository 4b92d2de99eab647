//! Contrat de formation professionnelle: the mentions of art. L6353-4, the withdrawal form as an annex.

use super::paper::{
    Articles, Content, announced, conduct, disputes, length, object, parties, payment, personal_data, price, refund,
    signatures, text,
};
use crate::{
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Paper, Span},
};

const CALLED: &str = "le ou la stagiaire";

/// The paper.
pub(super) fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let terms = &content.terms;
    let said = |text: Option<&String>| Block::paragraph(text.map_or("", String::as_str));
    let heads = format!("Effectif concerné : {} stagiaire{}.", terms.heads, if terms.heads > 1 { "s" } else { "" });
    let mut nature = object(terms);
    nature.extend(announced("Elle vise les objectifs suivants :", &terms.objectives));
    nature.extend(announced("Son programme comprend :", &terms.content));
    nature.push(text(heads));
    nature.extend(length(terms));
    let mut conditions = conduct(terms);
    conditions.extend(announced("Moyens pédagogiques et techniques :", &terms.means));
    conditions.extend(terms.follow_up.as_ref().map(|how| text(format!("Suivi de l’exécution : {how}"))));
    conditions.extend(terms.evaluation.as_ref().map(|how| text(format!("Contrôle des connaissances : {how}"))));
    conditions.extend(terms.outcome.as_ref().map(|what| text(format!("Sanction de la formation : {what}"))));
    let titles = terms.trainers.iter().map(|trainer| format!("{} : {}", trainer.name, trainer.titles.join(" ; ")));
    let mut money = price(content);
    money.push(text("Aucune somme n’est demandée avant l’expiration du délai de rétractation. À son expiration, le premier versement ne dépasse pas 30 % du prix ; le solde est échelonné au fur et à mesure du déroulement de l’action (article L. 6353-6 du code du travail)."));
    money.extend(payment(terms));
    let articles = Articles::new()
        .article("Nature, durée, programme et objet de l’action", nature)
        .article(
            "Connaissances préalables",
            [text(format!("Niveau requis avant l’entrée en formation : {}.", terms.prerequisites.as_deref().unwrap_or("aucun").trim_end_matches(['.', ' '])))],
        )
        .article("Conditions dans lesquelles la formation est donnée", conditions)
        .article("Diplômes, titres ou références des intervenants", [Block::bullets(titles)])
        .article("Délai de rétractation", withdrawal(content))
        .article("Prix et modalités de paiement", money)
        .article(
            "Cessation anticipée et abandon",
            [
                said(terms.cancellation_terms.as_ref()),
                text("Si, par suite d’un cas de force majeure dûment reconnu, le ou la stagiaire est empêché de suivre la formation, le contrat peut être rompu ; seules les prestations effectivement dispensées sont alors rémunérées, à due proportion de leur valeur (article L. 6353-7 du code du travail)."),
                refund(),
            ],
        )
        .maybe_article("Clauses particulières", blocks::clauses(&content.issuer))
        .article("Données personnelles", [personal_data(content)])
        .article("Différends", [disputes(content)]);
    blocks::paper("Contrat de formation professionnelle", &content.issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Contrat de formation professionnelle"))
        .push(Block::subtitle("Articles L. 6353-3 à L. 6353-7 du code du travail"))
        .extend(blocks::introduction(&content.issuer))
        .extend(parties(content.sides(), CALLED))
        .extend(articles.blocks())
        .extend(signatures(content.sides(), "Le ou la stagiaire"))
        .extend(blocks::closing(&content.issuer))
        // Before the annex, which is sent back alone.
        .extend(blocks::verification(stamp))
        .extend(form(content, stamp))
}

fn in_words(days: u64) -> String {
    match days {
        10 => "dix jours".to_owned(),
        14 => "quatorze jours".to_owned(),
        other => format!("{other} jours"),
    }
}

fn withdrawal(content: &Content) -> Vec<Block> {
    let days = content.withdrawal_days.unwrap_or(10);
    let source = if days > 10 {
        "article L. 6353-5 du code du travail et article L. 221-18 du code de la consommation, le contrat étant conclu à distance ou hors établissement"
    } else {
        "article L. 6353-5 du code du travail"
    };
    let how = if days > 10 {
        "au moyen du formulaire annexé ou de toute autre déclaration sans ambiguïté, de préférence par lettre recommandée avec avis de réception"
    } else {
        "par lettre recommandée avec avis de réception, par exemple au moyen du formulaire annexé"
    };
    vec![
        text(vec![
            Span::plain("À compter de la signature du présent contrat, le ou la stagiaire dispose d’un délai de "),
            Span::bold(in_words(days)),
            Span::plain(format!(
                " pour se rétracter, sans avoir à motiver sa décision ({source}), {how}. Dans ce cas, aucune somme ne peut être exigée.",
            )),
        ]),
        text("La formation ne commence pas avant l’expiration de ce délai."),
    ]
}

/// The annex: a form to withdraw.
fn form(content: &Content, stamp: &Stamp) -> Vec<Block> {
    let issuer = &content.issuer;
    let address = format!("{}, {}, {} {}", issuer.name, issuer.address, issuer.postcode, issuer.city);
    // The model form names the address for mails too (C. conso., annex to art. R221-1).
    let reached = issuer.email.as_ref().or(issuer.brand_email.as_ref());
    let reached = reached.map_or_else(String::new, |email| format!(", {email}"));
    vec![
        Block::page_break(),
        Block::title("Formulaire de rétractation"),
        Block::note(if content.withdrawal_days.unwrap_or(10) > 10 {
            "À renvoyer, de préférence par lettre recommandée avec avis de réception, uniquement si vous souhaitez vous rétracter du contrat."
        } else {
            "À renvoyer par lettre recommandée avec avis de réception, uniquement si vous souhaitez vous rétracter du contrat."
        }),
        text(format!("À l’attention de {address}{reached} :")),
        text(format!(
            "Je vous notifie par la présente ma rétractation du contrat n° {} portant sur la formation « {} ».",
            stamp.reference, content.terms.title
        )),
        Block::key_values([
            // Filled in by hand, on the lines of the table.
            ("Contrat signé le", ""),
            ("Nom et prénom", ""),
            ("Adresse", ""),
            ("Date", ""),
        ]),
        Block::signatures(vec![crate::pdf::SignatureBox::new("Signature")]),
    ]
}
