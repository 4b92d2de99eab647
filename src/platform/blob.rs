//! Files by the hash of their content, in a folder or in a bucket of any S3-compatible store: written whole before a
//! transaction begins, so that a row never names a file that is not there; checked against their hash when they are read.

mod bucket;
mod client;
mod folder;
mod named;
mod trouble;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use tracing::warn;
use uuid::Uuid;

use super::{
    audit::sha256,
    disk,
    error::{Error, Result},
};
use crate::config::Settings;
pub use bucket::Address;
use bucket::Bucket;
use folder::Folder;
pub use named::{Named, named, some_named};
pub(super) use trouble::FULL;
use trouble::Trouble;

/// The name of the file that says which database the others belong to.
const INSTANCE: &str = "INSTANCE";

/// Where files live.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<Store>);

#[derive(Debug)]
struct Store {
    place: Place,
    /// The database that they belong to, once it is known.
    home: OnceLock<Home>,
}

/// The name of the database that files belong to.
#[derive(Clone, Debug)]
struct Home(String);

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// A file of the store, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The activity that owns it; none when it is common to all.
    pub owner: Option<Uuid>,
    /// The hash of its content: its name.
    pub hash: String,
    /// When it was written.
    pub written: SystemTime,
}

/// Where a file is in the store: `OWNER/ab/abcd…`.
fn place(owner: Option<Uuid>, hash: &str) -> String {
    let owner = owner.map_or_else(|| "common".to_owned(), |id| id.to_string());
    format!("{owner}/{}/{hash}", hash.get(..2).unwrap_or("00"))
}

/// The file at a place, if it is one of ours.
fn at(place: &str) -> Option<(Option<Uuid>, String)> {
    let mut parts = place.rsplit('/');
    let (hash, _, owner) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    ours.then(|| (owner.parse().ok(), hash.to_owned()))
}

impl Blobs {
    /// Where the settings say: a bucket when `FILES_URL` names one, else the folder `FILES_DIR`.
    pub fn open(settings: &Settings) -> Result<Self> {
        match &settings.files_url {
            None => Ok(Self::folder(&settings.files_dir)),
            Some(url) => {
                let address = Address::parse(url).map_err(|wrong| Error::Internal(format!("FILES_URL: {wrong}")))?;
                Ok(Self::at(Place::Bucket(Bucket::open(address)?)))
            }
        }
    }

