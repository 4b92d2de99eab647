//! What a failure of the database means: it passes by itself, a rule of the schema says no, or the disk does.

use std::sync::LazyLock;

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::platform::error::{Error, Unable};

/// The disk of the database is full, or a quota is reached.
pub const FULL: Unable = Unable {
    code: "database.full",
    fr: "Le disque de la base de données est plein : rien n’a été enregistré. Prévenez qui exploite le service ; la même demande passera quand il y aura de la place.",
    en: "The disk of the database is full: nothing was recorded. Tell whoever operates the service; the same request will pass when there is room.",
};

/// The disk of the database fails, or takes no write.
pub const UNWRITABLE: Unable = Unable {
    code: "database.unwritable",
    fr: "La base de données ne peut plus lire ou écrire sur son disque : rien n’a été enregistré. Prévenez qui exploite le service, puis renvoyez la même demande.",
    en: "The database can no longer read or write its disk: nothing was recorded. Tell whoever operates the service, then send the same request again.",
};

/// The database was cut off while it committed, and does not tell yet what became of it.
pub const UNKNOWN: Unable = Unable {
    code: "database.unknown",
    fr: "La base de données s’est interrompue pendant l’enregistrement : il a peut-être eu lieu. Relisez avant de recommencer, ou renvoyez la même demande avec la même Idempotency-Key.",
    en: "The database was cut off while it recorded this: it may have been done. Read before you try again, or send the same request with the same Idempotency-Key.",
};

/// What the database reads is not what it wrote.
pub const DAMAGED: Unable = Unable {
    code: "database.damaged",
    fr: "Les fichiers de la base de données sont endommagés. Prévenez qui exploite le service : il faut l’arrêter, puis restaurer une sauvegarde.",
    en: "The files of the database are damaged. Tell whoever operates the service: it must be stopped and a backup restored.",
};

