//! Convention de formation professionnelle: the twelve items of art. D6353-1 I as numbered articles.

use super::paper::{
    Articles, Content, announced, conduct, disputes, followers, length, list, object, parties, payment, personal_data,
    price, refund, signatures, text,
};
use crate::{
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Paper},
};

/// The paper.
pub(super) fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let terms = &content.terms;
    let said = |text: Option<&String>| Block::paragraph(text.map_or("", String::as_str));
    let mut follow_up = vec![said(terms.follow_up.as_ref())];
    follow_up.extend(terms.evaluation.as_ref().map(|how| text(format!("Évaluation des acquis : {how}"))));
    let mut content_of = vec![list(&terms.content)];
    content_of.extend(
        terms.prerequisites.as_ref().map(|what| text(format!("Prérequis : {}.", what.trim_end_matches(['.', ' '])))),
    );
    let articles = Articles::new()
        .article("Intitulé et nature de l’action", object(terms))
        .article("Objectif", announced("À l’issue de l’action, les stagiaires sont en mesure de :", &terms.objectives))
        .article("Contenu", content_of)
        .article("Moyens prévus", [list(&terms.means)])
        .article("Durée, période de réalisation et part à distance", length(terms))
        .article("Modalités de déroulement", conduct(terms))
        .article("Stagiaires", followers(terms))
        .article("Modalités de suivi", follow_up)
        .article("Modalités de sanction", [said(terms.outcome.as_ref())])
        .article("Prix de l’action", price(content))
        .article("Modalités de règlement", payment(terms))
        .article("Annulation, interruption et remboursement", [said(terms.cancellation_terms.as_ref()), refund()])
        .maybe_article("Clauses particulières", blocks::clauses(&content.issuer))
        .article("Données personnelles", [personal_data(content)])
        .article("Différends", [disputes(content)]);
    blocks::paper("Convention de formation professionnelle", &content.issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Convention de formation professionnelle"))
        .push(Block::subtitle("Articles L. 6353-1 et D. 6353-1 du code du travail"))
        .extend(blocks::introduction(&content.issuer))
        .extend(parties(content.sides(), "le client"))
        .extend(articles.blocks())
        .extend(signatures(content.sides(), "Pour le client"))
        .extend(blocks::closing(&content.issuer))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        agreement::{agreement::Kind, items::tests::whole, paper},
        client::Party,
        organisation::{Issuer, Signatory},
    };

    pub(in crate::agreement) fn sample(kind: Kind) -> (Content, Stamp) {
        let stamp = Stamp {
            reference: "CNV-2026-0001".into(),
            title: "Convention".into(),
            issued_on: "2026-03-02".parse().unwrap(),
            issued_at: DateTime::UNIX_EPOCH,
            specimen: false,
            pictures: crate::pdf::Pictures::default(),
            verification: None,
        };
        let content = Content {
            kind,
            issuer: Issuer {
                brand: "Clairière".into(),
                accent: None,
                brand_email: Some("bonjour@example.org".into()),
                brand_phone: None,
                name: "Les Communs".into(),
                legal_form: "SCOP SA à capital variable".into(),
                capital_cents: None,
                siret: "73282932000074".into(),
                rcs_city: None,
                naf: None,
                vat_number: None,
                address: "3 rue de la Clairière".into(),
                postcode: "75020".into(),
                city: "Paris".into(),
                email: None,
                phone: None,
                nda: "11754370275".into(),
                prefect_region: "Île-de-France".into(),
                vat_exempt: true,
                letterhead: crate::organisation::Letterhead::default(),
            },
            signatory: Signatory {
                name: "Claude Bernard".into(),
                quality: "directrice générale".into(),
                legal_representative: true,
            },
            client: Party {
                name: "Les Lilas".into(),
                legal_form: None,
                siret: None,
                rna: None,
                address: vec!["12 rue des Lilas".into(), "75020 Paris".into()],
                signatory: None,
            },
            terms: whole(),
            withdrawal_days: (kind == Kind::Contract).then_some(14),
        };
        (content, stamp)
    }

    fn words(paper: &Paper) -> String {
        format!("{paper:?}").replace("\\u{202f}", " ").replace("\\u{a0}", " ")
    }

    #[test]
    fn a_convention_prints_every_item_and_the_declaration_line() {
        let (content, stamp) = sample(Kind::Convention);
        let said = words(&paper::layout(&content, &stamp));
        let items = [
            "Découvrir Zourit",
            "Objectif",
            "Contenu",
            "Moyens prévus",
            "14 h",
            "2 et 23 avril 2026",
            "0 %",
            "Modalités de déroulement",
            "Modalités de suivi",
            "Modalités de sanction",
            "2 400,00 €",
            "Modalités de règlement",
            "Déclaration d’activité enregistrée sous le numéro",
            "L. 6354-1",
        ];
        for item in items {
            assert!(said.contains(item), "« {item} » is not printed");
        }
    }

    #[test]
    fn a_contrat_prints_the_withdrawal_period_and_its_form() {
        let (content, stamp) = sample(Kind::Contract);
        let said = words(&paper::layout(&content, &stamp));
        for item in ["quatorze jours", "Formulaire de rétractation", "30 %", "Master", "L. 6353-5", "L. 6353-7"] {
            assert!(said.contains(item), "« {item} » is not printed");
        }
    }
}
