//! The page of a personal link: read the very file, receive a code, sign or refuse. It works without script.
//!
//! Opening the page reads and changes nothing: scanners of mails open links too. Whatever a link cannot do any more gets
//! the one answer of all links that open nothing.

use entity::{activity, document, document_file, one_time_code, signature, signature_request};
use poem::{
    IntoResponse, Response, Route, get, handler,
    http::{StatusCode, header},
    post,
    web::{Form, Query, Redirect},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    batch::{agreed, bind},
    code::{self, Asking},
    events::Event,
    name::{described, title_of},
    picture::Manner,
    request::{self, of_document, stands},
    rules::{self, State, Step, moved},
    sign::{Given, sign},
};
use crate::{
    document::{self as papers, FileRole, file_name},
    link::{Link, SignPaper},
    pages::{PAD, Page, render},
    platform::{
        access::Ctx,
        answer, calendar,
        error::{Error, Language, Result},
        scope::Scope,
    },
};

/// The addresses of these pages.
pub fn on(route: Route) -> Route {
    route
        .at("/signature/:token", get(show))
        .at("/signature/:token/document", get(presented))
        .at("/signature/:token/signed", get(signed))
        .at("/signature/:token/code", post(ask_code))
        .at("/signature/:token/sign", post(give))
        .at("/signature/:token/refuse", post(refuse))
}

fn home(token: &str) -> String {
    format!("/signature/{token}")
}

/// A request and its paper.
type Asked = (signature_request::Model, document::Model);

/// The request of a link, as long as there is something to see: what was cancelled or expired opens nothing.
async fn asked(scope: &Scope<'_>, link: &Link<SignPaper>) -> Result<Asked> {
    let request = scope.get::<signature_request::Entity>(link.row.object_id).await?;
    let paper = scope.get::<document::Entity>(request.document_id).await?;
    match State::of(&request.state)? {
        State::Signed | State::Refused => {}
        State::Requested => stands(scope, &paper).await.map_err(|_| Error::Missing("link"))?,
        State::Expired | State::Cancelled => return Err(Error::Missing("link")),
    }
    Ok((request, paper))
}

/// What waits for the same delegate of the cooperative, beside the paper of the link.
async fn beside(scope: &Scope<'_>, request: &signature_request::Model) -> Result<Vec<Asked>> {
    use signature_request::Column as C;
    let Some(signatory) = request.signatory_id else { return Ok(vec![]) };
    let rows = scope
        .find::<signature_request::Entity>()
        .filter(C::SignatoryId.eq(signatory))
        .filter(C::State.eq(State::Requested.name()))
        .filter(C::Id.ne(request.id))
        .ascending(C::Id)
        .limit(99)
        .all()
        .await?;
    let mut found = vec![];
    for row in rows {
        let paper = scope.get::<document::Entity>(row.document_id).await?;
        if stands(scope, &paper).await.is_ok() && turn_of(scope, &row).await?.is_none() {
            found.push((row, paper));
        }
    }
    Ok(found)
}

/// Whom somebody must wait for, if it is not their turn.
async fn turn_of(scope: &Scope<'_>, request: &signature_request::Model) -> Result<Option<String>> {
    let all = of_document(scope, request.document_id).await?;
    let order: Vec<(i32, State)> =
        all.iter().map(|row| Ok((row.position, State::of(&row.state)?))).collect::<Result<_>>()?;
    match rules::turn(&order) {
        Some(turn) if turn < request.position => {
            let first = all.iter().filter(|row| row.position == turn && row.state == State::Requested.name());
            let names: Vec<String> = first.map(|row| row.name.clone()).collect();
            Ok(Some(format!(
                "Ce sera votre tour quand {} aura signé : un mail vous préviendra.",
                calendar::and(&names)
            )))
        }
        _ => Ok(None),
    }
}

#[handler]
async fn show(link: Link<SignPaper>) -> Result<Response> {
    page(&link, None, "").await
}

