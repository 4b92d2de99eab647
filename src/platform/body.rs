//! A body as it arrives: nothing of it is read before somebody wants it, and extractors want it once they know who calls.
//! It is counted and timed while it is read, few large ones come at once, and all of them together hold so much memory.

use std::{
    io,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use hyper::body::Bytes;
use poem::{Body, Request, http::header};
use sha2::{Digest, Sha256};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};

use super::{
    audit::hex,
    error::{Error, Result},
};

/// A JSON body, at most.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// An uploaded file, at most.
pub const FILE_LIMIT: usize = 20 * 1024 * 1024;
/// What a page sends, at most: a drawing and a few lines.
pub const PAGE_LIMIT: usize = 256 * 1024;
/// What a form adds to the file that it carries, at most.
pub const FORM: usize = 64 * 1024;

/// How long bodies may take, and how many may come at once.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// For a small one: JSON, what a page sends.
    pub small: Duration,
    /// For one that holds a file.
    pub large: Duration,
    /// Without a single byte.
    pub silence: Duration,
    /// Bodies with a file, at once.
    pub files: usize,
    /// How long one of them waits for its turn.
    pub turn: Duration,
    /// Bytes that the small bodies of callers with a key hold, all together.
    pub keyed: usize,
    /// Bytes that what pages send holds, all together.
    pub open: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            small: Duration::from_secs(30),
            large: Duration::from_secs(300),
            silence: Duration::from_secs(15),
            files: 4,
            turn: Duration::from_secs(5),
            keyed: 24 * 1024 * 1024,
            open: 32 * 1024 * 1024,
        }
    }
}

/// What a body may be, by where it goes and what it says it is: an operation that takes a form takes nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A form with a file, for an operation.
    File,
    /// Anything else for an operation.
    Small,
    /// What a page sends.
    Page,
    /// A file to compare: hashed as it arrives, never held, by a page that counts its own.
    Compared,
}

impl Kind {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        if path.starts_with("/verify/") {
            Self::Compared
        } else if !path.starts_with("/v1/") {
            Self::Page
        } else if is_form(request) {
            Self::File
        } else {
            Self::Small
        }
    }

    fn limit(self) -> usize {
        match self {
            Self::File | Self::Compared => FILE_LIMIT + FORM,
            Self::Small => BODY_LIMIT,
            Self::Page => PAGE_LIMIT,
        }
    }

    /// What is told to whoever sends more.
    fn too_large(self) -> Error {
        Error::TooLarge(match self {
            Self::File | Self::Compared => FILE_LIMIT,
            Self::Small | Self::Page => self.limit(),
        })
    }
}

fn is_form(request: &Request) -> bool {
    request
        .content_type()
        .is_some_and(|kind| kind.get(..19).is_some_and(|start| start.eq_ignore_ascii_case("multipart/form-data")))
}

/// Where bodies come in.
pub struct Gate {
    limits: BodyLimits,
    files: Arc<Semaphore>,
    keyed: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// Within these limits.
    pub fn new(limits: BodyLimits) -> Self {
        let kibibytes = |bytes: usize| Arc::new(Semaphore::new(bytes / 1024));
        Self {
            limits,
            files: Arc::new(Semaphore::new(limits.files)),
            keyed: kibibytes(limits.keyed),
            open: kibibytes(limits.open),
        }
    }

    /// Put the limits around the body of a request; whatever stops it is told by what is answered here.
    pub fn guard(&self, request: &mut Request) -> Arriving {
        let kind = Kind::of(request);
        let arriving = Arriving::default();
        // The hash of a form would hold its boundary, which is another one each time: whoever reads the form says its parts.
        if !is_form(request) {
            *lock(&arriving.0.hash) = Some(Sha256::new());
        }
        let declared = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        let coming = Coming {
            inner: Box::pin(request.take_body().into_bytes_stream()),
            kind,
            declared,
            limits: self.limits,
            turns: (kind == Kind::File).then(|| self.files.clone()),
            memory: match kind {
                Kind::Small => Some(self.keyed.clone()),
                Kind::Page => Some(self.open.clone()),
                Kind::File | Kind::Compared => None,
            },
            arriving: arriving.clone(),
            deadline: None,
            taken: 0,
            over: false,
        };
        request.set_body(Body::from_bytes_stream(stream::unfold(coming, Coming::next)));
        request.set_data(arriving.clone());
        arriving
    }
}

