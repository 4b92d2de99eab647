//! The unit of work: data, audit, outbox and idempotency commit together or not at all.
//!
//! `Tx` has no write verb: `tx.act(activity, event)` returns an [`Act`], and only an act writes. A write needs an act,
//! an act needs a name.

use std::{collections::BTreeMap, marker::PhantomData};

use chrono::{DateTime, Utc};
use entity::{Kind, Stamped, Table, Visible};
use poem::http::StatusCode;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, Statement,
    sea_query::{Alias, Expr, ExprTrait, LockType, Query},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    access::Ctx,
    app::App,
    audit::{self, Written},
    db::Witness,
    error::{Error, Result},
    grant::Grant,
    outbox,
    scope::{Conn, Reach, Scope, reach_condition},
    seal::{self, Left},
};
use crate::events::Event;

struct Entry {
    activity: Option<Uuid>,
    event: Event,
    changes: Vec<Value>,
    touched: Vec<(&'static str, Uuid)>,
    left: Vec<Left>,
}

/// A transaction that knows who, when and why.
#[must_use = "a unit of work does nothing until it is committed"]
pub struct Tx<'c> {
    app: App,
    txn: DatabaseTransaction,
    reach: Reach,
    actor: String,
    behalf: Option<String>,
    request_id: Option<String>,
    if_match: Option<String>,
    user: Option<Uuid>,
    grant: Grant,
    now: DateTime<Utc>,
    entries: Vec<Entry>,
    idempotency: Option<(String, String)>,
    answer: Option<(String, u16)>,
    one_at_a_time: PhantomData<&'c mut Ctx>,
}

impl<'c> Tx<'c> {
    pub(super) async fn begin(ctx: &'c mut Ctx) -> Result<Tx<'c>> {
        let app = ctx.app().clone();
        let txn = app.db.begin().await?;
        let now = app.now();
        let mut idempotency = None;
        if let Some(asked) = ctx.request.idempotency.take() {
            super::idempotency::begin(&txn, ctx, &asked, now).await?;
            idempotency = Some((ctx.principal(), asked.key));
        }
        Ok(Tx {
            txn,
            now,
            idempotency,
            reach: ctx.reach().clone(),
            actor: ctx.actor_name(),
            behalf: ctx.behalf(),
            request_id: ctx.request.id.clone(),
            if_match: ctx.request.if_match.clone(),
            user: ctx.user(),
            grant: ctx.grant(),
            app,
            entries: vec![],
            answer: None,
            one_at_a_time: PhantomData,
        })
    }

    /// Reads on the transaction's own connection.
    pub fn scope(&self) -> Scope<'_> {
        Scope { conn: Conn::Tx(&self.txn), reach: &self.reach }
    }

    /// The connection, for the platform's own tables.
    pub(super) fn txn(&self) -> &DatabaseTransaction {
        &self.txn
    }

    /// The instant of the whole unit of work.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The day of the unit of work, in Paris.
    pub fn today(&self) -> chrono::NaiveDate {
        super::calendar::local_day(self.now)
    }

    /// Who acts, as people read it.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The user behind the key, if a user acts.
    pub fn user(&self) -> Option<Uuid> {
        self.user
    }

    /// What the caller may hand on.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What the operator chose.
    pub fn settings(&self) -> &crate::config::Settings {
        &self.app.settings
    }

    /// A new identifier.
    pub fn new_id(&self) -> Uuid {
        self.app.ids.new_id(self.now)
    }

    /// 128 random bits, to salt what will be erased one day.
    pub fn salt(&self) -> String {
        let mut salt = [0; 16];
        self.app.ids.secret(&mut salt);
        audit::hex(&salt)
    }

    /// A secret of 192 random bits, in characters that addresses take as they are.
    pub fn new_token(&self) -> String {
        let mut bytes = [0; 24];
        self.app.ids.secret(&mut bytes);
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
    }

    /// Fill a secret.
    pub fn secret(&self, bytes: &mut [u8]) {
        self.app.ids.secret(bytes);
    }

