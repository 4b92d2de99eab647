//! What an operator relies on: backups that restore, chains that tell what was altered.

use std::path::{Path, PathBuf};

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
    assert!(files.files >= 1 && files.lacking.is_empty(), "{files:?}");
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

fn every_file(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { every_file(&path, files) } else { files.push(path) }
    }
}

/// Settings of a place where nothing is.
async fn elsewhere(app: &TestApp) -> Settings {
    let files_dir = app.folder().join("elsewhere");
    Settings { database_url: app.empty_database().await, files_dir, ..Settings::default() }
}

#[tokio::test]
async fn a_byte_that_changed_anywhere_in_a_backup_is_found_and_its_file_named() {
    let it = training().await;
    let app = &it.app;
    it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 the first", None).await.status(201);
    let backup = app.folder().join("backup");
    let taken = operate::backup_of(&app.app, &backup).await.unwrap();
    assert!(taken.files == 1 && taken.rows > 50 && taken.lacking.is_empty(), "{taken:?}");
    operate::check_backup(&backup).await.unwrap();
    let settings = elsewhere(app).await;
    let mut files = vec![];
    every_file(&backup, &mut files);
    assert!(files.len() >= 5, "{files:?}");
    let refused = |name: String| {
        let (settings, backup) = (settings.clone(), backup.clone());
        async move {
            let told = operate::restore(settings.clone(), backup).await.unwrap_err().to_string();
            assert!(told.contains(&name), "{name} is not named: {told}");
            assert!(!settings.files_dir.exists() && !told.contains("is not empty"), "nothing was written: {told}");
            if let Some(file) = schema::file_of(&settings.database_url) {
                assert!(!file.exists(), "no database was made");
            }
        }
    };
    for file in &files {
        let name = file.strip_prefix(&backup).unwrap().display().to_string();
        let sound = std::fs::read(file).unwrap();
        if !sound.is_empty() {
            let mut flipped = sound.clone();
            let middle = flipped.len() / 2;
            flipped[middle] ^= 1;
            std::fs::write(file, &flipped).unwrap();
            refused(name.clone()).await;
            std::fs::write(file, &sound[..sound.len() - 1]).unwrap();
            refused(name.clone()).await;
        }
        std::fs::remove_file(file).unwrap();
        refused(name).await;
        std::fs::write(file, &sound).unwrap();
    }
    std::fs::write(backup.join("files/more"), b"more").unwrap();
    refused("files/more: is not of this backup".into()).await;
    std::fs::remove_file(backup.join("files/more")).unwrap();
    operate::restore(settings, backup).await.unwrap();
}

#[tokio::test]
async fn a_backup_tells_the_files_that_it_could_not_take() {
    let it = training().await;
    let app = &it.app;
    let lost = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 lost", None).await.status(201);
    let hash = lost["sha256"].as_str().unwrap();
    let owner = app.folder().join("files").join(lost["activity_id"].as_str().unwrap());
    std::fs::write(owner.join(&hash[..2]).join(hash), b"%PDF-1.7 other").unwrap();
    let taken = operate::backup_of(&app.app, &app.folder().join("backup")).await.unwrap();
    assert_eq!((taken.files, taken.lacking), (0, vec![hash.to_owned()]));
}

#[tokio::test]
async fn rows_that_refer_to_themselves_and_in_a_circle_come_back() {
    let it = training().await;
    let app = &it.app;
    let ids = "SELECT id FROM enrolment ORDER BY id LIMIT 2";
    run(
        app,
        &format!(
            "UPDATE enrolment SET replaced_by_id = (SELECT e.id FROM enrolment e WHERE e.id <> enrolment.id ORDER BY e.id DESC LIMIT 1) \
             WHERE id IN ({ids})"
        ),
    )
    .await;
    let backup = app.folder().join("backup");
    operate::backup_of(&app.app, &backup).await.unwrap();
    let settings = elsewhere(app).await;
    operate::restore(settings.clone(), backup).await.unwrap();
    let restored = clairiere::start::app(settings).await.unwrap();
    let circle = "SELECT COUNT(*) AS rows FROM enrolment WHERE replaced_by_id IS NOT NULL";
    let row = restored.db.writer().query_one_raw(Statement::from_string(restored.db.backend(), circle)).await.unwrap();
    assert_eq!(row.unwrap().try_get::<i64>("", "rows").unwrap(), 2);
    assert_eq!(operate::verify_all(&restored, false).await.unwrap().faults, Vec::<String>::new());
    let own = schema::instance(&restored.db).await.unwrap();
    assert_ne!(own, schema::instance(&app.app.db).await.unwrap(), "it must not write into the store of the first");
    // References are asked at once again.
    let broken = "UPDATE enrolment SET booking_id = id";
    let tried = restored.db.writer().execute_raw(Statement::from_string(restored.db.backend(), broken)).await;
    assert!(tried.is_err(), "a reference that is broken is refused by its own statement");
}

