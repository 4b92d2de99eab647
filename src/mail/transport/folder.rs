//! Writes each mail as an `.eml` file: for trying the product without writing to anybody.

use std::path::{Path, PathBuf};

use super::{Outgoing, Receipt, SendError, Transport};
use crate::platform::{disk, text::slug};

/// A directory that mails are written into.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self(directory.into())
    }

    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// `20260302-083000-convocation-a-la-formation-00abcdef.eml`: sorted by date (UTC), one name a mail.
    pub fn file_name(mail: &Outgoing) -> String {
        let id = mail.id.simple().to_string();
        // The end of a UUIDv7: its beginning is only the time again.
        format!("{}-{}-{}.eml", mail.date.format("%Y%m%d-%H%M%S"), slug(&mail.subject), &id[24..])
    }
}

#[async_trait::async_trait]
impl Transport for Folder {
    async fn send(&self, mail: &Outgoing) -> Result<Receipt, SendError> {
        let bytes = mail.bytes()?;
        let name = Self::file_name(mail);
        let path = self.0.join(&name);
        let written = disk::run(move || disk::write(&path, &bytes)).await.and_then(|done| done);
        written.map_err(|e| SendError::transient(format!("cannot write {name}: {e}")))?;
        Ok(Receipt { message_id: mail.message_id(), said: name })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::message::tests::outgoing;
    use super::*;

    #[tokio::test]
    async fn a_mail_becomes_one_file_even_when_sent_twice() {
        let directory = std::env::temp_dir().join(format!("clairiere-mail-{}", std::process::id()));
        let folder = Folder::new(&directory);
        folder.send(&outgoing()).await.unwrap();
        let receipt = folder.send(&outgoing()).await.unwrap();
        let names: Vec<_> =
            std::fs::read_dir(&directory).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names, ["20260302-083000-convocation-a-la-formation-ete-00abcdef.eml"]);
        assert_eq!(names, [receipt.said]);
        assert_eq!(std::fs::read(directory.join(&names[0])).unwrap(), outgoing().bytes().unwrap());
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_tried_again_later() {
        let error = Folder::new("/dev/null/nowhere").send(&outgoing()).await.unwrap_err();
        assert!(!error.is_permanent(), "{error}");
    }
}
