//! How papers are dressed: logos within limits, texts checked when they are saved, frozen when a paper is issued.

use std::io::Cursor;

use clairiere::platform::permission::Role;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use poem::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, bookings::id, start, training::training};

/// A PNG of one colour.
fn png(width: u32, height: u32, colour: [u8; 4]) -> Vec<u8> {
    let mut file = Cursor::new(vec![]);
    let picture = RgbaImage::from_pixel(width, height, Rgba(colour));
    DynamicImage::ImageRgba8(picture).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// The same file, whose header announces another size: what a bomb does.
fn announcing(mut file: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&crc.to_be_bytes());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

async fn logo(caller: &Caller, bytes: &[u8], activity: Option<&str>) -> Value {
    caller.upload("logo.png", "logo", bytes, activity).await.status(201)
}

/// The only activity of a trainer.
async fn activity(caller: &Caller) -> String {
    id(&caller.get("/v1/activities").await.ok()["items"][0]).to_owned()
}

fn letterhead(activity: &str) -> String {
    format!("/v1/activities/{activity}/letterhead")
}

fn text(kind: &str, place: &str, body: &str) -> Value {
    json!({ "kind": kind, "place": place, "body": body })
}

/// What a problem says of its first fault.
fn fault(problem: &Value) -> (&str, &str) {
    let fault = &problem["errors"][0];
    (fault["code"].as_str().unwrap(), fault["detail"].as_str().unwrap())
}

async fn sent_quote(caller: &Caller, client: &Value, programme: &Value) -> String {
    let quote = caller.quote(client, programme).await;
    caller.post(&format!("/v1/quotes/{}/send", id(&quote)), Value::Null).await.ok();
    let papers = caller.get(&format!("/v1/documents?quote_id={}", id(&quote))).await.ok();
    id(&papers["items"][0]).to_owned()
}

async fn content(caller: &Caller, document: &str) -> Value {
    caller.get(&format!("/v1/documents/{document}/content")).await.ok()["content"].clone()
}

/// How many pictures a PDF shows, masks left out.
fn pictures(file: &[u8]) -> usize {
    let pdf = lopdf::Document::load_mem(file).unwrap();
    let images: Vec<_> = pdf
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| {
            stream.dict.get(b"Subtype").and_then(lopdf::Object::as_name).is_ok_and(|name| name == b"Image")
        })
        .collect();
    let masks = images.iter().filter(|image| image.dict.has(b"SMask")).count();
    images.len() - masks
}

#[tokio::test]
async fn a_logo_is_a_picture_within_limits() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let path = letterhead(&activity(&marie).await);
    let green = png(300, 80, [24, 92, 77, 255]);
    let mut damaged = green.clone();
    damaged.truncate(60);
    for (bytes, why) in [
        ("Ceci n’est pas un logo.".as_bytes().to_vec(), "ni un PNG ni un JPEG"),
        (damaged, "ni un PNG ni un JPEG"),
        (png(5000, 5000, [24, 92, 77, 255]), "4 000 pixels"),
        (announcing(green.clone(), 60_000, 60_000), "4 000 pixels"),
        (announcing(green.clone(), 4_000, 4_000), "un million de pixels"),
        (png(1300, 800, [24, 92, 77, 255]), "un million de pixels"),
        (announcing(green.clone(), 900, 900), "ni un PNG ni un JPEG"),
        ([green.clone(), vec![0; 2 * 1024 * 1024]].concat(), "2 Mo"),
    ] {
        let file = logo(&marie, &bytes, None).await;
        let problem = marie.patch(&path, json!({ "logo_id": file["id"] })).await.invalid("/logo_id");
        let (code, detail) = fault(&problem);
        assert_eq!(code, "logo.picture");
        assert!(detail.contains(why), "{detail}");
    }
    let scan = marie.upload("logo.png", "scan", &green, None).await.status(201);
    let problem = marie.patch(&path, json!({ "logo_id": scan["id"] })).await.invalid("/logo_id");
    assert_eq!(fault(&problem).0, "logo.purpose");
    let right = logo(&marie, &green, None).await;
    let set = marie.patch(&path, json!({ "logo_id": right["id"], "accent": "#7a3b00" })).await.ok();
    assert_eq!((&set["logo_id"], &set["accent"]), (&right["id"], &json!("#7a3b00")));
    let pale = marie.patch(&path, json!({ "accent": "#ffe9a0" })).await.invalid("/accent");
    assert_eq!(fault(&pale).0, "colour.too_light");
    marie.patch(&path, json!({ "header_line": "Un arbre 🌳" })).await.invalid("/header_line");
    let unversioned = marie.call(Method::PATCH, &path, Some(json!({ "logo_id": null })), &[]).await;
    unversioned.status(428);
}

