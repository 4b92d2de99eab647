//! Somebody with a phone and no key: opens pages, sends their forms, or what their script would send.

use base64::{Engine, engine::general_purpose::STANDARD};
use entity as e;
use poem::{Request, http::Method};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Caller, TestApp, training::Training};
use clairiere::{enrolment, people::events::Event as Person, platform::access::Ctx};

/// A phone.
pub struct Visitor(Caller);

impl TestApp {
    /// A phone that nobody knows.
    pub fn phone(&self) -> Visitor {
        Visitor(self.nobody())
    }
}

impl Answer {
    /// The page, as text.
    pub fn page(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The page, which was found.
    #[track_caller]
    pub fn shows(&self, words: &str) -> String {
        let page = self.page();
        assert!(self.status < 300, "{}: {page}", self.status);
        assert!(page.contains(words), "« {words} » is not on the page: {page}");
        page
    }

    /// A page that says no, with these words.
    #[track_caller]
    pub fn says_no(&self, words: &str) -> String {
        let page = self.page();
        assert!(self.status >= 400, "{}: {page}", self.status);
        assert!(page.contains(words), "« {words} » is not on the page: {page}");
        page
    }

    /// Where the form leads.
    #[track_caller]
    pub fn leads(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.page());
        self.header("location").unwrap().to_owned()
    }
}

/// The value of a field of a page's form.
pub fn field(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no field {name}: {page}"));
    let rest = &page[at..];
    rest.split('"').nth(3).unwrap().to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

impl Visitor {
    /// Open a page.
    pub async fn opens(&self, path: &str) -> Answer {
        self.0.call(Method::GET, path, None, &[("User-Agent", "Téléphone d’essai")]).await
    }

    /// Send a form, as a browser without script does.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::builder()
            .method(Method::POST)
            .uri_str(path)
            .content_type("application/x-www-form-urlencoded")
            .body(body.join("&"));
        self.0.send(request, format!("POST {path}")).await
    }

    /// Send what the script sends.
    pub async fn script(&self, path: &str, body: Value) -> Answer {
        self.0.post(path, body).await
    }
}

/// A drawn signature, as a page sends it: a stroke at this height.
pub fn drawn(height: u32) -> String {
    let pixels = image::ImageBuffer::from_fn(320, 120, |x, y| {
        let ink = y / 2 == height && x > 20 && x < 260;
        image::Rgba(if ink { [20_u8, 20, 90, 255] } else { [255, 255, 255, 0] })
    });
    let mut out = std::io::Cursor::new(vec![]);
    pixels.write_to(&mut out, image::ImageFormat::Png).unwrap();
    format!("data:image/png;base64,{}", STANDARD.encode(out.into_inner()))
}

impl Training {
    /// The path of a trainee's own page.
    pub async fn own_page(&self, enrolment: Uuid) -> String {
        let body = json!({ "enrolments": [enrolment], "delivery": "answer" });
        self.link(&self.camille().await, body).await
    }

    /// The path of the trainer's page of a half-day's day.
    pub async fn day_page(&self, slot: usize) -> String {
        let body = json!({ "slots": [self.slots[slot]], "delivery": "answer" });
        self.link(&self.marie, body).await
    }

    async fn link(&self, by: &Caller, body: Value) -> String {
        let made = by.post(&format!("/v1/sessions/{}/signing-links", self.session), body).await.ok();
        path_of(made["items"][0]["address"].as_str().unwrap())
    }

    /// The path that the QR code of a half-day carries now.
    pub async fn scanned(&self, slot: usize) -> String {
        let code = self.marie.get(&format!("/v1/slots/{}/code", self.slots[slot])).await.ok();
        path_of(code["address"].as_str().unwrap())
    }

    /// The half-day is opened by its code.
    pub async fn shows_code(&self, slot: usize) -> Value {
        self.marie.post(&format!("/v1/slots/{}/code", self.slots[slot]), Value::Null).await.ok()
    }

    /// More trainees of the same booking: their enrolments.
    pub async fn crowd(&self, heads: usize) -> Vec<Uuid> {
        let mut ctx = Ctx::operator(&self.app.app);
        let booking = ctx.scope().get::<e::booking::Entity>(self.booking).await.unwrap();
        let mut tx = ctx.begin().await.unwrap();
        let mut all = vec![];
        for number in 0..heads {
            let (person, enrolment) = (tx.new_id(), tx.new_id());
            tx.act(booking.activity_id, Person::Created { person }.into())
                .insert(e::person::ActiveModel {
                    id: Set(person),
                    first_name: Set(format!("Stagiaire {number}")),
                    birth_name: Set("Martin".into()),
                    email: Set(Some(format!("stagiaire-{number}@example.org"))),
                    search: Set(String::new()),
                    ..Default::default()
                })
                .await
                .unwrap();
            tx.act(booking.activity_id, enrolment::events::Event::Enrolled { enrolment }.into())
                .insert(e::enrolment::ActiveModel {
                    id: Set(enrolment),
                    booking_id: Set(self.booking),
                    session_id: Set(self.session),
                    person_id: Set(person),
                    status: Set("employee".into()),
                    state: Set("enrolled".into()),
                    all_slots: Set(true),
                    search: Set(String::new()),
                    ..Default::default()
                })
                .await
                .unwrap();
            all.push(enrolment);
        }
        tx.commit().await.unwrap();
        all
    }
}

/// The path of an address.
pub fn path_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or_else(String::new, |at| rest[at..].to_owned())
}
