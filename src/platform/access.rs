//! Who calls, and what they may see and do. `Allow<P>` is the only way for an endpoint to get a [`Ctx`].

use std::{
    marker::PhantomData,
    net::IpAddr,
    sync::{Arc, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{activity, api_key, link, membership, slot_code, user_account};
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions, SecurityScheme, auth::Bearer, registry::Registry,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use super::{
    app::App,
    audit, calendar,
    error::{Error, Result},
    grant::Grant,
    idempotency::Asked,
    permission::{Permission, Permissions, Role},
    refused::{Why, refused},
    scope::{Conn, Reach, Scope},
    tx::Tx,
};

/// What scanners of leaked secrets recognise at the beginning of a key.
pub const KEY_PREFIX: &str = "clairiere_";

/// How long a key that was looked up is trusted without asking the database again. A change made through this process
/// is seen at once; one made through another instance within this delay.
const TRUSTED: TimeDelta = TimeDelta::seconds(5);

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A user, through one of their keys.
    Key(Arc<Principal>),
    /// Somebody outside, by a personal link.
    Link(Holder),
    /// Somebody in the room of a half-day, by the code that it shows.
    Room {
        /// The half-day.
        slot: Uuid,
    },
    /// Somebody whom the provider of identities names, before they have a key.
    Identity {
        /// Their user, when there is one already.
        user: Option<Uuid>,
        /// Their name.
        name: String,
    },
    /// The worker, because of a committed act.
    System {
        /// Which job.
        job: &'static str,
    },
    /// The person who runs the program's commands.
    Operator,
}

/// Who holds a personal link.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The link.
    pub link: Uuid,
    /// The holder's name, as the link says it.
    pub name: String,
}

/// A key and its user, as they were found.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The key.
    pub key: Uuid,
    /// Its user.
    pub user: Uuid,
    /// The user's name.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// What the key may do.
    pub permissions: Permissions,
    /// What the key may see.
    pub reach: Reach,
    /// What it may hand on.
    pub grant: Grant,
}

pub(super) struct CachedKey {
    principal: Arc<Principal>,
    until: DateTime<Utc>,
}

impl CachedKey {
    /// Whether it was looked up a moment ago. What a clock that was put right since told is not believed.
    fn trusted(&self, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..TRUSTED).contains(&(self.until - now - TimeDelta::microseconds(1)))
    }
}

/// What a request says beside its body.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts {
    /// Its number in the log.
    pub id: Option<String>,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `Idempotency-Key`, with what was asked under it.
    pub idempotency: Option<Asked>,
    /// Where the request came from.
    pub client: Client,
    /// The same address, if it may be held against whoever comes from there.
    pub source: Option<IpAddr>,
}

/// The device at the other end, as far as it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address, behind the proxies that are trusted.
    pub address: Option<IpAddr>,
    /// What it calls itself (`User-Agent`), 400 characters at most.
    pub agent: Option<String>,
}

/// A caller: who acts, what they may see, what they asked.
pub struct Ctx {
    app: App,
    actor: Actor,
    reach: Reach,
    permissions: Permissions,
    pub(super) request: RequestFacts,
}

impl Ctx {
    /// The worker, in the activity of the row that it carries out. Only `work.rs` says this.
    pub fn system(app: &App, job: &'static str, activity: Option<Uuid>) -> Self {
        let reach = activity.map_or(Reach::Organisation, |id| Reach::Activities(vec![id]));
        Self {
            app: app.clone(),
            actor: Actor::System { job },
            reach,
            permissions: Permissions::NONE,
            request: RequestFacts::default(),
        }
    }

    /// Whoever verifies a paper by its code, without a key. Only `document/verification.rs` says this.
    pub fn verifier(app: &App) -> Self {
        Self {
            app: app.clone(),
            actor: Actor::System { job: "verification" },
            reach: Reach::Organisation,
            permissions: Permissions::NONE,
            request: RequestFacts::default(),
        }
    }

