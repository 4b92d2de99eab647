//! Draft, send, revise; record what the client answers.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::{client, needs_analysis, organisation, programme_version, quote, quote_line};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    events::Event,
    line,
    offer::{self, AcceptQuote, DeclineQuote, NewQuote, QuoteOut},
    paper,
    rules::{self, Move, QuoteState},
};
use crate::{
    activity::still_sells,
    document::{self, About, Kind},
    organisation::issuer,
    platform::{
        access::Ctx,
        calendar::date,
        contract::{Patch, parse},
        error::{Error, Result},
        page::{Page, PageQuery},
        scope::Scope,
        text::fold,
        tx::Tx,
    },
};

fn place(id: Uuid) -> String {
    format!("/v1/quotes/{id}")
}

/// A quote with its lines and totals.
pub(super) async fn out(scope: &Scope<'_>, row: quote::Model, today: NaiveDate) -> Result<QuoteOut> {
    let lines = line::lines(scope, row.id).await?;
    QuoteOut::from_rows(row, &lines, today)
}

/// A page of quotes with their lines and totals.
pub(super) async fn list(scope: &Scope<'_>, page: &PageQuery, today: NaiveDate) -> Result<Page<QuoteOut>> {
    use quote_line::{Column, Entity};
    let query = scope.find::<quote::Entity>().search(quote::Column::Search, page.q.as_deref());
    let (rows, next) = query.page_rows(page).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut by_quote: HashMap<Uuid, Vec<quote_line::Model>> = HashMap::new();
    for row in scope.find::<Entity>().filter(Column::QuoteId.is_in(ids)).ascending(Column::Position).all().await? {
        by_quote.entry(row.quote_id).or_default().push(row);
    }
    let items = rows.into_iter().map(|row| {
        let lines = by_quote.remove(&row.id).unwrap_or_default();
        QuoteOut::from_rows(row, &lines, today)
    });
    Ok(Page { items: items.collect::<Result<_>>()?, next })
}

/// The client and the references of an input, all of one activity.
async fn check(tx: &Tx<'_>, input: &NewQuote, activity: Option<Uuid>) -> Result<client::Model> {
    let scope = tx.scope();
    let client = scope.get::<client::Entity>(input.client_id).await?;
    let home = activity.unwrap_or(client.activity_id);
    if client.activity_id != home {
        return Err(Error::Missing("client"));
    }
    let needs = scope.maybe::<needs_analysis::Entity>(input.needs_analysis_id).await?;
    if needs.is_some_and(|row| row.activity_id != home) {
        return Err(Error::Missing("needs_analysis"));
    }
    let version = scope.maybe::<programme_version::Entity>(input.programme_version_id).await?;
    if version.is_some_and(|row| row.activity_id != home) {
        return Err(Error::Missing("programme_version"));
    }
    let today = tx.today();
    if let Some(last) = input.valid_until
        && last < today
    {
        return Err(Error::invalid(
            "/valid_until",
            "quote.valid_in_past",
            format!("La validité finirait le {}, avant aujourd’hui, {}.", date(last), date(today)),
            format!("The validity would end on {last}, before today, {today}."),
        ));
    }
    Ok(client)
}

fn fill(edit: &mut quote::ActiveModel, input: NewQuote, client: &client::Model) -> Vec<line::NewQuoteLine> {
    let NewQuote {
        external_id,
        client_id,
        needs_analysis_id,
        programme_version_id,
        heads,
        period,
        place,
        terms,
        valid_until,
        note,
        lines,
    } = input;
    let labels: Vec<&str> = lines.iter().map(|line| line.label.as_str()).collect();
    edit.search = Set(fold(&format!("{} {}", client.name, labels.join(" "))));
    edit.external_id = Set(external_id);
    edit.client_id = Set(client_id);
    edit.needs_analysis_id = Set(needs_analysis_id);
    edit.programme_version_id = Set(programme_version_id);
    edit.heads = Set(heads);
    edit.period = Set(period);
    edit.place = Set(place);
    edit.terms = Set(terms);
    edit.valid_until = Set(valid_until);
    edit.note = Set(note);
    lines
}

async fn insert(
    tx: &mut Tx<'_>,
    input: NewQuote,
    client: &client::Model,
    before: Option<&quote::Model>,
) -> Result<quote::Model> {
    let activity = client.activity_id;
    still_sells(&tx.scope(), activity, tx.today()).await?;
    let exempt = issuer(&tx.scope(), activity, tx.today()).await?.vat_exempt;
    let id = tx.new_id();
    let mut row = quote::ActiveModel {
        id: Set(id),
        replaces_id: Set(before.map(|row| row.id)),
        edition: Set(before.map_or(1, |row| row.edition + 1)),
        state: Set(QuoteState::Draft.into()),
        ..Default::default()
    };
    let lines = line::rows(id, fill(&mut row, input, client), exempt)?;
    let mut act = tx.act(activity, Event::Created { quote: id }.into());
    let row = act.insert(row).await?;
    for line in lines {
        act.insert(line).await?;
    }
    Ok(row)
}

