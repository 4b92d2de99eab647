//! The few public pages: their shell, style and headers. No feature's rule lives here.
//!
//! A page is HTML made on the server, in French, that works without script and holds no third party. A feature brings a
//! template and its data; the shell puts title, brand and style around. Templates escape whatever they print.

mod asset;
mod shell;
mod told;

pub use asset::{Asset, PAD, STYLE, serve as serve_assets};
pub use shell::{Page, Reply, render};
pub use told::Told;
