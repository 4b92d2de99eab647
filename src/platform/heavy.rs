//! What computes for long: reading a log, decoding a picture, laying out a paper. It runs on the threads that may block,
//! as many at once as there are cores, and before or after a unit of work, never inside: on SQLite whoever holds the
//! writer holds everybody up.
//!
//! An open unit of work borrows its [`Ctx`](super::access::Ctx) whole, so that whoever has one has no [`App`] to ask. And
//! what computes for long says so by [`long`]: in a debug build, so in every test, it refuses to run anywhere else.

use std::{cell::Cell, num::NonZero, sync::Arc, thread::available_parallelism};

use tokio::{runtime::Handle, sync::Semaphore};

use super::{
    app::App,
    error::{Error, Result},
};

thread_local! {
    static MAY_COMPUTE: Cell<bool> = const { Cell::new(false) };
}

/// Room for what computes for long.
#[derive(Debug, Clone)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    /// As many at once as there are cores: more would only hold memory.
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZero::get))))
    }
}

impl App {
    /// Compute something long, once there is room for it. Whoever asked may hang up: the room is left when it is done.
    pub async fn heavy<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let room = self.room.0.clone().acquire_owned().await.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = here(work);
            drop(room);
            done
        });
        done.await.map_err(Error::internal)
    }
}

/// Compute something long on this thread, which nobody waits for: a command, a test.
pub fn here<T>(work: impl FnOnce() -> T) -> T {
    /// Puts the flag back, even when the work panics: threads are used again.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            MAY_COMPUTE.set(self.0);
        }
    }
    let _before = Before(MAY_COMPUTE.replace(true));
    work()
}

/// What follows computes for long: it may not run on a thread that serves others.
pub fn long(what: &str) {
    debug_assert!(
        MAY_COMPUTE.get() || Handle::try_current().is_err(),
        "{what} computes for long: run it by App::heavy, before or after the unit of work"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_server_nobody_waits() {
        long("a test");
    }

    #[tokio::test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a log computes for long")]
    async fn a_thread_that_serves_others_computes_nothing_long() {
        here(|| long("a log"));
        long("a log");
    }
}
