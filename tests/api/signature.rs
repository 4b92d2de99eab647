//! Papers signed on line: by whom they need, with a code, once; what proves it, and what bad input gets.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use clairiere::{
    operate,
    platform::{access::Ctx, audit::sha256},
    signature,
};
use poem::{Request, http::Method};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Cooperative, TestApp, bookings::id, start};

/// A convention of 3 600 € that was sent, and whoever has to do with it.
struct Story {
    app: TestApp,
    cooperative: Cooperative,
    marie: Caller,
    booking: Value,
    agreement: Value,
}

const AGNES: &str = "agnes@example.org";
const ROSA: &str = "rosa@example.org";
const DENIS: &str = "denis@example.org";

async fn story() -> Story {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let (booking, agreement) = sold(&app, &marie, &client, &["2026-04-02", "2026-04-23"]).await;
    Story { app, cooperative, marie, booking, agreement }
}

async fn sold(app: &TestApp, marie: &Caller, client: &Value, days: &[&str]) -> (Value, Value) {
    let programme = marie.programme(&format!("Zourit {}", days[0])).await;
    let trainer = app.trainer_of(client, "Marie", true).await;
    let session = marie.session_on(&programme, trainer, "intra", days).await;
    let booking = marie.booking_for(&session, client).await;
    let agreement = marie.sent_agreement(&booking).await;
    (booking, agreement)
}

fn document(agreement: &Value) -> &str {
    agreement["document_id"].as_str().unwrap()
}

impl Story {
    /// Signatures are asked for; the worker writes to whose turn it is.
    async fn asks(&self, body: Value) -> Vec<Value> {
        let path = format!("/v1/documents/{}/signature-requests", document(&self.agreement));
        let made = self.marie.post(&path, body).await.ok();
        self.app.work().await;
        made["items"].as_array().unwrap().clone()
    }

    async fn request(&self, request: &Value) -> Value {
        self.marie.get(&format!("/v1/signature-requests/{}", id(request))).await.ok()
    }

    async fn agreement_now(&self) -> Value {
        self.marie.get(&format!("/v1/agreements/{}", id(&self.agreement))).await.ok()
    }
}

/// The address of the last personal link that somebody received.
fn link(app: &TestApp, address: &str) -> String {
    let mails = app.mails_to(address);
    let text = mails.iter().rev().find_map(|mail| mail.text.split_once("/signature/")).map(|(_, rest)| rest).unwrap();
    format!("/signature/{}", text.split_whitespace().next().unwrap())
}

/// The last code that somebody received.
fn code(app: &TestApp, address: &str) -> String {
    let mails = app.mails_to(address);
    let mail = mails.iter().rev().find(|mail| mail.subject.contains("code")).unwrap();
    mail.text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())).unwrap().to_owned()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
            out
        })
    };
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// A form that a browser sends.
async fn send(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri_str(path)
        .header("User-Agent", "Mozilla/5.0 (tests)")
        .content_type("application/x-www-form-urlencoded")
        .body(encoded(fields));
    app.nobody().send(request, format!("POST {path}")).await
}