/// The page as it stands, with what went wrong.
async fn page(link: &Link<SignPaper>, fault: Option<&Error>, typed: &str) -> Result<Response> {
    let scope = link.ctx.scope();
    let (request, paper) = asked(&scope, link).await?;
    let brand = scope.get::<activity::Entity>(request.activity_id).await?.name;
    let reply = match State::of(&request.state)? {
        State::Signed => done(&link.ctx, &link.token, &request, &paper, &brand).await?,
        State::Refused => {
            let title = format!("{} – signature refusée", title_of(&paper)?);
            let data = json!({ "title": title, "brand": brand, "reason": request.reason });
            render(&Page::new(title.as_str(), brand.as_str()), include_str!("page/refused.html"), data)?
        }
        State::Requested | State::Expired | State::Cancelled => {
            let data = to_sign(&link.ctx, &link.token, &request, &paper, &brand, fault, typed).await?;
            let title = data["title"].as_str().unwrap_or_default().to_owned();
            render(&Page::new(title, brand.as_str()).script(PAD), include_str!("page/to_sign.html"), data)?
        }
    };
    let status = match fault {
        None => StatusCode::OK,
        Some(error) => StatusCode::from_u16(error.problem(Language::French).status).unwrap_or(StatusCode::BAD_REQUEST),
    };
    Ok(reply.status(status).into_response())
}

async fn to_sign(
    ctx: &Ctx,
    token: &str,
    request: &signature_request::Model,
    paper: &document::Model,
    brand: &str,
    fault: Option<&Error>,
    typed: &str,
) -> Result<Value> {
    let scope = ctx.scope();
    let waiting = turn_of(&scope, request).await?;
    let code = code::of_page(&scope, request.id, ctx.now()).await?;
    let chosen: Vec<Uuid> = match &code {
        Some(code) => code::bound(code)?.into_iter().map(|paper| paper.request).collect(),
        None => vec![request.id],
    };
    let mut all = vec![(request.clone(), paper.clone())];
    all.extend(beside(&scope, request).await?);
    let (mut rows, mut signed_titles) = (vec![], vec![]);
    for (row, paper) in &all {
        let title = title_of(paper)?;
        if chosen.contains(&row.id) {
            signed_titles.push(title.clone());
        }
        rows.push(json!({
            "request": row.id, "title": title, "subject": paper.title, "the": described(paper)?,
            "sha256": row.presented_sha256, "file": format!("{}/document?request={}", home(token), row.id),
            "chosen": chosen.contains(&row.id),
        }));
    }
    let said = fault.map(|error| {
        let problem = error.problem(Language::French);
        problem.errors.first().map_or(problem.detail, |fault| fault.detail.clone())
    });
    Ok(json!({
        "title": format!("Signer : {}", title_of(paper)?), "the_paper": described(paper)?, "brand": brand,
        "name": request.name, "quality": request.quality, "address": request.email, "base": home(token),
        "papers": rows, "signed_titles": signed_titles, "code": code.map(|code| code.id), "waiting": waiting,
        "fault": said, "typed": typed, "expires": calendar::moment(request.expires_at),
    }))
}

