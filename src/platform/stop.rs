//! Asking what runs to stop: said once, heard by whoever waits for it and by whoever looks later.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether the program is asked to stop.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Ask everybody to stop.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Wait until it is asked.
    pub async fn asked(&self) {
        // The sender is `self`: it cannot be gone.
        self.0.subscribe().wait_for(|asked| *asked).await.ok();
    }
}
