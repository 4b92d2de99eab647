//! One file per table: columns and nothing else.
//!
//! The list below says, for each table, who may see its rows; `platform::scope` turns that into a filter that cannot be
//! forgotten.

use sea_orm::{ColumnDef, ColumnTrait, EntityTrait, IdenStatic, Iterable};

/// Who may see the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows of one activity.
    Owned,
    /// Rows of the cooperative (no activity: read by all) or of one activity.
    Common,
    /// The activity itself: its identifier is what the reach names.
    Tenant,
    /// The same for everybody.
    Reference,
    /// The platform's own: never read through a scope.
    Internal,
}

/// A table, its name and its kind.
pub trait Table: EntityTrait {
    /// Its name in the database.
    const NAME: &'static str;
    /// Who may see its rows.
    const KIND: Kind;
    /// Columns whose values never enter the audit.
    const SECRET: &'static [&'static str] = &[];
    /// The primary key.
    fn id() -> Self::Column;
}

/// A table that a scope may read.
pub trait Visible: Table {
    /// The column that the reach filters, if any.
    fn reach() -> Option<Self::Column>;
}

/// A table whose rows are stamped: version, sequence, instants.
pub trait Stamped: Visible {
    /// Counts the changes of a row; it is the ETag.
    fn version() -> Self::Column;
    /// The place of the last change in the activity's audit: what `updated_after` compares.
    fn seq() -> Self::Column;
    /// When the row appeared.
    fn created_at() -> Self::Column;
    /// When it last changed.
    fn updated_at() -> Self::Column;
    /// The version of a row.
    fn version_of(row: &Self::Model) -> i64;
    /// The identifier of a row.
    fn id_of(row: &Self::Model) -> sea_orm::prelude::Uuid;
    /// The activity of a row, if it has one.
    fn activity_of(row: &Self::Model) -> Option<sea_orm::prelude::Uuid>;
    /// Whether rows carry an activity to be stamped.
    fn activity() -> Option<Self::Column>;
}