fn html(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// The hidden field that names the code on a page.
async fn code_id(app: &TestApp, link: &str) -> String {
    let page = html(&app.nobody().get(link).await);
    let (_, rest) = page.split_once("name=\"code_id\" value=\"").expect("the page waits for a code");
    rest.split('"').next().unwrap().to_owned()
}

/// Ask for a code on the page and receive it.
async fn receive(app: &TestApp, link: &str, address: &str) -> (String, String) {
    let asked = send(app, &format!("{link}/code"), &[]).await;
    assert_eq!(asked.status, 303, "{}", html(&asked));
    app.work().await;
    (code_id(app, link).await, code(app, address))
}

/// Sign on the page by typing one's name.
async fn signs(app: &TestApp, link: &str, address: &str, name: &str) -> Answer {
    let (id, code) = receive(app, link, address).await;
    give(app, link, &id, &code, name).await
}

async fn give(app: &TestApp, link: &str, id: &str, code: &str, name: &str) -> Answer {
    let fields = [("code_id", id), ("code", code), ("typed_name", name), ("consent", "oui")];
    send(app, &format!("{link}/sign"), &fields).await
}

/// A drawing with ink on it.
fn drawing() -> String {
    let mut image = image::RgbaImage::new(300, 100);
    for x in 20..280 {
        for y in 40..44 {
            image.put_pixel(x, y, image::Rgba([20, 32, 43, 255]));
        }
    }
    let mut bytes = std::io::Cursor::new(vec![]);
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    STANDARD.encode(bytes.into_inner())
}

async fn run(app: &TestApp, sql: &str) {
    let db = app.app.db.writer();
    db.execute_raw(Statement::from_string(app.app.db.backend(), sql)).await.unwrap();
}

/// The cooperative's delegate signs these requests with one code.
async fn countersigns(app: &TestApp, by: &Caller, address: &str, requests: &[&Value]) -> Answer {
    let ids: Vec<&str> = requests.iter().map(|request| id(request)).collect();
    let batch = by.post("/v1/signature-batches", json!({ "request_ids": ids })).await.status(201);
    app.work().await;
    let body = json!({ "code": code(app, address), "picture": drawing(), "consent": true });
    by.post(&format!("/v1/signature-batches/{}/sign", id(&batch)), body).await
}

#[tokio::test]
async fn a_convention_is_signed_by_client_and_cooperative_and_both_receive_it() {
    let story = story().await;
    let Story { app, cooperative, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    assert_eq!((requests[0]["party"].as_str(), requests[1]["party"].as_str()), (Some("client"), Some("cooperative")));
    assert_eq!(requests[0]["name"], "Mme Agnès Petit");
    let link = link(app, AGNES);

    // Scanners of mails open links: nothing is consumed, the page shows the very file.
    let before = story.request(&requests[0]).await;
    let page = html(&app.nobody().get(&link).await);
    assert_eq!(story.request(&requests[0]).await, before);
    let hash = requests[0]["presented_sha256"].as_str().unwrap();
    assert!(page.contains(hash) && page.contains("Convention CNV-2026-0001") && page.len() < 30_000, "{page}");
    let read = app.nobody().get(&format!("{link}/document")).await;
    assert_eq!(sha256(&read.bytes), hash);
    assert!(read.header("content-disposition").unwrap().starts_with("inline"));

    let signed = signs(app, &link, AGNES, "Agnès Petit").await;
    assert_eq!(signed.status, 303, "{}", html(&signed));
    let done = html(&app.nobody().get(&link).await);
    assert!(done.contains("Merci") && done.contains("Signature attendue"), "{done}");
    assert_eq!(story.agreement_now().await["state"], "sent", "the cooperative has not signed yet");

    // The code stands in the mail that left, not in the one that is kept.
    let messages = marie.get("/v1/messages?limit=200").await.ok();
    let mails = messages["items"].as_array().unwrap();
    let mail = mails.iter().find(|mail| mail["text"] == "signature_code").unwrap();
    let kept = marie.get(&format!("/v1/messages/{}", id(mail))).await.ok();
    assert!(!kept["plain_text"].as_str().unwrap().contains(&code(app, AGNES)), "{kept}");

    let counter = countersigns(app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
    assert_eq!(counter["papers"][0]["state"], "signed");
    let agreement = story.agreement_now().await;
    assert_eq!(
        (agreement["state"].as_str(), agreement["client_signed_on"].as_str()),
        (Some("signed"), Some("2026-03-02"))
    );
    assert_eq!(agreement["client_signatory"], "Mme Agnès Petit");
    assert!(agreement["scan_file_id"].is_null() && agreement["checked_by"].is_null());
    app.work().await;
    let file = marie.get(&format!("/v1/documents/{}/file?role=signed", document(&story.agreement))).await;
    assert_eq!(file.status, 200);
    assert_ne!(sha256(&file.bytes), hash);
    for address in [AGNES, ROSA] {
        let mails = app.mails_to(address);
        let last = mails.last().unwrap();
        assert!(last.subject.contains("exemplaire signé"), "{address}: {}", last.subject);
        assert_eq!(sha256(&last.attachments[0].data), sha256(&file.bytes));
    }
    let download = app.nobody().get(&format!("{link}/signed")).await;
    assert_eq!(sha256(&download.bytes), sha256(&file.bytes));

    let evidence = marie.get(&format!("/v1/signature-requests/{}/evidence", id(&requests[0]))).await.ok();
    for (member, expected) in [
        ("level", json!("simple")),
        ("means", json!("typed")),
        ("typed_name", json!("Agnès Petit")),
        ("presented_sha256", json!(hash)),
        ("code_sent_to", json!(AGNES)),
        ("user_agent", json!("Mozilla/5.0 (tests)")),
        ("local_time", json!("2026-03-02T09:00:00")),
        ("intact", json!(true)),
    ] {
        assert_eq!(evidence[member], expected, "{member}: {evidence}");
    }

    // Once signed, nothing is replaced, taken back or signed again.
    let path = format!("/v1/documents/{}", document(&story.agreement));
    marie.post(&format!("{path}/revoke"), json!({ "reason": "erreur" })).await.refused("document.agreement_signed");
    marie.post(&format!("{path}/signature-requests"), json!({})).await.status(409);
    let again = json!({ "request_ids": [requests[1]["id"]] });
    cooperative.training.post("/v1/signature-batches", again).await.refused("signature.already_signed");
    let cancel = format!("/v1/signature-requests/{}/cancel", id(&requests[0]));
    marie.post(&cancel, json!({ "reason": "erreur" })).await.refused("signature.already_signed");
    let verified = operate::verify_all(&app.app, false).await.unwrap();
    assert_eq!((verified.faults, verified.orphans), (vec![], 0));
    app.done().await;
}

#[tokio::test]
async fn what_a_link_cannot_do_gets_one_page() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({ "expires_in_days": 5 })).await;
    let (first, invented) = (link(app, AGNES), "/signature/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let unknown = app.nobody().get(invented).await;
    assert_eq!(unknown.status, 404);
    // Another purpose is another link.
    let foreign = first.replace("/signature/", "/presence/");
    assert_eq!(app.nobody().get(&foreign).await.status, 404);
    marie.post(&format!("/v1/signature-requests/{}/resend", id(&requests[0])), Value::Null).await.ok();
    app.work().await;
    let replaced = app.nobody().get(&first).await;
    assert_eq!((replaced.status, html(&replaced)), (404, html(&unknown)), "a newer link took its place");
    let second = link(app, AGNES);
    assert_eq!(app.nobody().get(&second).await.status, 200);
    app.later(TimeDelta::days(6));
    let expired = app.nobody().get(&second).await;
    assert_eq!((expired.status, html(&expired)), (404, html(&unknown)));
    assert_eq!(send(app, &format!("{second}/code"), &[]).await.status, 404);
    app.work().await;
    assert_eq!(story.request(&requests[0]).await["state"], "expired");
    assert!(app.mails_to(AGNES).iter().all(|mail| !mail.subject.contains("code")));
    app.done().await;
}

#[tokio::test]
async fn wrong_codes_and_empty_signatures_sign_nothing() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, right) = receive(app, &link, AGNES).await;
    let fields = |picture: &'static str, name: &'static str, consent: &'static str| {
        let all = [("code_id", id_of_code.clone()), ("code", right.clone()), ("picture", picture.to_owned())];
        let mut all: Vec<(&str, String)> = all.to_vec();
        all.push(("typed_name", name.to_owned()));
        if !consent.is_empty() {
            all.push(("consent", consent.to_owned()));
        }
        all
    };
    let path = format!("{link}/sign");
    for (form, said) in [
        (fields("", "", "oui"), "Dessinez votre signature ou tapez votre nom"),
        (fields("", "Agnès Petit", ""), "Cochez la case"),
        (fields("R0lGODlhAQABAAAAACw=", "", "oui"), "n’est pas une image PNG lisible"),
    ] {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = send(app, &path, &form).await;
        assert_eq!(answer.status, 422);
        assert!(html(&answer).contains(said), "{said}");
    }
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for left in ["il reste 4 essais", "il reste 3 essais", "il reste 2 essais", "il reste un essai", "Cinq codes faux"]
    {
        let answer = give(app, &link, &id_of_code, wrong, "Agnès Petit").await;
        assert_eq!(answer.status, 409);
        assert!(html(&answer).contains(left), "{left}: {}", html(&answer));
    }
    let spent = give(app, &link, &id_of_code, &right, "Agnès Petit").await;
    assert!(html(&spent).contains("Cinq codes faux"), "the right one comes too late");
    let (second, code) = receive(app, &link, AGNES).await;
    app.later(TimeDelta::minutes(11));
    let late = give(app, &link, &second, &code, "Agnès Petit").await;
    assert!(html(&late).contains("n’est plus valable"), "{}", html(&late));

    // The code of another request opens nothing here.
    let client = marie.client("Les Roses").await;
    let (_, agreement) = sold(app, marie, &client, &["2026-05-05"]).await;
    let asked =
        json!({ "signatories": [{ "party": "client", "name": "Rosine Dubois", "email": "rosine@example.org" }] });
    marie.post(&format!("/v1/documents/{}/signature-requests", document(&agreement)), asked).await.ok();
    app.work().await;
    let rosine = self::link(app, "rosine@example.org");
    let (theirs, theirs_code) = receive(app, &rosine, "rosine@example.org").await;
    let stolen = give(app, &link, &theirs, &theirs_code, "Agnès Petit").await;
    assert!(html(&stolen).contains("demandé pour d’autres documents"), "{}", html(&stolen));
    for _ in 0..3 {
        receive(app, &link, AGNES).await;
    }
    let many = send(app, &format!("{link}/code"), &[]).await;
    assert!(html(&many).contains("Trop de codes"), "{}", html(&many));
    assert_eq!(story.request(&requests[0]).await["state"], "requested");
    app.done().await;
}