    /// Whoever signs in or out: their user and their keys are rows of the cooperative. Only `signin` says this.
    pub fn by_identity(app: &App, user: Option<Uuid>, name: String, request: RequestFacts) -> Self {
        Self {
            app: app.clone(),
            actor: Actor::Identity { user, name },
            reach: Reach::Organisation,
            permissions: Permissions::NONE,
            request,
        }
    }

    /// The same caller, narrowed to one activity within reach.
    pub fn within(&self, activity: Uuid) -> Result<Self> {
        if !self.reach.holds(activity) {
            return Err(Error::Missing("activity"));
        }
        Ok(Self {
            app: self.app.clone(),
            actor: self.actor.clone(),
            reach: Reach::Activities(vec![activity]),
            permissions: self.permissions,
            request: RequestFacts::default(),
        })
    }

    /// The person who runs the program's commands: sees everything.
    pub fn operator(app: &App) -> Self {
        Self {
            app: app.clone(),
            actor: Actor::Operator,
            reach: Reach::Organisation,
            permissions: Permissions::NONE,
            request: RequestFacts::default(),
        }
    }

    /// What the program shares.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What the caller may see.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where the request came from.
    pub fn client(&self) -> &Client {
        &self.request.client
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.now()
    }

    /// The present day in Paris.
    pub fn today(&self) -> chrono::NaiveDate {
        calendar::local_day(self.now())
    }

    /// Reads within the caller's reach.
    pub fn scope(&self) -> Scope<'_> {
        Scope { conn: Conn::Pool(self.app.db.reader()), reach: &self.reach }
    }

    /// Begin to write. The borrow forbids two at once.
    pub async fn begin(&mut self) -> Result<Tx<'_>> {
        Tx::begin(self).await
    }

    /// Whether the caller also holds another permission than the one that opened the operation.
    pub fn may<P: Permission>(&self) -> bool {
        matches!(self.actor, Actor::Operator | Actor::System { .. }) || self.permissions.holds(P::INDEX)
    }

    /// The same, for a permission that is found by its place among all of them.
    pub fn holds(&self, index: u32) -> bool {
        matches!(self.actor, Actor::Operator | Actor::System { .. }) || self.permissions.holds(index)
    }

    /// Refuse a caller who lacks a permission that only some requests of an operation need.
    pub fn require<P: Permission>(&self) -> Result<()> {
        if self.may::<P>() { Ok(()) } else { Err(Error::Forbidden(P::ID)) }
    }

    /// The activity in which to create: the one that is named, or the only one within reach.
    pub fn activity(&self, named: Option<Uuid>) -> Result<Uuid> {
        match (named, &self.reach) {
            (Some(id), reach) if reach.holds(id) => Ok(id),
            (Some(_), _) => Err(Error::Missing("activity")),
            (None, Reach::Activities(list)) if list.len() == 1 => Ok(list[0]),
            (None, _) => Err(Error::invalid(
                "/activity_id",
                "required",
                "Votre clé ouvre plusieurs activités : précisez laquelle avec « activity_id ».",
                "Your key reaches several activities: say which with “activity_id”.",
            )),
        }
    }

    /// The same caller about their own user and key, which are rows of the cooperative. Only `access` says this.
    pub fn oneself(&self) -> Self {
        Self {
            app: self.app.clone(),
            actor: self.actor.clone(),
            reach: Reach::Organisation,
            permissions: self.permissions,
            request: self.request.clone(),
        }
    }

    /// What the caller may hand on: a key makes nothing wider or longer than itself.
    pub fn grant(&self) -> Grant {
        match &self.actor {
            Actor::Key(principal) => principal.grant.clone(),
            // Their provider says who they are and as what: their key is theirs, not a grant of another's.
            Actor::Identity { .. } | Actor::System { .. } | Actor::Operator => Grant::WHOLE,
            Actor::Link(_) | Actor::Room { .. } => Grant::nothing(),
        }
    }

    /// The user behind the key, if a user acts.
    pub fn user(&self) -> Option<Uuid> {
        match &self.actor {
            Actor::Key(principal) => Some(principal.user),
            Actor::Identity { user, .. } => *user,
            Actor::Link(_) | Actor::Room { .. } | Actor::System { .. } | Actor::Operator => None,
        }
    }

    /// Whoever repeats a request under an Idempotency-Key must be the same.
    pub(super) fn principal(&self) -> String {
        match &self.actor {
            Actor::Key(principal) => principal.key.to_string(),
            Actor::Link(holder) => format!("link:{}", holder.link),
            Actor::Room { slot } => format!("room:{slot}"),
            Actor::Identity { user, .. } => format!("identity:{}", user.unwrap_or_default()),
            Actor::System { job } => format!("system:{job}"),
            Actor::Operator => "operator".to_owned(),
        }
    }

    /// Say what a form holds: a request that is repeated is the same whatever the boundary of its form.
    pub fn form_says(&self, parts: &serde_json::Value) {
        if let Some(asked) = &self.request.idempotency {
            asked.body.says(parts);
        }
    }

    /// The actor as the audit names it.
    pub fn actor_name(&self) -> String {
        match &self.actor {
            Actor::Key(principal) => principal.name.clone(),
            Actor::Link(holder) => format!("{} (lien personnel)", holder.name),
            Actor::Room { .. } => "personne présente (code affiché)".to_owned(),
            Actor::Identity { name, .. } => format!("{name} (connexion)"),
            Actor::System { job } => format!("système ({job})"),
            Actor::Operator => "opérateur".to_owned(),
        }
    }

    pub(super) fn behalf(&self) -> Option<String> {
        match &self.actor {
            Actor::Key(principal) => Some(format!("user:{} key:{}", principal.user, principal.key)),
            Actor::Link(holder) => Some(format!("link:{}", holder.link)),
            Actor::Room { slot } => Some(format!("room:{slot}")),
            Actor::Identity { user, .. } => user.map(|user| format!("user:{user}")),
            Actor::System { .. } | Actor::Operator => None,
        }
    }
}

