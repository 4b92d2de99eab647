//! The public pages put together: what people outside open on a phone, without a key.

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, get};

use crate::pages::{self, Asset, Told};

/// Style and scripts of all pages.
const ASSETS: &[Asset] = &[pages::STYLE];

/// Every page, under the path that begins it.
pub fn pages() -> impl Endpoint<Output = Response> + 'static {
    Route::new().at("/assets/:name", get(pages::serve_assets(ASSETS))).into_endpoint().with(Told)
}