#[tokio::test]
async fn who_dresses_what_is_the_cooperatives_choice() {
    let app = start().await;
    let coop = app.cooperative().await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let (hers, his) = (activity(&marie).await, activity(&paul).await);
    let green = png(300, 80, [24, 92, 77, 255]);
    let of_hers = logo(&marie, &green, None).await;
    let common = logo(&coop.admin, &green, None).await;
    // Neither a colleague's file nor the path of a colleague's letterhead exists for Paul.
    paul.patch(&letterhead(&his), json!({ "logo_id": of_hers["id"] })).await.status(404);
    paul.get(&letterhead(&hers)).await.status(404);
    marie.patch("/v1/organisation/letterhead", json!({ "accent": "#222222" })).await.status(403);
    let problem = coop.admin.patch("/v1/organisation/letterhead", json!({ "logo_id": of_hers["id"] })).await;
    assert_eq!(fault(&problem.invalid("/logo_id")).0, "file.not_common");
    let set = coop.admin.patch("/v1/organisation/letterhead", json!({ "logo_id": common["id"] })).await.ok();
    assert_eq!(set["logo_id"], common["id"]);
    coop.admin.patch("/v1/organisation", json!({ "activities_letterhead": false })).await.ok();
    marie.patch(&letterhead(&hers), json!({ "accent": "#222222" })).await.refused("letterhead.cooperative_only");
    coop.training.patch(&letterhead(&hers), json!({ "accent": "#222222" })).await.ok();
    // Introductions are open at first, clauses are not.
    let clause = text("quote", "clauses", "Annulation gratuite.");
    marie.post("/v1/paper-texts", clause.clone()).await.refused("paper_text.cooperative_only");
    coop.admin.patch("/v1/organisation", json!({ "activities_clauses": true })).await.ok();
    let clause = marie.post("/v1/paper-texts", clause).await.status(201);
    assert_eq!(clause["activity_id"], json!(hers));
    coop.admin.patch("/v1/organisation", json!({ "activities_clauses": false })).await.ok();
    let path = format!("/v1/paper-texts/{}", id(&clause));
    marie.patch(&path, json!({ "body": "Autre chose." })).await.refused("paper_text.cooperative_only");
    marie.delete(&path).await.refused("paper_text.cooperative_only");
    coop.training.delete(&path).await.status(204);
    let everyones = coop.training.post("/v1/paper-texts", text("quote", "introduction", "Bonjour.")).await.status(201);
    assert_eq!(everyones["activity_id"], Value::Null);
    let path = format!("/v1/paper-texts/{}", id(&everyones));
    assert_eq!(marie.get(&path).await.ok()["body"], "Bonjour.");
    marie.patch(&path, json!({ "body": "Bonsoir." })).await.status(404);
    marie.delete(&path).await.status(404);
    coop.auditor.post("/v1/paper-texts", text("quote", "closing", "Merci.")).await.status(403);
}