#[tokio::test]
async fn sent_twice_at_once_is_signed_once() {
    let story = story().await;
    let app = &story.app;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, code) = receive(app, &link, AGNES).await;
    let one = || give(app, &link, &id_of_code, &code, "Agnès Petit");
    let answers = tokio::join!(one(), one(), one(), one());
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!(answer.status, 303, "{}", html(&answer));
    }
    // The back button, and the form again.
    assert_eq!(one().await.status, 303);
    let audit = story.cooperative.training.get("/v1/audit?event=signature.signed&limit=200").await.ok();
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(story.request(&requests[0]).await["state"], "signed");
    app.work().await;
    app.done().await;
}

#[tokio::test]
async fn a_delegate_signs_many_papers_with_one_code_within_their_delegation() {
    let story = story().await;
    let Story { app, cooperative, marie, booking, .. } = &story;
    let client = marie.client("Les Roses").await;
    let (_, second) = sold(app, marie, &client, &["2026-05-05"]).await;
    let asked = json!({ "signatories": [{ "party": "cooperative", "signatory_id": cooperative.delegate }] });
    let one = story.asks(asked.clone()).await;
    let path = format!("/v1/documents/{}/signature-requests", document(&second));
    let two = marie.post(&path, asked).await.ok()["items"][0].clone();
    app.work().await;
    // By the page of one of them: all are listed with their hashes.
    let page = html(&app.nobody().get(&link(app, DENIS)).await);
    for request in [&one[0], &two] {
        assert!(page.contains(request["presented_sha256"].as_str().unwrap()), "{page}");
    }
    marie.post("/v1/signature-batches", json!({ "request_ids": [id(&two)] })).await.status(403);
    let signed = countersigns(app, &cooperative.training, DENIS, &[&one[0], &two]).await.ok();
    let papers = signed["papers"].as_array().unwrap();
    assert!(papers.len() == 2 && papers.iter().all(|paper| paper["state"] == "signed"), "{signed}");

    // The delegation is asked for at the moment of signing: it has ended meanwhile.
    let (_, third) = sold(app, marie, &client, &["2026-06-09"]).await;
    let asked = json!({ "signatories": [{ "party": "cooperative", "signatory_id": cooperative.delegate }] });
    let path = format!("/v1/documents/{}/signature-requests", document(&third));
    let three = marie.post(&path, asked).await.ok()["items"][0].clone();
    let delegate = format!("/v1/organisation/signatories/{}", cooperative.delegate);
    cooperative.admin.patch(&delegate, json!({ "valid_to": "2026-03-10" })).await.ok();
    app.later(TimeDelta::days(9));
    app.work().await;
    countersigns(app, &cooperative.training, DENIS, &[&three]).await.refused("signature.no_delegation");
    assert_eq!(story.request(&three).await["state"], "requested");
    assert!(booking["id"].is_string());
}