async fn done(
    ctx: &Ctx,
    token: &str,
    request: &signature_request::Model,
    paper: &document::Model,
    brand: &str,
) -> Result<crate::pages::Reply> {
    let scope = ctx.scope();
    let all = of_document(&scope, paper.id).await?;
    let mut signatures = vec![];
    for row in all.iter().filter(|row| !matches!(row.state.as_str(), "cancelled" | "expired")) {
        let state = match State::of(&row.state)? {
            State::Signed => row.closed_at.map(|at| format!("Signé {}", rules::moment(at))).unwrap_or_default(),
            State::Requested => "Signature attendue".to_owned(),
            State::Refused => "Signature refusée".to_owned(),
            State::Expired | State::Cancelled => String::new(),
        };
        signatures.push(json!({ "name": row.name, "quality": row.quality, "state": state }));
    }
    let evidence = scope.find::<signature::Entity>().filter(signature::Column::RequestId.eq(request.id)).one().await?;
    let file = scope
        .find::<document_file::Entity>()
        .filter(document_file::Column::DocumentId.eq(paper.id))
        .filter(document_file::Column::Role.eq(FileRole::Signed.name()))
        .one()
        .await?;
    let title = format!("{} – signature enregistrée", title_of(paper)?);
    let complete = all.iter().all(|row| row.state != State::Requested.name());
    let sentence = format!("Merci, {} : votre signature est enregistrée.", request.name);
    let data = json!({
        "title": title, "sentence": sentence, "base": home(token), "complete": complete,
        "file": file.map(|_| format!("{}/signed", home(token))), "signatures": signatures,
        "sha256": request.presented_sha256, "digest": evidence.map(|row| row.digest),
    });
    render(&Page::new(title.as_str(), brand), include_str!("page/done.html"), data)
}

/// Which of a delegate's papers.
#[derive(Deserialize)]
struct Which {
    request: Option<Uuid>,
}

#[handler]
async fn presented(link: Link<SignPaper>, which: Query<Which>) -> Result<Response> {
    let scope = link.ctx.scope();
    let own = asked(&scope, &link).await?;
    let (_, paper) = match which.0.request {
        Some(id) if id != own.0.id => {
            let others = beside(&scope, &own.0).await?;
            others.into_iter().find(|(row, _)| row.id == id).ok_or(Error::Missing("link"))?
        }
        _ => own,
    };
    let file = papers::presented(link.ctx.app(), &paper).await?;
    Ok(pdf(file.bytes, "inline", &format!("{}.pdf", paper.reference)))
}

#[handler]
async fn signed(link: Link<SignPaper>) -> Result<Response> {
    let (request, paper) = asked(&link.ctx.scope(), &link).await?;
    if request.state != State::Signed.name() {
        return Err(Error::Missing("link"));
    }
    papers::file(link.ctx.app(), &paper, Some(FileRole::Signed)).await?;
    // With the seal of the cooperative, when there is one.
    let file = papers::file(link.ctx.app(), &paper, None).await?;
    Ok(pdf(file.bytes, "attachment", &file_name(&paper)?))
}

fn pdf(bytes: Vec<u8>, disposition: &str, name: &str) -> Response {
    Response::builder()
        .content_type("application/pdf")
        .header(header::CONTENT_DISPOSITION, answer::disposition(disposition, name))
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'")
        .header("X-Robots-Tag", "noindex, nofollow")
        .body(bytes)
}

fn back(token: &str, place: &str) -> Response {
    Redirect::see_other(format!("{}{place}", home(token))).into_response()
}

#[handler]
async fn ask_code(mut link: Link<SignPaper>, form: Form<Vec<(String, String)>>) -> Result<Response> {
    match code_for(&mut link, &form.0).await {
        Ok(()) => Ok(back(&link.token, "#sign")),
        Err(error) => told(&link, error, "").await,
    }
}

/// Ask for a code for the paper of the link and, for a delegate, for those that were ticked.
async fn code_for(link: &mut Link<SignPaper>, form: &[(String, String)]) -> Result<()> {
    let (request, _) = asked(&link.ctx.scope(), link).await?;
    if let Some(why) = turn_of(&link.ctx.scope(), &request).await? {
        return Err(Error::refused("signature.not_your_turn", why.clone(), why));
    }
    let ticked: Vec<Uuid> = ticked(form);
    let mut papers = vec![bind(&request)];
    papers.extend(beside(&link.ctx.scope(), &request).await?.iter().map(|(row, _)| bind(row)));
    let chosen = rules::chosen(papers, |paper| paper.request, &ticked)?;
    let asking = Asking {
        request: Some(request.id),
        signatory: request.signatory_id,
        name: request.name.clone(),
        address: request.email.clone(),
    };
    let mut tx = link.ctx.begin().await?;
    let request = tx.lock::<signature_request::Entity>(request.id).await?;
    moved(State::of(&request.state)?, Step::Sign)?;
    code::ask(&mut tx, asking, chosen).await?;
    if request.opened_at.is_none() {
        let (now, id, document) = (tx.now(), request.id, request.document_id);
        tx.act(request.activity_id, Event::Opened { request: id, document }.into())
            .update(request, |edit: &mut signature_request::ActiveModel| edit.opened_at = Set(Some(now)))
            .await?;
    }
    tx.commit().await
}

