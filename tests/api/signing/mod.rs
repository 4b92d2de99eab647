//! People sign: once, soon or late, known one way or another; what is kept of it can be checked years later.

mod days;
mod evidence;
mod half_day;
mod late;
mod links;
mod lost;
mod mails;
mod room;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, training::Training};

/// A drawing that is nobody else's: a stroke at this height.
pub fn drawing(height: u32) -> String {
    let pixels = image::ImageBuffer::from_fn(320, 120, |x, y| {
        let ink = y / 2 == height && x > 20 && x < 260;
        image::Rgba(if ink { [20_u8, 20, 90, 255] } else { [255, 255, 255, 0] })
    });
    let mut out = std::io::Cursor::new(vec![]);
    pixels.write_to(&mut out, image::ImageFormat::Png).unwrap();
    STANDARD.encode(out.into_inner())
}

/// A signature on the trainer's device, as its body.
pub fn signature(who: &str, id: Uuid, act: u128) -> Value {
    json!({
        who: id, "means": "trainer_device", "picture": drawing((act % 50) as u32), "consent": "Je certifie ma présence.",
        "client_uuid": Uuid::from_u128(0x5160_0000 + act), "offline": false, "device": "tablette de Marie"
    })
}

impl Training {
    async fn signs(&self, slot: usize, who: &str, id: Uuid, act: u128) -> Answer {
        self.marie.post(&format!("/v1/slots/{}/signatures", self.slots[slot]), signature(who, id, act)).await
    }

    async fn live(&self, slot: usize) -> Value {
        self.marie.get(&format!("/v1/slots/{}/live", self.slots[slot])).await.ok()
    }

    async fn closes(&self, slot: usize, body: Value) -> Answer {
        self.marie.post(&format!("/v1/slots/{}/close", self.slots[slot]), body).await
    }

    async fn chain(&self, slot: usize) -> Value {
        self.marie.get(&format!("/v1/slots/{}/chain", self.slots[slot])).await.ok()
    }

    async fn mark_of(&self, slot: usize, enrolment: Uuid) -> Value {
        let path = format!("/v1/marks?slot_id={}&enrolment_id={enrolment}", self.slots[slot]);
        self.marie.get(&path).await.ok()["items"][0].clone()
    }

    async fn attended(&self, enrolment: Uuid) -> i64 {
        let matrix = self.marie.get(&format!("/v1/sessions/{}/attendance", self.session)).await.ok();
        let rows = matrix["trainees"].as_array().unwrap();
        let row = rows.iter().find(|row| row["enrolment_id"] == json!(enrolment)).unwrap();
        row["attended_minutes"].as_i64().unwrap()
    }
}
