//! One paper of each kind, made as people make them: a training that is partly at a distance, at a client with rules of
//! its own, and a contrat with an individual.

use clairiere::{
    attendance::{issue_signature_evidence, signature_evidence},
    document::About,
    platform::access::Ctx,
};
use serde_json::{Value, json};

use crate::support::{
    Caller, Cooperative, TestApp,
    bookings::{id, signature},
    commerce::programme,
    start,
};

/// A paper that was made: its name in the table of what is required, its row, its bytes, its content.
pub struct Paper {
    pub name: &'static str,
    pub kind: String,
    pub bytes: Vec<u8>,
    pub content: Value,
    pub row: entity::document::Model,
}

struct Story {
    app: TestApp,
    cooperative: Cooperative,
    marie: Caller,
    papers: Vec<Paper>,
}

/// A paper of each kind.
pub async fn papers() -> Vec<Paper> {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let booklet = json!({
        "kind": "welcome_booklet", "title": "Livret d’accueil", "valid_from": "2024-01-01",
        "body": "# Déroulement\n\nChaque journée alterne apports et exercices.\n- repas : tiré du sac\n- transport : métro",
    });
    cooperative.admin.post("/v1/organisation/texts", booklet).await.status(201);
    let marie = app.trainer("Marie").await;
    let mut story = Story { app, cooperative, marie, papers: vec![] };
    let sold = story.catalogue().await;
    story.training(&sold).await;
    story.individual(&sold).await;
    story.shared().await;
    story.papers
}

impl Story {
    async fn take(&mut self, name: &'static str, document: &str) {
        let path = format!("/v1/documents/{document}");
        let kind = self.marie.get(&path).await.ok()["kind"].as_str().unwrap().to_owned();
        let file = self.marie.get(&format!("{path}/file")).await;
        assert_eq!(file.status, 200, "{name}");
        let content = self.marie.get(&format!("{path}/content")).await.ok()["content"].clone();
        let ctx = Ctx::operator(&self.app.app);
        let row = ctx.scope().get::<entity::document::Entity>(document.parse().unwrap()).await.unwrap();
        self.papers.push(Paper { name, kind, bytes: file.bytes, content, row });
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        self.marie.post(path, body).await.ok()
    }

    /// The current paper of a kind.
    async fn current(&self, query: &str) -> String {
        let found = self.marie.get(&format!("/v1/documents?state=current&{query}")).await.ok();
        id(&found["items"][0]).to_owned()
    }

    /// A programme of 10 h 30, a third of it at a distance.
    async fn catalogue(&mut self) -> Value {
        let mut body = programme("Prendre en main Zourit");
        body["modality"] = json!("mixed");
        body["modules"][0]["minutes"] = json!(420);
        body["modules"][1]["minutes"] = json!(210);
        body["duration_minutes"] = json!(630);
        body["distance_minutes"] = json!(210);
        body["distance_assistance"] = json!({
            "assistance": "Marie Durand répond par mail et par téléphone sous un jour ouvré",
            "activities": "Deux exercices sur une instance de Zourit", "average_minutes": 45,
            "evaluations": "Un questionnaire à la fin de la classe virtuelle"
        });
        let draft = self.make("/v1/programmes", body).await;
        self.make(&format!("/v1/programmes/{}/publish", id(&draft)), Value::Null).await;
        let sold = self.marie.get(&format!("/v1/programmes/{}", id(&draft))).await.ok();
        let paper = self.current("kind=programme").await;
        self.take("programme", &paper).await;
        sold
    }

