//! Personal links that somebody with a key asks for: made and told, or sent by mail.

use std::collections::HashSet;

use entity::{enrolment, session, session_slot};
use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use super::{
    day::trainers,
    events::Event,
    held::addresses,
    rules::{Delivery, Handed, Held, handed},
};
use crate::{
    attendance::trainees,
    link::{Minted, NewLink, Purpose, link_of, mint},
    organisation::settings,
    platform::{
        access::Ctx,
        audit,
        error::{Error, Fault, Result},
        permission::{LinksAnswer, Permission},
        quota::{SENT, UsedUp},
        scope::Scope,
        tx::Tx,
    },
    session::slots_of_session,
};

/// Personal links to make or send again.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSigningLinks {
    /// Trainees of this session; all of them when neither they nor half-days are named.
    #[oai(validator(max_items = 500))]
    pub enrolments: Option<Vec<Uuid>>,
    /// Half-days of this session whose trainers get the page of that day.
    #[oai(validator(max_items = 100))]
    pub slots: Option<Vec<Uuid>>,
    /// How they are handed over.
    pub delivery: Delivery,
}

/// What became of one of them.
#[derive(Debug, Clone, Object)]
pub struct SigningLink {
    /// What it opens.
    pub purpose: Purpose,
    /// The enrolment, or the half-day of a trainer's day.
    pub object_id: Uuid,
    /// Who holds it.
    pub holder: String,
    /// What became of it.
    pub handed: Handed,
    /// The link, to revoke it; known when it is in this answer.
    pub link_id: Option<Uuid>,
    /// The address to open, once.
    pub address: Option<String>,
    /// Why it was withheld, in French.
    pub why: Option<String>,
}

/// What became of the links that were asked for.
#[derive(Debug, Clone, Object)]
pub struct SigningLinks {
    /// One line a holder.
    pub items: Vec<SigningLink>,
}

/// Until when the links of a session open something: its last half-day, and the time for late signatures.
pub async fn until(scope: &Scope<'_>, slots: &[session_slot::Model]) -> Result<chrono::DateTime<chrono::Utc>> {
    let hours = i64::from(settings(scope).await?.late_mark_hours);
    let last = slots.iter().map(|slot| slot.ends_at).max().ok_or_else(|| {
        Error::refused(
            "signing.no_half_day",
            "Cette session n’a pas de demi-journée à signer.",
            "This session has no half-day to sign.",
        )
    })?;
    Ok(last + chrono::TimeDelta::hours(hours))
}

