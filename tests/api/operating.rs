//! What an operator relies on: backups that restore, chains that tell what was altered.

use clairiere::{
    config::Settings,
    operate,
    platform::{
        blob::Blobs,
        clock::RandomIds,
        db::{Db, Opening},
        schema,
    },
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{
    TestApp, start,
    training::{Training, training},
};

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

/// Everybody works: people are entered, files arrive, papers are issued, printed and mailed.
async fn busy_day(it: &Training) {
    let (people, files, papers) = (
        async {
            for number in 0..60 {
                let body = json!({ "first_name": format!("Zoé {number}"), "birth_name": "Lefèvre" });
                it.marie.post("/v1/people", body).await.status(201);
            }
        },
        async {
            for number in 0..20 {
                let scan = format!("%PDF-1.7 scan {number}");
                it.marie.upload("scan.pdf", "scan", scan.as_bytes(), None).await.status(201);
            }
        },
        async {
            for paper in it.convokes().await["issued"].as_array().unwrap() {
                let path = format!("/v1/documents/{}/file", paper["id"].as_str().unwrap());
                assert_eq!(it.marie.get(&path).await.status, 200);
            }
            it.app.work().await;
        },
    );
    tokio::join!(people, files, papers);
}

#[tokio::test]
async fn a_backup_taken_while_people_work_restores_to_a_database_that_verifies() {
    let it = training().await;
    let app = &it.app;
    it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 the first", None).await.status(201);
    let folder = app.folder().join("backup");
    let copy = async {
        for _ in 0..40 {
            tokio::task::yield_now().await;
        }
        operate::backup_of(&app.app, &folder).await.unwrap()
    };
    let ((), files) = tokio::join!(busy_day(&it), copy);
    assert!(files >= 1);
    assert!(operate::backup_of(&app.app, &folder).await.is_err(), "a backup never overwrites another");

    let target = app.empty_database().await;
    let settings =
        Settings { database_url: target.clone(), files_dir: app.folder().join("restored"), ..Settings::default() };
    operate::restore(settings.clone(), folder.clone()).await.unwrap();
    let again = operate::restore(settings.clone(), folder).await;
    assert!(again.is_err(), "a restore never overwrites anything");
    let restored = clairiere::start::app(settings).await.unwrap();
    assert_eq!(schema::pending(&restored.db).await.unwrap(), 0);
    let report = operate::verify_all(&restored, false).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new(), "{report:?}");
    let checked = clairiere::platform::audit::verify(&restored.db).await.unwrap();
    assert!(checked.entries > 10, "{checked:?}");
    assert_eq!(schema::migrate(&target, &RandomIds, crate::support::monday()).await.unwrap(), 0);
}

#[tokio::test]
async fn what_no_row_names_is_collected_after_a_week_and_a_damaged_file_is_named() {
    let it = training().await;
    let app = &it.app;
    let kept = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 kept", None).await.status(201);
    let lost = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 lost", None).await.status(201);
    let orphan = app.app.blobs.put(None, b"nobody names me".to_vec()).await.unwrap();
    let young = operate::verify_all(&app.app, true).await.unwrap();
    assert_eq!((young.faults.len(), young.orphans), (0, 1), "an upload may be under way");
    let file = |owner: &str, hash: &str| app.folder().join("files").join(owner).join(&hash[..2]).join(hash);
    let week = std::time::Duration::from_secs(8 * 24 * 3600);
    let old = std::fs::File::options().write(true).open(file("common", &orphan)).unwrap();
    old.set_modified(std::time::SystemTime::now() - week).unwrap();
    operate::verify_all(&app.app, true).await.unwrap();
    assert_eq!(operate::verify_all(&app.app, false).await.unwrap().orphans, 0);
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    let owner = text(&kept, "activity_id");
    std::fs::write(file(&owner, &text(&kept, "sha256")), b"%PDF-1.7 kapt").unwrap();
    std::fs::remove_file(file(&owner, &text(&lost, "sha256"))).unwrap();
    let mut faults = operate::verify_all(&app.app, false).await.unwrap().faults;
    faults.sort_by_key(|fault| fault.ends_with("is missing"));
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains(&text(&kept, "sha256")) && faults[0].ends_with("was altered"), "{faults:?}");
    assert!(faults[1].contains(&text(&lost, "sha256")), "{faults:?}");
}

#[tokio::test]
async fn another_databases_folder_of_files_is_refused() {
    let app = start().await;
    let folder = app.folder().join("shared");
    let files = Blobs::folder(&folder);
    for _ in 0..2 {
        files.claim(&schema::instance(&app.app.db).await.unwrap()).await.unwrap();
    }
    let other = app.empty_database().await;
    schema::migrate(&other, &RandomIds, crate::support::monday()).await.unwrap();
    let other = Db::open(&other, Opening::default()).await.unwrap();
    let refused = files.claim(&schema::instance(&other).await.unwrap()).await.unwrap_err().to_string();
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
    assert!(settings(|s| s.files_url = Some("https://s3.example.org".into())).starts_with("FILES_URL:"));
    assert_eq!(Settings::default().check(), Ok(()));
}
