//! The public pages put together: what people outside open on a phone, without a key.

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, get};

use crate::{
    document,
    pages::{self, Asset, Told},
    signature, signin, signing,
};

/// Style and scripts of all pages.
const ASSETS: &[Asset] = &[
    pages::STYLE,
    pages::PAD,
    document::page::SCRIPT,
    signing::SIGN,
    signing::CODE,
    signin::SCRIPT,
    signin::DOCUMENTATION,
];

/// What the paths of pages begin with.
pub const PREFIXES: &[&str] =
    &["/assets", "/verify", "/signature", "/presence", "/journee", "/contestation", "/connexion"];

/// Every page, under the path that begins it.
pub fn pages(sign_in: &signin::SignIn) -> impl Endpoint<Output = Response> + 'static {
    let route = signin::pages(signing::pages(signature::page::on(Route::new())), sign_in);
    route
        .at("/assets/:name", get(pages::serve_assets(ASSETS)))
        .at("/verify", document::page::page())
        .at("/verify/:code", document::page::page())
        .into_endpoint()
        .with(Told)
}
