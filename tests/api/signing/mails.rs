//! The mails about signatures: reminders, absences, receipts.

use clairiere::{attendance, document::Kind, platform::access::Ctx};
use serde_json::json;
use uuid::Uuid;

use crate::support::training::{Training, training};

#[tokio::test]
async fn an_unsigned_half_day_reminds_before_it_ends_and_the_next_morning() {
    let it = training().await;
    it.addresses().await;
    let people = it.marie.get("/v1/people?q=marie").await.ok();
    let marie = format!("/v1/people/{}", people["items"][0]["id"].as_str().unwrap());
    it.marie.patch(&marie, json!({ "email": "marie@example.org" })).await.ok();
    it.app.at("2026-03-03T09:10");
    it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    it.app.work().await;
    it.app.mail.clear();
    let about = |address: &str, what: &str| {
        it.app.mails_to(address).into_iter().filter(|mail| mail.subject.contains(what)).collect::<Vec<_>>()
    };
    it.app.at("2026-03-03T12:14");
    it.app.work().await;
    assert!(about("paul@example.org", "votre signature pour").is_empty());
    it.app.at("2026-03-03T12:15");
    it.app.work().await;
    it.app.done().await;
    let paul = about("paul@example.org", "votre signature pour");
    assert_eq!(paul.len(), 1);
    assert!(paul[0].text.contains("avant la fin de la demi-journée"), "{}", paul[0].text);
    assert!(about("zoe@example.org", "votre signature pour").is_empty());
    assert!(about("marie@example.org", "à clore").is_empty());
    // Nobody closes: the trainer is told the next morning, and Paul once more; the afternoon was not even opened.
    it.app.at("2026-03-04T09:00");
    it.app.work().await;
    it.app.done().await;
    let told = about("marie@example.org", "à clore");
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|mail| mail.text.contains("Paul Moreau") && !mail.text.contains("Zoé")), "{told:?}");
    assert_eq!(about("paul@example.org", "votre signature pour").len(), 2);
    assert!(about("zoe@example.org", "votre signature pour").is_empty());
}

/// The day's page, once opened, holds tickets to sign without network; the half-day may be on paper all the same.
#[tokio::test]
async fn a_half_day_on_paper_whose_page_was_opened_reminds_no_trainee() {
    let it = training().await;
    it.addresses().await;
    it.app.at("2026-03-03T09:10");
    let phone = it.app.phone();
    let day = it.day_page(0).await;
    phone.script(&format!("{day}/billet"), json!({ "slot": it.slots[0] })).await.ok();
    let zoe = json!([{ "enrolment_id": it.zoe, "presence": "present" }]);
    let noted = json!({ "only_named": true, "proof": "paper", "exceptions": zoe, "close": false });
    it.marie.post(&it.attendance(0), noted).await.ok();
    let told = async || {
        it.app.work().await;
        it.app.done().await;
        let mails = it.app.mails_to("paul@example.org");
        mails.iter().filter(|mail| mail.subject.contains("votre signature pour")).count()
    };
    it.app.work().await;
    it.app.at("2026-03-03T12:15");
    assert_eq!(told().await, 0, "before its end");
    it.app.at("2026-03-04T09:00");
    assert_eq!(told().await, 0, "the next morning");
}

#[tokio::test]
async fn a_half_day_that_is_closed_reminds_nobody() {
    let it = training().await;
    it.addresses().await;
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    it.app.work().await;
    it.app.mail.clear();
    it.app.at("2026-03-04T09:30");
    it.app.work().await;
    it.app.done().await;
    assert!(it.app.mail.sent().is_empty());
    let sheets = it.papers(Kind::AttendanceSheet, "current").await;
    assert_eq!(sheets.len(), 1, "the sheet is issued once every half-day is closed");
    assert_eq!(sheets[0].issued_by, "système (issue_sheet)");
}