/// A bearer key in the contract.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "key")]
struct Key(#[expect(dead_code, reason = "only its schema is used: `authorise` reads the header itself")] Bearer);

/// The caller holds permission `P`.
pub struct Allow<P> {
    /// The caller.
    pub ctx: Ctx,
    permission: PhantomData<P>,
}

impl<'a, P: Permission> ApiExtractor<'a> for Allow<P> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Key::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Key::security_schemes()
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let ctx = authorise(request, P::INDEX, P::ID).await?;
        Ok(Self { ctx, permission: PhantomData })
    }
}

/// An operation that anybody may call; it yields no caller.
pub struct Open;

impl<'a> ApiExtractor<'a> for Open {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];
    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(_: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self)
    }
}

async fn authorise(request: &Request, index: u32, id: &'static str) -> Result<Ctx> {
    let app = request.data::<App>().ok_or_else(|| Error::internal("no App in the request"))?.clone();
    let facts = request.data::<RequestFacts>().cloned().unwrap_or_default();
    let token = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
        .map(str::trim);
    let found = match token {
        Some(token) => match principal(&app, token, facts.source).await {
            Err(held_off @ Error::TooMany(_)) => {
                refused(&app, &facts.client, None, Why::HeldOff).await;
                return Err(held_off);
            }
            other => other?,
        },
        None => Err(Why::Missing),
    };
    let principal = match found {
        Ok(principal) => principal,
        Err(why) => {
            let answer = match why {
                Why::Missing => Error::Unauthorized,
                _ => app.calls.unknown_key(facts.source),
            };
            refused(&app, &facts.client, token, why).await;
            return Err(answer);
        }
    };
    app.calls.admit(principal.key)?;
    if !principal.permissions.holds(index) {
        return Err(Error::Forbidden(id));
    }
    Ok(Ctx {
        reach: principal.reach.clone(),
        permissions: principal.permissions,
        actor: Actor::Key(principal),
        request: facts,
        app,
    })
}

/// The hash under which a key is kept.
pub fn hash_of_key(token: &str) -> String {
    audit::sha256(token)
}

/// The hash under which a personal link is kept.
pub fn hash_of_link(token: &str) -> String {
    audit::sha256(token)
}