    /// Sold to an association, from the quote to the proofs.
    async fn training(&mut self, sold: &Value) {
        let client = self.marie.client("Les Lilas").await;
        let quote = json!({
            "client_id": client["id"], "programme_version_id": sold["current_version_id"], "heads": 2,
            "valid_until": "2026-03-31", "period": "les 24 et 25 mars 2026", "place": "dans vos locaux, puis à distance",
            "lines": [{ "nature": "training", "label": "Formation", "quantity_hundredths": 150, "unit": "jour",
                        "unit_price_cents": 120_000 },
                      { "nature": "advice", "label": "Accompagnement", "unit": "jour", "unit_price_cents": 60_000 }]
        });
        let quote = self.make("/v1/quotes", quote).await;
        self.make(&format!("/v1/quotes/{}/send", id(&quote)), Value::Null).await;
        let paper = self.current("kind=quote").await;
        self.take("devis", &paper).await;

        let trainer = self.app.trainer_of(&client, "Marie", true).await;
        let slot = |day: &str, starts: &str, ends: &str, modality: &str| json!({ "day": day, "starts": starts, "ends": ends, "modality": modality, "trainers": [trainer] });
        let session = json!({
            "programme_version_id": sold["current_version_id"], "format": "intra",
            "place": crate::support::sessions::room(), "link": "https://visio.example.org/zourit",
            "slots": [slot("2026-03-24", "09:00", "12:30", "face_to_face"),
                      slot("2026-03-24", "13:30", "17:00", "face_to_face"),
                      slot("2026-03-25", "09:00", "12:30", "distance")]
        });
        let session = self.make("/v1/sessions", session).await;
        let body =
            json!({ "session_id": session["id"], "client_id": client["id"], "price_cents": 180_000, "heads": 2 });
        let booking = self.make("/v1/bookings", body).await;
        let enrolments = self.enrol(&booking).await;
        let sent = self.marie.sent_agreement(&booking).await;
        self.take("convention", sent["document_id"].as_str().unwrap()).await;
        let signed = signature(&self.app, &booking, &self.cooperative.representative).await;
        self.make(&format!("/v1/agreements/{}/sign-on-paper", id(&sent)), signed).await;
        self.make(&format!("/v1/bookings/{}/agree", id(&booking)), Value::Null).await;
        self.amend(&sent).await;
        let enrol = json!({ "information_pack": { "channel": "email" } });
        self.make(&format!("/v1/bookings/{}/enrol", id(&booking)), enrol).await;
        let convoked = self.make(&format!("/v1/sessions/{}/convocations", id(&session)), json!({})).await;
        self.take("convocation", id(&convoked["issued"][0])).await;
        assert_eq!(convoked["handouts"].as_array().unwrap().len(), 2, "{convoked}");
        for (path, name) in [("welcome-booklet", "livret d’accueil"), ("internal-rules", "règlement intérieur")] {
            let paper = self.make(&format!("/v1/sessions/{}/{path}", id(&session)), json!({})).await;
            assert_eq!(paper["version"], 1, "nothing changed since the convocation: {paper}");
            self.take(name, id(&paper)).await;
        }
        self.proofs(&session, &booking, &enrolments, trainer).await;
    }

    async fn enrol(&self, booking: &Value) -> Vec<Value> {
        let mut enrolments = vec![];
        for (first_name, status) in [("Zoé", "employee"), ("Ali", "volunteer")] {
            let person = json!({ "civility": "mme", "first_name": first_name, "birth_name": "Lefèvre",
                                 "email": format!("{}@example.org", first_name.to_lowercase().replace('é', "e")) });
            let person = self.make("/v1/people", person).await;
            let body = json!({ "booking_id": booking["id"], "person_id": person["id"], "status": status });
            enrolments.push(self.make("/v1/enrolments", body).await);
        }
        enrolments
    }