#[tokio::test]
async fn a_text_is_checked_when_it_is_saved() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let path = "/v1/paper-texts";
    let body = "Bonjour,\n\nvoici l’offre faite à {{ client.nom }}.";
    let problem = marie.post(path, text("quote", "introduction", body)).await.invalid("/body");
    let (code, detail) = fault(&problem);
    assert_eq!(code, "text.unknown_variable");
    assert!(detail.starts_with("Ligne 3, colonne 26 : la variable « client.nom »"), "{detail}");
    assert!(detail.contains("client.name"), "{detail}");
    for (body, code) in [
        ("Un arbre 🌳", "unprintable"),
        ("{% for a in b %}x{% endfor %}", "text.only_variables"),
        ("{{ training.title }}", "text.needs_default"),
        ("{{ trainee.name }}", "text.unknown_variable"),
    ] {
        let problem = marie.post(path, text("quote", "introduction", body)).await.invalid("/body");
        assert_eq!(fault(&problem).0, code, "{body}");
    }
    marie.post(path, text("quote", "introduction", &"a".repeat(8001))).await.invalid("/body");
    let misplaced = marie.post(path, text("certificate", "introduction", "Bravo.")).await.invalid("/place");
    assert_eq!(fault(&misplaced).0, "paper_text.place");
    let right = text("quote", "introduction", "Voici l’offre faite à {{ client.name }}.");
    let (one, two) = tokio::join!(marie.post(path, right.clone()), marie.post(path, right.clone()));
    let (made, twin) = if one.status == 201 { (one, two) } else { (two, one) };
    let made = made.status(201);
    twin.refused("paper_text.taken");
    let own = format!("{path}/{}", id(&made));
    marie.patch(&own, json!({ "body": "{{ rien }}" })).await.invalid("/body");
    marie.patch(&own, json!({ "place": "closing" })).await.invalid("/place");
    assert_eq!(marie.patch(&own, json!({ "body": "Voici." })).await.ok()["version"], 2);
    let known = marie.get("/v1/paper-variables?kind=quote").await.ok();
    assert_eq!(known["places"], json!(["introduction", "clauses", "closing"]));
    let client = known["variables"].as_array().unwrap().iter().find(|one| one["name"] == "client.name").unwrap();
    assert_eq!((&client["printed"], &client["optional"]), (&json!("Les Lilas"), &json!(false)));
    marie.delete(&own).await.status(204);
    assert_eq!(marie.get(path).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_clause_stands_on_the_conventions_issued_after_it() {
    let app = start().await;
    let coop = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let (client, programme) = (marie.client("Les Lilas").await, marie.programme("Zourit").await);
    let trainer = app.trainer_of(&client, "Marie", true).await;
    let convention = async || {
        let session = marie.taught_session(&programme, trainer).await;
        let booking = marie.booking_for(&session, &client).await;
        marie.sent_agreement(&booking).await["document_id"].as_str().unwrap().to_owned()
    };
    let before = convention().await;
    let clause = text(
        "agreement",
        "clauses",
        "# Droit applicable\n\n{{ client.name }} a lu {{ paper.reference }}, {{ price.net }}.",
    );
    let clause = coop.training.post("/v1/paper-texts", clause).await.status(201);
    let after = convention().await;
    assert_eq!(content(&marie, &before).await["issuer"].get("letterhead"), None);
    let frozen = content(&marie, &after).await["issuer"]["letterhead"]["texts"]["clauses"][0].clone();
    let frozen = frozen.as_str().unwrap().replace(['\u{a0}', '\u{202f}'], " ");
    assert!(frozen.starts_with("# Droit applicable\n\nLes Lilas a lu CNV-2026-0002, "), "{frozen}");
    assert!(frozen.ends_with("€."), "{frozen}");
    let (plain, with_clause) = (file(&marie, &before).await, file(&marie, &after).await);
    assert_ne!(plain, with_clause);
    // What is deleted later still stands on what was issued.
    coop.training.delete(&format!("/v1/paper-texts/{}", id(&clause))).await.status(204);
    assert_eq!(file(&marie, &after).await, with_clause);
    assert_eq!(content(&marie, &convention().await).await["issuer"].get("letterhead"), None);
}

async fn file(caller: &Caller, document: &str) -> Vec<u8> {
    let answer = caller.get(&format!("/v1/documents/{document}/file")).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.bytes
}

#[tokio::test]
async fn two_activities_never_bear_each_others_texts_and_logos() {
    let app = start().await;
    let coop = app.cooperative().await;
    let common = logo(&coop.admin, &png(90, 90, [10, 10, 10, 255]), None).await;
    coop.admin
        .patch("/v1/organisation/letterhead", json!({ "logo_id": common["id"], "footer_line": "De tous" }))
        .await
        .ok();
    coop.admin.patch("/v1/organisation", json!({ "activities_clauses": true })).await.ok();
    coop.training.post("/v1/paper-texts", text("quote", "clauses", "Clause commune")).await.status(201);
    coop.training.post("/v1/paper-texts", text("quote", "introduction", "Bonjour de tous")).await.status(201);
    let mut papers = vec![];
    for (name, colour) in [("Marie", [200, 30, 30, 255]), ("Paul", [30, 30, 200, 255])] {
        let caller = app.trainer(name).await;
        let logo = logo(&caller, &png(400, 100, colour), None).await;
        let own = letterhead(&activity(&caller).await);
        caller.patch(&own, json!({ "logo_id": logo["id"], "header_line": format!("Ligne de {name}") })).await.ok();
        caller.post("/v1/paper-texts", text("quote", "clauses", &format!("Clause de {name}"))).await.status(201);
        caller.post("/v1/paper-texts", text("quote", "introduction", &format!("Bonjour de {name}"))).await.status(201);
        let listed = caller.get("/v1/paper-texts?kind=quote").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 4);
        let (client, programme) = (caller.client("Les Lilas").await, caller.programme("Zourit").await);
        let document = sent_quote(&caller, &client, &programme).await;
        let dressed = content(&caller, &document).await["issuer"]["letterhead"].clone();
        assert_eq!(
            dressed,
            json!({
                "brand_logo": { "picture": logo["sha256"] }, "logo": { "picture": common["sha256"] },
                "header_line": format!("Ligne de {name}"), "footer_line": "De tous",
                "texts": { "introduction": format!("Bonjour de {name}"), "clauses": ["Clause commune", format!("Clause de {name}")] }
            })
        );
        assert_eq!(pictures(&file(&caller, &document).await), 2);
        papers.push((caller, document));
    }
    papers[0].0.get(&format!("/v1/documents/{}/content", papers[1].1)).await.status(404);
}

