//! The demonstration, played in a folder of its own: every kind of paper, on its real layout, with its real content.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use entity::document;
use sea_orm::{Database, EntityTrait};

/// Stored files, by their hash.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What the demonstration left; the folder goes with it.
pub struct Stage {
    pub folder: PathBuf,
    pub rows: Vec<document::Model>,
    pub files: Files,
}

impl Stage {
    pub fn play() -> Self {
        let folder = std::env::temp_dir().join(format!("clairiere-papers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let status = Command::new(env!("CARGO_BIN_EXE_clairiere"))
            .args(["demo", "--no-serve"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .status()
            .expect("the program starts");
        assert!(status.success(), "the demonstration ended with {status}");
        let (rows, files) = (rows(&folder), files(&folder));
        Self { folder, rows, files }
    }

    pub fn certificate(&self) -> document::Model {
        self.rows.iter().find(|row| row.kind == "certificate").expect("the demonstration issues certificates").clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// The papers that the demonstration issued.
#[expect(clippy::disallowed_methods, reason = "a bench has no caller whose reach could filter")]
pub fn rows(folder: &Path) -> Vec<document::Model> {
    let url = format!("sqlite:{}?mode=ro", folder.join("demo/clairiere.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let db = Database::connect(url).await.expect("the demonstration left its database");
        document::Entity::find().all(&db).await.expect("papers can be read")
    })
}

/// The pictures that it stored: few and small, unlike papers.
pub fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![folder.join("demo/files")];
    while let Some(entries) = folders.pop().and_then(|folder| std::fs::read_dir(folder).ok()) {
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path)
                && (bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8"))
                && let Some(name) = path.file_name()
            {
                files.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}