/// The holder of a personal link, and the link. A token that is unknown, expired, revoked or made for another purpose is
/// [`Error::Missing`], by one code path.
#[expect(clippy::disallowed_methods, reason = "who calls is found before any reach is known")]
pub async fn by_link(app: &App, purpose: &str, token: &str, facts: RequestFacts) -> Result<(Ctx, link::Model)> {
    let now = app.now();
    let row = link::Entity::find()
        .filter(link::Column::TokenHash.eq(hash_of_link(token)))
        .filter(link::Column::Purpose.eq(purpose))
        .filter(link::Column::RevokedAt.is_null())
        .filter(link::Column::ExpiresAt.gt(now))
        .one(app.db.reader())
        .await?;
    let Some(row) = row else {
        refused(app, &facts.client, None, Why::Link).await;
        return Err(Error::Missing("link"));
    };
    let holder = Holder { link: row.id, name: row.holder.clone() };
    let ctx = Ctx {
        app: app.clone(),
        actor: Actor::Link(holder),
        reach: Reach::Activities(vec![row.activity_id]),
        permissions: Permissions::NONE,
        request: facts,
    };
    Ok((ctx, row))
}

/// How somebody in a room names its half-day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomKey {
    /// By what a scanned code or a ticket carries.
    Slot(Uuid),
    /// By the number that a typed code begins with.
    Number(String),
}

/// The half-days that a key may name, the newest first, each with a caller who reaches its activity. It proves nothing
/// yet: whoever calls compares the code or the ticket with the row's secret, and answers as to a missing half-day when it
/// does not fit.
#[expect(clippy::disallowed_methods, reason = "who calls is found before any reach is known")]
pub async fn by_room(app: &App, key: RoomKey, facts: &RequestFacts) -> Result<Vec<(Ctx, slot_code::Model)>> {
    let named = match key {
        RoomKey::Slot(slot) => slot_code::Column::SlotId.eq(slot),
        RoomKey::Number(number) => slot_code::Column::Number.eq(number),
    };
    let rows = slot_code::Entity::find()
        .filter(named)
        .order_by_desc(slot_code::Column::Id)
        .limit(8)
        .all(app.db.reader())
        .await?;
    let caller = |row: slot_code::Model| {
        let ctx = Ctx {
            app: app.clone(),
            actor: Actor::Room { slot: row.slot_id },
            reach: Reach::Activities(vec![row.activity_id]),
            permissions: Permissions::NONE,
            request: facts.clone(),
        };
        (ctx, row)
    };
    Ok(rows.into_iter().map(caller).collect())
}

/// Whose a key is, as long as it opens something.
pub async fn by_key(app: &App, token: &str, facts: &RequestFacts) -> Result<Arc<Principal>> {
    let why = match principal(app, token, facts.source).await? {
        Ok(principal) => return Ok(principal),
        Err(why) => why,
    };
    // A key that has ended is no guess: whoever signs out twice is out.
    let answer = if why == Why::Unknown { app.calls.unknown_key(facts.source) } else { Error::Unauthorized };
    refused(app, &facts.client, Some(token), why).await;
    Err(answer)
}

async fn principal(app: &App, token: &str, source: Option<IpAddr>) -> Result<Result<Arc<Principal>, Why>> {
    if !token.starts_with(KEY_PREFIX) || token.len() > 120 {
        return Ok(Err(Why::Unknown));
    }
    let hash = hash_of_key(token);
    let now = app.now();
    let (known, cached) = {
        let keys = app.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let found = keys.get(&hash);
        (found.is_some(), found.filter(|cached| cached.trusted(now)).map(|cached| cached.principal.clone()))
    };
    // Whoever shares an address with somebody who guesses goes on with the key that opened before.
    if !known {
        app.calls.may_try(source)?;
    }
    let principal = match cached {
        Some(principal) => principal,
        None => {
            let principal = match look_up(app, api_key::Column::Hash.eq(hash.as_str()), now).await? {
                Ok(principal) => Arc::new(principal),
                Err(why) => return Ok(Err(why)),
            };
            let mut keys = app.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if keys.len() > 10_000 {
                keys.clear();
            }
            keys.insert(hash, CachedKey { principal: principal.clone(), until: now + TRUSTED });
            principal
        }
    };
    app.last_uses.lock().unwrap_or_else(PoisonError::into_inner).insert(principal.key, now);
    Ok(Ok(principal))
}