/// The boxes that were ticked: one name, several values.
fn ticked(form: &[(String, String)]) -> Vec<Uuid> {
    form.iter().filter(|(name, _)| name == "request").filter_map(|(_, value)| value.parse().ok()).collect()
}

/// What the form of a signature brings.
#[derive(Deserialize)]
struct Filled {
    code_id: Uuid,
    #[serde(default)]
    code: String,
    #[serde(default)]
    picture: String,
    #[serde(default)]
    typed_name: String,
    #[serde(default)]
    consent: String,
}

#[handler]
async fn give(mut link: Link<SignPaper>, form: Form<Filled>) -> Result<Response> {
    let Filled { code_id, code, picture, typed_name, consent } = form.0;
    match signing(&mut link, code_id, &code, &picture, &typed_name, !consent.is_empty()).await {
        Ok(()) => Ok(back(&link.token, "")),
        Err(error) => told(&link, error, &typed_name).await,
    }
}

async fn signing(
    link: &mut Link<SignPaper>,
    code: Uuid,
    typed: &str,
    picture: &str,
    name: &str,
    consent: bool,
) -> Result<()> {
    let (request, _) = asked(&link.ctx.scope(), link).await?;
    // A foreign code and one that does not exist get the same words.
    let known =
        link.ctx.scope().find::<one_time_code::Entity>().filter(one_time_code::Column::Id.eq(code)).one().await?;
    if known.is_none_or(|row| row.request_id != Some(request.id)) {
        return Err(Error::refused(
            "signature.code_other",
            "Ce code a été demandé pour d’autres documents : demandez-en un ici.",
            "This code was asked for other papers: ask for one here.",
        ));
    }
    agreed(consent)?;
    let manner = Manner::read(link.ctx.app(), Some(picture.to_owned()), Some(name.to_owned())).await?;
    sign(&mut link.ctx, Given { code, typed, manner, request: Some(request.id) }).await.map(drop)
}

/// The reason of a refusal.
#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[handler]
async fn refuse(mut link: Link<SignPaper>, form: Form<Reason>) -> Result<Response> {
    match refusing(&mut link, form.0.reason.trim()).await {
        Ok(()) => Ok(back(&link.token, "")),
        Err(error) => told(&link, error, "").await,
    }
}

async fn refusing(link: &mut Link<SignPaper>, reason: &str) -> Result<()> {
    let (request, _) = asked(&link.ctx.scope(), link).await?;
    let length = reason.chars().count();
    if !(3..=500).contains(&length) {
        return Err(no_reason());
    }
    request::refuse(&mut link.ctx, request.id, reason.to_owned()).await.map(drop)
}

fn no_reason() -> Error {
    Error::invalid(
        "/reason",
        "signature.reason",
        "Dites en quelques mots pourquoi vous ne signez pas (3 à 500 caractères).",
        "Say in a few words why you do not sign (3 to 500 characters).",
    )
}

/// What a person can mend is told on the page itself; the rest, on the page of all errors.
async fn told(link: &Link<SignPaper>, error: Error, typed: &str) -> Result<Response> {
    match error {
        Error::Refused(_) | Error::Invalid(_) => page(link, Some(&error), typed).await,
        other => Err(other),
    }
}