#[tokio::test]
async fn on_paper_by_one_side_and_on_line_by_the_other() {
    for paper_first in [true, false] {
        let story = story().await;
        let Story { app, cooperative, marie, booking, .. } = &story;
        let requests = story.asks(json!({})).await;
        let scan = marie.upload("signée.pdf", "scan", b"%PDF-1.7\nscan", None).await.ok();
        let on_paper = async || {
            let path = format!("/v1/signature-requests/{}/sign-on-paper", id(&requests[0]));
            let tomorrow = json!({ "scan_file_id": scan["id"], "signed_on": "2026-03-03" });
            marie.post(&path, tomorrow).await.invalid("/signed_on");
            let body = json!({ "scan_file_id": scan["id"], "signed_on": "2026-03-02" });
            marie.post(&path, body.clone()).await.ok();
            marie.post(&path, body).await.refused("signature.already_signed");
        };
        if paper_first {
            on_paper().await;
        }
        assert_eq!(story.agreement_now().await["state"], "sent");
        countersigns(app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
        if !paper_first {
            assert_eq!(story.agreement_now().await["state"], "sent");
            on_paper().await;
        }
        let agreement = story.agreement_now().await;
        assert_eq!((agreement["state"].as_str(), &agreement["scan_file_id"]), (Some("signed"), &scan["id"]));
        assert_eq!(agreement["checked_by"], "Marie Martin");
        app.work().await;
        let path = format!("/v1/documents/{}/file?role=signed", document(&story.agreement));
        assert_eq!(marie.get(&path).await.status, 200);
        marie.post(&format!("/v1/bookings/{}/agree", id(booking)), Value::Null).await.ok();
        app.work().await;
        app.done().await;
    }
}

#[tokio::test]
async fn whoever_does_not_sign_is_reminded_then_the_request_expires() {
    let story = story().await;
    let app = &story.app;
    let requests = story.asks(json!({})).await;
    let reminded = || app.mails_to(AGNES).iter().filter(|mail| mail.subject.contains("attend votre signature")).count();
    for (days, count) in [(3, 1), (7, 2), (14, 3), (29, 3)] {
        app.at("2026-03-02T10:00");
        app.later(TimeDelta::days(days));
        app.work().await;
        assert_eq!(reminded(), count, "after {days} days");
    }
    app.later(TimeDelta::days(2));
    app.work().await;
    for request in &requests {
        assert_eq!(story.request(request).await["state"], "expired");
    }
    // Another request may be made, and its mail opens the page.
    let again = story.asks(json!({})).await;
    assert_eq!(again.len(), 4);
    assert_eq!(app.nobody().get(&link(app, AGNES)).await.status, 200);
}

#[tokio::test]
async fn a_refusal_is_told_and_ends_the_round() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let todo = marie.get(&format!("/v1/sessions/{}/todo", story.booking["session_id"].as_str().unwrap())).await.ok();
    assert!(todo.to_string().contains("agreement.signature_awaited"), "{todo}");
    let link = link(app, AGNES);
    let short = send(app, &format!("{link}/refuse"), &[("reason", "x")]).await;
    assert_eq!(short.status, 422);
    let refused = send(app, &format!("{link}/refuse"), &[("reason", "Le prix n’est pas celui du devis.")]).await;
    assert_eq!(refused.status, 303);
    app.work().await;
    assert!(html(&app.nobody().get(&link).await).contains("Vous avez refusé de signer"));
    let states = [&requests[0], &requests[1]].map(|request| story.request(request));
    let [first, second] = states;
    assert_eq!(first.await["state"], "refused");
    assert_eq!(second.await["state"], "cancelled");
    let told = app.mails_to("bonjour@example.org");
    assert!(
        told.last().unwrap().text.contains("Le prix n’est pas celui du devis"),
        "{:?}",
        told.last().map(|m| &m.text)
    );
    let late = send(app, &format!("{link}/code"), &[]).await;
    assert_eq!(late.status, 409);
    app.done().await;
}

