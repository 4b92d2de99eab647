//! The public pages put together: what people outside open on a phone, without a key.

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, get};

use crate::{
    document,
    pages::{self, Asset, Told},
    signature, signing,
};

/// Style and scripts of all pages.
const ASSETS: &[Asset] = &[pages::STYLE, pages::PAD, document::page::SCRIPT, signing::SIGN, signing::CODE];

/// What the paths of pages begin with.
pub const PREFIXES: &[&str] = &["/assets", "/verify", "/signature", "/presence", "/journee", "/contestation"];

/// Every page, under the path that begins it.
pub fn pages() -> impl Endpoint<Output = Response> + 'static {
    let route = signing::pages(signature::page::on(Route::new()));
    route
        .at("/assets/:name", get(pages::serve_assets(ASSETS)))
        .at("/verify", document::page::page())
        .at("/verify/:code", document::page::page())
        .into_endpoint()
        .with(Told)
}
