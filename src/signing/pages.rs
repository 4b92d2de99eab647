//! Which page stands where.

use poem::{IntoResponse, Response, Route, endpoint::make_sync, get, http::header, post, web::Redirect};

use super::{day, dispute, guest, notes, trainee};
use crate::pages::Asset;

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What makes signing quick, and possible without network.
pub const SIGN: Asset = Asset { name: "sign.js", media_type: SCRIPT, content: include_str!("pages/sign.js") };
/// What changes the code on a screen.
pub const CODE: Asset = Asset { name: "code.js", media_type: SCRIPT, content: include_str!("pages/code.js") };

/// The script that answers for the server when there is no network; its place says which pages it may answer for.
fn worker(_: poem::Request) -> Response {
    Response::builder()
        .content_type(SCRIPT)
        .header(header::CACHE_CONTROL, "no-cache")
        // What it fetches is held by its own policy, not by that of the pages.
        .header("Content-Security-Policy", "default-src 'none'; connect-src 'self'; frame-ancestors 'none'")
        .body(include_str!("pages/worker.js"))
}

/// Answer a form by another page, so that loading it again sends nothing again.
pub fn see(address: String) -> Response {
    Redirect::see_other(address).with_header(header::CACHE_CONTROL, "no-store").into_response()
}

/// The pages, added to the others.
pub fn pages(route: Route) -> Route {
    route
        .at("/presence/worker.js", get(make_sync(worker)))
        .at("/presence/qr/:code", get(guest::scanned).post(guest::scan))
        .at("/presence/code", get(guest::typing).post(guest::type_in))
        .at("/presence/ticket/:ticket", get(guest::guest_page).post(guest::post))
        .at("/presence/ticket/:ticket/envoi", post(guest::send))
        .at("/presence/:token", get(trainee::own_page).post(trainee::post))
        .at("/presence/:token/envoi", post(trainee::send))
        .at("/presence/:token/billet", post(trainee::lend))
        .at("/presence/:token/nom", get(trainee::misspelt_received).post(trainee::misspelt))
        .at("/contestation/:token", get(dispute::dispute_page).post(dispute::post))
        .at("/journee/worker.js", get(make_sync(worker)))
        .at("/journee/:token", get(day::day_page))
        .at("/journee/:token/billet", post(day::lend))
        .at("/journee/:token/:slot", get(day::half))
        .at("/journee/:token/:slot/signer", get(day::passing).post(day::post))
        .at("/journee/:token/:slot/envoi", post(day::send))
        .at("/journee/:token/:slot/ouvrir", post(notes::open))
        .at("/journee/:token/:slot/code", get(day::screen))
        .at("/journee/:token/:slot/code.json", get(day::screen_now))
        .at("/journee/:token/:slot/heure", post(notes::times))
        .at("/journee/:token/:slot/constat", post(notes::state))
        .at("/journee/:token/:slot/ajouter", post(notes::add))
        .at("/journee/:token/:slot/tardive", post(notes::decide))
        .at("/journee/:token/:slot/cloture", get(notes::closing).post(notes::close))
        .at("/journee/:token/:slot/personne/:who", get(notes::person))
}
