//! The same story, told in whichever activity, so that each kind of row exists in both.

use serde_json::{Value, json};

use crate::support::{
    Caller, Cooperative, TestApp,
    commerce::{association, programme},
};

/// Who tells, in which month of 2026, with which word on whatever belongs to the activity.
pub struct Teller<'a> {
    pub app: &'a TestApp,
    pub cooperative: &'a Cooperative,
    pub trainer: &'a Caller,
    pub month: u32,
    pub mark: &'static str,
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

impl Teller<'_> {
    async fn make(&self, path: &str, body: Value) -> Value {
        self.trainer.post(path, body).await.ok()
    }

    fn at(&self, day: u32, time: &str) {
        self.app.at(&format!("2026-{:02}-{day:02}T{time}", self.month));
    }

    fn day(&self, day: u32) -> String {
        format!("2026-{:02}-{day:02}", self.month)
    }

    /// From the first call to the funder's file; somebody who is registered, absent, replaced; a person with a need.
    pub async fn tell(&self) {
        let mark = self.mark;
        self.at(1, "09:00");
        let mut client = association(&format!("Association {mark}"));
        client["external_id"] = json!(mark);
        client["contacts"][0]["person"]["birth_name"] = json!(mark);
        let client = self.make("/v1/clients", client).await;
        self.dress(&client).await;
        let needs = self.needs(&client).await;
        let sold = self.make("/v1/programmes", programme(&format!("Programme {mark}"))).await;
        self.make(&format!("/v1/programmes/{}/publish", id(&sold)), Value::Null).await;
        let sold = self.trainer.get(&format!("/v1/programmes/{}", id(&sold))).await.ok();
        let quote = self.quote(&client, &needs, &sold).await;
        let teacher = self.teacher().await;
        let session = self.session(&sold, &teacher).await;
        let booking = json!({ "session_id": session["id"], "client_id": client["id"], "quote_id": quote["id"], "heads": 3,
                              "order_reference": mark });
        let booking = self.make("/v1/bookings", booking).await;
        let enrolments = self.enrol(&booking).await;
        self.agree(&booking).await;
        self.fund(&booking, &enrolments).await;
        self.teach(&session, &teacher, &enrolments).await;
        self.app.work().await;
    }

    /// The same rows, as drafts that still take everything: what bodies are tried on.
    pub async fn begin(&self) {
        self.at(1, "08:30");
        let client = self.make("/v1/clients", association(&format!("Association {} en vue", self.mark))).await;
        let needs =
            json!({ "client_id": client["id"], "subject": format!("Besoin {}", self.mark), "held_on": self.day(1) });
        let needs = self.make("/v1/needs-analyses", needs).await;
        let sold = self.make("/v1/programmes", programme(&format!("Programme {} en vue", self.mark))).await;
        self.make(&format!("/v1/programmes/{}/publish", id(&sold)), Value::Null).await;
        let sold = self.trainer.get(&format!("/v1/programmes/{}", id(&sold))).await.ok();
        let quote = json!({
            "client_id": client["id"], "needs_analysis_id": needs["id"], "programme_version_id": sold["current_version_id"],
            "heads": 3, "period": "en été", "place": "chez vous",
            "lines": [{ "nature": "training", "label": "Formation", "quantity_hundredths": 100, "unit": "jour",
                        "unit_price_cents": 120_000 }]
        });
        self.make("/v1/quotes", quote).await;
        let session = json!({
            "programme_version_id": sold["current_version_id"], "format": "inter",
            "slots": [{ "day": self.day(27), "starts": "09:00", "ends": "12:30", "trainers": [] }],
            "place": { "name": "Salle", "whose": "client", "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris" }
        });
        let session = self.make("/v1/sessions", session).await;
        let booking =
            json!({ "session_id": session["id"], "client_id": client["id"], "heads": 3, "price_cents": 120_000 });
        let booking = self.make("/v1/bookings", booking).await;
        let person = json!({ "first_name": "Léo", "birth_name": self.mark });
        let person = self.make("/v1/people", person).await;
        let enrolment = json!({ "booking_id": booking["id"], "person_id": person["id"], "status": "employee" });
        let enrolment = self.make("/v1/enrolments", enrolment).await;
        let file = json!({
            "booking_id": booking["id"], "funder_id": "00000000-0000-7000-8000-000000000110", "mode": "subrogation",
            "requested_cents": 100_000, "enrolments": [enrolment["id"]]
        });
        self.make("/v1/funding-files", file).await;
    }

    async fn dress(&self, of: &Value) {
        let mark = self.mark;
        let words = json!({ "kind": "quote", "place": "introduction", "body": format!("Mot {mark}") });
        self.make("/v1/paper-texts", words).await;
        let path = format!("/v1/activities/{}/letterhead", of["activity_id"].as_str().unwrap());
        self.trainer.patch(&path, json!({ "header_line": format!("Ligne {mark}") })).await.ok();
    }

    async fn needs(&self, client: &Value) -> Value {
        let mark = self.mark;
        let body = json!({
            "client_id": client["id"], "subject": format!("Besoin {mark}"), "held_on": self.day(1),
            "appointments": [{ "on": self.day(1), "minutes": 90, "kind": "video_call" }],
            "participants": [{ "name": mark, "role": "présidente" }],
            "context": mark,
        });
        let needs = self.make("/v1/needs-analyses", body).await;
        self.make(&format!("/v1/needs-analyses/{}/conclude", id(&needs)), json!({ "conclusion": "go_ahead" })).await;
        needs
    }

    async fn quote(&self, client: &Value, needs: &Value, sold: &Value) -> Value {
        let body = json!({
            "client_id": client["id"], "needs_analysis_id": needs["id"], "programme_version_id": sold["current_version_id"],
            "heads": 3, "period": "au printemps", "place": format!("chez {}", self.mark),
            "lines": [{ "nature": "training", "label": format!("Formation {}", self.mark), "quantity_hundredths": 100,
                        "unit": "jour", "unit_price_cents": 120_000 }]
        });
        let quote = self.make("/v1/quotes", body).await;
        self.make(&format!("/v1/quotes/{}/send", id(&quote)), Value::Null).await;
        let accepted = json!({ "on": self.day(1), "by": self.mark, "quality": "présidente" });
        self.make(&format!("/v1/quotes/{}/accept", id(&quote)), accepted).await
    }

    async fn teacher(&self) -> Value {
        let body = json!({
            "person": { "first_name": "Marie", "birth_name": self.mark }, "user_id": self.trainer.user,
            "status": "entrepreneur_salarie", "skills": [self.mark], "diplomas": ["Master"]
        });
        let teacher = self.make("/v1/trainers", body).await;
        let accredit = format!("/v1/trainers/{}/accredit", id(&teacher));
        self.cooperative.training.post(&accredit, json!({ "from": "2024-01-01" })).await.ok();
        teacher
    }

    async fn session(&self, sold: &Value, teacher: &Value) -> Value {
        let slot = |starts: &str, ends: &str| json!({ "day": self.day(20), "starts": starts, "ends": ends, "trainers": [teacher["id"]] });
        let body = json!({
            "programme_version_id": sold["current_version_id"], "format": "intra", "external_id": self.mark,
            "slots": [slot("09:00", "12:30"), slot("13:30", "17:00")],
            "place": { "name": format!("Salle {}", self.mark), "whose": "client", "address": "12 rue des Lilas",
                       "postcode": "75020", "city": "Paris" }
        });
        self.make("/v1/sessions", body).await
    }

    async fn enrol(&self, booking: &Value) -> Vec<Value> {
        let mut enrolments = vec![];
        for (first_name, status) in [("Zoé", "employee"), ("Paul", "employee"), ("Ali", "volunteer")] {
            let email = format!("{}.{}@example.org", first_name.to_lowercase().replace('é', "e"), self.month);
            let person = json!({ "first_name": first_name, "birth_name": self.mark, "email": email });
            let person = self.make("/v1/people", person).await;
            let body = json!({ "booking_id": booking["id"], "person_id": person["id"], "status": status });
            enrolments.push(self.make("/v1/enrolments", body).await);
            if status == "volunteer" {
                let need = json!({ "needed": self.mark, "consent_on": self.day(1) });
                self.make(&format!("/v1/people/{}/adaptations", id(&person)), need).await;
            }
        }
        enrolments
    }

    async fn agree(&self, booking: &Value) {
        let scan = self.trainer.upload(&format!("{}.pdf", self.mark), "scan", b"%PDF-1.7\nscan", None).await.ok();
        let path = format!("/v1/bookings/{}", id(booking));
        self.make(&format!("{path}/request-approval"), json!({})).await;
        self.cooperative.training.post(&format!("{path}/accept-approval"), json!({})).await.ok();
        let agreement = self.make(&format!("{path}/agreement"), json!({})).await;
        self.make(&format!("/v1/agreements/{}/send", id(&agreement)), Value::Null).await;
        let signed = json!({
            "scan_file_id": scan["id"], "client_signed_on": self.day(1), "client_signatory": self.mark,
            "client_quality": "présidente", "provider_signed_on": self.day(1),
            "signatory_id": self.cooperative.representative
        });
        let path_of_agreement = format!("/v1/agreements/{}", id(&agreement));
        self.make(&format!("{path_of_agreement}/sign-on-paper"), signed).await;
        self.make(&format!("{path}/agree"), Value::Null).await;
        self.make(&format!("{path}/enrol"), json!({ "information_pack": { "channel": "email" } })).await;
        let change = json!({ "item": "outcome", "before": "Attestation", "after": format!("Diplôme {}", self.mark) });
        let amendment = json!({ "reason": self.mark, "changes": [change] });
        self.make(&format!("{path_of_agreement}/amendments"), amendment).await;
    }

    async fn fund(&self, booking: &Value, enrolments: &[Value]) {
        let body = json!({
            "booking_id": booking["id"], "funder_id": "00000000-0000-7000-8000-000000000110", "mode": "subrogation",
            "requested_cents": 100_000, "enrolments": [enrolments[0]["id"], enrolments[1]["id"]]
        });
        let file = self.make("/v1/funding-files", body).await;
        self.make(&format!("/v1/funding-files/{}/file", id(&file)), json!({ "on": self.day(1) })).await;
        let granted =
            json!({ "decision": "approved", "granted_cents": 100_000, "on": self.day(1), "number": self.mark });
        self.make(&format!("/v1/funding-files/{}/decide", id(&file)), granted).await;
    }

    /// Somebody added on the spot, a badly written name, something done at a distance.
    async fn wait_for_decisions(&self, session: &Value, enrolments: &[Value]) {
        self.at(20, "12:20");
        let added = json!({ "first_name": "Nour", "last_name": self.mark });
        self.make(&format!("/v1/slots/{}/walk-ins", id(&session["slots"][0])), added).await;
        let said = json!({ "said": format!("Zoë {}", self.mark) });
        self.make(&format!("/v1/enrolments/{}/name-corrections", id(&enrolments[0])), said).await;
        let done = json!({ "kind": "activity", "label": format!("Exercice {}", self.mark), "average_minutes": 30 });
        self.make(&format!("/v1/sessions/{}/distance-activities", id(session)), done).await;
    }

    async fn teach(&self, session: &Value, teacher: &Value, enrolments: &[Value]) {
        let path = format!("/v1/sessions/{}", id(session));
        self.app.work().await;
        self.make(&format!("{path}/convocations"), json!({})).await;
        self.wait_for_decisions(session, enrolments).await;
        for (slot, time) in session["slots"].as_array().unwrap().iter().zip(["12:35", "17:05"]) {
            self.at(20, time);
            let presences = json!({
                "default": "present", "proof": "paper", "close": true, "trainers": [{ "trainer_id": teacher["id"] }],
                "exceptions": [
                    { "enrolment_id": enrolments[1]["id"], "presence": "partial", "minutes": 60, "reason": self.mark },
                    { "enrolment_id": enrolments[2]["id"], "presence": "absent" }
                ]
            });
            self.make(&format!("/v1/slots/{}/attendance", id(slot)), presences).await;
        }
        // Somebody who was noted absent signs late.
        let late = json!({
            "enrolment_id": enrolments[2]["id"], "means": "trainer_device", "typed_name": format!("Ali {}", self.mark),
            "consent": "Je certifie ma présence.", "client_uuid": enrolments[2]["id"], "offline": false
        });
        self.make(&format!("/v1/slots/{}/signatures", id(&session["slots"][1])), late).await;
        let objectives = json!([{ "objective": 1, "before": "not_acquired", "after": "acquired" },
                                { "objective": 2, "before": "not_acquired", "after": "acquired" }]);
        let results: Vec<Value> =
            enrolments.iter().map(|row| json!({ "enrolment_id": row["id"], "objectives": objectives })).collect();
        self.trainer.put(&format!("{path}/evaluations"), json!({ "results": results })).await.ok();
        let opinion = json!({ "note": 4, "comment": self.mark });
        self.trainer.put(&format!("/v1/enrolments/{}/satisfaction", id(&enrolments[0])), opinion).await.ok();
        self.cooperative.training.post(&format!("{path}/certificates"), json!({})).await.ok();
        self.make(&format!("{path}/papers"), json!({})).await;
        let certificates = self.trainer.get("/v1/documents?kind=certificate&limit=1").await.ok();
        self.make(&format!("/v1/documents/{}/signature-requests", id(&certificates["items"][0])), json!({})).await;
    }
}
