//! Why a store of files cannot be used now, said to the caller and to the log.

use std::io::{self, ErrorKind};

use tracing::warn;

use crate::platform::error::{Error, Unable};

/// It carries no name: it is not there, or not what it was.
const ABSENT: Unable = Unable {
    code: "files.absent",
    fr: "Le stockage des fichiers n’est pas là : rien n’a été fait. Prévenez qui exploite le service, puis renvoyez la même demande.",
    en: "The store of files is not there: nothing was done. Tell whoever operates the service, then send the same request again.",
};

/// It carries another name.
const ELSEWHERE: Unable = Unable {
    code: "files.elsewhere",
    fr: "Le stockage des fichiers est celui d’une autre base : rien n’a été fait. Prévenez qui exploite le service, puis renvoyez la même demande.",
    en: "The store of files is another database’s: nothing was done. Tell whoever operates the service, then send the same request again.",
};

/// It has no room left.
pub(in crate::platform) const FULL: Unable = Unable {
    code: "files.full",
    fr: "Le stockage des fichiers est plein : rien n’a été gardé. Prévenez qui exploite le service, puis renvoyez la même demande.",
    en: "The store of files is full: nothing was kept. Tell whoever operates the service, then send the same request again.",
};

/// Its disk fails, or it does not let this program in.
const UNWRITABLE: Unable = Unable {
    code: "files.unwritable",
    fr: "Le stockage des fichiers ne peut être lu ou écrit : rien n’a été fait. Prévenez qui exploite le service, puis renvoyez la même demande.",
    en: "The store of files cannot be read or written: nothing was done. Tell whoever operates the service, then send the same request again.",
};

/// What is wrong with the store.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It does not carry its database's name: it is not there, or not what it was.
    Absent,
    /// It carries the name of this other database.
    Elsewhere(String),
    /// The disk says so.
    Disk(io::Error),
    /// The bucket has no room left.
    Full(String),
    /// The bucket says no to this key.
    Denied(String),
    /// The bucket does not answer as it should.
    Silent(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl Trouble {
    /// As an answer; what only the operator may know goes to the log.
    pub(super) fn told(self, said: &str) -> Error {
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        let (unable, why) = match self {
            Self::Absent => (ABSENT, "it carries no name of a database; is a mount missing?".to_owned()),
            Self::Elsewhere(found) => (ELSEWHERE, format!("it is the store of database {found}")),
            Self::Disk(error) if full.contains(&error.kind()) => (FULL, error.to_string()),
            Self::Disk(error) => (UNWRITABLE, error.to_string()),
            Self::Full(error) => (FULL, error),
            Self::Denied(error) => (UNWRITABLE, error),
            Self::Silent(error) => {
                warn!("{said} does not answer as it should: {error}");
                return Error::Busy;
            }
        };
        warn!("{said} cannot be used ({}): {why}", unable.code);
        unable.into()
    }
}
