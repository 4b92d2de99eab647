//! Quotes: natures, VAT, editions, validity.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::commerce::established;

fn path_of(quote: &Value) -> String {
    format!("/v1/quotes/{}", quote["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_quote_with_mixed_vat_is_sent_and_accepted() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let (lilas, zourit) = (marie.client("Les Lilas").await, marie.programme("Prise en main de Zourit").await);
    let quote = marie.quote(&lilas, &zourit).await;
    let totals = &quote["totals"];
    assert_eq!(totals["by_nature"][0], json!({ "nature": "training", "net_cents": 360_000 }));
    assert_eq!((&totals["net_cents"], &totals["vat_cents"]), (&json!(420_000), &json!(12_000)));
    assert_eq!(totals["gross_cents"], 432_000);
    let path = path_of(&quote);
    let problem = marie.post(&format!("{path}/accept"), json!({ "on": "2026-03-02", "by": "Agnès" })).await;
    assert_eq!(problem.refused("quote.state")["possible"], json!(["edit", "send"]));
    let sent = marie.post(&format!("{path}/send"), Value::Null).await.ok();
    assert_eq!((&sent["reference"], &sent["valid_until"]), (&json!("DEV-2026-0001"), &json!("2026-05-01")));
    marie.patch(&path, json!({ "heads": 10 })).await.refused("quote.state");
    marie.delete(&path).await.refused("quote.state");
    let early = json!({ "on": "2026-03-01", "by": "Agnès Petit" });
    marie.post(&format!("{path}/accept"), early).await.invalid("/on");
    let acceptance = json!({ "on": "2026-03-02", "by": "Agnès Petit", "quality": "présidente" });
    let accepted = marie.post(&format!("{path}/accept"), acceptance).await.ok();
    assert_eq!((&accepted["state"], &accepted["accepted_by"]), (&json!("accepted"), &json!("Agnès Petit")));
}

#[tokio::test]
async fn a_quote_expires_and_a_new_edition_takes_its_place() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let (lilas, zourit) = (marie.client("Les Lilas").await, marie.programme("Prise en main de Zourit").await);
    let quote = marie.quote(&lilas, &zourit).await;
    let path = path_of(&quote);
    marie.post(&format!("{path}/send"), Value::Null).await.ok();
    app.later(TimeDelta::days(70));
    assert_eq!(marie.get(&path).await.ok()["state"], "expired");
    let late = json!({ "on": "2026-05-10", "by": "Agnès Petit" });
    marie.post(&format!("{path}/accept"), late).await.refused("quote.expired");
    let edition = marie.post(&format!("{path}/revise"), Value::Null).await.status(201);
    assert_eq!((&edition["edition"], &edition["state"]), (&json!(2), &json!("draft")));
    assert_eq!((&edition["replaces_id"], &edition["totals"]), (&quote["id"], &quote["totals"]));
    assert_eq!(marie.get(&path).await.ok()["state"], "replaced");
    let lines = json!([
        { "nature": "training", "label": "Formation", "unit_price_cents": 100_000 },
        { "nature": "free", "label": "Échange préalable", "unit_price_cents": 0 }
    ]);
    let changed = marie.patch(&path_of(&edition), json!({ "lines": lines })).await.ok();
    assert_eq!(changed["totals"]["gross_cents"], 100_000);
}

#[tokio::test]
async fn each_nature_keeps_to_its_vat() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let lilas = marie.client("Les Lilas").await;
    let body = json!({ "client_id": lilas["id"], "lines": [
        { "nature": "training", "label": "Formation", "unit_price_cents": 100_000, "vat_basis_points": 2000 },
        { "nature": "advice", "label": "Accompagnement", "unit_price_cents": 100_000, "vat_basis_points": 0 },
        { "nature": "free", "label": "Offert", "unit_price_cents": 1 }
    ] });
    let problem = marie.post("/v1/quotes", body).await.invalid("/lines/0/vat_basis_points");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
}

#[tokio::test]
async fn a_quote_names_only_rows_of_its_activity() {
    let app = established().await;
    let (marie, nora) = (app.trainer("Marie").await, app.trainer("Nora").await);
    let (lilas, roses) = (marie.client("Les Lilas").await, nora.client("Les Roses").await);
    let zourit = marie.programme("Prise en main de Zourit").await;
    let lines = json!([{ "nature": "training", "label": "Formation", "unit_price_cents": 100_000 }]);
    nora.post("/v1/quotes", json!({ "client_id": lilas["id"], "lines": lines })).await.status(404);
    let foreign =
        json!({ "client_id": roses["id"], "programme_version_id": zourit["current_version_id"], "lines": lines });
    nora.post("/v1/quotes", foreign).await.status(404);
    let quote = marie.quote(&lilas, &zourit).await;
    nora.get(&path_of(&quote)).await.status(404);
    nora.post(&format!("{}/send", path_of(&quote)), Value::Null).await.status(404);
    marie.delete(&path_of(&quote)).await.status(204);
}

#[tokio::test]
async fn a_quote_and_a_programme_are_papers_that_say_what_the_law_asks() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let (lilas, zourit) = (marie.client("Les Lilas").await, marie.programme("Prise en main de Zourit").await);
    let quote = marie.quote(&lilas, &zourit).await;
    marie.post(&format!("{}/send", path_of(&quote)), Value::Null).await.ok();
    let quote = text_of(&marie, "DEV-2026-0001").await;
    for words in [
        "Les Lilas",
        "Agnès Petit",
        "présidente",
        "D. 6353-1",
        "tient lieu de convention",
        "Déclaration d’activité enregistrée sous le numéro 11 75 12345 75",
        "Accompagnement",
        "261, 4, 4",
        "4 320,00",
        "1er mai 2026",
        "Modalités de sanction",
        "Modalités de règlement",
        "0 % de la durée",
        "bon pour accord",
        "un jour en mars",
        "dans vos locaux",
        "21 h (3 jours)",
        "Administrer les comptes",
    ] {
        assert!(quote.contains(words), "« {words} » is not in the quote: {quote}");
    }
    let programme = text_of(&marie, "PRG-2026-0001").await;
    for words in
        ["ne vaut pas agrément", "version 1 du 2 mars 2026", "Délai d’accès", "Prérequis", "3 600,00", "Accessibilité"]
    {
        assert!(programme.contains(words), "« {words} » is not in the programme: {programme}");
    }
}

/// The text of an issued paper, its special spaces made plain.
async fn text_of(caller: &crate::support::Caller, reference: &str) -> String {
    let found = caller.get("/v1/documents").await.ok();
    let papers = found["items"].as_array().unwrap();
    let paper = papers.iter().find(|paper| paper["reference"] == reference).unwrap();
    let file = caller.get(&format!("/v1/documents/{}/file", paper["id"].as_str().unwrap())).await;
    assert_eq!(file.status, 200, "{}", String::from_utf8_lossy(&file.bytes));
    let pdf = lopdf::Document::load_mem(&file.bytes).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    let text = pdf.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['\u{a0}', '\u{202f}'], " ")
}