#[tokio::test]
async fn a_paper_that_no_longer_stands_is_not_signed() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, code) = receive(app, &link, AGNES).await;
    let path = format!("/v1/agreements/{}/void", id(&story.agreement));
    marie.post(&path, json!({ "reason": "Erreur sur le prix" })).await.ok();
    // Before the worker has had time to cancel the requests.
    assert_eq!(give(app, &link, &id_of_code, &code, "Agnès Petit").await.status, 404);
    app.work().await;
    assert_eq!(story.request(&requests[0]).await["state"], "cancelled");
    assert_eq!(app.nobody().get(&link).await.status, 404);
    app.done().await;
}

#[tokio::test]
async fn each_signs_in_turn_when_an_order_is_given() {
    let story = story().await;
    let Story { app, cooperative, .. } = &story;
    let asked = json!({ "signatories": [
        { "party": "cooperative", "position": 1 }, { "party": "client", "position": 2 }] });
    let requests = story.asks(asked).await;
    assert!(app.mails_to(AGNES).iter().all(|mail| !mail.subject.contains("à signer en ligne")));
    countersigns(app, &cooperative.training, ROSA, &[&requests[0]]).await.ok();
    app.work().await;
    let signed = signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await;
    assert_eq!(signed.status, 303);
    assert_eq!(story.agreement_now().await["state"], "signed");
}

