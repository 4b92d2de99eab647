//! The public pages put together: what people outside open on a phone, without a key.

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, get};

use crate::{
    pages::{self, Asset, Told},
    signing,
};

/// Style and scripts of all pages.
const ASSETS: &[Asset] = &[pages::STYLE, pages::PAD, signing::SIGN, signing::CODE];

/// What the paths of pages begin with.
pub const PREFIXES: &[&str] = &["/assets", "/presence", "/journee", "/contestation"];

/// Every page, under the path that begins it.
pub fn pages() -> impl Endpoint<Output = Response> + 'static {
    let route = Route::new().at("/assets/:name", get(pages::serve_assets(ASSETS)));
    signing::pages(route).into_endpoint().with(Told)
}