async fn rewrite(tx: &mut Tx<'_>, before: quote::Model, input: NewQuote) -> Result<quote::Model> {
    let (id, activity) = (before.id, before.activity_id);
    QuoteState::of(&before.state)?.on(before.valid_until, tx.today()).after(Move::Edit)?;
    let client = check(tx, &input, Some(activity)).await?;
    let exempt = issuer(&tx.scope(), activity, tx.today()).await?.vat_exempt;
    let old = line::lines(&tx.scope(), id).await?;
    let mut filled = quote::ActiveModel::default();
    let lines = line::rows(id, fill(&mut filled, input, &client), exempt)?;
    let mut act = tx.act(activity, Event::Changed { quote: id }.into());
    for line in old {
        act.delete::<quote_line::Entity>(line).await?;
    }
    for line in lines {
        act.insert(line).await?;
    }
    act.update(before, |edit: &mut quote::ActiveModel| {
        edit.search = filled.search;
        edit.external_id = filled.external_id;
        edit.client_id = filled.client_id;
        edit.needs_analysis_id = filled.needs_analysis_id;
        edit.programme_version_id = filled.programme_version_id;
        edit.heads = filled.heads;
        edit.period = filled.period;
        edit.place = filled.place;
        edit.terms = filled.terms;
        edit.valid_until = filled.valid_until;
        edit.note = filled.note;
    })
    .await
}

/// Write a draft.
pub(super) async fn create(ctx: &mut Ctx, input: NewQuote) -> Result<QuoteOut> {
    let mut tx = ctx.begin().await?;
    let client = check(&tx, &input, None).await?;
    let row = insert(&mut tx, input, &client, None).await?;
    answer(tx, row, 201).await
}

async fn answer(mut tx: Tx<'_>, row: quote::Model, status: u16) -> Result<QuoteOut> {
    let today = tx.today();
    let out = out(&tx.scope(), row, today).await?;
    tx.answers_at(place(out.id), status);
    tx.commit().await?;
    Ok(out)
}

/// Change a draft; its lines are replaced as a whole.
pub(super) async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewQuote>) -> Result<QuoteOut> {
    let mut tx = ctx.begin().await?;
    let before = tx.edit::<quote::Entity>(id).await?;
    let input = patch.apply(&offer::written(&before, &line::lines(&tx.scope(), id).await?)?)?;
    let row = rewrite(&mut tx, before, input).await?;
    answer(tx, row, 200).await
}

/// Create or replace the draft that the caller calls by this name; answers whether it was created.
pub(super) async fn upsert(ctx: &mut Ctx, external_id: &str, mut input: serde_json::Value) -> Result<(QuoteOut, bool)> {
    if let Some(map) = input.as_object_mut() {
        map.insert("external_id".into(), external_id.into());
    }
    let input: NewQuote = parse(input)?;
    let mut tx = ctx.begin().await?;
    let client = check(&tx, &input, None).await?;
    tx.alone(&format!("quotes:{}:{external_id}", client.activity_id)).await?;
    let found = tx
        .scope()
        .find::<quote::Entity>()
        .filter(quote::Column::ActivityId.eq(client.activity_id))
        .filter(quote::Column::ExternalId.eq(external_id))
        .one()
        .await?;
    let (row, made) = match found {
        Some(row) => {
            let before = tx.lock::<quote::Entity>(row.id).await?;
            (rewrite(&mut tx, before, input).await?, false)
        }
        None => (insert(&mut tx, input, &client, None).await?, true),
    };
    Ok((answer(tx, row, if made { 201 } else { 200 }).await?, made))
}

/// Delete a draft.
pub(super) async fn delete(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<quote::Entity>(id).await?;
    QuoteState::of(&row.state)?.on(row.valid_until, tx.today()).after(Move::Edit)?;
    let lines = line::lines(&tx.scope(), id).await?;
    let mut act = tx.act(row.activity_id, Event::Deleted { quote: id }.into());
    for line in lines {
        act.delete::<quote_line::Entity>(line).await?;
    }
    act.delete::<quote::Entity>(row).await?;
    tx.commit().await
}