    /// Lock an aggregate's root and read it: nobody else changes it until the transaction ends.
    ///
    /// The lock is the one that an update takes (no key changes, ever): a row that merely names this one, through its
    /// foreign key, does not wait for it, so that two acts that start from two ends of a reference never wait in a ring.
    #[expect(clippy::disallowed_methods, reason = "the one place that locks rows")]
    pub async fn lock<E: Visible>(&self, id: Uuid) -> Result<E::Model> {
        E::find()
            .filter(reach_condition::<E>(&self.reach))
            .filter(E::id().eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&self.txn)
            .await?
            .ok_or(Error::Missing(E::NAME))
    }

    /// Lock a row that is about to be changed, and refuse a caller who read an older version (`If-Match`).
    pub async fn edit<E: Stamped>(&self, id: Uuid) -> Result<E::Model> {
        let row = self.lock::<E>(id).await?;
        let Some(expected) = self.if_match.as_deref() else { return Err(Error::NoVersion) };
        let version = E::version_of(&row).to_string();
        let matches = expected.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == version
        });
        if matches { Ok(row) } else { Err(Error::Stale) }
    }

    /// Wait until nobody else holds this name, then hold it until the transaction ends: for what has no row to lock yet.
    /// Taken before any row. SQLite has one writer: nothing to wait for.
    pub async fn alone(&self, name: &str) -> Result<()> {
        if self.txn.get_database_backend() == DbBackend::Postgres {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            self.txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])).await?;
        }
        Ok(())
    }

    /// The next number of a series, without gaps: the counter is locked until the transaction ends.
    pub async fn next_number(&self, series: &str) -> Result<i64> {
        let backend = self.txn.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => {
                "INSERT INTO counter (series, value) VALUES ($1, 1) ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
            }
            _ => {
                "INSERT INTO counter (series, value) VALUES (?, 1) ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
            }
        };
        let row = self.txn.query_one_raw(Statement::from_sql_and_values(backend, sql, [series.into()])).await?;
        let row = row.ok_or_else(|| Error::internal("a counter answered nothing"))?;
        Ok(row.try_get("", "value")?)
    }

    /// Name what is about to be done, in an activity or (none) for the organisation.
    pub fn act(&mut self, activity: impl Into<Option<Uuid>>, event: Event) -> Act<'_> {
        let activity = activity.into();
        self.entries.push(Entry { activity, event, changes: vec![], touched: vec![], left: vec![] });
        let Self { app, txn, reach, now, entries, .. } = self;
        let entry = entries.last_mut().expect("an entry was just pushed");
        Act { app, txn, reach, now: *now, entry }
    }

    /// Where the answer of this request can be read again, should the caller repeat it under its Idempotency-Key.
    pub fn answers_at(&mut self, location: impl Into<String>, status: u16) {
        self.answer = Some((location.into(), status));
    }

    /// What this request made, though its answer is shown once: a repetition is refused, and told what was made.
    pub fn answered_once(&mut self, location: impl Into<String>) {
        self.answer = Some((location.into(), StatusCode::CONFLICT.as_u16()));
    }

    /// Commit data, audit entries, outbox rows and the idempotency record together; done when the database tells that it
    /// holds them.
    pub async fn commit(mut self) -> Result<()> {
        let mut streams: BTreeMap<String, Vec<(Uuid, Written)>> = BTreeMap::new();
        let mut touched: BTreeMap<(String, &'static str), Vec<Uuid>> = BTreeMap::new();
        let mut jobs = vec![];
        let mut last = None;
        for entry in std::mem::take(&mut self.entries) {
            let Entry { activity, event, changes, touched: rows, left } = entry;
            let stream = audit::stream(activity);
            for (table, id) in rows {
                touched.entry((stream.clone(), table)).or_default().push(id);
            }
            let (subject_kind, subject) = event.subject();
            let mut salt = [0; 16];
            self.app.ids.secret(&mut salt);
            let id = self.new_id();
            last = Some(id);
            for due in (self.app.reactions)(&event) {
                jobs.push(outbox::Row { due, activity, cause: event.name().to_owned() });
            }
            streams.entry(stream.clone()).or_default().push((
                id,
                Written {
                    stream,
                    at: self.now,
                    actor: self.actor.clone(),
                    behalf: self.behalf.clone(),
                    request_id: self.request_id.clone(),
                    activity,
                    event: event.name(),
                    subject_kind,
                    subject,
                    data: serde_json::to_value(&event)?,
                    changes: Value::Array(changes),
                    salt: audit::hex(&salt),
                    left,
                },
            ));
        }
        let queued = outbox::enqueue(&self.txn, &*self.app.ids, self.now, jobs).await?;
        if let Some((principal, key)) = &self.idempotency {
            super::idempotency::finish(&self.txn, principal, key, self.answer.as_ref()).await?;
        }
        // Heads last, in the order of their names: two transactions never wait for each other.
        for (stream, entries) in streams {
            let (seq, _) = audit::append(&self.txn, &stream, entries).await?;
            for ((_, table), ids) in touched.iter().filter(|((of, _), _)| *of == stream) {
                let update = Query::update()
                    .table(Alias::new(*table))
                    .value(Alias::new("seq"), seq)
                    .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()))
                    .to_owned();
                self.txn.execute(&update).await?;
            }
        }
        let witness = match (last, &self.idempotency) {
            (Some(entry), _) => Witness::Entry(entry),
            (None, Some((principal, key))) => Witness::Request { principal: principal.clone(), key: key.clone() },
            (None, None) => Witness::Nothing,
        };
        let keys_changed = touched.keys().any(|(_, table)| matches!(*table, "api_key" | "user_account" | "membership"));
        self.app.db.commit(self.txn, &witness).await?;
        if keys_changed {
            self.app.forget_keys();
        }
        if queued > 0 {
            self.app.wake.notify_one();
        }
        Ok(())
    }
}

