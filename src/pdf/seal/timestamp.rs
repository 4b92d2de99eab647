//! The time, told by an authority (RFC 3161): what the seal's own clock says is only a claim.

use std::time::Duration;

use cms::{content_info::ContentInfo, signed_data::SignedData};
use der::{
    Decode, Encode, Reader, Sequence, SliceReader, Tag, Tagged,
    asn1::{Any, Int, ObjectIdentifier, OctetString},
};
use sha2::{Digest, Sha256};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::{SealError, cms as signature};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read.
const MOST_BYTES: u64 = 64 * 1024;

#[derive(Sequence)]
struct Request {
    version: u8,
    imprint: Imprint,
    nonce: Int,
    /// The authority's certificates travel with the stamp, so that it can be checked years later.
    certificates: bool,
}

/// The hash of what is stamped.
#[derive(Sequence)]
struct Imprint {
    algorithm: AlgorithmIdentifierOwned,
    hash: OctetString,
}

#[derive(Sequence)]
struct Answer {
    status: Any,
    #[asn1(optional = "true")]
    token: Option<Any>,
}

/// A time stamping authority.
pub struct Authority {
    url: String,
    agent: ureq::Agent,
}

impl Authority {
    /// The authority at an address.
    pub fn at(url: &str) -> Result<Self, String> {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err("SEAL_TSA: expected the address of a time stamping authority, https://HOST/PATH".into());
        }
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).build().new_agent();
        Ok(Self { url: url.to_owned(), agent })
    }

    /// A stamp on bytes: the token, checked to be about them and new.
    pub fn stamp(&self, bytes: &[u8], mut nonce: [u8; 16]) -> Result<Any, SealError> {
        // A positive number that keeps its length.
        nonce[0] = nonce[0] & 0x3f | 0x40;
        let request = Request {
            version: 1,
            imprint: Imprint {
                algorithm: signature::sha_256(),
                hash: OctetString::new(Sha256::digest(bytes).to_vec())?,
            },
            nonce: Int::new(&nonce)?,
            certificates: true,
        };
        let answered = self
            .agent
            .post(&self.url)
            .content_type("application/timestamp-query")
            .send(request.to_der()?)
            .and_then(|mut answer| answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec())
            .map_err(|error| SealError::Authority(error.to_string()))?;
        accept(&answered, &request).map_err(|error| SealError::Authority(format!("unreadable: {error}")))?
    }
}

/// The token of an answer; the inner error tells what an answer that could be read lacks.
fn accept(answer: &[u8], request: &Request) -> der::Result<Result<Any, SealError>> {
    let refused = |why: &str| Ok(Err(SealError::Authority(why.to_owned())));
    let answer = Answer::from_der(answer)?;
    let status = u8::decode(&mut SliceReader::new(answer.status.value())?)?;
    let Some(token) = answer.token.filter(|_| status <= 1) else {
        return refused(&format!("it refused the request (status {status})"));
    };
    let signed: SignedData = token.decode_as::<ContentInfo>()?.content.decode_as()?;
    let Some(content) = signed.encap_content_info.econtent else { return refused("its stamp is empty") };
    let told = Told::read(content.decode_as::<OctetString>()?.as_bytes())?;
    if told.algorithm != signature::SHA_256 || told.hash != request.imprint.hash.as_bytes() {
        return refused("its stamp is about something else");
    }
    if told.nonce.as_deref() != Some(request.nonce.as_bytes()) {
        return refused("its stamp is not new");
    }
    Ok(Ok(token))
}

/// What a stamp says that must be what was asked (TSTInfo).
struct Told {
    algorithm: ObjectIdentifier,
    hash: Vec<u8>,
    nonce: Option<Vec<u8>>,
}

impl Told {
    fn read(bytes: &[u8]) -> der::Result<Self> {
        SliceReader::new(bytes)?.sequence(|told| {
            let (_version, _policy) = (u8::decode(told)?, ObjectIdentifier::decode(told)?);
            let imprint = Imprint::decode(told)?;
            let (_serial, _instant) = (Any::decode(told)?, Any::decode(told)?);
            let mut nonce = None;
            // Accuracy, order, nonce, name, extensions: the nonce is the only number among them.
            while !told.is_finished() {
                let member = Any::decode(told)?;
                if member.tag() == Tag::Integer {
                    nonce = Some(member.value().to_vec());
                }
            }
            Ok(Self { algorithm: imprint.algorithm.oid, hash: imprint.hash.as_bytes().to_vec(), nonce })
        })
    }
}
