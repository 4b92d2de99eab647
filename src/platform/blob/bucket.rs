//! Files in a bucket of an S3-compatible store: an object is there whole or not at all, which is all that is asked.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use futures_util::TryStreamExt;
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};

use super::{Home, INSTANCE, Kept, Trouble, at, client::Connector};
use crate::platform::error::{Error, Result};

/// Where a bucket is and who asks: `s3://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    key: String,
    secret: String,
    host: String,
    bucket: String,
    prefix: String,
    region: String,
    plain: bool,
}

const FORM: &str = "expected s3://KEY:SECRET@HOST/BUCKET?region=REGION, with KEY and SECRET percent-encoded";

impl Address {
    /// Read an address. `s3+http://` speaks in clear text, on the machine itself only.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (plain, rest) = match (url.strip_prefix("s3://"), url.strip_prefix("s3+http://")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return Err(FORM.into()),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (credentials, rest) = rest.rsplit_once('@').ok_or(FORM)?;
        let (key, secret) = credentials.split_once(':').ok_or(FORM)?;
        let (host, path) = rest.split_once('/').ok_or(FORM)?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        let mut region = "us-east-1".to_owned();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("region", value)) if !value.is_empty() => region = decoded(value),
                _ => return Err(format!("{FORM}; only “region” may follow the question mark")),
            }
        }
        if [key, secret, host, bucket].iter().any(|part| part.is_empty()) {
            return Err(FORM.into());
        }
        if plain && !loopback(host) {
            return Err(format!("s3+http is in clear text: use s3:// (TLS) for {host}"));
        }
        Ok(Self {
            key: decoded(key),
            secret: decoded(secret),
            host: host.to_owned(),
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            region,
            plain,
        })
    }
}

/// Without its secret.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.host, self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

