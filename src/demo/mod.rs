//! A whole training of the catalogue, played through the public API on a simulated clock.

use std::path::PathBuf;

use crate::{config::Settings, platform::error::Result};

/// Play the story in a folder, then serve it.
pub async fn play(_settings: Settings, _folder: PathBuf, _serve: bool) -> Result<()> {
    Ok(())
}