#[tokio::test]
async fn a_new_logo_changes_no_paper_that_was_issued() {
    let story = training().await;
    let path = letterhead(&activity(&story.marie).await);
    let red = logo(&story.marie, &png(400, 100, [200, 30, 30, 255]), None).await;
    story.marie.patch(&path, json!({ "logo_id": red["id"] })).await.ok();
    let document = story.convokes().await["issued"][0]["id"].as_str().unwrap().to_owned();
    story.marie.patch(&path, json!({ "logo_id": null })).await.ok();
    let words = text("convocation", "introduction", "Bienvenue, {{ trainee.name }} : {{ paper.reference }}.");
    story.marie.post("/v1/paper-texts", words).await.status(201);
    // The bytes are made now, from what was frozen then; and dressing alone convokes nobody again.
    let frozen = content(&story.marie, &document).await;
    assert_eq!(frozen["issuer"]["letterhead"]["brand_logo"]["picture"], red["sha256"]);
    assert_eq!(pictures(&file(&story.marie, &document).await), 1);
    assert_eq!(story.convokes().await["unchanged"], 3);
}

/// Every kind of paper.
fn kinds() -> Vec<&'static str> {
    clairiere::document::Kind::ALL.iter().map(|kind| kind.name()).collect()
}

#[tokio::test]
async fn every_kind_is_previewed_and_nothing_is_kept() {
    let app = start().await;
    let coop = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let hers = activity(&marie).await;
    let tall = logo(&marie, &png(90, 600, [24, 92, 77, 255]), None).await;
    let before = app.app.blobs.list().await.unwrap().len();
    for kind in kinds() {
        let seen = preview(&marie, json!({ "kind": kind, "letterhead": { "logo_id": tall["id"] } })).await;
        assert_eq!(seen.header("content-type"), Some("application/pdf"));
        assert_eq!(pictures(&seen.bytes), 1, "{kind}");
        assert!(!seen.bytes.windows(12).any(|bytes| bytes == b"contenu.json"), "{kind}");
        keep(&format!("{kind}-tall"), &seen.bytes);
    }
    assert_eq!(app.app.blobs.list().await.unwrap().len(), before);
    assert_eq!(coop.training.get("/v1/documents").await.ok()["items"], json!([]));
    let twice = json!({ "kind": "quote", "activity_id": hers, "introduction": "Bonjour à {{ client.name }}." });
    assert_eq!(preview(&coop.training, twice.clone()).await.bytes, preview(&marie, twice).await.bytes);
}

