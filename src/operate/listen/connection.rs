//! One connection as it is seen from outside: whom it waits for, and since when.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::{sync::Notify, time::Instant};

use super::ConnectionLimits;

/// Bytes that a reader takes within the time given to a stalled one, at least.
const LEAST: usize = 64 * 1024;
/// A connection is not asked to make room before it had the time to ask something.
const GRACE: Duration = Duration::from_millis(50);

/// What a connection last did, and how it is told to end.
pub struct Pulse {
    state: Mutex<State>,
    end: Notify,
}

struct State {
    /// When something last went on: the beginning, the end of an answer, bytes that were taken.
    moved: Instant,
    /// When the head of a request began to arrive.
    head: Option<Instant>,
    /// Whether nothing was asked yet.
    fresh: bool,
    /// Whether it speaks HTTP/2, where bytes also come between requests.
    frames: bool,
    /// Requests that are not answered to the end.
    under_way: usize,
    /// Of these, the answers of which a piece was handed over and no other was asked for.
    handed_over: usize,
    /// Bytes that were taken since something last went on.
    taken: usize,
    /// Since when bytes wait to be taken, and how many were since.
    stalled: Option<(Instant, usize)>,
    /// Whether it was told to end.
    ended: bool,
}

impl Pulse {
    /// A connection that begins.
    pub fn new() -> Self {
        let state = State {
            moved: Instant::now(),
            head: None,
            fresh: true,
            frames: false,
            under_way: 0,
            handed_over: 0,
            taken: 0,
            stalled: None,
            ended: false,
        };
        Self { state: Mutex::new(state), end: Notify::new() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tell it to end.
    pub fn end(&self) {
        self.state().ended = true;
        self.end.notify_one();
    }

    /// It was told to end.
    pub async fn ended(&self) {
        self.end.notified().await;
    }

    /// Since when it waits for a request, if nothing is under way and it may make room for another.
    pub fn waiting_since(&self, now: Instant) -> Option<Instant> {
        let state = self.state();
        let waits = state.under_way == 0 && state.stalled.is_none() && !state.ended;
        (waits && now - state.moved >= GRACE).then_some(state.moved)
    }

    /// Whether it has had its time.
    pub fn is_over(&self, now: Instant, limits: &ConnectionLimits) -> bool {
        let state = self.state();
        if state.stalled.is_some_and(|(since, _)| now - since > limits.stalled) {
            return true;
        }
        if state.under_way > 0 {
            // Whoever opens no window takes nothing either, though bytes may be written for the protocol's sake.
            return state.handed_over == state.under_way && now - state.moved > limits.stalled;
        }
        match state.head {
            Some(begun) if !state.frames => now - begun > limits.head,
            _ if state.fresh => now - state.moved > limits.head,
            _ => now - state.moved > limits.idle,
        }
    }

    /// Bytes came in.
    pub fn received(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.under_way == 0 && state.head.is_none() {
            state.head = Some(Instant::now());
            if state.fresh {
                state.frames = bytes.starts_with(b"PRI");
            }
        }
    }

    /// Bytes wait to be taken.
    pub fn full(&self) {
        self.state().stalled.get_or_insert_with(|| (Instant::now(), 0));
    }

    /// Bytes were taken.
    pub fn taken(&self, bytes: usize) {
        let mut state = self.state();
        // Pings and settings of HTTP/2 are no answer: they keep no connection open, nor an answer that nobody reads.
        state.taken += bytes;
        if !state.frames || (state.under_way > 0 && state.taken >= LEAST) {
            state.moved = Instant::now();
            state.taken = 0;
        }
        if let Some((_, taken)) = state.stalled.as_mut() {
            *taken += bytes;
            if *taken >= LEAST {
                state.stalled = None;
            }
        }
    }

    /// Nothing waits to be taken any more.
    pub fn flushed(&self) {
        self.state().stalled = None;
    }
}

/// A request on its way to its answer; it ends with the last piece of the answer, or when nobody wants it any more.
pub struct Answer {
    pulse: Arc<Pulse>,
    handed_over: bool,
}

impl Answer {
    /// A request came.
    pub fn begin(pulse: Arc<Pulse>) -> Self {
        let mut state = pulse.state();
        state.under_way += 1;
        state.head = None;
        state.fresh = false;
        drop(state);
        Self { pulse, handed_over: false }
    }

    /// Its answer begins.
    pub fn of(self, body: BoxBody<Bytes, io::Error>) -> Answered {
        Answered { body, answer: self }
    }

    fn hand_over(&mut self, over: bool) {
        if self.handed_over != over {
            self.handed_over = over;
            let mut state = self.pulse.state();
            state.moved = Instant::now();
            if over {
                state.handed_over += 1;
            } else {
                state.handed_over -= 1;
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.hand_over(false);
        let mut state = self.pulse.state();
        state.under_way -= 1;
        state.moved = Instant::now();
    }
}

/// The body of an answer, watched.
pub struct Answered {
    body: BoxBody<Bytes, io::Error>,
    answer: Answer,
}

impl Body for Answered {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        // Another piece is asked for: the one before was taken.
        self.answer.hand_over(false);
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(_))) = &polled {
            self.answer.hand_over(true);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
