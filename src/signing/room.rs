//! The code of a half-day: made when it is first shown, scanned or typed by those who are there, exchanged for a ticket.

use entity::{session_slot, slot_code};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    code::{self, Ticket},
    events::Event,
    rules,
};
use crate::{
    attendance,
    platform::{
        access::{Ctx, RequestFacts, RoomKey, by_room},
        app::App,
        audit,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
};

/// The code that a screen shows at this moment.
#[derive(Debug, Clone, Object)]
#[oai(rename = "SlotCode")]
pub struct CodeOut {
    /// The half-day.
    pub slot_id: Uuid,
    /// The address that the QR code carries; it changes every 30 seconds.
    pub address: String,
    /// The QR code, as an SVG picture.
    pub svg: String,
    /// The code to type at `typed_at` instead; it changes every ten minutes.
    pub typed: String,
    /// Where the code is typed.
    pub typed_at: String,
    /// Seconds until the QR code changes: ask again then.
    pub seconds_left: i64,
}

/// The row of a half-day's code.
pub async fn code_of(scope: &Scope<'_>, slot: Uuid) -> Result<Option<slot_code::Model>> {
    scope.find::<slot_code::Entity>().filter(slot_code::Column::SlotId.eq(slot)).one().await
}

/// Open a half-day to be signed, and make its code if it has none.
pub async fn show(tx: &mut Tx<'_>, slot: Uuid) -> Result<slot_code::Model> {
    attendance::open(tx, slot).await?;
    secret_of(tx, slot).await
}

/// The code of a half-day; made if it has none.
pub async fn secret_of(tx: &mut Tx<'_>, slot: Uuid) -> Result<slot_code::Model> {
    let slot = tx.lock::<session_slot::Entity>(slot).await?;
    if let Some(row) = code_of(&tx.scope(), slot.id).await? {
        return Ok(row);
    }
    let (secret, number) = (tx.new_token(), code::letters(tx.new_token().as_bytes()));
    tx.act(slot.activity_id, Event::CodeMade { slot: slot.id }.into())
        .insert(slot_code::ActiveModel {
            slot_id: Set(slot.id),
            number: Set(number),
            secret: Set(secret),
            wrong_window: Set(0),
            wrong_tries: Set(0),
            ..Default::default()
        })
        .await
}

/// What a screen shows now.
pub fn shown(row: &slot_code::Model, base_url: &str, now: chrono::DateTime<chrono::Utc>) -> Result<CodeOut> {
    let address = format!("{base_url}/presence/qr/{}", code::scanned(&row.secret, row.slot_id, now));
    Ok(CodeOut {
        slot_id: row.slot_id,
        svg: drawn(&address)?,
        address,
        typed: code::typed(&row.secret, row.slot_id, &row.number, now),
        typed_at: format!("{base_url}/presence/code"),
        seconds_left: code::seconds_left(now, code::SCANNED),
    })
}

/// The code that a half-day shows now; refused until it was opened.
pub async fn current(ctx: &Ctx, slot: Uuid) -> Result<CodeOut> {
    ctx.scope().get::<session_slot::Entity>(slot).await?;
    let row = code_of(&ctx.scope(), slot).await?.ok_or_else(|| {
        Error::refused(
            "signing.no_code",
            "Cette demi-journée ne montre pas encore de code : ouvrez-la d’abord (POST).",
            "This half-day shows no code yet: open it first (POST).",
        )
    })?;
    shown(&row, &ctx.app().settings.base_url(), ctx.now())
}

/// Open a half-day by its code.
pub async fn open(ctx: &mut Ctx, slot: Uuid) -> Result<CodeOut> {
    let base_url = ctx.app().settings.base_url();
    let mut tx = ctx.begin().await?;
    let row = show(&mut tx, slot).await?;
    let out = shown(&row, &base_url, tx.now())?;
    tx.answers_at(format!("/v1/slots/{slot}/code"), 200);
    tx.commit().await?;
    Ok(out)
}

/// A QR code as SVG: one path, a square a module, the quiet zone that readers need.
fn drawn(address: &str) -> Result<String> {
    use std::fmt::Write as _;
    let code = qrcode::QrCode::with_error_correction_level(address, qrcode::EcLevel::M).map_err(Error::internal)?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, line) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = line[x..].iter().take_while(|color| **color == qrcode::Color::Dark).count();
            if run > 0 {
                write!(path, "M{} {}h{run}v1h-{run}z", x + 4, y + 4).map_err(Error::internal)?;
            }
            x += run.max(1);
        }
    }
    let side = width + 8;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" \
         role=\"img\" aria-label=\"Code QR pour signer\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path d=\"{path}\"/></svg>"
    ))
}

/// A ticket for whoever shows the code of this moment.
fn given(ctx: &Ctx, row: &slot_code::Model) -> String {
    let (now, act) = (ctx.now(), ctx.app().ids.new_id(ctx.now()));
    Ticket { slot: row.slot_id, act, link: None, given: now }.text(&row.secret)
}

