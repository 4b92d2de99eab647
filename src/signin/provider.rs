//! The provider of identities: what it publishes, read when it is first needed and kept for an hour; the exchange of a code
//! for tokens; what it says of somebody beside.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore};
use url::{Url, form_urlencoded};

use super::{
    attempt::Attempt,
    key::KeySet,
    refusal::Refusal,
    token::{Claims, Expected, Unbelieved, believe},
};
use crate::{
    config::oidc::{Oidc, is_private},
    platform::outgoing::{Answered, Outgoing},
};

/// What was read is read again after this.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// A provider that failed is not asked again before this.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);
/// Keys are not read again for an unknown name before this: anybody may invent names.
const KEYS_AGAIN: TimeDelta = TimeDelta::seconds(30);
/// Codes that are exchanged at once.
const AT_ONCE: usize = 8;

/// A provider, and what is known of it.
pub struct Provider {
    /// The settings.
    pub oidc: Oidc,
    outgoing: Outgoing,
    known: Mutex<Known>,
    exchanges: Semaphore,
}

#[derive(Default)]
struct Known {
    published: Option<(Arc<Published>, DateTime<Utc>)>,
    keys: Option<(Arc<KeySet>, DateTime<Utc>)>,
    failed: Option<(String, DateTime<Utc>)>,
}

/// What a provider publishes of itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Published {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What a code was exchanged for.
#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    access_token: Option<String>,
}

/// A token that is believed, and the means to ask for more.
pub struct Believed {
    /// What the identity token says.
    pub claims: Claims,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: Option<String>,
}

/// A word of the provider, kept only when it is one.
pub fn word(text: &str) -> String {
    let plain = text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain { text.to_owned() } else { "another word".to_owned() }
}

impl Published {
    /// What is published serves only when it is the provider's own and read by nobody on the way.
    fn check(self, oidc: &Oidc) -> Result<Self, String> {
        if self.issuer != oidc.issuer {
            return Err("it names itself by another issuer: OIDC_ISSUER must be exactly the same".into());
        }
        let all = [Some(&self.authorization_endpoint), Some(&self.token_endpoint), Some(&self.jwks_uri)];
        let optional = [self.userinfo_endpoint.as_ref(), self.end_session_endpoint.as_ref()];
        for address in all.into_iter().chain(optional).flatten() {
            if !Url::parse(address).is_ok_and(|url| is_private(&url)) {
                return Err("it publishes an address that is not https".into());
            }
        }
        Ok(self)
    }

    /// Whether the answer may come from this provider (RFC 9207): two providers are not mixed up.
    pub fn answers(&self, said: Option<&str>) -> bool {
        match said {
            Some(issuer) => issuer == self.issuer,
            None => !self.authorization_response_iss_parameter_supported,
        }
    }
}

/// Whether so little time passed since an instant. One that is still to come was told by a clock that was put right since.
fn within(now: DateTime<Utc>, at: DateTime<Utc>, limit: TimeDelta) -> bool {
    (TimeDelta::zero()..limit).contains(&(now - at))
}

impl Provider {
    /// A provider that was not asked anything yet.
    pub fn new(oidc: Oidc) -> Self {
        let (known, exchanges) = (Mutex::default(), Semaphore::new(AT_ONCE));
        Self { oidc, outgoing: Outgoing::default(), known, exchanges }
    }

    /// What it publishes. One asks at a time; a failure is remembered for a few seconds, an hour-old answer serves until
    /// there is another.
    pub async fn published(&self, now: DateTime<Utc>) -> Result<Arc<Published>, Refusal> {
        let mut known = self.known.lock().await;
        let old = match &known.published {
            Some((published, at)) if within(now, *at, KEPT) => return Ok(published.clone()),
            other => other.as_ref().map(|(published, _)| published.clone()),
        };
        if let Some((why, at)) = &known.failed
            && within(now, *at, PATIENCE)
        {
            return old.ok_or_else(|| Refusal::Down(why.clone()));
        }
        let address = format!("{}/.well-known/openid-configuration", self.oidc.issuer.trim_end_matches('/'));
        match self.read::<Published>(&address).await.and_then(|published| published.check(&self.oidc)) {
            Ok(published) => {
                let published = Arc::new(published);
                known.published = Some((published.clone(), now));
                known.failed = None;
                Ok(published)
            }
            Err(why) => {
                known.failed = Some((why.clone(), now));
                old.ok_or(Refusal::Down(why))
            }
        }
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, address: &str) -> Result<T, String> {
        let answered = self.outgoing.get(address, None).await?;
        if !answered.status.is_success() {
            return Err(format!("status {}", answered.status));
        }
        answered.json()
    }