/// A table as the code believes it to be.
pub struct Shape {
    /// Its name.
    pub table: &'static str,
    /// Who may see its rows.
    pub kind: Kind,
    /// Its columns and what they hold.
    pub columns: Vec<(&'static str, ColumnDef)>,
}

fn shape<E: Table>() -> Shape {
    let columns = E::Column::iter().map(|column| (column.as_str(), column.def())).collect();
    Shape { table: E::NAME, kind: E::KIND, columns }
}

macro_rules! entities {
    ($($name:ident: $kind:ident $(, secret $secret:expr)?;)*) => {
        $( pub mod $name; entities!(@ $kind $name $(, $secret)?); )*
        /// Every table and its kind.
        pub const TABLES: &[(&str, Kind)] = &[$((stringify!($name), entities!(# $kind))),*];

        /// Every table with its columns, as the code believes them to be.
        pub fn shapes() -> Vec<Shape> {
            vec![$(shape::<$name::Entity>()),*]
        }
    };
    (# owned) => { Kind::Owned };
    (# common) => { Kind::Common };
    (# tenant) => { Kind::Tenant };
    (# reference) => { Kind::Reference };
    (# internal) => { Kind::Internal };
    (@table $name:ident $kind:expr $(, $secret:expr)?) => {
        impl Table for $name::Entity {
            const NAME: &'static str = stringify!($name);
            const KIND: Kind = $kind;
            $(const SECRET: &'static [&'static str] = &$secret;)?
            fn id() -> $name::Column { $name::Column::Id }
        }
    };
    (@stamped $name:ident, $row:ident, $activity_of:expr, $activity:expr) => {
        impl Stamped for $name::Entity {
            fn version() -> $name::Column { $name::Column::Version }
            fn seq() -> $name::Column { $name::Column::Seq }
            fn created_at() -> $name::Column { $name::Column::CreatedAt }
            fn updated_at() -> $name::Column { $name::Column::UpdatedAt }
            fn version_of(row: &$name::Model) -> i64 { row.version }
            fn id_of(row: &$name::Model) -> sea_orm::prelude::Uuid { row.id }
            fn activity_of($row: &$name::Model) -> Option<sea_orm::prelude::Uuid> { $activity_of }
            fn activity() -> Option<$name::Column> { $activity }
        }
    };
    (@ owned $name:ident $(, $secret:expr)?) => {
        entities!(@table $name Kind::Owned $(, $secret)?);
        impl Visible for $name::Entity { fn reach() -> Option<$name::Column> { Some($name::Column::ActivityId) } }
        entities!(@stamped $name, row, Some(row.activity_id), Some($name::Column::ActivityId));
    };
    (@ common $name:ident $(, $secret:expr)?) => {
        entities!(@table $name Kind::Common $(, $secret)?);
        impl Visible for $name::Entity { fn reach() -> Option<$name::Column> { Some($name::Column::ActivityId) } }
        entities!(@stamped $name, row, row.activity_id, Some($name::Column::ActivityId));
    };
    (@ tenant $name:ident) => {
        entities!(@table $name Kind::Tenant);
        impl Visible for $name::Entity { fn reach() -> Option<$name::Column> { Some($name::Column::Id) } }
        entities!(@stamped $name, row, Some(row.id), None);
    };
    (@ reference $name:ident) => {
        entities!(@table $name Kind::Reference);
        impl Visible for $name::Entity { fn reach() -> Option<$name::Column> { None } }
    };
    (@ internal $name:ident) => { entities!(@table $name Kind::Internal); };
}

entities! {
    organisation: common;
    legal_identity: common;
    declaration: common;
    vat_attestation: common;
    quality_certificate: common;
    signatory: common;
    referent: common;
    bank_account: common;
    organisation_text: common;
    paper_text: common;
    stored_file: common;
    user_account: common;
    api_key: common, secret ["hash"];
    user_identity: common;
    sign_in: common, secret ["state_hash"];
    funder: reference;
    activity: tenant;
    membership: owned;
    person: owned;
    trainer: owned;
    client: owned;
    client_contact: owned;
    programme: owned;
    programme_version: owned;
    needs_analysis: owned;
    adaptation: owned, secret ["needed", "arranged"];
    quote: owned;
    quote_line: owned;
    session: owned;
    session_slot: owned;
    slot_trainer: owned;
    booking: owned;
    enrolment: owned;
    enrolment_slot: owned;
    information_pack: owned;
    approval: owned;
    agreement: owned;
    amendment: owned;
    attendance_sheet: owned;
    mark: owned;
    trainer_mark: owned;
    mark_evidence: owned, secret ["network", "network_salt"];
    late_mark: owned;
    presence_time: owned;
    walk_in: owned;
    connection: owned;
    distance_activity: owned;
    name_correction: owned;
    slot_code: owned, secret ["secret"];
    mark_dispute: owned;
    objective_result: owned;
    satisfaction: owned;
    funding_file: owned;
    funding_trainee: owned;
    funding_piece: owned;
    document: owned;
    document_file: owned;
    document_attachment: owned;
    message: owned, secret ["seed"];
    reminder: owned;
    link: owned, secret ["token_hash"];
    signature_request: owned;
    one_time_code: common, secret ["salt", "code_hash"];
    signature: owned, secret ["network", "network_salt"];
    outbox: internal;
    audit_entry: internal;
}

/// Tables whose rows are evidence: the audit entry that writes a row carries the digest of the whole of it, so that a
/// column changed, a row removed or inserted behind the program's back is named. A column added to one of them later is
/// nullable, and absent values do not enter the digest: rows sealed before it still verify.
pub const SEALED: &[&str] = &[
    "mark",
    "trainer_mark",
    "mark_evidence",
    "late_mark",
    "presence_time",
    "walk_in",
    "connection",
    "attendance_sheet",
    "mark_dispute",
    "signature",
];
