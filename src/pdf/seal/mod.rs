//! The seal of the organisation: a PAdES signature (B-B, or B-T with a time stamp) put on a paper that was made before.
//!
//! The seal is an addition at the end of the file: the first bytes of a sealed paper are the paper as it was presented,
//! so that anybody can cut it back and compare.

mod cms;
mod key;
mod timestamp;
mod update;

use std::path::Path;

use chrono::{DateTime, Utc};

pub use key::{PemSigner, Signer};
pub use timestamp::Authority;

/// Why a paper could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the paper could not be read again: {0}")]
    File(#[from] lopdf::Error),
    #[error("the paper could not be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("the paper is not one that can be sealed: {0}")]
    Shape(&'static str),
    #[error("the signature could not be written: {0}")]
    Form(#[from] der::Error),
    #[error("the key did not sign: {0}")]
    Key(String),
    #[error("the certificate of the seal ended on {0}")]
    Ended(DateTime<Utc>),
    #[error("the time stamping authority did not answer well: {0}")]
    Authority(String),
}

/// Room for what surrounds the certificates in a signature, in bytes.
const ROOM: usize = 2048;
/// Room for a time stamp with the certificates of its authority.
const STAMP_ROOM: usize = 12 * 1024;

/// A certificate with its key, and perhaps an authority that tells the time.
pub struct Seal {
    signer: Box<dyn Signer>,
    authority: Option<Authority>,
}

impl Seal {
    /// A seal whose key is held by whoever signs: a file, a provider, a smart card.
    pub fn new(signer: Box<dyn Signer>, authority: Option<Authority>) -> Self {
        Self { signer, authority }
    }

    /// The seal that the settings describe; an error names the setting and what it should be.
    pub fn open(certificate: &Path, key: &Path, authority: Option<&str>, now: DateTime<Utc>) -> Result<Self, String> {
        let signer = PemSigner::open(certificate, key, now)?;
        let authority = authority.map(Authority::at).transpose()?;
        Ok(Self::new(Box::new(signer), authority))
    }

    /// Seal a finished paper. `nonce` is random: the authority repeats it, so that an old answer is recognised.
    pub fn apply(&self, paper: &[u8], at: DateTime<Utc>, nonce: [u8; 16]) -> Result<Vec<u8>, SealError> {
        let chain = self.signer.chain();
        let ends = chain.first().map_or(DateTime::UNIX_EPOCH, key::ends);
        if at > ends {
            return Err(SealError::Ended(ends));
        }
        let mut room = ROOM + self.authority.as_ref().map_or(0, |_| STAMP_ROOM);
        for certificate in chain {
            room += usize::try_from(der::Encode::encoded_len(certificate)?)?;
        }
        let name = chain.first().and_then(key::common_name).unwrap_or_default();
        let open = update::prepare(paper, &update::Facts { name: &name, at }, room)?;
        let signature = cms::sign(&*self.signer, &open.digest(), |signature| match &self.authority {
            Some(authority) => authority.stamp(signature, nonce).map(Some),
            None => Ok(None),
        })?;
        open.fill(&signature)
    }
}