    /// Its keys; read again when one is unknown, unless that was done a moment ago.
    async fn keys(&self, published: &Published, unknown: bool, now: DateTime<Utc>) -> Result<Arc<KeySet>, Refusal> {
        let mut known = self.known.lock().await;
        let old = match &known.keys {
            Some((keys, at)) if within(now, *at, if unknown { KEYS_AGAIN } else { KEPT }) => return Ok(keys.clone()),
            other => other.as_ref().map(|(keys, _)| keys.clone()),
        };
        match self.read::<KeySet>(&published.jwks_uri).await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                known.keys = Some((keys.clone(), now));
                Ok(keys)
            }
            Err(why) => old.ok_or(Refusal::Down(why)),
        }
    }

    /// Where a sign-in begins, at the provider's.
    pub async fn door(&self, attempt: &Attempt, now: DateTime<Utc>) -> Result<String, Refusal> {
        let published = self.published(now).await?;
        let mut url =
            Url::parse(&published.authorization_endpoint).map_err(|error| Refusal::Down(error.to_string()))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.oidc.client_id)
            .append_pair("redirect_uri", &self.oidc.redirect_uri())
            .append_pair("scope", &self.oidc.scopes)
            .append_pair("state", &attempt.state())
            .append_pair("nonce", &attempt.nonce())
            .append_pair("code_challenge", &attempt.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Where one signs out at the provider's, when it says.
    pub async fn exit(&self, now: DateTime<Utc>) -> Option<String> {
        let published = self.published(now).await.ok()?;
        let mut url = Url::parse(published.end_session_endpoint.as_ref()?).ok()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.oidc.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{}/connexion", self.oidc.base_url));
        Some(url.into())
    }

    /// Exchange a code for an identity that is believed.
    pub async fn identify(&self, code: &str, attempt: &Attempt, now: DateTime<Utc>) -> Result<Believed, Refusal> {
        let published = self.published(now).await?;
        let _turn = self.exchanges.try_acquire().map_err(|_| Refusal::Down("too many at once".into()))?;
        let tokens = self.exchange(&published, code, attempt).await?;
        let token = tokens.id_token.ok_or_else(|| Refusal::Broken("it gave no identity token".into()))?;
        let nonce = attempt.nonce();
        let expected = Expected {
            issuer: &self.oidc.issuer,
            client_id: &self.oidc.client_id,
            audiences: &self.oidc.audiences,
            nonce: &nonce,
            access_token: tokens.access_token.as_deref(),
            now,
        };
        let keys = self.keys(&published, false, now).await?;
        let claims = match believe(&token, &keys, &expected) {
            Err(Unbelieved::UnknownKey | Unbelieved::NoKey) => {
                believe(&token, &*self.keys(&published, true, now).await?, &expected)
            }
            other => other,
        }?;
        Ok(Believed { claims, access_token: tokens.access_token })
    }

    async fn exchange(&self, published: &Published, code: &str, attempt: &Attempt) -> Result<Tokens, Refusal> {
        let (authorization, form) = self.asking(published, code, attempt);
        let answered = self
            .outgoing
            .post_form(&published.token_endpoint, authorization.as_deref(), form)
            .await
            .map_err(Refusal::Down)?;
        if answered.status.is_success() {
            return answered.json().map_err(Refusal::Broken);
        }
        Err(refused(&answered))
    }

    /// What is asked for the tokens, and by which name: in a header, or in the form where the provider wants it.
    fn asking(&self, published: &Published, code: &str, attempt: &Attempt) -> (Option<String>, String) {
        let Oidc { client_id, client_secret, .. } = &self.oidc;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.oidc.redirect_uri())
            .append_pair("code_verifier", &attempt.verifier());
        // What is not said is `client_secret_basic`, says the standard.
        let methods = published.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let takes = |name: &str| methods.iter().any(|method| method == name);
        let authorization = if takes("client_secret_basic") || !takes("client_secret_post") {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(client_id), encoded(client_secret));
            Some(format!("Basic {}", STANDARD.encode(pair)))
        } else {
            form.append_pair("client_id", client_id).append_pair("client_secret", client_secret);
            None
        };
        (authorization, form.finish())
    }

    /// What it says of somebody beside the token, when it says more.
    pub async fn beside(&self, believed: &Believed, now: DateTime<Utc>) -> Result<Option<Claims>, Refusal> {
        let published = self.published(now).await?;
        let (Some(address), Some(token)) = (&published.userinfo_endpoint, &believed.access_token) else {
            return Ok(None);
        };
        let answered = self.outgoing.get(address, Some(&format!("Bearer {token}"))).await.map_err(Refusal::Down)?;
        if !answered.status.is_success() {
            return Err(Refusal::Broken(format!("it tells nothing more of somebody: status {}", answered.status)));
        }
        let claims: Claims = answered.json().map_err(Refusal::Broken)?;
        // What is said of another is not said of them.
        if claims.get("sub") != believed.claims.get("sub") {
            return Err(Refusal::Broken("it tells more of somebody else".into()));
        }
        Ok(Some(claims))
    }
}

/// Why a code was not exchanged.
fn refused(answered: &Answered) -> Refusal {
    if answered.status.is_server_error() {
        return Refusal::Down(format!("status {}", answered.status));
    }
    match answered.json::<ErrorAnswer>().ok().and_then(|answer| answer.error) {
        // A code that served, that is too old, or another's.
        Some(error) if error == "invalid_grant" => Refusal::Stale,
        Some(error) => Refusal::Broken(format!("it refuses the exchange: {}", word(&error))),
        None => Refusal::Broken(format!("it refuses the exchange: status {}", answered.status)),
    }
}