/// Send a quote: its validity begins, its paper is issued and names it.
pub(super) async fn send(ctx: &mut Ctx, id: Uuid) -> Result<QuoteOut> {
    let mut tx = ctx.begin().await?;
    let mut row = tx.lock::<quote::Entity>(id).await?;
    let (activity, today) = (row.activity_id, tx.today());
    let state = QuoteState::of(&row.state)?.after(Move::Send)?;
    still_sells(&tx.scope(), activity, tx.today()).await?;
    let settings = tx.scope().find::<organisation::Entity>().one().await?;
    let settings = settings.ok_or_else(|| Error::internal("the cooperative has no settings"))?;
    let days = Days::new(u64::try_from(settings.quote_validity_days).unwrap_or_default());
    let valid_until = match row.valid_until {
        Some(last) if last < today => return Err(expired_draft(last, today)),
        Some(last) => last,
        None => today.checked_add_days(days).unwrap_or(today),
    };
    row.valid_until = Some(valid_until);
    let lines = line::lines(&tx.scope(), id).await?;
    let printed = paper::content(&tx.scope(), &row, &lines, settings.payment_days, today).await?;
    let title = format!("Devis – {}", printed.client.name);
    let about = About { client: Some(row.client_id), quote: Some(id), ..About::default() };
    let issued = document::issue(&mut tx, activity, Kind::Quote, &title, about, &printed).await?.paper();
    let search = format!("{} {}", row.search, fold(&issued.reference));
    let reference = issued.reference.clone();
    let row = tx
        .act(activity, Event::Sent { quote: id, document: issued.id }.into())
        .update(row, |edit: &mut quote::ActiveModel| {
            edit.state = Set(state.into());
            edit.reference = Set(Some(reference));
            edit.issued_on = Set(Some(today));
            edit.valid_until = Set(Some(valid_until));
            edit.search = Set(search);
        })
        .await?;
    answer(tx, row, 200).await
}

fn expired_draft(last: NaiveDate, today: NaiveDate) -> Error {
    Error::refused(
        "quote.expired",
        format!("La validité finit le {}, avant aujourd’hui, {}\u{a0}: changez-la d’abord.", date(last), date(today)),
        format!("The validity ends on {last}, before today, {today}: change it first."),
    )
}

/// Record that the client accepts: who, when, in which quality.
pub(super) async fn accept(ctx: &mut Ctx, id: Uuid, input: AcceptQuote) -> Result<QuoteOut> {
    let AcceptQuote { on, by, quality } = input;
    let mut tx = ctx.begin().await?;
    let row = accept_row(&mut tx, id, on, by, quality).await?;
    answer(tx, row, 200).await
}

/// The same, as part of a larger act.
pub async fn accept_row(
    tx: &mut Tx<'_>,
    id: Uuid,
    on: NaiveDate,
    by: String,
    quality: Option<String>,
) -> Result<quote::Model> {
    let row = tx.lock::<quote::Entity>(id).await?;
    let today = tx.today();
    let state = QuoteState::of(&row.state)?.on(row.valid_until, today).after(Move::Accept)?;
    rules::accept_by(row.issued_on, row.valid_until, on, today)?;
    tx.act(row.activity_id, Event::Accepted { quote: id }.into())
        .update(row, |edit: &mut quote::ActiveModel| {
            edit.state = Set(state.into());
            edit.accepted_on = Set(Some(on));
            edit.accepted_by = Set(Some(by));
            edit.accepted_quality = Set(quality);
        })
        .await
}

/// Record that the client declines.
pub(super) async fn decline(ctx: &mut Ctx, id: Uuid, input: DeclineQuote) -> Result<QuoteOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<quote::Entity>(id).await?;
    let state = QuoteState::of(&row.state)?.on(row.valid_until, tx.today()).after(Move::Decline)?;
    let row = tx
        .act(row.activity_id, Event::Declined { quote: id }.into())
        .update(row, |edit: &mut quote::ActiveModel| {
            edit.state = Set(state.into());
            edit.declined_reason = Set(input.reason);
        })
        .await?;
    answer(tx, row, 200).await
}

/// Make a new edition, a draft that says the same; it takes the place of this one.
pub(super) async fn revise(ctx: &mut Ctx, id: Uuid) -> Result<QuoteOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<quote::Entity>(id).await?;
    let state = QuoteState::of(&row.state)?.on(row.valid_until, tx.today()).after(Move::Revise)?;
    let mut input = offer::written(&row, &line::lines(&tx.scope(), id).await?)?;
    input.external_id = None;
    input.valid_until = None;
    let client = tx.scope().get::<client::Entity>(row.client_id).await?;
    let edition = insert(&mut tx, input, &client, Some(&row)).await?;
    tx.act(row.activity_id, Event::Replaced { quote: id, by: edition.id }.into())
        .update(row, |edit: &mut quote::ActiveModel| edit.state = Set(state.into()))
        .await?;
    answer(tx, edition, 201).await
}
