//! Papers signed on line: by whom they need, with a code, once; what proves it, and what bad input gets.

mod batches;
mod papers;
mod refused;

use base64::{Engine, engine::general_purpose::STANDARD};
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