#[tokio::test]
async fn a_draft_is_tried_on_before_it_is_saved() {
    let app = start().await;
    let coop = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let wide = logo(&marie, &png(1200, 160, [122, 59, 0, 255]), None).await;
    let common = logo(&coop.admin, &png(200, 200, [20, 20, 90, 255]), None).await;
    coop.admin.patch("/v1/organisation/letterhead", json!({ "logo_id": common["id"] })).await.ok();
    let draft = json!({
        "kind": "agreement",
        "letterhead": { "logo_id": wide["id"], "accent": "#7a3b00", "header_line": "Le numérique, au service du commun",
                        "footer_line": "Organisme certifié, membre du réseau Exemple" },
        "introduction": "Cette convention est proposée à **{{ client.name }}** pour « {{ training.title }} ».",
        "clauses": "# Confidentialité\n\nChacun garde pour soi ce qu’il apprend de l’autre :\n- les données,\n- les méthodes.",
        "closing": "Écrit le {{ paper.date | long_date }}."
    });
    let seen = preview(&marie, draft).await;
    assert_eq!(pictures(&seen.bytes), 2);
    keep("agreement-wide", &seen.bytes);
    let try_on = async |body: Value| marie.post("/v1/paper-previews", body).await;
    try_on(json!({ "kind": "agreement", "clauses": "{{ clients.name }}" })).await.invalid("/clauses");
    try_on(json!({ "kind": "certificate", "introduction": "Bravo." })).await.invalid("/introduction");
    try_on(json!({ "kind": "quote", "letterhead": { "accent": "#ffffff" } })).await.invalid("/letterhead/accent");
    let text = logo(&marie, b"Pas un logo.", None).await;
    let wrong = json!({ "kind": "quote", "letterhead": { "logo_id": text["id"] } });
    try_on(wrong).await.invalid("/letterhead/logo_id");
    coop.training.post("/v1/paper-previews", json!({ "kind": "quote" })).await.invalid("/activity_id");
    let auditor = app.staff(Role::Auditor).await;
    auditor.post("/v1/paper-previews", json!({ "kind": "quote" })).await.status(403);
}

async fn preview(caller: &Caller, body: Value) -> Answer {
    let seen = caller.post("/v1/paper-previews", body).await;
    assert_eq!(seen.status, 200, "{}", String::from_utf8_lossy(&seen.bytes));
    assert!(seen.bytes.starts_with(b"%PDF-"));
    seen
}

/// With `KEEP_PREVIEWS=folder`, previews are kept to be looked at.
fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("KEEP_PREVIEWS") {
        std::fs::write(format!("{folder}/{name}.pdf"), bytes).unwrap();
    }
}
