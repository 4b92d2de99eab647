//! The words in which a table is declared, so that every table gets the same keys, stamps and names.
//!
//! Constraint names carry the table and the columns (`uq_client__external_id`): PostgreSQL reports the name and SQLite
//! the columns, and the application turns both into the same refusal.

use sea_orm_migration::prelude::*;

/// Who may see the rows of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rows of one activity; foreign keys between owned tables hold the activity too.
    Owned,
    /// Rows of the cooperative (no activity) or of one activity.
    Common,
    /// The activity itself.
    Tenant,
    /// The same for everybody.
    Reference,
    /// The platform's own.
    Internal,
}
pub use Kind::{Common, Internal, Owned, Reference, Tenant};

/// A table being declared.
pub struct Declared {
    name: &'static str,
    kind: Kind,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

/// Begin a table: its identifier, and the activity that owns its rows.
pub fn t(name: &'static str, kind: Kind) -> Declared {
    let mut table = Table::create();
    table.table(Alias::new(name)).col(ColumnDef::new(Alias::new("id")).uuid().not_null().primary_key());
    let mut declared = Declared { name, kind, table, indexes: vec![] };
    match kind {
        Owned => {
            declared.column("activity_id", ColumnDef::not_null, ColumnDef::uuid);
            declared.key("activity_id", "activity");
        }
        Common => {
            declared.column("activity_id", ColumnDef::null, ColumnDef::uuid);
            declared.key("activity_id", "activity");
        }
        Tenant | Reference | Internal => {}
    }
    declared
}

type Modifier = fn(&mut ColumnDef) -> &mut ColumnDef;

macro_rules! columns {
    ($($name:ident $maybe:ident $type:ident,)*) => { $(
        #[doc = concat!("A column of type `", stringify!($type), "` that is always there.")]
        pub fn $name(mut self, name: &'static str) -> Self {
            self.column(name, ColumnDef::not_null, ColumnDef::$type);
            self
        }
        #[doc = concat!("A column of type `", stringify!($type), "` that may be missing.")]
        pub fn $maybe(mut self, name: &'static str) -> Self {
            self.column(name, ColumnDef::null, ColumnDef::$type);
            self
        }
    )* };
}

impl Declared {
    columns! {
        text maybe_text text,
        json maybe_json text,
        int maybe_int integer,
        big maybe_big big_integer,
        flag maybe_flag boolean,
        day maybe_day date,
        instant maybe_instant timestamp_with_time_zone,
        uuid maybe_uuid uuid,
    }

    /// The caller's own name for the row, unique in its activity.
    pub fn external_id(self) -> Self {
        self.maybe_text("external_id").unique(&["external_id"])
    }

    /// A row of the same activity: the foreign key holds the activity too, so that a join cannot leave it.
    pub fn owned_ref(mut self, name: &'static str, to: &'static str) -> Self {
        self.column(name, ColumnDef::not_null, ColumnDef::uuid);
        self.owned_key(name, to);
        self
    }

    /// The same, when it may be missing.
    pub fn maybe_owned_ref(mut self, name: &'static str, to: &'static str) -> Self {
        self.column(name, ColumnDef::null, ColumnDef::uuid);
        self.owned_key(name, to);
        self
    }

    /// A row of a common or reference table.
    pub fn reference(mut self, name: &'static str, to: &'static str) -> Self {
        self.column(name, ColumnDef::not_null, ColumnDef::uuid);
        self.key(name, to);
        self
    }

    /// The same, when it may be missing.
    pub fn maybe_reference(mut self, name: &'static str, to: &'static str) -> Self {
        self.column(name, ColumnDef::null, ColumnDef::uuid);
        self.key(name, to);
        self
    }

    /// No two rows (of one activity, for an owned table) with the same values.
    pub fn unique(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        index.name(format!("uq_{}__{}", self.name, columns.join("__"))).table(Alias::new(self.name)).unique();
        if self.kind == Owned {
            index.col(Alias::new("activity_id"));
        }
        for column in columns {
            index.col(Alias::new(*column));
        }
        self.indexes.push(index);
        self
    }

    /// A look-up that must be quick.
    pub fn index(mut self, columns: &[&'static str]) -> Self {
        let mut index = Index::create();
        index.name(format!("ix_{}__{}", self.name, columns.join("__"))).table(Alias::new(self.name));
        if self.kind == Owned {
            index.col(Alias::new("activity_id"));
        }
        for column in columns {
            index.col(Alias::new(*column));
        }
        self.indexes.push(index);
        self
    }

    /// Create it.
    pub async fn create(mut self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        if matches!(self.kind, Owned | Common | Tenant) {
            for name in ["version", "seq"] {
                self.column(name, ColumnDef::not_null, ColumnDef::big_integer);
            }
            for name in ["created_at", "updated_at"] {
                self.column(name, ColumnDef::not_null, ColumnDef::timestamp_with_time_zone);
            }
        }
        if self.kind == Owned {
            // Inside the table: a table that refers to itself needs it from the beginning.
            let mut key = Index::create();
            key.name(format!("uq_{}__id", self.name)).unique();
            key.col(Alias::new("activity_id")).col(Alias::new("id"));
            self.table.index(&mut key);
            self = self.index(&["seq"]);
        }
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    fn column(&mut self, name: &'static str, presence: Modifier, of: Modifier) {
        let mut column = ColumnDef::new(Alias::new(name));
        presence(of(&mut column));
        self.table.col(column);
    }

    fn key(&mut self, name: &'static str, to: &'static str) {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}__{name}", self.name));
        key.from(Alias::new(self.name), Alias::new(name)).to(Alias::new(to), Alias::new("id"));
        self.table.foreign_key(&mut key);
    }

    fn owned_key(&mut self, name: &'static str, to: &'static str) {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}__{name}", self.name));
        key.from(Alias::new(self.name), (Alias::new("activity_id"), Alias::new(name)));
        key.to(Alias::new(to), (Alias::new("activity_id"), Alias::new("id")));
        self.table.foreign_key(&mut key);
        let mut index = Index::create();
        index.name(format!("ix_{}__{name}", self.name)).table(Alias::new(self.name));
        index.col(Alias::new("activity_id")).col(Alias::new(name));
        self.indexes.push(index);
    }
}