#[tokio::test]
async fn an_individual_signs_at_a_distance_and_has_fourteen_days() {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let person = marie.person("Zoé", "Lefèvre").await;
    let zoe = json!({ "kind": "individual", "name": "Zoé Lefèvre", "person_id": person["id"],
        "address": "1 rue", "postcode": "75020", "city": "Paris" });
    let zoe = marie.post("/v1/clients", zoe).await.status(201);
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&zoe, "Marie", true).await;
    let mut answers = vec![];
    for distance in [false, true] {
        let session = marie.session_on(&programme, trainer, "inter", &["2026-04-02"]).await;
        let booking = marie.booking_for(&session, &zoe).await;
        let path = format!("/v1/bookings/{}/agreement", id(&booking));
        let drafted = marie.post(&path, json!({ "concluded_at_distance": distance, "send": true })).await.status(201);
        let path = format!("/v1/documents/{}/signature-requests", document(&drafted));
        answers.push((drafted, marie.post(&path, json!({})).await));
    }
    let (agreement, asked) = answers.pop().unwrap();
    answers.pop().unwrap().1.refused("agreement.not_at_distance");
    let requests = asked.ok()["items"].as_array().unwrap().clone();
    app.work().await;
    assert_eq!(signs(&app, &link(&app, "zoe@example.org"), "zoe@example.org", "Zoé Lefèvre").await.status, 303);
    countersigns(&app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
    let signed = marie.get(&format!("/v1/agreements/{}", id(&agreement))).await.ok();
    assert_eq!((signed["state"].as_str(), signed["withdrawal_ends_on"].as_str()), (Some("signed"), Some("2026-03-16")));
}