    async fn amend(&mut self, agreement: &Value) {
        let change = json!({
            "reason": "Un jour de plus à la demande du client.",
            "changes": [{ "item": "price", "before": "1 800,00 €", "after": "2 400,00 €" },
                        { "item": "duration", "before": "10 h 30, sur 2 jours", "after": "14 h, sur 2 jours" }]
        });
        let amendment = self.make(&format!("/v1/agreements/{}/amendments", id(agreement)), change).await;
        let path = format!("/v1/amendments/{}", id(&amendment));
        let sent = self.make(&format!("{path}/send"), Value::Null).await;
        self.take("avenant", sent["document_id"].as_str().unwrap()).await;
        self.app.work().await;
        let mails = self.app.mails_to("agnes@example.org");
        assert!(
            mails.iter().any(|mail| mail.subject.contains("avenant AVN-2026-0001 à signer")),
            "no mail for the avenant"
        );
        self.make(&format!("{path}/withdraw"), Value::Null).await;
        let paper = self.marie.get(&format!("/v1/documents/{}", sent["document_id"].as_str().unwrap())).await.ok();
        assert_eq!(paper["state"], "revoked", "a withdrawn amendment leaves no paper to sign");
    }

    async fn sheet(&mut self, name: &'static str, session: &Value, body: Value) {
        let sheet = self.make(&format!("/v1/sessions/{}/attendance-sheets", id(session)), body).await;
        self.take(name, id(&sheet)).await;
    }

    async fn proofs(&mut self, session: &Value, booking: &Value, enrolments: &[Value], trainer: uuid::Uuid) {
        self.sheet("feuille vierge", session, json!({ "blank": true })).await;
        let slots = session["slots"].as_array().unwrap();
        for (index, now) in ["2026-03-24T12:30", "2026-03-24T17:00", "2026-03-25T12:30"].into_iter().enumerate() {
            let slot = &slots[index];
            self.app.at(now);
            // The others' minutes are told without an hour.
            if index == 0 {
                let times = json!({ "enrolment_id": enrolments[1]["id"], "arrived_at": "2026-03-24T09:30:00Z" });
                self.make(&format!("/v1/slots/{}/times", id(slot)), times).await;
            }
            let late = json!([{ "enrolment_id": enrolments[1]["id"], "presence": "partial", "minutes": 120 }]);
            let presences = json!({ "default": "present", "proof": "paper", "close": true, "exceptions": late,
                                    "trainers": [{ "trainer_id": trainer }] });
            self.make(&format!("/v1/slots/{}/attendance", id(slot)), presences).await;
        }
        self.sheet("feuille d’émargement", session, json!({ "booking_id": booking["id"] })).await;
        let connection = |who: &Value, joined: &str, left: &str| {
            json!({ "enrolment_id": who["id"], "slot_id": slots[2]["id"], "source": "BigBlueButton",
                    "joined_at": format!("2026-03-25T{joined}:00Z"), "left_at": format!("2026-03-25T{left}:00Z") })
        };
        let record = json!({ "connections": [connection(&enrolments[0], "07:58", "11:30"),
                                             connection(&enrolments[1], "09:30", "11:30")] });
        let record = self.make(&format!("/v1/sessions/{}/distance-records", id(session)), record).await;
        self.take("relevé de connexion", id(&record)).await;
        let results: Vec<Value> = [("not_acquired", "acquired"), ("acquired", "in_progress")]
            .iter()
            .zip(enrolments)
            .map(|((first, second), one)| {
                json!({ "enrolment_id": one["id"], "objectives": [
                    { "objective": 1, "before": "not_acquired", "after": first },
                    { "objective": 2, "before": "not_acquired", "after": second }] })
            })
            .collect();
        let path = format!("/v1/sessions/{}", id(session));
        self.marie.put(&format!("{path}/evaluations"), json!({ "results": results })).await.ok();
        let who = format!("/v1/enrolments/{}", id(&enrolments[1]));
        let certificate = self.cooperative.training.post(&format!("{who}/certificate"), json!({})).await.ok();
        self.take("certificat", id(&certificate)).await;
        let attestations = self.make(&format!("{path}/attestations"), json!({})).await;
        for paper in attestations["documents"].as_array().unwrap() {
            let content = self.marie.get(&format!("/v1/documents/{}/content", id(paper))).await.ok();
            let ali = content["content"]["trainee"].as_str().unwrap().contains("Ali");
            self.take(if ali { "attestation" } else { "attestation d’un échec" }, id(paper)).await;
        }
        let assiduity =
            self.make(&format!("{who}/assiduity"), json!({ "from": "2026-03-01", "to": "2026-03-31" })).await;
        assert_eq!((&assiduity["first_day"], &assiduity["last_day"]), (&json!("2026-03-01"), &json!("2026-03-31")));
        self.take("attestation d’assiduité", id(&assiduity)).await;
        self.evidence(session, &enrolments[0]).await;
    }

