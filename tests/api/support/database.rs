//! A database for each test: a copy of one migrated template.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use clairiere::platform::{
    clock::RandomIds,
    db::{Db, Opening},
    schema,
};
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

/// A database that vanishes with its test.
pub struct Database {
    pub url: String,
    pub folder: PathBuf,
    _slot: Option<OwnedSemaphorePermit>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

fn folder() -> PathBuf {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("clairiere-tests-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A migrated, empty database: on PostgreSQL when `TEST_DATABASE_URL` names a server, else on SQLite.
pub async fn fresh() -> Database {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(server) => postgres(server.trim_end_matches('/')).await,
        Err(_) => sqlite().await,
    }
}

/// The address of a database that nobody made tables in.
pub async fn empty(folder: &std::path::Path) -> String {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(server) => {
            let server = server.trim_end_matches('/');
            let name = format!("clairiere_empty_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            run(server, &format!("CREATE DATABASE {name}")).await;
            format!("{server}/{name}")
        }
        Err(_) => format!("sqlite:{}", folder.join("empty").join("clairiere.db").display()),
    }
}

async fn sqlite() -> Database {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let file = folder().join("template.db");
            schema::migrate(&format!("sqlite:{}", file.display()), &RandomIds, super::monday()).await.unwrap();
            file
        })
        .await;
    let folder = folder();
    let file = folder.join("test.db");
    std::fs::copy(template, &file).unwrap();
    Database { url: format!("sqlite:{}", file.display()), folder, _slot: None }
}

async fn postgres(server: &str) -> Database {
    static TEMPLATE: OnceCell<()> = OnceCell::const_new();
    static SLOTS: std::sync::LazyLock<std::sync::Arc<Semaphore>> =
        std::sync::LazyLock::new(|| std::sync::Arc::new(Semaphore::new(8)));
    let process = std::process::id();
    let template = format!("clairiere_template_{process}");
    TEMPLATE
        .get_or_init(|| async {
            run(server, &format!("CREATE DATABASE {template}")).await;
            schema::migrate(&format!("{server}/{template}"), &RandomIds, super::monday()).await.unwrap();
        })
        .await;
    let slot = SLOTS.clone().acquire_owned().await.unwrap();
    let folder = folder();
    let name = format!("clairiere_test_{process}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    run(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    Database { url: format!("{server}/{name}"), folder, _slot: Some(slot) }
}

async fn run(server: &str, sql: &str) {
    // Creations from one template wait for each other.
    static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one = ONE.lock().await;
    let opening = Opening { connections: 2, ..Opening::default() };
    let db = Db::open(&format!("{server}/postgres"), opening).await.unwrap();
    db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    db.close().await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
