//! People sign on pages: by their own link, by the code of the room, on the trainer's device, without network.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Answer,
    training::{Training, training},
    visitor::{Visitor, drawn, field, path_of},
};

/// The training on its first morning, at this time.
async fn morning(time: &str) -> Training {
    let it = training().await;
    it.app.at(&format!("2026-03-03T{time}"));
    it
}

impl Training {
    async fn live_morning(&self) -> Value {
        self.marie.get(&format!("/v1/slots/{}/live", self.slots[0])).await.ok()
    }

    async fn evidence(&self) -> Vec<entity::mark_evidence::Model> {
        let ctx = clairiere::platform::access::Ctx::operator(&self.app.app);
        ctx.scope().find::<entity::mark_evidence::Entity>().all().await.unwrap()
    }
}

/// What a script sends when somebody signs.
fn signed(slot: Uuid, act: u128) -> Value {
    json!({
        "slot": slot, "client_uuid": Uuid::from_u128(0xA11C_E000 + act), "picture": drawn((act % 40) as u32),
        "typed_name": "", "device_at": "2026-03-03T08:05:00Z", "device": "6f1c", "statement": false
    })
}

async fn signs_by_form(phone: &Visitor, page: &str, name: &str) -> Answer {
    let shown = phone.opens(page).await.shows("Signer ma présence");
    let fields = [("slot", field(&shown, "slot")), ("client_uuid", field(&shown, "client_uuid"))];
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("typed_name", name));
    fields.push(("picture", ""));
    phone.sends(page, &fields).await
}

#[tokio::test]
async fn a_trainee_signs_on_their_own_page_without_script() {
    let it = morning("08:30").await;
    let phone = it.app.phone();
    let page = it.own_page(it.zoe).await;
    phone.opens(&page).await.shows("Rien à signer maintenant");
    it.app.at("2026-03-03T09:05");
    let shown = phone.opens(&page).await.shows("mardi 3 mars 2026, matin");
    assert!(shown.contains("Zoé Lefèvre") && !shown.contains("Paul"), "{shown}");
    let (slot, act) = (field(&shown, "slot"), field(&shown, "client_uuid"));
    let nothing = [("slot", slot.as_str()), ("client_uuid", &act), ("typed_name", " "), ("picture", "")];
    phone.sends(&page, &nothing).await.says_no("Rien n’a été signé");
    let typed = [("slot", slot.as_str()), ("client_uuid", &act), ("typed_name", "Zoé Lefèvre"), ("picture", "")];
    // The button is pressed twice, and the page of another tab is sent too: one mark.
    let receipt = phone.sends(&page, &typed).await.leads();
    phone.sends(&page, &typed).await.leads();
    let other_tab =
        [("slot", slot.as_str()), ("client_uuid", "0199c0de-0000-7000-8000-0000000000aa"), ("typed_name", "Zoé")];
    phone.sends(&page, &other_tab).await.says_no("déjà prouvée");
    phone.opens(&receipt).await.shows("Signée le mardi 3 mars 2026 à 9\u{a0}h\u{a0}05");
    let kept = it.evidence().await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].means.as_str(), kept[0].typed_name.as_deref()), ("personal_link", Some("Zoé Lefèvre")));
    assert_eq!(it.live_morning().await["signed"], 1);
}

