//! What an operator relies on: backups that restore, chains that tell what was altered.

use clairiere::{
    config::Settings,
    operate,
    platform::{
        clock::RandomIds,
        db::{Db, Opening},
        schema,
    },
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{TestApp, start};

async fn run(app: &TestApp, sql: &str) {
    let db = app.app.db.writer();
    db.execute_raw(Statement::from_string(app.app.db.backend(), sql)).await.unwrap();
}

#[tokio::test]
async fn what_was_altered_removed_or_inserted_in_the_audit_is_named() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for name in ["Zoé", "Paul", "Ana"] {
        marie.post("/v1/people", json!({ "first_name": name, "birth_name": "Lefèvre" })).await.status(201);
    }
    let clean = operate::verify_all(&app.app, false).await.unwrap();
    assert_eq!(clean.faults, Vec::<String>::new());

    run(&app, "UPDATE audit_entry SET actor = 'Somebody else' WHERE event = 'person.created' AND seq = (SELECT MAX(seq) FROM audit_entry WHERE event = 'person.created')").await;
    let altered = operate::verify_all(&app.app, false).await.unwrap().faults;
    assert!(
        altered.iter().any(|fault| fault.contains("person.created") && fault.ends_with("was altered")),
        "{altered:?}"
    );

    run(&app, "DELETE FROM audit_entry WHERE event = 'person.created'").await;
    let removed = operate::verify_all(&app.app, false).await.unwrap().faults;
    assert!(removed.iter().any(|fault| fault.contains("the head says")), "{removed:?}");
}

#[tokio::test]
async fn every_column_of_an_audit_entry_is_watched() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let changes = [
        "actor = 'x'",
        "behalf = 'x'",
        "request_id = 'x'",
        "event = 'x'",
        "subject_kind = 'x'",
        "subject_id = NULL",
        "event_data = '{}'",
        "changes = '[]'",
        "salt = 'x'",
        "changes_digest = 'x'",
        "previous_hash = 'x'",
        "hash = 'x'",
        "activity_id = NULL",
        "seq = 99",
        "changes = NULL, salt = NULL",
        "seals = '{}'",
    ];
    for change in changes {
        let select = "SELECT * FROM audit_entry WHERE event = 'person.created'";
        let set = change.split(',').map(|part| part.split('=').next().unwrap().trim()).collect::<Vec<_>>().join(", ");
        run(&app, "CREATE TABLE kept AS SELECT * FROM audit_entry").await;
        run(&app, &format!("UPDATE audit_entry SET {change} WHERE event = 'person.created'")).await;
        let faults = operate::verify_all(&app.app, false).await.unwrap().faults;
        assert!(!faults.is_empty(), "{set} was changed and nobody saw ({select})");
        run(&app, "DELETE FROM audit_entry").await;
        run(&app, "INSERT INTO audit_entry SELECT * FROM kept").await;
        run(&app, "DROP TABLE kept").await;
    }
    assert_eq!(operate::verify_all(&app.app, false).await.unwrap().faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_backup_taken_while_people_work_restores_to_a_database_that_verifies() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    app.app.blobs.put(None, b"un fichier".to_vec()).await.unwrap();
    let folder = app.folder().join("backup");
    let work = async {
        for number in 0..60 {
            let body = json!({ "first_name": format!("Zoé {number}"), "birth_name": "Lefèvre" });
            marie.post("/v1/people", body).await.status(201);
        }
    };
    let copy = async {
        tokio::task::yield_now().await;
        operate::backup_of(&app.app, &folder).await.unwrap()
    };
    let ((), files) = tokio::join!(work, copy);
    assert_eq!(files, 1);
    assert!(operate::backup_of(&app.app, &folder).await.is_err(), "a backup never overwrites another");

    let target = app.empty_database().await;
    let settings =
        Settings { database_url: target.clone(), files_dir: app.folder().join("restored"), ..Settings::default() };
    operate::restore(settings.clone(), folder.clone()).await.unwrap();
    let again = operate::restore(settings.clone(), folder).await;
    assert!(again.is_err(), "a restore never overwrites anything");
    let db = Db::open(&target, Opening::default()).await.unwrap();
    assert_eq!(schema::pending(&db).await.unwrap(), 0);
    let checked = clairiere::platform::audit::verify(&db).await.unwrap();
    assert_eq!(checked.faults, Vec::<String>::new());
    assert!(checked.entries > 3);
    assert_eq!(schema::migrate(&target, &RandomIds, crate::support::monday()).await.unwrap(), 0);
}

#[tokio::test]
async fn another_databases_folder_of_files_is_refused() {
    let app = start().await;
    let folder = app.folder().join("shared");
    schema::claim_folder(&app.app.db, &folder).await.unwrap();
    schema::claim_folder(&app.app.db, &folder).await.unwrap();
    let other = app.empty_database().await;
    schema::migrate(&other, &RandomIds, crate::support::monday()).await.unwrap();
    let other = Db::open(&other, Opening::default()).await.unwrap();
    let refused = schema::claim_folder(&other, &folder).await.unwrap_err().to_string();
    assert!(refused.contains("FILES_DIR"), "{refused}");
}

#[test]
fn a_wrong_setting_is_refused_with_its_name() {
    let settings = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check().unwrap_err()
    };
    assert!(settings(|s| s.database_url = "mysql://x".into()).starts_with("DATABASE_URL:"));
    assert!(settings(|s| s.listen = "0.0.0.0:80".into()).starts_with("PUBLIC_URL:"));
    assert!(settings(|s| s.mail_url = Some("http://x".into())).starts_with("MAIL_URL:"));
    assert_eq!(Settings::default().check(), Ok(()));
}
