//! Style and scripts: part of the program, served under an address that changes with their content.

use poem::{
    Endpoint, IntoResponse, Request, Response,
    endpoint::make_sync,
    http::{StatusCode, header},
};

use crate::platform::audit::sha256;

/// A file that pages use.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name: `page.css`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: &'static str,
}

impl Asset {
    /// Its address; a browser may keep what it finds there for ever.
    pub fn address(&self) -> String {
        format!("/assets/{}?{}", self.name, &sha256(self.content)[..12])
    }
}

/// The style of all pages.
pub const STYLE: Asset =
    Asset { name: "page.css", media_type: "text/css; charset=utf-8", content: include_str!("page.css") };

/// The signature pad of forms that include the template `pad`.
pub const PAD: Asset =
    Asset { name: "pad.js", media_type: "text/javascript; charset=utf-8", content: include_str!("pad.js") };

/// Serves these files under `:name`.
pub fn serve(assets: &'static [Asset]) -> impl Endpoint<Output = Response> {
    make_sync(move |request: Request| {
        let name = request.raw_path_param("name").unwrap_or_default();
        match assets.iter().find(|asset| asset.name == name) {
            Some(asset) => Response::builder()
                .content_type(asset.media_type)
                .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
                .body(asset.content),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    })
}