#[tokio::test]
async fn an_unknown_link_and_another_purpose_are_the_same_page() {
    let it = morning("09:05").await;
    let phone = it.app.phone();
    let (own, day) = (it.own_page(it.zoe).await, it.day_page(0).await);
    let unknown = phone.opens("/presence/unknown").await;
    assert_eq!(unknown.status, 404);
    unknown.says_no("Ce lien n’ouvre rien");
    let crossed = phone.opens(&day.replace("/journee/", "/presence/")).await;
    assert_eq!((crossed.status, crossed.page()), (404, phone.opens("/presence/unknown").await.page()));
    let half = format!("{}/{}", own.replace("/presence/", "/journee/"), it.slots[0]);
    assert_eq!(phone.opens(&half).await.status, 404);
    // Another link for the same trainee: the one before opens nothing any more. So does a revoked one.
    let newer = it.own_page(it.zoe).await;
    assert_eq!(phone.opens(&own).await.status, 404);
    let links = it.marie.get(&format!("/v1/links?object_id={}", it.zoe)).await.ok();
    let revoke = format!("/v1/links/{}/revoke", links["items"][0]["id"].as_str().unwrap());
    phone.opens(&newer).await.shows("Zoé");
    it.marie.post(&revoke, Value::Null).await.ok();
    assert_eq!(phone.opens(&newer).await.page(), phone.opens("/presence/unknown").await.page());
    // Expired: three days after the last half-day.
    let paul = it.own_page(it.paul).await;
    it.app.at("2026-03-06T17:29");
    assert_eq!(phone.opens(&paul).await.status, 200);
    it.app.at("2026-03-06T17:31");
    assert_eq!(phone.opens(&paul).await.status, 404);
}

#[tokio::test]
async fn a_scan_is_exchanged_for_ten_minutes_and_one_signature() {
    let it = morning("09:05").await;
    it.addresses().await;
    let phone = it.app.phone();
    it.marie.get(&format!("/v1/slots/{}/code", it.slots[0])).await.refused("signing.no_code");
    it.shows_code(0).await;
    let scanned = it.scanned(0).await;
    // Opening the page consumes nothing, however often.
    phone.opens(&scanned).await.shows("Continuer");
    phone.opens(&scanned).await.shows("Continuer");
    it.app.later(TimeDelta::seconds(30));
    let ticket = phone.sends(&scanned, &[]).await.leads();
    it.app.later(TimeDelta::seconds(31));
    phone.sends(&scanned, &[]).await.says_no("n’est pas celui qui est affiché");
    let shown = phone.opens(&ticket).await.shows("Zoé L.");
    assert!(shown.contains("Paul M.") && !shown.contains("Lefèvre"), "{shown}");
    let zoe = format!("stagiaire.{}", it.zoe);
    let act = field(&shown, "client_uuid");
    let fields = [("who", zoe.as_str()), ("client_uuid", &act), ("typed_name", "Zoé Lefèvre")];
    phone.sends(&ticket, &fields).await.leads();
    phone.opens(&ticket).await.shows("Signature enregistrée le");
    // One ticket signs for one person.
    let paul = format!("stagiaire.{}", it.paul);
    let again = json!({ "who": paul, "client_uuid": Uuid::from_u128(5), "typed_name": "Paul Moreau" });
    phone.script(&format!("{ticket}/envoi"), again).await.refused("attendance.act_reused");
    // Whoever signed is not offered any more, and ten minutes are not more.
    let ticket = phone.sends(&it.scanned(0).await, &[]).await.leads();
    let shown = phone.opens(&ticket).await.shows("Paul M.");
    assert!(!shown.contains("Zoé L."), "{shown}");
    it.app.later(TimeDelta::minutes(11));
    phone.opens(&ticket).await.says_no("dix minutes");
    let fields = [("who", paul.as_str()), ("client_uuid", &act), ("typed_name", "Paul Moreau")];
    phone.sends(&ticket, &fields).await.says_no("dix minutes");
    let made_up = ticket.replace("ticket/A", "ticket/B").replace("ticket/", "ticket/x");
    assert_eq!(phone.opens(&made_up).await.status, 404);
    // The one under whose name it was signed is told, and may say that it was somebody else.
    it.app.work().await;
    let mails = it.app.mails_to("zoe@example.org");
    let receipt = mails.iter().find(|mail| mail.text.contains("/contestation/")).expect("a receipt");
    assert!(it.app.mails_to("paul@example.org").iter().all(|mail| !mail.text.contains("/contestation/")));
    let address = receipt.text.split_whitespace().find(|word| word.contains("/contestation/")).unwrap();
    let dispute = path_of(address);
    phone.opens(&dispute).await.shows("Ce n’est pas moi qui ai signé");
    let disputes = format!("/v1/slots/{}/disputes", it.slots[0]);
    assert_eq!(it.marie.get(&disputes).await.ok()["items"], json!([]));
    phone.sends(&dispute, &[("said", "J’étais en congé.")]).await.leads();
    phone.sends(&dispute, &[("said", "Encore.")]).await.leads();
    phone.opens(&dispute).await.shows("Vous avez signalé");
    let told = it.marie.get(&disputes).await.ok();
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (told["items"][0]["name"].as_str(), told["items"][0]["said"].as_str()),
        (Some("Zoé Lefèvre"), Some("J’étais en congé."))
    );
    let day = it.day_page(0).await;
    phone.opens(&format!("{day}/{}", it.slots[0])).await.shows("dit ne pas avoir signé");
}