/// What a failure means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Another process writes, or the database chose this transaction to end a ring of waits: nothing was committed.
    Passing,
    /// The connection is lost, or none could be had: what it was about to commit may be, or not.
    Lost,
    /// The disk is full: whatever was under way is not committed.
    Full,
    /// A read or a write failed: whatever was under way is not committed.
    Unwritable,
    /// A synchronisation failed: what was under way is not committed for now, but a crash may bring it back.
    Unsynchronised,
    /// The index of its log found no room: what was being committed may come back after a crash.
    Unindexed,
    /// The files are damaged.
    Damaged,
    /// Anything else: a constraint, a wrong statement.
    Other,
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// What a failure is.
pub(super) fn of(error: &DbErr) -> Failure {
    if matches!(error, DbErr::ConnectionAcquire(_)) {
        return Failure::Passing;
    }
    match cause(error) {
        Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => Failure::Passing,
        // The file that was opened has another name, or none: nothing was begun.
        Some(sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Failure::Unwritable,
        Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => Failure::Lost,
        Some(sqlx::Error::Database(database)) => {
            let code = database.code().unwrap_or_default();
            code.parse().ok().filter(|_| code.len() < 5).map_or_else(|| postgres(&code), sqlite)
        }
        _ => Failure::Other,
    }
}

/// SQLite's extended result codes: the low byte is the family.
fn sqlite(code: u32) -> Failure {
    match (code & 0xff, code) {
        // Busy, locked.
        (5 | 6, _) => Failure::Passing,
        (13, _) => Failure::Full,
        // IOERR_SHMSIZE, IOERR_SHMMAP: the index of the WAL found no room, perhaps after the log was synchronised.
        (_, 4874 | 5386) => Failure::Unindexed,
        // IOERR_FSYNC, IOERR_DIR_FSYNC.
        (_, 1034 | 1290) => Failure::Unsynchronised,
        // IOERR_DATA, IOERR_CORRUPTFS.
        (_, 8202 | 8458) => Failure::Damaged,
        // READONLY, IOERR, CANTOPEN.
        (8 | 10 | 14, _) => Failure::Unwritable,
        // CORRUPT, NOTADB.
        (11 | 26, _) => Failure::Damaged,
        _ => Failure::Other,
    }
}

fn postgres(code: &str) -> Failure {
    match code {
        // Deadlock, serialization, lock not available; starting up, too many connections, out of memory.
        "40P01" | "40001" | "55P03" | "57P03" | "53300" | "53200" => Failure::Passing,
        // Shutting down, crashed beside us, an idle session ended; connection failures.
        "57P01" | "57P02" | "57P05" | "25P03" | "08000" | "08003" | "08006" => Failure::Lost,
        "53100" => Failure::Full,
        // Read-only, an error of the system, of a file.
        "25006" | "58000" | "58030" | "58P01" => Failure::Unwritable,
        "XX001" | "XX002" => Failure::Damaged,
        _ => Failure::Other,
    }
}

/// What it means while nothing is being committed: whatever was begun is undone.
pub(in crate::platform) fn meaning(error: &DbErr) -> Option<Error> {
    match of(error) {
        Failure::Passing | Failure::Lost => Some(Error::Busy),
        Failure::Full | Failure::Unindexed => Some(FULL.into()),
        Failure::Unwritable | Failure::Unsynchronised => Some(UNWRITABLE.into()),
        Failure::Damaged => Some(DAMAGED.into()),
        Failure::Other => constraint(error),
    }
}

/// A broken constraint, as a refusal: the same on both databases.
///
/// SQLite names the columns (`UNIQUE constraint failed: client.activity_id, client.external_id`), PostgreSQL the
/// constraint (`uq_client__external_id`); the migrations' names make them say the same.
fn constraint(error: &DbErr) -> Option<Error> {
    let sqlx::Error::Database(database) = cause(error)? else { return None };
    if database.is_unique_violation() {
        let (table, columns) = unique_of(database.constraint(), database.message())?;
        return Some(Error::refused(
            format!("{table}.{columns}_taken"),
            format!("Déjà pris : une autre ligne de « {table} » porte la même valeur de « {columns} »."),
            format!("Taken: another row of “{table}” has the same “{columns}”."),
        ));
    }
    // 1811: SQLite's RESTRICT, which the driver does not count as a foreign key violation.
    if database.is_foreign_key_violation() || database.code().as_deref() == Some("1811") {
        return Some(Error::refused(
            "in_use",
            "Cette ligne est utilisée ailleurs : elle ne peut pas être supprimée.",
            "This row is used elsewhere: it cannot be deleted.",
        ));
    }
    None
}

fn unique_of(constraint: Option<&str>, message: &str) -> Option<(String, String)> {
    static SQLITE: LazyLock<&str> = LazyLock::new(|| "UNIQUE constraint failed: ");
    if let Some(named) = constraint.and_then(|name| name.strip_prefix("uq_")) {
        let (table, columns) = named.split_once("__")?;
        return Some((table.to_owned(), columns.replace("__", "_")));
    }
    let list = message.split(*SQLITE).nth(1)?;
    let mut table = "";
    let mut columns = vec![];
    for part in list.split(", ") {
        let (of, column) = part.trim().split_once('.')?;
        table = of;
        if column != "activity_id" {
            columns.push(column);
        }
    }
    Some((table.to_owned(), columns.join("_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_name_a_broken_constraint_alike() {
        let sqlite = unique_of(None, "UNIQUE constraint failed: client.activity_id, client.external_id");
        let postgres = unique_of(Some("uq_client__external_id"), "duplicate key value");
        assert_eq!(sqlite, Some(("client".into(), "external_id".into())));
        assert_eq!(sqlite, postgres);
    }

    #[test]
    fn a_disk_that_is_full_one_that_fails_and_a_damaged_file_are_told_apart() {
        assert_eq!((sqlite(13), sqlite(4874)), (Failure::Full, Failure::Unindexed));
        for failing in [8, 1032, 10, 266, 778, 14] {
            assert_eq!(sqlite(failing), Failure::Unwritable, "{failing}");
        }
        assert_eq!((sqlite(1034), sqlite(1290)), (Failure::Unsynchronised, Failure::Unsynchronised));
        assert_eq!((sqlite(11), sqlite(26), sqlite(779)), (Failure::Damaged, Failure::Damaged, Failure::Damaged));
        assert_eq!((sqlite(5), sqlite(517), sqlite(262)), (Failure::Passing, Failure::Passing, Failure::Passing));
        assert_eq!((sqlite(19), sqlite(2067), sqlite(1811)), (Failure::Other, Failure::Other, Failure::Other));
        assert_eq!((postgres("53100"), postgres("58030")), (Failure::Full, Failure::Unwritable));
        assert_eq!((postgres("XX001"), postgres("57P01")), (Failure::Damaged, Failure::Lost));
        assert_eq!(postgres("23505"), Failure::Other);
    }
}