#[tokio::test]
async fn an_absence_is_told_the_same_day_without_its_reason_and_to_the_funder_who_asks() {
    let it = training().await;
    it.addresses().await;
    let clients = it.marie.get("/v1/clients").await.ok();
    let contacts = format!("/v1/clients/{}/contacts", clients["items"][0]["id"].as_str().unwrap());
    let anne = json!({ "person": { "first_name": "Anne", "birth_name": "Morel", "email": "anne@example.org" }, "roles": ["accounting"] });
    it.marie.post(&contacts, anne).await.ok();
    let mut file = it.funding(100_000);
    file["absence_notice"] = json!(true);
    it.marie.post("/v1/funding-files", file).await.status(201);
    it.app.work().await;
    it.app.mail.clear();
    it.hold(0, json!([{ "enrolment_id": it.paul, "presence": "excused", "reason": "Rendez-vous médical" }])).await;
    it.app.work().await;
    it.app.done().await;
    for address in ["rose@example.org", "anne@example.org"] {
        let mut mails = it.app.mails_to(address);
        mails.retain(|mail| mail.subject.contains("absences"));
        assert_eq!(mails.len(), 1, "{address}");
        assert!(mails[0].text.contains("Paul Moreau") && !mails[0].text.contains("médical"), "{}", mails[0].text);
        assert_eq!(mails[0].date.date_naive(), "2026-03-03".parse().unwrap());
        assert_eq!(mails[0].text.contains("Uniformation"), address.starts_with("anne"));
    }
}

/// Somebody signs, known in this way.
async fn signs_as(it: &Training, who: Uuid, means: attendance::Means) {
    let mut ctx = Ctx::operator(&it.app.app);
    let mut tx = ctx.begin().await.unwrap();
    let signing = attendance::Signing {
        slot: it.slots[0],
        who: attendance::Who::Trainee(who),
        means,
        picture: None,
        typed_name: Some("signé".into()),
        consent: "Je certifie ma présence.".into(),
        client_uuid: who,
        device_at: None,
        ip: None,
        user_agent: None,
        device: None,
        offline: false,
        paper_reference: None,
    };
    attendance::sign(&mut tx, signing).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn who_only_said_who_they_are_gets_a_receipt() {
    let it = training().await;
    it.addresses().await;
    it.app.work().await;
    it.app.mail.clear();
    it.app.at("2026-03-03T09:10");
    signs_as(&it, it.zoe, attendance::Means::RotatingCodeDeclared).await;
    signs_as(&it, it.paul, attendance::Means::PersonalLink).await;
    it.app.work().await;
    it.app.done().await;
    let asked = |address: &str| it.app.mails_to(address).iter().any(|mail| mail.text.contains("Ce n’est pas vous"));
    assert!(asked("zoe@example.org") && !asked("paul@example.org"));
    assert!(it.app.mails_to("zoe@example.org").iter().any(|mail| mail.text.contains("/contestation/")));
}

/// Whoever reads the mails of another could say in their name that they had not signed.
#[tokio::test]
async fn a_receipt_that_others_read_holds_no_personal_link() {
    let it = training().await;
    it.addresses().await;
    it.reads_mail_at("Ali", "Zoe@example.org").await;
    it.reads_mail_at("Paul", "rose@example.org").await;
    it.app.work().await;
    it.app.mail.clear();
    it.app.at("2026-03-03T09:10");
    for who in [it.zoe, it.paul, it.ali] {
        signs_as(&it, who, attendance::Means::RotatingCodeDeclared).await;
    }
    it.app.work().await;
    it.app.done().await;
    for (address, names) in
        [("zoe@example.org", &["Zoé Lefèvre", "Ali Benali"][..]), ("rose@example.org", &["Paul Moreau"])]
    {
        let mut mails = it.app.mails_to(address);
        mails.retain(|mail| mail.subject.contains("votre présence est signée"));
        assert_eq!(mails.len(), names.len(), "{address}: {mails:?}");
        for mail in &mails {
            let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!mail.text.contains("/contestation/") && !mail.html.contains("/contestation/"), "{text}");
            assert!(text.contains("Dites-le à la formatrice ou au formateur"), "{text}");
            assert!(names.iter().any(|name| text.contains(name)), "{text}");
        }
    }
    let links = it.marie.get("/v1/links?purpose=dispute_mark").await.ok();
    assert_eq!(links["items"], json!([]));
}