#[expect(clippy::disallowed_methods, reason = "who calls is found before any reach is known")]
async fn look_up(app: &App, which: SimpleExpr, now: DateTime<Utc>) -> Result<Result<Principal, Why>> {
    let db = app.db.reader();
    let Some(key) = api_key::Entity::find().filter(which).one(db).await? else { return Ok(Err(Why::Unknown)) };
    if key.revoked_at.is_some() {
        return Ok(Err(Why::Revoked));
    }
    // Every key ends: one without an end would be of before they did, and was given one.
    if key.expires_at.is_none_or(|end| end <= now) {
        return Ok(Err(Why::Ended));
    }
    let user = user_account::Entity::find_by_id(key.user_id).one(db).await?;
    let user = user.filter(|user| user.disabled_at.is_none() && user.expires_at.is_none_or(|end| end > now));
    let Some(user) = user else { return Ok(Err(Why::User)) };
    let role = Role::of(&user.role).ok_or_else(|| Error::internal(format!("unknown role {}", user.role)))?;
    let mut permissions = role.permissions();
    let mut narrowed = None;
    if let Some(names) = &key.permissions {
        let names: Vec<String> = serde_json::from_str(names)?;
        let set = Permissions::named(&names).map_err(Error::internal)?;
        permissions = permissions.and(set);
        narrowed = Some(set);
    }
    let only: Option<Vec<Uuid>> = key.activities.as_deref().map(serde_json::from_str).transpose()?;
    let grant = Grant {
        permissions: narrowed,
        activities: only.clone(),
        ends_at: key.expires_at.into_iter().chain(user.expires_at).min(),
        renewable: key.renewable && user.expires_at.is_none(),
    };
    let reach = match (role.is_cooperative(), only) {
        (true, None) => Reach::Organisation,
        (true, Some(only)) => Reach::Activities(only),
        (false, only) => {
            let today = calendar::local_day(now);
            let member: Vec<Uuid> = membership::Entity::find()
                .filter(membership::Column::UserId.eq(user.id))
                .filter(membership::Column::ValidFrom.lte(today))
                .filter(membership::Column::ValidTo.is_null().or(membership::Column::ValidTo.gte(today)))
                .all(db)
                .await?
                .into_iter()
                .map(|member| member.activity_id)
                .filter(|id| only.as_ref().is_none_or(|only| only.contains(id)))
                .collect();
            Reach::Activities(member)
        }
    };
    Ok(Ok(Principal {
        key: key.id,
        user: user.id,
        name: format!("{} {}", user.first_name, user.last_name),
        role,
        permissions,
        reach,
        grant,
    }))
}

/// Whether the key of a caller still opens what it opened: asked of the database, by what lasts longer than a request.
pub async fn still_stands<P: Permission>(ctx: &Ctx, activity: Uuid) -> Result<bool> {
    let Actor::Key(principal) = ctx.actor() else { return Ok(false) };
    let found = look_up(ctx.app(), api_key::Column::Id.eq(principal.key), ctx.now()).await?;
    Ok(found.is_ok_and(|now| now.permissions.holds(P::INDEX) && now.reach.holds(activity)))
}

/// Write down when keys were last used: once a minute, outside the audit.
pub async fn flush_last_uses(app: &App) -> Result<()> {
    let uses = std::mem::take(&mut *app.last_uses.lock().unwrap_or_else(PoisonError::into_inner));
    for (key, at) in uses {
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedAt, Expr::value(Some(at)))
            .filter(api_key::Column::Id.eq(key))
            .exec(app.db.writer())
            .await?;
    }
    Ok(())
}

/// Every activity, for the worker's sweeps.
#[expect(clippy::disallowed_methods, reason = "the worker visits each activity in turn")]
pub async fn activities(app: &App) -> Result<Vec<Uuid>> {
    Ok(activity::Entity::find().all(app.db.reader()).await?.into_iter().map(|row| row.id).collect())
}