fn loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `%2F` is `/`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = (byte == b'%').then(|| rest.clone().take(2).map(char::from).collect::<String>());
        match hex.and_then(|hex| u8::from_str_radix(&hex, 16).ok()) {
            Some(code) => {
                bytes.push(code);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    address: Address,
    /// When it last carried the right name.
    looked: Mutex<Option<Instant>>,
}

/// How long the bytes of a file may take to come.
const BODY: Duration = Duration::from_secs(60);
/// A store that does not answer is asked again for so long: somebody waits for the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// A bucket that carried its database's name is believed to carry it for so long.
const TRUST: Duration = Duration::from_secs(10);

impl Bucket {
    pub(super) fn open(address: Address) -> Result<Self> {
        let scheme = if address.plain { "http" } else { "https" };
        let store = AmazonS3Builder::new()
            .with_endpoint(format!("{scheme}://{}", address.host))
            .with_bucket_name(&address.bucket)
            .with_region(&address.region)
            .with_access_key_id(&address.key)
            .with_secret_access_key(&address.secret)
            .with_allow_http(address.plain)
            .with_virtual_hosted_style_request(false)
            // Not every store knows how to delete several at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: PATIENCE })
            .with_http_connector(Connector)
            .build()
            .map_err(|error| Error::Internal(format!("FILES_URL: {error}")))?;
        Ok(Self { store, address, looked: Mutex::default() })
    }

    pub(super) fn said(&self) -> String {
        format!("{:?}", self.address)
    }

    fn path(&self, place: &str) -> Path {
        if self.address.prefix.is_empty() {
            Path::from(place)
        } else {
            Path::from(format!("{}/{place}", self.address.prefix))
        }
    }

    /// Write an object, unless one of this length is there already: its name is the hash of its content.
    pub(super) async fn write(&self, home: Option<&Home>, place: &str, bytes: Vec<u8>) -> Result<(), Trouble> {
        self.look(home).await?;
        let path = self.path(place);
        match self.store.head(&path).await {
            // Renewed below once it is old: whoever collects what no row names sees that somebody is about to name it.
            Ok(found) if found.size == bytes.len() as u64 && young(found.last_modified.into()) => return Ok(()),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        self.store.put(&path, bytes.into()).await.map_err(failed)?;
        Ok(())
    }

    /// The bytes at a place; none are missed while the bucket is not the right one.
    pub(super) async fn read(&self, home: Option<&Home>, place: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let found = match self.store.get(&self.path(place)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return self.look(home).await.map(|()| None),
            Err(error) => return Err(failed(error)),
        };
        let late = |_| Trouble::Silent("the body of an object did not come in time".into());
        let body = tokio::time::timeout(BODY, found.bytes()).await.map_err(late)?;
        Ok(Some(body.map_err(failed)?.into()))
    }

    /// Whether the bucket is the one of this database. Asked once in [`TRUST`], because each answer costs a request.
    pub(super) async fn look(&self, home: Option<&Home>) -> Result<(), Trouble> {
        let Some(home) = home else { return Ok(()) };
        let known = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|at| at.elapsed() < TRUST) {
            return Ok(());
        }
        let found = Box::pin(self.read(None, INSTANCE)).await?.ok_or(Trouble::Absent)?;
        let found = String::from_utf8_lossy(&found).trim().to_owned();
        if found != home.0 {
            return Err(Trouble::Elsewhere(found));
        }
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// Delete an object that nobody wrote again for so long.
    pub(super) async fn remove(&self, home: Option<&Home>, place: &str, age: Duration) -> Result<bool, Trouble> {
        self.look(home).await?;
        let path = self.path(place);
        let written: SystemTime = self.store.head(&path).await.map_err(failed)?.last_modified.into();
        // The store has its own clock: nothing is younger than no time at all.
        let old = age.is_zero() || written.elapsed().is_ok_and(|past| past >= age);
        if old {
            self.store.delete(&path).await.map_err(failed)?;
        }
        Ok(old)
    }

    pub(super) async fn is_empty(&self) -> Result<bool, Trouble> {
        let root = self.path("");
        let mut all = self.store.list(Some(&root));
        Ok(all.try_next().await.map_err(failed)?.is_none())
    }

    pub(super) async fn list(&self, home: Option<&Home>) -> Result<Vec<Kept>, Trouble> {
        self.look(home).await?;
        let root = self.path("");
        let mut all = self.store.list(Some(&root));
        let mut found = vec![];
        while let Some(object) = all.try_next().await.map_err(failed)? {
            if let Some((owner, hash)) = at(object.location.as_ref()) {
                found.push(Kept { owner, hash, written: object.last_modified.into() });
            }
        }
        Ok(found)
    }
}

/// Half of how long a file that no row names is kept.
const YOUNG: Duration = Duration::from_secs(3 * 24 * 3600);

fn young(written: SystemTime) -> bool {
    written.elapsed().is_ok_and(|past| past < YOUNG)
}

/// How stores say that they have no room left: by a status, or by a code in what they answer.
const FULL: [&str; 4] =
    ["status code: 507", "<Code>QuotaExceeded", "<Code>XMinioStorageFull", "<Code>InsufficientStorage"];

fn failed(error: object_store::Error) -> Trouble {
    let mut said = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(one) = cause {
        said.push_str(&one.to_string());
        cause = one.source();
    }
    match error {
        // Some say it with the status of a refusal: before anything else.
        _ if FULL.iter().any(|sign| said.contains(sign)) => Trouble::Full(error.to_string()),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Trouble::Denied(error.to_string())
        }
        other => Trouble::Silent(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_its_secret_is_never_shown() {
        let address = Address::parse("s3://GK12:a%2Fb%2Bc@s3.example.org:3900/papers/ruche?region=garage").unwrap();
        assert_eq!((address.key.as_str(), address.secret.as_str()), ("GK12", "a/b+c"));
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("papers", "ruche"));
        assert_eq!(address.region, "garage");
        assert_eq!(format!("{address:?}"), "s3://s3.example.org:3900/papers/ruche");
    }

    #[test]
    fn a_wrong_address_says_what_it_should_be() {
        for wrong in
            ["https://s3.example.org/b", "s3://host/bucket", "s3://k:s@host", "s3://k:@host/b", "s3://k:s@host/b?x=1"]
        {
            assert!(Address::parse(wrong).unwrap_err().contains("s3://KEY:SECRET@HOST/BUCKET"), "{wrong}");
        }
        assert!(Address::parse("s3+http://k:s@s3.example.org/b").unwrap_err().contains("clear text"));
        assert!(Address::parse("s3+http://k:s@127.0.0.1:9000/b").is_ok());
        assert_eq!(decoded("100%"), "100%");
    }
}