    async fn evidence(&mut self, session: &Value, enrolment: &Value) {
        use signature_evidence::{Content, Device, Link, Origin, Signer, Slot};
        let activity = session["activity_id"].as_str().unwrap().parse().unwrap();
        let mut ctx = Ctx::operator(&self.app.app);
        let mut tx = ctx.begin().await.unwrap();
        let today = tx.today();
        let content = Content {
            issuer: clairiere::organisation::issuer(&tx.scope(), activity, today).await.unwrap(),
            title: "Prendre en main Zourit".into(),
            session: session["reference"].as_str().unwrap().into(),
            slot: Slot {
                day: "2026-03-24".parse().unwrap(),
                from: "09:00:00".parse().unwrap(),
                to: "12:30:00".parse().unwrap(),
                place: Some("Maison des associations".into()),
            },
            signer: Signer {
                name: "Zoé Lefèvre".into(),
                role: "stagiaire".into(),
                employer: Some("Les Lilas".into()),
                identified: "lien personnel envoyé à son adresse de messagerie".into(),
            },
            signed_at: "2026-03-24T10:31:07Z".parse().unwrap(),
            device: Some(Device { told: "2026-03-24T10:31:04Z".parse().unwrap(), behind_seconds: 3 }),
            origin: Origin::Kept {
                ip: Some("192.0.2.17".into()),
                user_agent: Some("Mozilla/5.0 (Android 15; Mobile) Firefox/147.0".into()),
                device: Some("c0ffee42".into()),
            },
            consent: "Je certifie avoir suivi cette demi-journée.".into(),
            typed_name: Some("Zoé Lefèvre".into()),
            late: None,
            slot_digest: "1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014".into(),
            picture_digest: Some("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into()),
            chain: Link {
                number: 12,
                previous: "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13".into(),
                digest: "a4e624d686e03ed2767c0abd85c14426b0b1157d2ce81d27bb4fe4f6f01d688a".into(),
            },
        };
        let about = About { enrolment: Some(id(enrolment).parse().unwrap()), ..About::default() };
        let row = issue_signature_evidence(&mut tx, activity, about, &content).await.unwrap().paper();
        tx.commit().await.unwrap();
        self.take("fiche de preuve", &row.id.to_string()).await;
    }

    /// Sold to somebody who pays for themselves, at a distance.
    async fn individual(&mut self, sold: &Value) {
        let person = self.marie.person("Paul", "Moreau").await;
        let client = json!({ "kind": "individual", "name": "Paul Moreau", "person_id": person["id"],
                             "address": "1 rue des Acacias", "postcode": "75020", "city": "Paris" });
        let client = self.make("/v1/clients", client).await;
        let trainer = self.app.trainer_of(&client, "Lucie", true).await;
        let slot = |starts: &str, ends: &str| json!({ "day": "2026-05-12", "starts": starts, "ends": ends, "modality": "distance", "trainers": [trainer] });
        let session = json!({ "programme_version_id": sold["current_version_id"], "format": "inter",
                              "link": "https://visio.example.org/contrat",
                              "slots": [slot("09:00", "12:30"), slot("13:30", "17:00")] });
        let session = self.make("/v1/sessions", session).await;
        let quote = json!({
            "client_id": client["id"], "programme_version_id": sold["current_version_id"], "heads": 1,
            "terms": "Paiement par virement à 30 jours de la facture, émise après la formation.",
            "lines": [{ "nature": "training", "label": "Formation", "unit": "jour", "unit_price_cents": 90_000 }]
        });
        let quote = self.make("/v1/quotes", quote).await;
        for (name, distance) in [("contrat", false), ("contrat à distance", true)] {
            let quote = if distance { &Value::Null } else { &quote["id"] };
            let body = json!({ "session_id": session["id"], "client_id": client["id"], "price_cents": 90_000,
                               "quote_id": quote });
            let booking = self.make("/v1/bookings", body).await;
            let path = format!("/v1/bookings/{}/agreement", id(&booking));
            let drafted = self.make(&path, json!({ "concluded_at_distance": distance })).await;
            let sent = self.make(&format!("/v1/agreements/{}/send", id(&drafted)), Value::Null).await;
            self.take(name, sent["document_id"].as_str().unwrap()).await;
            if !distance {
                self.cheaper(&booking, &sent).await;
            }
        }
    }

    /// The price of a signed contrat changes, and its instalments with it.
    async fn cheaper(&mut self, booking: &Value, contract: &Value) {
        let signed = signature(&self.app, booking, &self.cooperative.representative).await;
        self.make(&format!("/v1/agreements/{}/sign-on-paper", id(contract)), signed).await;
        self.marie.patch(&format!("/v1/bookings/{}", id(booking)), json!({ "price_cents": 60_000 })).await.ok();
        self.app.work().await;
        let proposed = self.marie.get(&format!("/v1/agreements/{}/amendments", id(contract))).await.ok();
        let sent = self.make(&format!("/v1/amendments/{}/send", id(&proposed["items"][0])), Value::Null).await;
        self.take("avenant au contrat", sent["document_id"].as_str().unwrap()).await;
    }

    /// One morning, face to face, shared by two clients: the sheet of one tells nothing of the other.
    async fn shared(&mut self) {
        let programme = self.marie.programme("Découvrir Zourit").await;
        let trainer = self.app.trainer_of(&programme, "Jeanne", true).await;
        let session = self.marie.session_on(&programme, trainer, "inter", &["2026-04-02"]).await;
        let mut sold = vec![];
        for (client, first_name, last_name) in [("Les Roseaux", "Inès", "Robin"), ("Les Mimosas", "Nour", "Haddad")] {
            let client = self.marie.client(client).await;
            let body =
                json!({ "session_id": session["id"], "client_id": client["id"], "price_cents": 30_000, "heads": 1 });
            let booking = self.make("/v1/bookings", body).await;
            let person = self.marie.person(first_name, last_name).await;
            let body = json!({ "booking_id": booking["id"], "person_id": person["id"], "status": "employee" });
            let enrolment = self.make("/v1/enrolments", body).await;
            let signed = self.marie.signed_agreement(&self.app, &self.cooperative, &booking).await;
            self.make(&format!("/v1/bookings/{}/agree", id(&booking)), Value::Null).await;
            let enrol = json!({ "information_pack": { "channel": "email" } });
            self.make(&format!("/v1/bookings/{}/enrol", id(&booking)), enrol).await;
            sold.push((booking, enrolment, signed));
        }
        let (booking, enrolment, signed) = &sold[0];
        self.take("convention en présentiel", signed["document_id"].as_str().unwrap()).await;
        self.app.at("2026-04-02T12:30");
        let presences = json!({
            "only_named": true, "proof": "paper", "close": true, "trainers": [{ "trainer_id": trainer }],
            "exceptions": [{ "enrolment_id": enrolment["id"], "presence": "present" }],
            "gaps": "Nour Haddad est partie sans signer."
        });
        self.make(&format!("/v1/slots/{}/attendance", id(&session["slots"][0])), presences).await;
        self.sheet("feuille du client", &session, json!({ "booking_id": booking["id"] })).await;
        self.sheet("feuille complète", &session, json!({})).await;
    }
}