#[tokio::test]
async fn rows_that_no_act_removed_or_wrote_are_named() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let person = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let kept = marie.post("/v1/people", json!({ "first_name": "Paul", "birth_name": "Lefèvre" })).await.status(201);
    let id = |row: &serde_json::Value| row["id"].as_str().unwrap().to_owned();
    let quoted = |id: &str| match app.app.db.backend() {
        sea_orm::DbBackend::Postgres => format!("'{id}'"),
        _ => format!("x'{}'", id.replace('-', "")),
    };
    assert_eq!(operate::verify_all(&app.app, false).await.unwrap().faults, Vec::<String>::new());
    run(&app, &format!("DELETE FROM person WHERE id = {}", quoted(&id(&person)))).await;
    let other = "019ca0f1-0000-7000-8000-000000000001";
    run(&app, &format!("CREATE TABLE kept AS SELECT * FROM person WHERE id = {}", quoted(&id(&kept)))).await;
    run(&app, &format!("UPDATE kept SET id = {}", quoted(other))).await;
    run(&app, "INSERT INTO person SELECT * FROM kept").await;
    run(&app, "DROP TABLE kept").await;
    let mut faults = operate::verify_all(&app.app, false).await.unwrap().faults;
    faults.sort_by_key(|fault| fault.contains("inserted"));
    assert_eq!(
        faults,
        [
            format!("person {}: was removed, no act deleted it", id(&person)),
            format!("person {other}: was inserted, no act wrote it")
        ]
    );
}

#[tokio::test]
async fn references_that_were_broken_behind_the_database_are_named() {
    let it = training().await;
    let app = &it.app;
    match app.app.db.backend() {
        sea_orm::DbBackend::Postgres => {
            run(app, "CREATE EXTENSION IF NOT EXISTS amcheck").await;
            assert_eq!(operate::verify_all(&app.app, false).await.unwrap().faults, Vec::<String>::new());
            run(app, "ALTER TABLE enrolment DISABLE TRIGGER ALL").await;
            run(app, "UPDATE enrolment SET booking_id = id").await;
            run(app, "ALTER TABLE enrolment ENABLE TRIGGER ALL").await;
        }
        _ => {
            let open = Opening { foreign_keys: false, ..Opening::default() };
            let db = Db::open(&app.app.settings.database_url, open).await.unwrap();
            let broken = Statement::from_string(db.backend(), "UPDATE enrolment SET booking_id = id");
            db.writer().execute_raw(broken).await.unwrap();
            db.close().await.unwrap();
        }
    }
    let faults = operate::verify_all(&app.app, false).await.unwrap().faults;
    assert_eq!(faults, ["database: 3 row(s) of enrolment name a row of booking that is not there"]);
    let backup = app.folder().join("backup");
    // What is damaged is saved as it is, and told.
    let told = operate::backup(app.app.settings.clone(), backup.clone()).await.unwrap_err().to_string();
    assert!(told.contains("the backup was made") && told.contains(&faults[0]), "{told}");
    let settings = elsewhere(app).await;
    match app.app.db.backend() {
        // The database of PostgreSQL takes no such rows.
        sea_orm::DbBackend::Postgres => {
            let told = operate::restore(settings.clone(), backup).await.unwrap_err().to_string();
            assert!(told.contains("fk_enrolment__booking_id"), "{told}");
            assert!(!settings.files_dir.join("INSTANCE").exists());
        }
        _ => {
            operate::restore(settings.clone(), backup).await.unwrap();
            let restored = clairiere::start::app(settings).await.unwrap();
            assert_eq!(operate::verify_all(&restored, false).await.unwrap().faults, faults);
        }
    }
}

