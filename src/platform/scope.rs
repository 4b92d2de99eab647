//! The only way to read tables: every query that leaves here is filtered by what the caller may see.

use std::collections::HashMap;

use entity::{Kind, Stamped, Table, Visible, activity};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend,
    EntityTrait, FromQueryResult, IdenStatic, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Alias, Expr, ExprTrait, IntoCondition, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    error::{Error, Result},
    page::{Page, PageQuery},
};

/// What a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every activity of the cooperative.
    Organisation,
    /// These activities; the cooperative's common rows are read, never written.
    Activities(Vec<Uuid>),
}

impl Reach {
    /// Whether a row of this activity is within reach.
    pub fn holds(&self, activity: Uuid) -> bool {
        match self {
            Self::Organisation => true,
            Self::Activities(list) => list.contains(&activity),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Conn<'a> {
    Pool(&'a DatabaseConnection),
    Tx(&'a DatabaseTransaction),
}

impl<'a> Conn<'a> {
    pub(super) fn executor(self) -> DatabaseExecutor<'a> {
        match self {
            Conn::Pool(pool) => pool.into(),
            Conn::Tx(tx) => tx.into(),
        }
    }
}

/// Reads, within a reach.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub(super) conn: Conn<'a>,
    pub(super) reach: &'a Reach,
}

impl<'a> Scope<'a> {
    /// Which of the two databases answers: only reports need to know.
    pub fn backend(&self) -> DbBackend {
        self.conn.executor().get_database_backend()
    }

    /// Whether the caller sees every activity.
    pub fn sees_all(&self) -> bool {
        *self.reach == Reach::Organisation
    }

    /// Rows of a table, already filtered by the reach.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads tables")]
    pub fn find<E: Visible>(&self) -> Scoped<'a, E> {
        let select = E::find().filter(reach_condition::<E>(self.reach));
        Scoped { conn: self.conn, select, reach: self.reach }
    }

    /// One row by its identifier; a row out of reach is missing.
    pub async fn get<E: Visible>(&self, id: Uuid) -> Result<E::Model> {
        self.find::<E>().filter(E::id().eq(id)).one().await?.ok_or(Error::Missing(E::NAME))
    }

    /// The row that an optional reference names.
    pub async fn maybe<E: Visible>(&self, id: Option<Uuid>) -> Result<Option<E::Model>> {
        match id {
            Some(id) => self.get::<E>(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Rows by identifier, those within reach; no order.
    pub async fn map<E: Stamped>(&self, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, E::Model>> {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.find::<E>().filter(E::id().is_in(ids)).all().await?;
        Ok(rows.into_iter().map(|row| (E::id_of(&row), row)).collect())
    }

    /// A report that needs more than the query builder: `query` must be made of scoped sub-selects.
    pub async fn report<T: FromQueryResult>(&self, query: &SelectStatement) -> Result<Vec<T>> {
        let executor = self.conn.executor();
        Ok(T::find_by_statement(executor.get_database_backend().build(query)).all(&executor).await?)
    }
}

pub(super) fn reach_condition<E: Visible>(reach: &Reach) -> Condition {
    let (Reach::Activities(activities), Some(column)) = (reach, E::reach()) else {
        return Condition::all();
    };
    if let Some(people) = of_people::<E>(activities) {
        return people;
    }
    let mine = match activities.as_slice() {
        [one] => column.eq(*one),
        many => column.is_in(many.iter().copied()),
    };
    match E::KIND {
        Kind::Common => Condition::any().add(column.is_null()).add(mine),
        _ => Condition::all().add(mine),
    }
}

/// Users and their keys are the cooperative's rows, and yet not everybody's: who reaches some activities finds those who
/// carry or teach them, now or before, and of their keys those that are not narrowed to other activities.
fn of_people<E: Visible>(activities: &[Uuid]) -> Option<Condition> {
    let whose = match E::NAME {
        "user_account" => "id",
        "api_key" => "user_id",
        _ => return None,
    };
    let of = |table: &'static str| {
        Query::select()
            .column(Alias::new("user_id"))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new("activity_id")).is_in(activities.iter().copied()))
            .and_where(Expr::col(Alias::new("user_id")).is_not_null())
            .to_owned()
    };
    let column = || Expr::col((Alias::new(E::NAME), Alias::new(whose)));
    let theirs = Condition::any().add(column().in_subquery(of("membership"))).add(column().in_subquery(of("trainer")));
    if E::NAME == "user_account" {
        return Some(theirs);
    }
    let narrowed = || Expr::col((Alias::new(E::NAME), Alias::new("activities")));
    let here = activities
        .iter()
        .fold(Condition::any().add(narrowed().is_null()), |any, one| any.add(narrowed().like(format!("%{one}%"))));
    Some(Condition::all().add(theirs).add(here))
}

/// A query that is filtered and may be narrowed further; the only thing that runs.
pub struct Scoped<'a, E: EntityTrait> {
    conn: Conn<'a>,
    select: Select<E>,
    reach: &'a Reach,
}

impl<E: Visible> Scoped<'_, E> {
    /// Keep the rows that also satisfy this.
    #[must_use]
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.select = self.select.filter(condition.into_condition());
        self
    }

    /// Keep the rows that satisfy this, if there is a condition.
    #[must_use]
    pub fn filter_some(self, condition: Option<SimpleExpr>) -> Self {
        match condition {
            Some(condition) => self.filter(condition),
            None => self,
        }
    }

    /// Smallest first.
    #[must_use]
    pub fn ascending(mut self, column: E::Column) -> Self {
        self.select = self.select.order_by(column, Order::Asc);
        self
    }

    /// Largest first.
    #[must_use]
    pub fn descending(mut self, column: E::Column) -> Self {
        self.select = self.select.order_by(column, Order::Desc);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.select = self.select.limit(rows);
        self
    }

    /// Rows whose column holds these words, accents and case folded on both sides.
    #[must_use]
    pub fn search(self, column: E::Column, words: Option<&str>) -> Self {
        let Some(words) = words else { return self };
        crate::platform::text::fold(words)
            .split_whitespace()
            .fold(self, |query, word| query.filter(column.contains(word)))
    }

    /// All of them.
    pub async fn all(self) -> Result<Vec<E::Model>> {
        Ok(self.select.all(&self.conn.executor()).await?)
    }

    /// The first, if any.
    pub async fn one(self) -> Result<Option<E::Model>> {
        Ok(self.select.one(&self.conn.executor()).await?)
    }

    /// How many.
    pub async fn count(self) -> Result<u64>
    where
        E::Model: Sync,
    {
        Ok(self.select.count(&self.conn.executor()).await?)
    }

    /// The different values of a column of identifiers, in no order.
    pub async fn distinct(self, column: E::Column) -> Result<Vec<Uuid>> {
        let values = self.select.select_only().column(column).distinct().into_tuple::<Uuid>();
        Ok(values.all(&self.conn.executor()).await?)
    }

    /// One column, as a sub-select for another scoped query.
    pub fn column(self, column: E::Column) -> SelectStatement {
        self.select.select_only().column(column).into_query()
    }
}