/// What is known of the body of a request while it arrives, and what it holds until the request is answered.
#[derive(Debug, Clone, Default)]
pub struct Arriving(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    stopped: OnceLock<Error>,
    hash: Mutex<Option<Sha256>>,
    form: OnceLock<String>,
    begun: AtomicBool,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Arriving {
    /// Why no more of it was read, when it was stopped: an extractor only knows that it could not read.
    pub fn stopped(&self) -> Option<Error> {
        self.0.stopped.get().cloned()
    }

    /// Say what a form holds, whatever its boundary: its parts as the operation understands them.
    pub fn says(&self, parts: &serde_json::Value) {
        self.0.form.set(super::audit::sha256(parts.to_string())).ok();
    }

    /// The hash by which a repeated request is known: of what was read of it.
    pub fn digest(&self) -> Result<String> {
        if let Some(form) = self.0.form.get() {
            return Ok(form.clone());
        }
        if !self.0.begun.load(Ordering::Relaxed) {
            // Whoever is asked takes no body: whatever was sent says nothing.
            return Ok(hex(&Sha256::new().finalize()));
        }
        let hash = lock(&self.0.hash).clone();
        hash.map(|hash| hex(&hash.finalize()))
            .ok_or_else(|| Error::internal("an operation that takes a form does not say its parts"))
    }

    fn hold(&self, permit: OwnedSemaphorePermit) {
        let mut held = lock(&self.0.held);
        match held.as_mut() {
            Some(all) => all.merge(permit),
            None => *held = Some(permit),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Incoming = std::pin::Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A body on its way.
struct Coming {
    inner: Incoming,
    kind: Kind,
    declared: Option<usize>,
    limits: BodyLimits,
    turns: Option<Arc<Semaphore>>,
    memory: Option<Arc<Semaphore>>,
    arriving: Arriving,
    deadline: Option<Instant>,
    taken: usize,
    over: bool,
}

impl Coming {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.over {
            return None;
        }
        self.arriving.0.begun.store(true, Ordering::Relaxed);
        match self.piece().await {
            Ok(Some(bytes)) => Some((Ok(bytes), self)),
            Ok(None) => None,
            Err(why) => {
                self.over = true;
                let told = io::Error::other(why.code());
                self.arriving.0.stopped.set(why).ok();
                Some((Err(told), self))
            }
        }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        let deadline = match self.deadline {
            Some(deadline) => deadline,
            None => self.begin().await?,
        };
        let soon = deadline.min(Instant::now() + self.limits.silence);
        let bytes = match timeout_at(soon, self.inner.next()).await {
            Err(_) => return Err(Error::TooSlow),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => return Err(Error::CutShort),
            Ok(Some(Ok(bytes))) => bytes,
        };
        let before = self.taken;
        self.taken += bytes.len();
        if self.taken > self.kind.limit() {
            return Err(self.kind.too_large());
        }
        if let Some(memory) = &self.memory {
            let more = self.taken.div_ceil(1024) - before.div_ceil(1024);
            let permit = memory.clone().try_acquire_many_owned(u32::try_from(more).map_err(Error::internal)?);
            self.arriving.hold(permit.map_err(|_| Error::Crowded)?);
        }
        if let Some(hash) = lock(&self.arriving.0.hash).as_mut() {
            hash.update(&bytes);
        }
        Ok(Some(bytes))
    }

    /// Before the first byte: what says that it is too long is not read at all, and a large one waits for its turn.
    async fn begin(&mut self) -> Result<Instant> {
        if self.declared.is_some_and(|length| length > self.kind.limit()) {
            return Err(self.kind.too_large());
        }
        if let Some(turns) = self.turns.take() {
            let turn = timeout(self.limits.turn, turns.acquire_owned()).await;
            self.arriving.hold(turn.map_err(|_| Error::Crowded)?.map_err(Error::internal)?);
        }
        let time = match self.kind {
            Kind::Small | Kind::Page => self.limits.small,
            Kind::File | Kind::Compared => self.limits.large,
        };
        let deadline = Instant::now() + time;
        self.deadline = Some(deadline);
        Ok(deadline)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::Method;

    use super::*;

    fn post(path: &str, content_type: &str, body: Body) -> Request {
        Request::builder().method(Method::POST).uri_str(path).content_type(content_type).body(body)
    }

    async fn read(gate: &Gate, mut request: Request) -> (Arriving, Option<Error>) {
        let arriving = gate.guard(&mut request);
        let read = request.take_body().into_bytes().await;
        assert_eq!(read.is_err(), arriving.stopped().is_some());
        let stopped = arriving.stopped();
        (arriving, stopped)
    }

    fn quick() -> BodyLimits {
        BodyLimits {
            small: Duration::from_millis(1_500),
            silence: Duration::from_secs(1),
            turn: Duration::from_millis(50),
            files: 1,
            keyed: 64 * 1024,
            ..BodyLimits::default()
        }
    }

    /// Bytes that come one by one, a tenth of a second apart.
    fn dripping(count: usize) -> Body {
        Body::from_bytes_stream(stream::unfold(0, move |sent| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            (sent < count).then_some((io::Result::Ok(vec![b' ']), sent + 1))
        }))
    }

    #[tokio::test]
    async fn a_body_that_drips_or_says_nothing_is_too_slow() {
        let gate = Gate::new(quick());
        let (_, stopped) = read(&gate, post("/v1/people", "application/json", dripping(2))).await;
        assert!(stopped.is_none(), "{stopped:?}");
        let (_, stopped) = read(&gate, post("/v1/people", "application/json", dripping(100))).await;
        assert!(matches!(stopped, Some(Error::TooSlow)), "{stopped:?}");
        let silent = Body::from_bytes_stream(stream::pending::<io::Result<Vec<u8>>>());
        let begun = Instant::now();
        let (_, stopped) = read(&gate, post("/v1/files", "multipart/form-data; boundary=x", silent)).await;
        assert!(matches!(stopped, Some(Error::TooSlow)), "{stopped:?}");
        assert!(begun.elapsed() >= quick().silence && begun.elapsed() < quick().large);
    }

    #[tokio::test]
    async fn a_large_body_waits_for_its_turn_and_is_asked_to_come_back() {
        let gate = Gate::new(quick());
        let form = || post("/v1/files", "multipart/form-data; boundary=x", Body::from_vec(vec![b'x'; 1 << 20]));
        let (first, stopped) = read(&gate, form()).await;
        assert!(stopped.is_none());
        let (_, stopped) = read(&gate, form()).await;
        assert!(matches!(stopped, Some(Error::Crowded)), "{stopped:?}");
        drop(first);
        assert!(read(&gate, form()).await.1.is_none(), "the first one was answered");
    }

    #[tokio::test]
    async fn small_bodies_hold_so_much_together_until_they_are_answered() {
        let gate = Gate::new(quick());
        let json = || post("/v1/people", "application/json", Body::from_vec(vec![b' '; 40 * 1024]));
        let (first, stopped) = read(&gate, json()).await;
        assert!(stopped.is_none());
        assert!(matches!(read(&gate, json()).await.1, Some(Error::Crowded)));
        let page = post("/presence/x", "application/json", Body::from_vec(vec![b' '; 40 * 1024]));
        assert!(read(&gate, page).await.1.is_none(), "programs never keep people from signing");
        drop(first);
        assert!(read(&gate, json()).await.1.is_none());
    }

    #[tokio::test]
    async fn the_hash_of_what_was_read_is_that_of_the_body() {
        let gate = Gate::new(quick());
        let (arriving, _) = read(&gate, post("/v1/people", "application/json", Body::from("{}"))).await;
        assert_eq!(arriving.digest().unwrap(), super::super::audit::sha256("{}"));
        let (form, _) = read(&gate, post("/v1/files", "multipart/form-data; boundary=x", Body::from("--x--"))).await;
        assert!(form.digest().is_err(), "nobody said what the form holds");
        form.says(&serde_json::json!(["purpose", "scan"]));
        assert!(form.digest().is_ok());
    }
}
