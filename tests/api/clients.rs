//! Clients, their contacts and funders.

use serde_json::json;

use crate::support::{commerce::association, start};

#[tokio::test]
async fn a_client_comes_with_its_contacts_in_one_call() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let lilas = marie.client("Les Lilas").await;
    assert_eq!(lilas["siret"], "73282932000074");
    assert_eq!(lilas["contacts"][0]["roles"], json!(["signatory", "training_lead"]));
    assert_eq!(lilas["contacts"][0]["person"]["printed_name"], "Mme Agnès Petit");
    let path = format!("/v1/clients/{}", lilas["id"].as_str().unwrap());
    let paul = marie.person("Paul", "Roux").await;
    let body = json!({ "person_id": paul["id"], "roles": ["accounting"], "quality": "trésorier" });
    let contact = marie.post(&format!("{path}/contacts"), body.clone()).await.status(201);
    marie.post(&format!("{path}/contacts"), body).await.refused("client_contact.client_id_person_id_taken");
    assert_eq!(marie.get(&path).await.ok()["version"], 2, "the client's ETag moved");
    let contact = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());
    let changed = marie.patch(&contact, json!({ "quality": "comptable" })).await.ok();
    assert_eq!((&changed["quality"], &changed["roles"]), (&json!("comptable"), &json!(["accounting"])));
    marie.delete(&contact).await.status(204);
    assert_eq!(marie.get(&format!("{path}/contacts")).await.ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(marie.get("/v1/clients?q=lilas").await.ok()["items"].as_array().unwrap().len(), 1);
    marie.delete(&path).await.status(204);
}

#[tokio::test]
async fn all_or_nothing_and_each_fault_has_its_place() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let mut body = association("Les Lilas");
    body["contacts"][0]["person"]["email"] = json!("nobody");
    body["siret"] = json!("73282932000075");
    let answer = marie.post("/v1/clients", body.clone()).await;
    let problem = answer.invalid("/contacts/0/person/email");
    let siret = problem["errors"].as_array().unwrap().iter().find(|fault| fault["pointer"] == "/siret").unwrap();
    assert_eq!(siret["code"], "siret.key");
    assert!(siret["detail"].as_str().unwrap().contains("mal recopié"), "{siret}");
    body["contacts"] = json!([{ "roles": ["signatory"] }]);
    body["siret"] = json!(null);
    marie.post("/v1/clients", body).await.invalid("/contacts/0/person");
    for path in ["/v1/clients", "/v1/people"] {
        assert_eq!(marie.get(path).await.ok()["items"], json!([]), "nothing half-written in {path}");
    }
}

#[tokio::test]
async fn each_kind_of_client_is_known_by_its_own_number() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let base = |kind: &str| json!({ "kind": kind, "name": "Les Lilas", "address": "1 rue", "postcode": "75020", "city": "Paris" });
    marie.post("/v1/clients", base("company")).await.invalid("/siret");
    marie.post("/v1/clients", base("public_body")).await.invalid("/siret");
    marie.post("/v1/clients", base("association")).await.invalid("/siret");
    marie.post("/v1/clients", base("individual")).await.invalid("/person_id");
    let mut rna = base("association");
    rna["rna"] = json!("W75");
    marie.post("/v1/clients", rna.clone()).await.invalid("/rna");
    rna["rna"] = json!("W751234567");
    marie.post("/v1/clients", rna).await.status(201);
    let mut post_office = base("company");
    post_office["siret"] = json!("356 000 000 49837");
    assert_eq!(marie.post("/v1/clients", post_office).await.status(201)["siret"], "35600000049837");
    let mut zoe = base("individual");
    zoe["person"] = json!({ "first_name": "Zoé", "birth_name": "Lefèvre" });
    assert!(marie.post("/v1/clients", zoe).await.status(201)["person_id"].is_string());
}

#[tokio::test]
async fn an_opco_is_never_guessed() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let funders = marie.get("/v1/funders").await.ok();
    let opco = funders["items"].as_array().unwrap().iter().filter(|funder| funder["kind"] == "opco").count();
    assert_eq!(opco, 11);
    let uniformation = marie.get("/v1/funders?q=uniformation").await.ok()["items"][0]["id"].clone();
    let lilas = marie.client("Les Lilas").await;
    let path = format!("/v1/clients/{}", lilas["id"].as_str().unwrap());
    marie.patch(&path, json!({ "funder_id": uniformation })).await.invalid("/opco_source");
    let known = json!({ "funder_id": uniformation, "opco_source": "declared", "opco_known_on": "2026-03-01" });
    marie.patch(&path, known).await.ok();
    marie.patch(&path, json!({ "opco_known_on": "2026-03-03" })).await.invalid("/opco_known_on");
    marie.patch(&path, json!({ "funder_id": "0199c0de-0000-7000-8000-000000000001" })).await.status(404);
}

#[tokio::test]
async fn a_client_of_another_activity_does_not_exist() {
    let app = start().await;
    let (marie, nora) = (app.trainer("Marie").await, app.trainer("Nora").await);
    let lilas = marie.client("Les Lilas").await;
    let path = format!("/v1/clients/{}", lilas["id"].as_str().unwrap());
    let contact = format!("/v1/contacts/{}", lilas["contacts"][0]["id"].as_str().unwrap());
    nora.get(&path).await.status(404);
    nora.delete(&path).await.status(404);
    nora.get(&contact).await.status(404);
    nora.delete(&contact).await.status(404);
    nora.get(&format!("{path}/contacts")).await.status(404);
    nora.post(&format!("{path}/contacts"), json!({ "person": { "first_name": "A", "birth_name": "B" } }))
        .await
        .status(404);
    let roses = nora.client("Les Roses").await;
    let stranger = json!({ "person_id": lilas["contacts"][0]["person"]["id"], "roles": [] });
    nora.post(&format!("/v1/clients/{}/contacts", roses["id"].as_str().unwrap()), stranger).await.status(404);
    let needs = json!({ "client_id": lilas["id"], "subject": "Migrer" });
    nora.post("/v1/needs-analyses", needs).await.status(404);
}

#[tokio::test]
async fn a_client_is_kept_under_the_name_that_you_give_it() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let mut body = association("Les Lilas");
    body.as_object_mut().unwrap().remove("contacts");
    let made = marie.put("/v1/clients/by-external-id/crm-7", body.clone()).await.status(201);
    body["city"] = json!("Montreuil");
    let changed = marie.put("/v1/clients/by-external-id/crm-7", body).await.status(200);
    assert_eq!((&changed["id"], &changed["city"]), (&made["id"], &json!("Montreuil")));
}