/// Make or send personal links.
pub async fn ask(ctx: &mut Ctx, session: Uuid, input: NewSigningLinks) -> Result<SigningLinks> {
    let NewSigningLinks { enrolments, slots, delivery } = input;
    let for_trainees = enrolments.as_ref().map_or(slots.is_none(), |asked| !asked.is_empty());
    if for_trainees && delivery == Delivery::Answer && !ctx.may::<LinksAnswer>() {
        return Err(reserved());
    }
    let base_url = ctx.app().settings.base_url();
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let planned = slots_of_session(&tx.scope(), session.id).await?;
    let expires_at = until(&tx.scope(), &planned).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let own = addresses(&tx.scope(), session.id).await?;
    let asked: Vec<Uuid> = match (enrolments, &slots) {
        (Some(asked), _) => asked,
        (None, Some(_)) => vec![],
        (None, None) => roll.iter().map(|one| one.enrolment.id).collect(),
    };
    let (mut items, mut told) = (vec![], HashSet::new());
    for (index, id) in asked.into_iter().enumerate() {
        // Named twice, somebody would be handed a link that the next one ends.
        if !told.insert(id) {
            continue;
        }
        let row = tx.scope().get::<enrolment::Entity>(id).await?;
        let Some(one) = roll.iter().find(|one| one.enrolment.id == row.id) else {
            return Err(not_of_session(format!("/enrolments/{index}")));
        };
        let (mut handed, mut held) = handed(delivery, own.get(&id));
        let cause = format!("asked:{id}");
        if let (Handed::Mailed | Handed::Answered, Some(used)) =
            (handed, used_up(&tx, session.activity_id, delivery, "signing.link_asked", id, &cause).await?)
        {
            (handed, held) = (Handed::Withheld, Some(used.into()));
        }
        let mut line = SigningLink {
            purpose: Purpose::SignSession,
            object_id: id,
            holder: one.name.clone(),
            handed,
            link_id: None,
            address: None,
            why: held.map(|held| held.fr().to_owned()),
        };
        match handed {
            Handed::Mailed => {
                tx.act(session.activity_id, Event::LinkAsked { enrolment: id, session: session.id }.into());
            }
            Handed::Answered => {
                let new = NewLink {
                    purpose: Purpose::SignSession,
                    object: id,
                    session: Some(session.id),
                    trainer: None,
                    holder: one.name.clone(),
                    cause,
                    expires_at,
                };
                line.is_answered(&mint(&mut tx, session.activity_id, new).await?, &base_url);
            }
            Handed::Withheld => {}
        }
        items.push(line);
    }
    for (index, id) in slots.unwrap_or_default().into_iter().enumerate() {
        if !told.insert(id) {
            continue;
        }
        let slot = tx.scope().get::<session_slot::Entity>(id).await?;
        if slot.session_id != session.id {
            return Err(not_of_session(format!("/slots/{index}")));
        }
        let day: Vec<session_slot::Model> = planned.iter().filter(|one| one.day == slot.day).cloned().collect();
        let expires_at = until(&tx.scope(), &day).await?;
        let mut used = match delivery {
            Delivery::Mail => used_up(&tx, session.activity_id, delivery, "signing.day_link_asked", id, "").await?,
            Delivery::Answer => None,
        };
        if delivery == Delivery::Mail && used.is_none() {
            tx.act(session.activity_id, Event::DayLinkAsked { slot: id, session: session.id }.into());
        }
        for (trainer, holder) in trainers(&tx.scope(), id).await? {
            let cause = format!("asked:{id}:{}", trainer.id);
            if delivery == Delivery::Answer {
                used = used_up(&tx, session.activity_id, delivery, "", id, &cause).await?;
            }
            let mut line = SigningLink {
                purpose: Purpose::RunDay,
                object_id: id,
                holder: holder.clone(),
                handed: if used.is_some() { Handed::Withheld } else { Handed::Mailed },
                link_id: None,
                address: None,
                why: used.map(|used| Held::from(used).fr().to_owned()),
            };
            if delivery == Delivery::Answer && used.is_none() {
                let new = NewLink {
                    purpose: Purpose::RunDay,
                    object: id,
                    session: Some(session.id),
                    trainer: Some(trainer.id),
                    holder,
                    cause,
                    expires_at,
                };
                line.is_answered(&mint(&mut tx, session.activity_id, new).await?, &base_url);
            }
            items.push(line);
        }
    }
    tx.answers_at(format!("/v1/links?session_id={}", session.id), 200);
    tx.commit().await?;
    Ok(SigningLinks { items })
}

/// What is used up of the times that a link may be handed over: those that were asked for by mail, or those that were
/// answered under this cause.
async fn used_up(
    tx: &Tx<'_>,
    activity: Uuid,
    delivery: Delivery,
    event: &'static str,
    object: Uuid,
    cause: &str,
) -> Result<Option<UsedUp>> {
    let scope = tx.scope();
    let before = match delivery {
        Delivery::Mail => audit::times(&scope, event, object).await?,
        Delivery::Answer => match link_of(&scope, activity, cause).await? {
            Some(link) => audit::times(&scope, "link.minted", link).await?,
            None => vec![],
        },
    };
    Ok(SENT.allows(&before, tx.now()).err())
}

impl SigningLink {
    fn is_answered(&mut self, made: &Minted, base_url: &str) {
        self.handed = Handed::Answered;
        self.link_id = Some(made.row.id);
        self.address = Some(made.address(base_url, self.purpose));
    }
}

fn reserved() -> Error {
    Error::Reserved {
        permission: LinksAnswer::ID,
        fr: "Les liens personnels des stagiaires ne sont remis en réponse qu’à la coopérative (« links.answer ») : qui les a \
             peut signer à leur place. Faites-les envoyer par mail (« mail »), ou faites signer sur votre appareil.",
        en: "The trainees’ personal links are answered to the cooperative alone (“links.answer”): whoever has them can \
             sign in their place. Have them sent by mail (“mail”), or let people sign on your device.",
    }
}

fn not_of_session(pointer: String) -> Error {
    Error::Invalid(vec![Fault::new(
        pointer,
        "signing.other_session",
        "Ceci n’appartient pas à cette session, ou n’y est plus attendu.",
        "This is not of this session, or not expected there any more.",
    )])
}