/// Exchange a scanned code for a ticket; what is past or made up is refused with the same words.
pub async fn scan(app: &App, text: &str, facts: &RequestFacts) -> Result<String> {
    let slot = code::slot_of_scan(text).ok_or_else(rules::wrong_code)?;
    for (ctx, row) in by_room(app, RoomKey::Slot(slot), facts).await? {
        if code::is_scanned(&row.secret, slot, text, ctx.now()) {
            return Ok(given(&ctx, &row));
        }
    }
    Err(rules::wrong_code())
}

/// Exchange a typed code for a ticket. Several half-days may have the same number: all are compared before a wrong try is
/// counted for any, and one that takes no code for now hides no other. Tries are read and counted under the lock of their
/// half-day: many at once do not go past the limit.
pub async fn type_in(app: &App, text: &str, facts: &RequestFacts) -> Result<String> {
    let (number, part) = code::read_typed(text).ok_or_else(rules::wrong_code)?;
    let (right, wrong): (Vec<_>, Vec<_>) = by_room(app, RoomKey::Number(number), facts)
        .await?
        .into_iter()
        .partition(|(ctx, row)| code::is_typed(&row.secret, row.slot_id, &part, ctx.now()));
    let mut blocked = None;
    for (mut ctx, row) in right {
        let ticket = given(&ctx, &row);
        let tx = ctx.begin().await?;
        let row = tx.lock::<slot_code::Entity>(row.id).await?;
        let in_all = mistyped(&tx, row.slot_id).await?;
        match rules::may_type(row.wrong_tries, row.wrong_window, code::window(tx.now(), code::TYPED), in_all) {
            Ok(()) => return Ok(ticket),
            Err(why) => blocked = Some(why),
        }
    }
    if let Some(why) = blocked {
        return Err(why);
    }
    let (mut blocked, mut counted) = (None, false);
    for (mut ctx, row) in wrong {
        let mut tx = ctx.begin().await?;
        let row = tx.lock::<slot_code::Entity>(row.id).await?;
        let window = code::window(tx.now(), code::TYPED);
        let in_all = mistyped(&tx, row.slot_id).await?;
        if let Err(why) = rules::may_type(row.wrong_tries, row.wrong_window, window, in_all) {
            blocked = Some(why);
            continue;
        }
        let tries = if row.wrong_window == window { row.wrong_tries + 1 } else { 1 };
        tx.act(row.activity_id, Event::CodeMistyped { slot: row.slot_id }.into())
            .update(row, |edit: &mut slot_code::ActiveModel| {
                edit.wrong_window = Set(window);
                edit.wrong_tries = Set(tries);
            })
            .await?;
        tx.commit().await?;
        counted = true;
    }
    Err(blocked.filter(|_| !counted).unwrap_or_else(rules::wrong_code))
}

/// Wrong codes that were typed for a half-day in all, as the audit counts them.
async fn mistyped(tx: &Tx<'_>, slot: Uuid) -> Result<usize> {
    Ok(audit::times(&tx.scope(), "signing.code_mistyped", slot).await?.len())
}

/// Whoever holds a ticket of a code, and the ticket. One that is made up names nothing.
pub async fn hold(app: &App, text: &str, facts: &RequestFacts) -> Result<(Ctx, Ticket)> {
    let ticket = Ticket::read(text).filter(|ticket| ticket.link.is_none()).ok_or(Error::Missing("ticket"))?;
    for (ctx, row) in by_room(app, RoomKey::Slot(ticket.slot), facts).await? {
        if ticket.is_from(&row.secret, text) {
            return Ok((ctx, ticket));
        }
    }
    Err(Error::Missing("ticket"))
}

/// A ticket for the holder of a link, who will sign without network.
pub async fn lend(tx: &mut Tx<'_>, slot: Uuid, link: Uuid) -> Result<String> {
    let row = secret_of(tx, slot).await?;
    let ticket = Ticket { slot, act: tx.new_id(), link: Some(link), given: tx.now() };
    Ok(ticket.text(&row.secret))
}

/// Whether what was signed without network comes with a ticket that was given for this half-day and this link.
pub async fn require_ticket(scope: &Scope<'_>, slot: Uuid, link: Uuid, text: &str) -> Result<()> {
    let ticket = Ticket::read(text).filter(|ticket| ticket.slot == slot && ticket.link == Some(link));
    if let (Some(ticket), Some(row)) = (ticket, code_of(scope, slot).await?)
        && ticket.is_from(&row.secret, text)
    {
        return Ok(());
    }
    Err(Error::refused(
        "signing.no_ticket",
        "Signé sans réseau sur une page qui n’avait pas été ouverte en ligne pour cette demi-journée : signez de nouveau, \
         en ligne.",
        "Signed offline on a page that was not opened online for this half-day: sign again, online.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_one_small_path() {
        let svg = drawn("https://formation.example.org/presence/qr/AZwN3gAAcACAAAAAAAAAAbM4o1m0XyqkF0Yl2g").unwrap();
        assert!(svg.starts_with("<svg") && svg.len() < 16_000, "{}", svg.len());
    }
}