#[tokio::test]
async fn what_is_written_while_everything_is_verified_is_no_fault() {
    let it = training().await;
    let checked = async {
        for _ in 0..3 {
            tokio::task::yield_now().await;
            let report = operate::verify_all(&it.app.app, true).await.unwrap();
            assert_eq!(report.faults, Vec::<String>::new());
        }
    };
    tokio::join!(busy_day(&it), checked);
}

#[tokio::test]
async fn a_store_that_went_away_takes_nothing_and_the_service_says_so() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let scan = marie.upload("scan.pdf", "scan", b"%PDF-1.7 kept", None).await.status(201);
    let path = format!("/v1/files/{}/content", scan["id"].as_str().unwrap());
    let (files, away) = (app.folder().join("files"), app.folder().join("away"));
    std::fs::rename(&files, &away).unwrap();
    let refused = marie.upload("scan.pdf", "scan", b"%PDF-1.7 lost", None).await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.status(503)["code"], "files.absent");
    assert_eq!(marie.get(&path).await.status(503)["code"], "files.absent", "it is not lost, it is not there");
    assert_eq!(app.nobody().get("/readyz").await.status(503)["code"], "files.absent");
    assert!(!files.exists());
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("INSTANCE"), "another\n").unwrap();
    let refused = marie.upload("scan.pdf", "scan", b"%PDF-1.7 lost", None).await;
    assert_eq!(refused.status(503)["code"], "files.elsewhere");
    std::fs::remove_dir_all(&files).unwrap();
    let told = app.again(|_| {}).await.err().unwrap();
    assert!(told.contains("FILES_DIR") && told.contains("is a mount missing?"), "{told}");
    assert!(!files.exists(), "nothing is claimed beside rows that name files");
    std::fs::rename(&away, &files).unwrap();
    app.nobody().get("/readyz").await.ok();
    assert_eq!(marie.get(&path).await.bytes, b"%PDF-1.7 kept");
    assert_eq!(marie.get("/v1/files").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_database_is_made_beside_a_store_that_has_one() {
    let app = start().await;
    let missing = app.folder().join("mount/clairiere.db");
    let settings = Settings { database_url: format!("sqlite:{}", missing.display()), ..app.app.settings.clone() };
    for told in [
        operate::migrate(settings.clone()).await.unwrap_err().to_string(),
        operate::serve(settings.clone(), false, false).await.unwrap_err().to_string(),
        operate::key(settings.clone(), operate::KeyCommand::List).await.unwrap_err().to_string(),
    ] {
        assert!(told.contains("is a mount missing?"), "{told}");
    }
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_store_that_lost_its_name_is_known_again_by_what_it_holds() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    marie.upload("scan.pdf", "scan", b"%PDF-1.7 kept", None).await.status(201);
    std::fs::remove_file(app.folder().join("files/INSTANCE")).unwrap();
    app.again(|_| {}).await.unwrap();
    assert!(app.folder().join("files/INSTANCE").exists());
}

#[tokio::test]
async fn a_program_older_than_the_schema_does_nothing() {
    let app = start().await;
    run(&app, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_later', 0)").await;
    let newer = |told: String| assert!(told.contains("newer than this program"), "{told}");
    newer(app.again(|_| {}).await.err().unwrap());
    let settings = app.app.settings.clone();
    newer(operate::verify(settings.clone(), false).await.unwrap_err().to_string());
    newer(operate::backup(settings.clone(), app.folder().join("backup")).await.unwrap_err().to_string());
    newer(operate::migrate(settings.clone()).await.unwrap_err().to_string());
    newer(operate::work(settings.clone()).await.unwrap_err().to_string());
    newer(operate::key(settings.clone(), operate::KeyCommand::List).await.unwrap_err().to_string());
    newer(operate::serve(settings, false, false).await.unwrap_err().to_string());
    assert_eq!(app.nobody().get("/readyz").await.status(503)["code"], "unavailable");
    assert!(!app.folder().join("backup").exists());
    let copies = std::fs::read_dir(app.folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("before-"));
    assert_eq!(copies.count(), 0);
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
        files.claim(&schema::instance(&app.app.db).await.unwrap(), &[]).await.unwrap();
    }
    let other = app.empty_database().await;
    schema::migrate(&other, &RandomIds, crate::support::monday()).await.unwrap();
    let other = Db::open(&other, Opening::default()).await.unwrap();
    let refused =
        Blobs::folder(&folder).claim(&schema::instance(&other).await.unwrap(), &[]).await.unwrap_err().to_string();
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