/// Rows of one statement: SQLite binds 32 766 values in all.
const ROWS_A_STATEMENT: usize = 500;

/// A named write.
pub struct Act<'t> {
    app: &'t App,
    txn: &'t DatabaseTransaction,
    reach: &'t Reach,
    now: DateTime<Utc>,
    entry: &'t mut Entry,
}

#[expect(clippy::disallowed_methods, reason = "the one place that writes tables")]
impl Act<'_> {
    /// Insert a row: identifier (if none is set), activity, version and instants are stamped.
    pub async fn insert<A>(&mut self, mut row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Stamped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize + Sync,
    {
        self.stamp(&mut row)?;
        let model = row.insert(self.txn).await?;
        self.inserted::<A::Entity>(&model)?;
        Ok(model)
    }

    /// Insert rows, all of them in few statements: each is stamped and told as by [`Self::insert`].
    pub async fn insert_all<A>(&mut self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Stamped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize + Sync,
    {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut some: Vec<A> = rows.by_ref().take(ROWS_A_STATEMENT).collect();
            for row in &mut some {
                self.stamp(row)?;
            }
            let made = A::Entity::insert_many(some).exec_with_returning(self.txn).await?;
            for model in &made {
                self.inserted::<A::Entity>(model)?;
            }
        }
        Ok(())
    }

    /// Identifier (if none is set), activity, version and instants of a row about to be inserted.
    fn stamp<A>(&self, row: &mut A) -> Result<()>
    where
        A: ActiveModelTrait,
        A::Entity: Stamped,
    {
        if row.is_not_set(A::Entity::id()) {
            row.set(A::Entity::id(), self.app.ids.new_id(self.now).into());
        }
        if let Some(column) = A::Entity::activity() {
            match (A::Entity::KIND, self.entry.activity) {
                (Kind::Owned, None) => return Err(Error::internal(format!("{} needs an activity", A::Entity::NAME))),
                // What is common to all activities is written by who sees them all.
                (Kind::Common, None) if *self.reach != Reach::Organisation => {
                    return Err(Error::Missing("activity"));
                }
                (_, Some(activity)) if !self.reach.holds(activity) => return Err(Error::Missing("activity")),
                (_, activity) => row.set(column, activity.into()),
            }
        }
        row.set(A::Entity::version(), 1_i64.into());
        row.set(A::Entity::seq(), 0_i64.into());
        row.set(A::Entity::created_at(), self.now.into());
        row.set(A::Entity::updated_at(), self.now.into());
        Ok(())
    }

    /// Tell the audit of a row that was inserted.
    fn inserted<E: Stamped>(&mut self, row: &E::Model) -> Result<()>
    where
        E::Model: Serialize,
    {
        let id = E::id_of(row);
        self.entry.touched.push((E::NAME, id));
        self.leaves::<E>(id, Some(row))?;
        let after = plain::<E>(row)?;
        self.entry.changes.push(json!({ "table": E::NAME, "id": id, "inserted": without_nulls(after) }));
        Ok(())
    }

    /// Change a row that was read: nobody may have changed it since.
    pub async fn update<A>(
        &mut self,
        before: <A::Entity as EntityTrait>::Model,
        edit: impl FnOnce(&mut A),
    ) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Stamped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize + Clone + Sync,
    {
        self.owns::<A::Entity>(&before)?;
        let (id, version) = (A::Entity::id_of(&before), A::Entity::version_of(&before));
        let old = plain::<A::Entity>(&before)?;
        let mut row = before.into_active_model();
        edit(&mut row);
        row.set(A::Entity::version(), (version + 1).into());
        row.set(A::Entity::updated_at(), self.now.into());
        row.not_set(A::Entity::id());
        let changed = A::Entity::update_many()
            .set(row)
            .filter(A::Entity::id().eq(id))
            .filter(A::Entity::version().eq(version))
            .exec_with_returning(self.txn)
            .await?;
        let model = changed.into_iter().next().ok_or(Error::Stale)?;
        self.entry.touched.push((A::Entity::NAME, id));
        self.leaves::<A::Entity>(id, Some(&model))?;
        let new = plain::<A::Entity>(&model)?;
        self.entry.changes.push(json!({ "table": A::Entity::NAME, "id": id, "changed": diff(old, new) }));
        Ok(model)
    }

    /// Delete a row that nothing refers to.
    pub async fn delete<E>(&mut self, before: E::Model) -> Result<()>
    where
        E: Stamped,
        E::Model: Serialize,
    {
        self.owns::<E>(&before)?;
        let (id, version) = (E::id_of(&before), E::version_of(&before));
        let deleted = E::delete_many().filter(E::id().eq(id)).filter(E::version().eq(version)).exec(self.txn).await?;
        if deleted.rows_affected == 0 {
            return Err(Error::Stale);
        }
        self.leaves::<E>(id, None)?;
        let old = plain::<E>(&before)?;
        self.entry.changes.push(json!({ "table": E::NAME, "id": id, "deleted": without_nulls(old) }));
        Ok(())
    }

    /// Count a change of an embedded row as a change of its root, so that the root's ETag moves.
    pub async fn touch<A>(
        &mut self,
        root: <A::Entity as EntityTrait>::Model,
    ) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Stamped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Serialize + Clone + Sync,
    {
        self.update::<A>(root, |_| {}).await
    }

    /// Evidence is sealed: the entry of this act will carry the digest of the row as it is left.
    fn leaves<E: Stamped>(&mut self, id: Uuid, row: Option<&E::Model>) -> Result<()>
    where
        E::Model: Serialize,
    {
        if seal::is_sealed::<E>() {
            let row = row.map(seal::whole::<E>).transpose()?;
            self.entry.left.push(Left { table: E::NAME, id, row });
        }
        Ok(())
    }

    fn owns<E: Stamped>(&self, row: &E::Model) -> Result<()> {
        let of = E::activity_of(row);
        let within = match of {
            Some(activity) => self.reach.holds(activity) && (E::KIND == Kind::Tenant || self.entry.activity == of),
            None => *self.reach == Reach::Organisation,
        };
        if within { Ok(()) } else { Err(Error::Missing(E::NAME)) }
    }
}

/// A row as JSON, without its secrets and its stamps.
fn plain<E: Stamped>(row: &E::Model) -> Result<Map<String, Value>>
where
    E::Model: Serialize,
{
    let Value::Object(mut map) = serde_json::to_value(row)? else { return Ok(Map::new()) };
    for column in E::SECRET.iter().chain(&["version", "seq", "created_at", "updated_at", "search"]) {
        map.remove(*column);
    }
    Ok(map)
}

fn without_nulls(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn diff(before: Map<String, Value>, after: Map<String, Value>) -> Map<String, Value> {
    let changed = |(column, new): (String, Value)| {
        let old = before.get(&column).cloned().unwrap_or_default();
        (old != new).then(|| (column, json!([old, new])))
    };
    after.into_iter().filter_map(changed).collect()
}