#[tokio::test]
async fn a_quote_is_accepted_by_its_signature() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let client = marie.get(&format!("/v1/clients/{}", story.booking["client_id"].as_str().unwrap())).await.ok();
    let programme = marie.programme("Nextcloud").await;
    let quote = marie.quote(&client, &programme).await;
    let path = format!("/v1/quotes/{}", id(&quote));
    marie.post(&format!("{path}/send"), Value::Null).await.ok();
    let papers = marie.get(&format!("/v1/documents?quote_id={}", id(&quote))).await.ok();
    let paper = &papers["items"][0];
    marie.post(&format!("/v1/documents/{}/signature-requests", id(paper)), json!({})).await.ok();
    app.work().await;
    assert_eq!(signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await.status, 303);
    let accepted = marie.get(&path).await.ok();
    assert_eq!((accepted["state"].as_str(), accepted["accepted_on"].as_str()), (Some("accepted"), Some("2026-03-02")));
    let programme = marie.get("/v1/documents?kind=programme").await.ok();
    let path = format!("/v1/documents/{}/signature-requests", id(&programme["items"][0]));
    marie.post(&path, json!({})).await.refused("signature.kind");
}

#[tokio::test]
async fn every_column_of_a_signature_is_watched() {
    let story = story().await;
    let app = &story.app;
    story.asks(json!({})).await;
    assert_eq!(signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await.status, 303);
    app.work().await;
    let faults = async || operate::verify_all(&app.app, false).await.unwrap().faults;
    assert_eq!(faults().await, Vec::<String>::new());
    let changes = [
        "party = 'x'",
        "name = 'x'",
        "quality = 'x'",
        "signatory_id = NULL, means = 'x'",
        "channel = 'x'",
        "recorded_by = 'x'",
        "consent = 'x'",
        "presented_sha256 = 'x'",
        "picture_sha256 = 'x'",
        "typed_name = 'x'",
        "signed_on = '2026-01-01'",
        "signed_at = '2026-01-01 00:00:00+00:00'",
        "local_time = 'x'",
        "code_id = NULL",
        "code_sent_to = 'x'",
        "code_sent_at = NULL",
        "code_verified_at = NULL",
        "network = 'x'",
        "network_salt = 'x'",
        "network_digest = 'x'",
        "network = NULL, network_salt = NULL",
        "level = 'advanced'",
        "digest = 'x'",
    ];
    for change in changes {
        run(app, "CREATE TABLE kept AS SELECT * FROM signature").await;
        run(app, &format!("UPDATE signature SET {change}")).await;
        let seen = faults().await;
        assert!(seen.iter().any(|fault| fault.starts_with("signature ")), "{change} was not seen: {seen:?}");
        run(app, "DELETE FROM signature").await;
        let seen = faults().await;
        assert!(seen.iter().any(|fault| fault.contains("was removed")), "a removal was not seen");
        run(app, "INSERT INTO signature SELECT * FROM kept").await;
        run(app, "DROP TABLE kept").await;
    }
    // What the rule erases is not altered; what somebody erases in its name is.
    let erased = "network = NULL, network_salt = NULL, network_erased_at = '2029-03-02 08:00:00+00:00'";
    run(app, "CREATE TABLE kept AS SELECT * FROM signature").await;
    run(app, &format!("UPDATE signature SET {erased}")).await;
    assert!(!faults().await.is_empty(), "an erasure that no act did was not seen");
    run(app, "DELETE FROM signature").await;
    run(app, "INSERT INTO signature SELECT * FROM kept").await;
    app.at("2029-03-02T08:00");
    assert_eq!(signature::forget_networks(&mut Ctx::operator(&app.app)).await.unwrap(), 1);
    assert_eq!(faults().await, Vec::<String>::new());
}