#[tokio::test]
async fn a_typed_code_counts_its_wrong_tries() {
    let it = morning("09:05").await;
    let phone = it.app.phone();
    let code = it.shows_code(0).await["typed"].as_str().unwrap().to_owned();
    let ticket = phone.sends("/presence/code", &[("code", &code.to_lowercase())]).await.leads();
    phone.opens(&ticket).await.shows("Qui êtes-vous");
    let wrong = format!("{}-AAAA", &code[..4]);
    for _ in 0..20 {
        phone.sends("/presence/code", &[("code", &wrong)]).await.says_no("n’est pas celui");
    }
    phone.sends("/presence/code", &[("code", &code)]).await.says_no("Trop de codes faux");
    phone.sends(&it.scanned(0).await, &[]).await.leads();
    it.app.later(TimeDelta::minutes(10));
    let code = it.marie.get(&format!("/v1/slots/{}/code", it.slots[0])).await.ok()["typed"].clone();
    phone.sends("/presence/code", &[("code", code.as_str().unwrap())]).await.leads();
    phone.sends("/presence/code", &[("code", "")]).await.says_no("n’est pas celui");
}

#[tokio::test]
async fn a_drawing_that_is_none_is_refused() {
    let it = morning("09:05").await;
    let phone = it.app.phone();
    let page = format!("{}/envoi", it.own_page(it.zoe).await);
    let with = |picture: String| json!({ "slot": it.slots[0], "client_uuid": Uuid::from_u128(3), "picture": picture });
    let empty = drawn(500);
    let said = async |picture: String| {
        let answer = phone.script(&page, with(picture)).await;
        (answer.status, answer.json()["said"].as_str().unwrap_or_default().to_owned())
    };
    assert!(said(empty).await.1.contains("Rien n’est dessiné"));
    assert!(said(format!("data:image/png;base64,{}", "A".repeat(90_000))).await.1.contains("trop lourde"));
    assert!(said("data:image/png;base64,AAAA".into()).await.1.contains("PNG lisible"));
    assert!(said("https://example.org/signature.png".into()).await.1.contains("n’est pas une image"));
    assert_eq!(it.evidence().await.len(), 0);
    assert_eq!(said(drawn(20)).await.0, 200);
    assert!(it.evidence().await[0].picture.is_some());
}