impl<E: Stamped> Scoped<'_, E> {
    /// One page: newest first, or in the order of changes when `updated_after` asks for it.
    pub async fn page<T>(self, query: &PageQuery, out: impl FnMut(E::Model) -> T) -> Result<Page<T>>
    where
        T: poem_openapi::types::ParseFromJSON + poem_openapi::types::ToJSON,
    {
        let (rows, next) = self.page_rows(query).await?;
        Ok(Page { items: rows.into_iter().map(out).collect(), next })
    }

    /// The same, as rows and the cursor of the next page, for lists that load more beside.
    pub async fn page_rows(mut self, query: &PageQuery) -> Result<(Vec<E::Model>, Option<String>)> {
        // An activity out of reach is missing, as it is in a path.
        Scope { conn: self.conn, reach: self.reach }.maybe::<activity::Entity>(query.activity_id).await?;
        if let (Some(activity), Some(column)) = (query.activity_id, E::reach()) {
            self = self.filter(column.eq(activity));
        }
        if let Some(external_id) = &query.external_id
            && let Some(column) =
                <E::Column as sea_orm::Iterable>::iter().find(|column| column.as_str() == "external_id")
        {
            self = self.filter(column.eq(external_id.as_str()));
        }
        let limit = query.limit;
        let changes = query.updated_after.is_some();
        // The changes of one activity are numbered by one audit stream.
        let one_stream = matches!(self.reach, Reach::Activities(list) if list.len() == 1);
        if changes && E::KIND == Kind::Owned && query.activity_id.is_none() && !one_stream {
            return Err(Error::invalid(
                "?activity_id",
                "required",
                "« updated_after » compte les changements d’une activité : précisez laquelle avec « activity_id ».",
                "“updated_after” counts the changes of one activity: say which with “activity_id”.",
            ));
        }
        if let Some(after) = query.updated_after {
            self = self.filter(E::seq().gt(after)).ascending(E::seq()).ascending(E::id());
            if let Some((seq, id)) = query.change_cursor()? {
                let later = Condition::any()
                    .add(E::seq().gt(seq))
                    .add(Condition::all().add(E::seq().eq(seq)).add(E::id().gt(id)));
                self = self.filter(later);
            }
        } else {
            self = self.descending(E::id());
            if let Some(after) = query.id_cursor()? {
                self = self.filter(E::id().lt(after));
            }
        }
        let mut rows = self.limit(limit + 1).all().await?;
        let next = (rows.len() as u64 > limit).then(|| {
            rows.truncate(limit as usize);
            rows.last().map(|row| {
                let id = E::id_of(row);
                if changes { format!("{}.{id}", seq_of::<E>(row)) } else { id.to_string() }
            })
        });
        Ok((rows, next.flatten()))
    }
}

fn seq_of<E: Stamped>(row: &E::Model) -> i64 {
    use sea_orm::ModelTrait;
    match row.get(E::seq()) {
        sea_orm::Value::BigInt(Some(seq)) => seq,
        _ => 0,
    }
}

/// The name of a table, for refusals.
pub fn name_of<E: Table>() -> &'static str {
    E::NAME
}
