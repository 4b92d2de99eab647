//! What is there before the measure: an activity, a trainer with a key, people.

use std::{path::Path, sync::Arc};

use clairiere::{
    access::{self, NewKey, NewUser},
    activity::{self, NewActivity, NewMember},
    config::Settings,
    platform::{
        access::Ctx,
        clock::{Clock, MachineClock, RandomIds},
        permission::Role,
        schema,
    },
    start,
};
use poem::{Endpoint, EndpointExt, Request, http::Method};

/// What the load needs to know.
pub struct Seeded {
    /// A trainer's key.
    pub key: String,
    /// Somebody to read.
    pub person: String,
}

/// Migrate, and fill through the public API.
pub async fn fill(url: &str, files: &Path, rows: usize) -> Seeded {
    schema::migrate(url, &RandomIds, MachineClock.now()).await.expect("the database can be migrated");
    let settings = Settings { database_url: url.to_owned(), files_dir: files.to_owned(), ..Settings::default() };
    let app = start::app(settings).await.expect("the application starts");
    let mut ctx = Ctx::operator(&app);
    let mut tx = ctx.begin().await.expect("the database takes a transaction");
    let opened_on = "2024-01-01".parse().expect("a day");
    let input = NewActivity {
        external_id: None,
        name: "Clairière".into(),
        description: None,
        email: None,
        phone: None,
        website: None,
        accent: None,
        opened_on,
    };
    let brand = activity::open(&mut tx, input).await.expect("the activity opens");
    let user = NewUser {
        first_name: "Marie".into(),
        last_name: "Martin".into(),
        email: "marie@example.org".into(),
        role: Role::Trainer,
        expires_at: None,
    };
    let user = access::create_user(&mut tx, user).await.expect("the user is new");
    let member = NewMember { user_id: user.id, valid_from: opened_on, valid_to: None };
    activity::join(&mut tx, brand.id, member).await.expect("the user joins");
    let key = NewKey { label: "bench".into(), permissions: None, activities: None, expires_at: None };
    let key = access::create_key(&mut tx, &*app.ids, user.id, key).await.expect("the key is made").secret;
    tx.commit().await.expect("the database commits");
    let route = Arc::new(start::route(&app).map_to_response());
    let mut person = String::new();
    for number in 0..rows {
        let body =
            format!(r#"{{"first_name":"Zoé","birth_name":"Lefèvre {number}","email":"zoe.{number}@example.org"}}"#);
        let request = Request::builder()
            .method(Method::POST)
            .uri_str("/v1/people")
            .header("Authorization", format!("Bearer {key}"))
            .content_type("application/json")
            .body(body);
        let answer = route.call(request).await.expect("the route answers");
        let made: serde_json::Value = answer.into_body().into_json().await.expect("a person is made");
        made["id"].as_str().expect("a person has an identifier").clone_into(&mut person);
    }
    app.db.close().await.expect("the database closes");
    Seeded { key, person }
}