    /// In a folder, made when the first file arrives.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self::at(Place::Folder(Folder(folder.into())))
    }

    fn at(place: Place) -> Self {
        Self(Arc::new(Store { place, home: OnceLock::new() }))
    }

    /// The setting that says where, and where: for the operator.
    pub fn said(&self) -> String {
        match &self.0.place {
            Place::Folder(folder) => format!("FILES_DIR {}", folder.0.display()),
            Place::Bucket(bucket) => format!("FILES_URL {}", bucket.said()),
        }
    }

    fn home(&self) -> Option<&Home> {
        self.0.home.get()
    }

    fn told<T>(&self, done: Result<T, Trouble>) -> Result<T> {
        done.map_err(|trouble| trouble.told(&self.said()))
    }

    /// Keep bytes; answers their hash. Keeping the same bytes twice is keeping them once.
    pub async fn put(&self, owner: Option<Uuid>, bytes: Vec<u8>) -> Result<String> {
        let hashed = disk::run(move || (sha256(&bytes), bytes)).await;
        let (hash, bytes) = hashed.map_err(Error::internal)?;
        self.write(self.home(), place(owner, &hash), bytes).await?;
        Ok(hash)
    }

    async fn write(&self, home: Option<&Home>, at: String, bytes: Vec<u8>) -> Result<()> {
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.write(home, at, bytes.into()).await,
            Place::Bucket(bucket) => bucket.write(home, &at, bytes).await,
        })
    }

    /// The bytes at a place as they are, if there are any.
    async fn read(&self, home: Option<&Home>, at: String) -> Result<Option<Vec<u8>>> {
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.read(home, at).await,
            Place::Bucket(bucket) => bucket.read(home, &at).await,
        })
    }

    /// Read bytes back; a missing or altered file is told, never served.
    pub async fn get(&self, owner: Option<Uuid>, hash: &str) -> Result<Vec<u8>> {
        let Some(bytes) = self.read(self.home(), place(owner, hash)).await? else {
            warn!("File {hash} is missing from {}", self.said());
            return Err(Error::refused(
                "file.missing",
                format!("Le fichier {hash} manque dans le stockage : restaurez-le depuis une sauvegarde."),
                format!("File {hash} is missing from the store: restore it from a backup."),
            ));
        };
        if sha256(&bytes) == hash {
            return Ok(bytes);
        }
        warn!("File {hash} was altered in {}", self.said());
        Err(Error::refused(
            "file.altered",
            format!("Le fichier {hash} a été altéré dans le stockage : restaurez-le depuis une sauvegarde."),
            format!("File {hash} was altered in the store: restore it from a backup."),
        ))
    }

    /// The stored bytes, altered or not. None when the file is missing.
    pub async fn copy(&self, owner: Option<Uuid>, hash: &str) -> Result<Option<Vec<u8>>> {
        self.read(self.home(), place(owner, hash)).await
    }

    /// Whether the stored bytes still have their hash: `None` when the file is missing.
    pub async fn check(&self, owner: Option<Uuid>, hash: &str) -> Result<Option<bool>> {
        Ok(self.copy(owner, hash).await?.map(|bytes| sha256(&bytes) == hash))
    }

    /// Every file of the store.
    pub async fn list(&self) -> Result<Vec<Kept>> {
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.list(self.home()).await,
            Place::Bucket(bucket) => bucket.list(self.home()).await,
        })
    }

    /// Delete a file that no row names and that nobody wrote again for so long; answers whether it was as old as that.
    pub async fn remove(&self, owner: Option<Uuid>, hash: &str, age: Duration) -> Result<bool> {
        let at = place(owner, hash);
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.remove(self.home(), at, age).await,
            Place::Bucket(bucket) => bucket.remove(self.home(), &at, age).await,
        })
    }

    /// Delete what writers that were killed left, once it is old; answers how many files.
    pub async fn collect(&self) -> Result<usize> {
        match &self.0.place {
            Place::Folder(folder) => self.told(folder.collect().await),
            // An object is there whole or not at all.
            Place::Bucket(_) => Ok(0),
        }
    }

    /// Whether nothing at all is there.
    pub async fn is_empty(&self) -> Result<bool> {
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.is_empty().await,
            Place::Bucket(bucket) => bucket.is_empty().await,
        })
    }

    /// Whether the store is there and is the one of its database.
    pub async fn look(&self) -> Result<()> {
        self.told(match &self.0.place {
            Place::Folder(folder) => folder.look(self.home()).await,
            Place::Bucket(bucket) => bucket.look(self.home()).await,
        })
    }

    /// Say which database the files belong to: from now on the store is looked at before each write, and refused while it
    /// does not carry this name.
    pub fn belong_to(&self, name: &str) {
        self.0.home.get_or_init(|| Home(name.to_owned()));
    }

    /// Open the store for a database. It carries the database's name; another database's store is refused.
    ///
    /// One without a name is named when it proves to be the right one: it holds a file that the database names, or the
    /// database names none yet. An empty place beside a database that names files is a mount that is missing.
    pub async fn claim(&self, name: &str, named: &[Named]) -> Result<()> {
        self.belong_to(name);
        if let Some(found) = self.carried().await? {
            if found != name {
                return Err(Error::Internal(format!(
                    "{} belongs to database {found}, DATABASE_URL is database {name}: give each database its own",
                    self.said()
                )));
            }
        } else if self.holds_one_of(named).await? {
            self.write(None, INSTANCE.to_owned(), format!("{name}\n").into_bytes()).await?;
        } else {
            return Err(Error::Internal(format!(
                "{} holds none of the files that the database names: is a mount missing? Mount it, or put the files of a \
                 backup back. To go on without them, write {name} into its {INSTANCE}; `clairiere verify` then names \
                 each file that is lost",
                self.said()
            )));
        }
        match &self.0.place {
            Place::Folder(folder) => self.told(folder.close_to_others().await),
            Place::Bucket(_) => Ok(()),
        }
    }

    /// The name of a database that the store carries, if it carries one.
    pub async fn carried(&self) -> Result<Option<String>> {
        let found = self.read(None, INSTANCE.to_owned()).await?;
        Ok(found.map(|found| String::from_utf8_lossy(&found).trim().to_owned()))
    }

    async fn holds_one_of(&self, named: &[Named]) -> Result<bool> {
        for Named { owner, hash } in named {
            if self.read(None, place(*owner, hash)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(named.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_whose_file_it_is() {
        let (owner, hash) = (Some(Uuid::from_u128(7)), "ab".repeat(32));
        assert_eq!(at(&place(owner, &hash)), Some((owner, hash.clone())));
        assert_eq!(at(&format!("a/prefix/{}", place(None, &hash))), Some((None, hash.clone())));
        assert_eq!(at(INSTANCE), None);
        assert_eq!(at(&format!("{}.1-2.partial", place(owner, &hash))), None);
    }

    #[tokio::test]
    async fn an_altered_file_is_told_and_a_missing_one_too() {
        let folder = std::env::temp_dir().join(format!("clairiere-blob-{}", std::process::id()));
        let blobs = Blobs::folder(&folder);
        let hash = blobs.put(None, b"convention".to_vec()).await.unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap(), b"convention");
        assert_eq!(blobs.list().await.unwrap().len(), 1);
        let file = folder.join(place(None, &hash));
        std::fs::write(&file, b"autre chose").unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.altered");
        assert_eq!(blobs.put(None, b"convention".to_vec()).await.unwrap(), hash, "the right bytes mend it");
        assert_eq!(blobs.check(None, &hash).await.unwrap(), Some(true));
        assert!(!blobs.remove(None, &hash, Duration::from_secs(60)).await.unwrap(), "it was written just now");
        assert!(blobs.remove(None, &hash, Duration::ZERO).await.unwrap());
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.missing");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_store_that_went_away_takes_nothing_and_is_missed_by_nobody() {
        let folder = std::env::temp_dir().join(format!("clairiere-away-{}", std::process::id()));
        let blobs = Blobs::folder(folder.join("files"));
        blobs.claim("ours", &[]).await.unwrap();
        let hash = blobs.put(None, b"convention".to_vec()).await.unwrap();
        std::fs::rename(folder.join("files"), folder.join("away")).unwrap();
        for error in [
            blobs.put(None, b"another".to_vec()).await.unwrap_err(),
            blobs.get(None, &hash).await.unwrap_err(),
            blobs.list().await.unwrap_err(),
            blobs.look().await.unwrap_err(),
        ] {
            assert_eq!(error.code(), "files.absent");
        }
        assert!(!folder.join("files").exists(), "nothing was written where the mount was");
        let theirs = Blobs::folder(folder.join("files"));
        theirs.claim("theirs", &[]).await.unwrap();
        assert_eq!(blobs.put(None, b"another".to_vec()).await.unwrap_err().code(), "files.elsewhere");
        let taken = Blobs::folder(folder.join("files")).claim("ours", &[]).await.unwrap_err().to_string();
        assert!(taken.contains("belongs to database theirs"), "{taken}");
        std::fs::remove_dir_all(folder.join("files")).unwrap();
        std::fs::rename(folder.join("away"), folder.join("files")).unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap(), b"convention");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn an_empty_place_beside_a_database_that_names_files_is_not_claimed() {
        let folder = std::env::temp_dir().join(format!("clairiere-empty-{}", std::process::id()));
        let hash = Blobs::folder(&folder).put(None, b"convention".to_vec()).await.unwrap();
        let named = |hash: &str| [Named { owner: None, hash: hash.to_owned() }];
        let refused = Blobs::folder(folder.join("mount")).claim("ours", &named(&hash)).await.unwrap_err().to_string();
        assert!(refused.contains("is a mount missing?"), "{refused}");
        assert!(Blobs::folder(&folder).claim("ours", &named(&"ab".repeat(32))).await.is_err());
        Blobs::folder(&folder).claim("ours", &named(&hash)).await.unwrap();
        assert_eq!(std::fs::read_to_string(folder.join(INSTANCE)).unwrap(), "ours\n");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