#[tokio::test]
async fn a_day_on_the_trainers_device() {
    let it = morning("09:10").await;
    let phone = it.app.phone();
    let day = it.day_page(0).await;
    phone.opens(&day).await.shows("mardi 3 mars 2026, matin");
    let half = format!("{day}/{}", it.slots[0]);
    let passing = format!("{half}/signer");
    phone.opens(&half).await.shows("0 sur 3 ont signé");
    let screen = phone.sends(&format!("{half}/ouvrir"), &[]).await.leads();
    let shown = phone.opens(&screen).await.shows("<svg");
    assert!(shown.contains("http-equiv=\"refresh\""), "the code changes without script too");
    assert_eq!(phone.opens(&format!("{half}/code.json")).await.ok()["expected"], 3);
    // Zoé and the trainer sign on the device, Paul arrives late and leaves early, Ali forgot.
    for (who, name) in [
        (format!("stagiaire.{}", it.zoe), "Zoé"),
        (format!("stagiaire.{}", it.paul), "Paul"),
        (format!("formation.{}", it.trainer), "Marie"),
    ] {
        let shown = phone.opens(&passing).await.shows(name);
        let act = field(&shown, "client_uuid");
        let fields = [("who", who.as_str()), ("client_uuid", &act), ("typed_name", name), ("slot", "")];
        let fields = &fields[..3];
        assert_eq!(phone.sends(&passing, fields).await.leads(), passing);
    }
    let paul = it.paul.to_string();
    phone.sends(&format!("{half}/heure"), &[("who", &paul), ("tap", "arrive")]).await.leads();
    let ali = it.ali.to_string();
    let said = [("who", ali.as_str()), ("what", "forgot"), ("reason", "")];
    phone.sends(&format!("{half}/constat"), &said).await.says_no("quelques mots");
    let said = [("who", ali.as_str()), ("what", "forgot"), ("reason", "Parti prendre son train")];
    phone.sends(&format!("{half}/constat"), &said).await.leads();
    phone.opens(&format!("{half}/personne/{ali}")).await.shows("Ali Benali");
    let guest = [("first_name", "Nadia"), ("last_name", "Petit"), ("email", ""), ("employer", "Les Lilas")];
    phone.sends(&format!("{half}/ajouter"), &guest).await.leads();
    let shown = phone.opens(&half).await.shows("Nadia Petit");
    assert!(shown.contains("arrivée à 9\u{a0}h\u{a0}10") && shown.contains("a oublié de signer"), "{shown}");
    phone.opens(&format!("{half}/cloture")).await.shows("pourra être close à 12\u{a0}h\u{a0}30");
    it.app.at("2026-03-03T12:31");
    phone.opens(&format!("{half}/cloture")).await.shows("Confirmer et clore");
    let left = format!("left.{paul}");
    phone.sends(&format!("{half}/cloture"), &[(&left, "midi")]).await.says_no("n’est pas une heure");
    phone.sends(&format!("{half}/cloture"), &[(&left, "12:00"), ("gaps", "")]).await.leads();
    let live = it.live_morning().await;
    assert_eq!(live["state"], "closed");
    let minutes = |name: &str| {
        let rows = live["trainees"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap()["minutes"].as_i64()
    };
    assert_eq!((minutes("Zoé Lefèvre"), minutes("Paul Moreau")), (Some(210), Some(170)));
    // Another session's half-day is not of this day, and nothing of this day is another trainer's.
    let other = training().await;
    assert_eq!(phone.opens(&format!("{day}/{}", other.slots[0])).await.status, 404);
}

#[tokio::test]
async fn what_is_signed_without_network_waits_its_turn() {
    let it = morning("09:05").await;
    let phone = it.app.phone();
    let (page, day) = (it.own_page(it.zoe).await, it.day_page(0).await);
    let ticket = async |page: &str, slot: Uuid| {
        phone.script(&format!("{page}/billet"), json!({ "slot": slot })).await.ok()["ticket"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let offline = |act: u128, ticket: &str| {
        let mut body = signed(it.slots[0], act);
        body["offline"] = json!(true);
        body["ticket"] = json!(ticket);
        body
    };
    let send = format!("{page}/envoi");
    phone.script(&send, offline(1, "")).await.refused("signing.no_ticket");
    let afternoon = ticket(&page, it.slots[1]).await;
    phone.script(&send, offline(1, &afternoon)).await.refused("signing.no_ticket");
    let trainers = ticket(&day, it.slots[0]).await;
    phone.script(&send, offline(1, &trainers)).await.refused("signing.no_ticket");
    let own = ticket(&page, it.slots[0]).await;
    // Received before the closing, it is a mark; twice, it is one.
    it.app.at("2026-03-03T11:00");
    phone.script(&send, offline(1, &own)).await.ok();
    assert_eq!(phone.script(&send, offline(1, &own)).await.ok()["repeated"], true);
    let kept = it.evidence().await;
    assert_eq!((kept.len(), kept[0].offline, kept[0].gap_seconds), (1, true, Some(115 * 60)));
    // Marie signs, closes with gaps; what Paul signed on her device comes after that.
    let half = format!("{day}/{}", it.slots[0]);
    let mut marie = signed(it.slots[0], 2);
    marie["who"] = json!(format!("formation.{}", it.trainer));
    phone.script(&format!("{half}/envoi"), marie).await.ok();
    it.app.at("2026-03-03T12:35");
    phone.sends(&format!("{half}/cloture"), &[("gaps", "Plus de réseau dans la salle")]).await.leads();
    let mut paul = offline(3, &trainers);
    paul["who"] = json!(format!("stagiaire.{}", it.paul));
    it.app.at("2026-03-03T18:00");
    assert_eq!(phone.script(&format!("{half}/envoi"), paul).await.ok()["waits"], true);
    assert_eq!(it.live_morning().await["signed"], 1);
    let shown = phone.opens(&half).await.shows("donnée sans réseau");
    let late = field(&shown, "late_mark");
    let decide = format!("{half}/tardive");
    phone.sends(&decide, &[("late_mark", &late), ("decision", "accept"), ("reason", "")]).await.says_no("pourquoi");
    phone
        .sends(
            &decide,
            &[("late_mark", &late), ("decision", "accept"), ("reason", "Présent, la salle était sans réseau")],
        )
        .await
        .leads();
    assert_eq!(it.live_morning().await["signed"], 2);
    // Ali signs late on his own page, then states his presence once even that time is over.
    let ali = it.own_page(it.ali).await;
    phone.opens(&ali).await.shows("Signer en retard");
    phone.sends(&format!("{ali}/nom"), &[("said", "Ali Ben Ali")]).await.leads();
    let corrections = it.marie.get("/v1/name-corrections").await.ok();
    assert_eq!(corrections["items"][0]["said"], "Ali Ben Ali");
    // What a personal link writes has an end.
    for number in 1..5 {
        phone.sends(&format!("{ali}/nom"), &[("said", &*format!("Ali {number}"))]).await.leads();
    }
    phone.sends(&format!("{ali}/nom"), &[("said", "Ali 5")]).await.says_no("attendent déjà une réponse");
    phone.sends(&format!("{ali}/nom"), &[("said", "Ali Ben Ali")]).await.leads();
    assert_eq!(it.marie.get("/v1/name-corrections").await.ok()["items"].as_array().unwrap().len(), 5);
    it.app.at("2026-03-06T13:00");
    let shown = phone.opens(&format!("{ali}?slot={}", it.slots[0])).await.shows("Déclarer ma présence");
    let act = field(&shown, "client_uuid");
    let slot = it.slots[0].to_string();
    let fields = [("slot", slot.as_str()), ("client_uuid", &act), ("typed_name", "Ali Benali"), ("statement", "true")];
    phone.sends(&ali, &fields).await.leads();
    phone.opens(&half).await.shows("la coopérative décide");
    assert_eq!(it.live_morning().await["late_marks"][0]["kind"], "statement");
}

#[tokio::test]
async fn forty_people_in_the_same_second() {
    let it = morning("09:05").await;
    let crowd = it.crowd(40).await;
    let asked = json!({ "enrolments": crowd, "delivery": "answer" });
    let made = it.camille().await.post(&format!("/v1/sessions/{}/signing-links", it.session), asked).await.ok();
    let pages: Vec<String> =
        made["items"].as_array().unwrap().iter().map(|one| path_of(one["address"].as_str().unwrap())).collect();
    let acts: Vec<_> = (0_u128..)
        .zip(&pages)
        .map(|(number, page)| {
            let (phone, slot, page) = (it.app.phone(), it.slots[0], format!("{page}/envoi"));
            tokio::spawn(async move { phone.script(&page, signed(slot, 1000 + number)).await.status })
        })
        .collect();
    for act in acts {
        assert_eq!(act.await.unwrap(), 200);
    }
    let live = it.live_morning().await;
    assert_eq!((live["signed"].as_i64(), live["expected"].as_i64()), (Some(40), Some(43)));
    assert_eq!(it.evidence().await.len(), 40);
    // Every page of such a class stays light, its style and scripts included.
    let day = it.day_page(0).await;
    let half = format!("{day}/{}", it.slots[0]);
    it.shows_code(0).await;
    let phone = it.app.phone();
    let ticket = phone.sends(&it.scanned(0).await, &[]).await.leads();
    for page in [
        pages[0].clone(),
        day.clone(),
        half.clone(),
        format!("{half}/signer"),
        format!("{half}/code"),
        format!("{half}/cloture"),
        ticket,
    ] {
        let html = phone.opens(&page).await.shows("<h1>").replace("&#x2f;", "/");
        let mut weight = html.len();
        for asset in html
            .split(['"', ' '])
            .filter(|part| part.starts_with("/assets/"))
            .collect::<std::collections::BTreeSet<_>>()
        {
            weight += phone.opens(asset).await.shows("").len();
        }
        assert!(weight < 60_000, "{weight} bytes: {html}");
    }
}

#[tokio::test]
async fn no_personal_link_goes_to_an_address_that_others_read() {
    let it = morning("08:00").await;
    it.addresses().await;
    let people = it.marie.get("/v1/people").await.ok();
    for person in people["items"].as_array().unwrap() {
        // Ali reads the mails of the client's contact; Marie is written to herself.
        let address = match person["first_name"].as_str() {
            Some("Ali") => "Rose@example.org",
            Some("Marie") => "marie@example.org",
            _ => continue,
        };
        let path = format!("/v1/people/{}", person["id"].as_str().unwrap());
        it.marie.patch(&path, json!({ "email": address })).await.ok();
    }
    let links = format!("/v1/sessions/{}/signing-links", it.session);
    let asked = it.marie.post(&links, json!({ "delivery": "mail" })).await.ok();
    let handed: Vec<_> = asked["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["holder"].as_str().unwrap(), one["handed"].as_str().unwrap()))
        .collect();
    assert_eq!(handed, [("Ali Benali", "withheld"), ("Zoé Lefèvre", "mailed"), ("Paul Moreau", "mailed")]);
    assert!(asked["items"][0]["why"].as_str().unwrap().contains("client"));
    it.app.work().await;
    let links_to = |address: &str| {
        let mails = it.app.mails_to(address);
        mails.iter().filter(|mail| mail.text.contains("/presence/")).count()
    };
    assert_eq!((links_to("zoe@example.org"), links_to("paul@example.org"), links_to("rose@example.org")), (1, 1, 0));
    assert_eq!(links_to("Rose@example.org"), 0);
    // The mail holds a token that opens the page; nothing else holds it.
    let mail = it.app.mails_to("zoe@example.org").into_iter().find(|mail| mail.text.contains("/presence/")).unwrap();
    let page = path_of(mail.text.split_whitespace().find(|word| word.contains("/presence/")).unwrap());
    it.app.phone().opens(&page).await.shows("Zoé Lefèvre");
    let ctx = clairiere::platform::access::Ctx::operator(&it.app.app);
    let messages = ctx.scope().find::<entity::message::Entity>().all().await.unwrap();
    let token = page.rsplit('/').next().unwrap();
    assert!(messages.iter().all(|row| !row.facts.contains(token)), "a token is in no stored message");
}

#[tokio::test]
async fn mornings_and_half_days_write_by_themselves() {
    let it = training().await;
    it.addresses().await;
    let people = it.marie.get("/v1/people").await.ok();
    let marie = people["items"].as_array().unwrap().iter().find(|one| one["first_name"] == "Marie").unwrap();
    it.marie
        .patch(&format!("/v1/people/{}", marie["id"].as_str().unwrap()), json!({ "email": "marie@example.org" }))
        .await
        .ok();
    it.app.work().await;
    it.app.at("2026-03-03T07:00");
    it.app.work().await;
    let mails = it.app.mails_to("marie@example.org");
    let day = mails.iter().find(|mail| mail.text.contains("/journee/")).expect("the day's page");
    let page = path_of(day.text.split_whitespace().find(|word| word.contains("/journee/")).unwrap());
    it.app.phone().opens(&page).await.shows("mardi 3 mars 2026, après-midi");
    let links_to = |address: &str| {
        let mails = it.app.mails_to(address);
        mails.iter().filter(|mail| mail.text.contains("/presence/")).count()
    };
    assert_eq!(links_to("zoe@example.org"), 0);
    it.app.at("2026-03-03T09:00");
    it.app.work().await;
    assert_eq!((links_to("zoe@example.org"), links_to("paul@example.org")), (1, 1));
    // Whoever signed is not written to again for it.
    let page = it.own_page(it.zoe).await;
    it.app.at("2026-03-03T14:00");
    signs_by_form(&it.app.phone(), &page, "Zoé Lefèvre").await.leads();
    it.app.work().await;
    assert_eq!((links_to("zoe@example.org"), links_to("paul@example.org")), (1, 2));
    it.app.done().await;
}

#[tokio::test]
async fn a_page_opened_too_early_holds_the_form_for_later() {
    let it = morning("08:10").await;
    let phone = it.app.phone();
    let page = it.own_page(it.zoe).await;
    let shown = phone.opens(&page).await.shows("Rien à signer maintenant");
    // Both halves of the day are ahead; the form waits, hidden, for the first.
    assert_eq!(field(&shown, "slot"), it.slots[0].to_string());
    assert!(shown.contains("data-half") && shown.matches("&quot;opens&quot;").count() == 2, "{shown}");
    let mut early = signed(it.slots[0], 1);
    phone.script(&format!("{page}/envoi"), early.clone()).await.refused("attendance.not_begun");
    // Signed at 9:05 without network, received at 10.
    let ticket = phone.script(&format!("{page}/billet"), json!({ "slot": it.slots[0] })).await.ok();
    it.app.at("2026-03-03T10:00");
    early["offline"] = json!(true);
    early["ticket"] = ticket["ticket"].clone();
    early["device_at"] = json!("2026-03-03T08:05:00Z");
    phone.script(&format!("{page}/envoi"), early).await.ok();
    // The afternoon is ahead on the page of the morning that is signed.
    let shown = phone.opens(&page).await.shows("Rien à signer maintenant");
    assert_eq!(field(&shown, "slot"), it.slots[1].to_string());
}

#[tokio::test]
async fn what_may_be_signed_late_hides_nothing_of_today() {
    let it = morning("12:31").await;
    let phone = it.app.phone();
    let page = it.own_page(it.zoe).await;
    let others = [it.paul, it.ali].map(|one| json!({ "enrolment_id": one, "presence": "present" }));
    let closed = json!({
        "proof": "paper", "only_named": true, "exceptions": others, "trainers": [{ "trainer_id": it.trainer }],
        "close": true, "gaps": "Zoé n’a pas signé"
    });
    it.marie.post(&it.attendance(0), closed).await.ok();
    // The afternoon is ahead: its form waits on the page, and the list leads to the morning.
    let shown = phone.opens(&page).await.shows("Rien à signer maintenant");
    assert_eq!(field(&shown, "slot"), it.slots[1].to_string());
    assert!(shown.contains("Signer en retard") && shown.matches("&quot;opens&quot;").count() == 1, "{shown}");
    let late = format!("{page}?slot={}", it.slots[0]);
    let shown = phone.opens(&late).await.shows("Vous pouvez encore signer");
    assert_eq!(field(&shown, "slot"), it.slots[0].to_string());
    assert_eq!(shown.matches("&quot;opens&quot;").count(), 1, "the afternoon is on this page too: {shown}");
    // Open, it comes first; signed, what is late is all that is left.
    it.app.at("2026-03-03T14:05");
    let shown = phone.opens(&page).await.shows("Signer en retard");
    assert_eq!(field(&shown, "slot"), it.slots[1].to_string());
    signs_by_form(&phone, &page, "Zoé Lefèvre").await.leads();
    let shown = phone.opens(&page).await.shows("Vous pouvez encore signer");
    assert_eq!(field(&shown, "slot"), it.slots[0].to_string());
}
