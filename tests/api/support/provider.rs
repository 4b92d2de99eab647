//! A provider of identities, in the test itself: it publishes itself, exchanges codes as the standard says, and lies when it
//! is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use clairiere::config::{
    Settings,
    oidc::{OidcSettings, RoleOf},
};
use poem::{Endpoint, EndpointExt, Request, Response, Server, endpoint::make, http::StatusCode, listener::TcpAcceptor};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use super::{Answer, TestApp};
use clairiere::platform::permission::Role;

/// The secret that the provider knows; its signs must be written in another way in a header.
const SECRET: &str = "un secret & un +";

type Change = Box<dyn Fn(&mut Value) + Send>;

/// What the provider does today.
pub struct Mood {
    /// Whether it answers nothing but errors.
    pub down: bool,
    /// How often each of its addresses was asked for.
    pub asked: BTreeMap<String, u32>,
    /// What it changes in what it publishes.
    pub publishes: Change,
    /// What it changes in the header of a token.
    pub header: Change,
    /// What it changes in a token.
    pub token: Change,
    /// What it says of somebody beside the token.
    pub beside: Option<Value>,
    /// Whether a code serves more than once.
    pub forgetful: bool,
    /// The number of the key by which it signs.
    pub key: u32,
    codes: BTreeMap<String, Asked>,
}

struct Asked {
    nonce: String,
    challenge: String,
    claims: Value,
}

/// A provider.
pub struct Provider {
    /// Its issuer.
    pub issuer: String,
    /// What it does today.
    pub mood: Mutex<Mood>,
    pairs: Vec<EcdsaKeyPair>,
}

fn pair() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}

async fn serve(acceptor: TcpAcceptor, endpoint: impl Endpoint + 'static) {
    Server::new_with_acceptor(acceptor).run(endpoint).await.ok();
}

impl Provider {
    /// One that lives as long as the test.
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let mood = Mood {
            down: false,
            asked: BTreeMap::new(),
            publishes: Box::new(|_| {}),
            header: Box::new(|_| {}),
            token: Box::new(|_| {}),
            beside: None,
            forgetful: false,
            key: 0,
            codes: BTreeMap::new(),
        };
        let one = Arc::new(Self { issuer, mood: Mutex::new(mood), pairs: vec![pair(), pair()] });
        let shared = one.clone();
        let endpoint = make(move |request| {
            let provider = shared.clone();
            async move { Ok::<_, poem::Error>(provider.answer(request).await) }
        });
        tokio::spawn(serve(TcpAcceptor::from_tokio(listener).unwrap(), endpoint.boxed()));
        one
    }

    /// The settings of a service that trusts it.
    pub fn settings(&self, settings: &mut Settings) {
        let of = |value: &str, role| RoleOf { value: value.into(), role };
        settings.public_url = Some("http://127.0.0.1:8080".into());
        settings.oidc = OidcSettings {
            oidc_issuer: Some(self.issuer.clone()),
            oidc_client_id: Some("clairiere".into()),
            oidc_client_secret: Some(SECRET.into()),
            oidc_role_claim: Some("groups".into()),
            oidc_roles: vec![
                of("admins", Role::CoopAdmin),
                of("formation", Role::CoopTraining),
                of("formateurs", Role::Trainer),
                of("audit", Role::Auditor),
            ],
            ..OidcSettings::default()
        };
    }

    /// Change what it does.
    pub fn now(&self, change: impl FnOnce(&mut Mood)) {
        change(&mut self.mood.lock().unwrap());
    }

    /// How often an address was asked for.
    pub fn asked(&self, path: &str) -> u32 {
        self.mood.lock().unwrap().asked.get(path).copied().unwrap_or_default()
    }

    /// Somebody is recognised: the code that goes back with them.
    pub fn recognises(&self, door: &str, claims: Value) -> String {
        let url = Url::parse(door).unwrap();
        assert!(door.starts_with(&format!("{}/authorize?", self.issuer)), "{door}");
        let said: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(said["response_type"], "code");
        assert_eq!(said["client_id"], "clairiere");
        assert_eq!(said["redirect_uri"], "http://127.0.0.1:8080/connexion/retour");
        assert_eq!(said["scope"], "openid email profile");
        assert_eq!(said["code_challenge_method"], "S256");
        let asked = Asked { nonce: said["nonce"].clone(), challenge: said["code_challenge"].clone(), claims };
        let mut mood = self.mood.lock().unwrap();
        let code = format!("code-{}", mood.codes.len() + 1);
        mood.codes.insert(code.clone(), asked);
        code
    }

    async fn answer(&self, mut request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let authorization = request.header("authorization").unwrap_or_default().to_owned();
        let body = request.take_body().into_string().await.unwrap_or_default();
        let mut mood = self.mood.lock().unwrap();
        *mood.asked.entry(path.clone()).or_default() += 1;
        if mood.down {
            return answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": "temporarily_unavailable" }));
        }
        let at = |place: &str| format!("{}{place}", self.issuer);
        match path.as_str() {
            "/.well-known/openid-configuration" => {
                let mut told = json!({
                    "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
                    "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/userinfo"), "end_session_endpoint": at("/logout")
                });
                (mood.publishes)(&mut told);
                answer(StatusCode::OK, &told)
            }
            "/jwks" => answer(StatusCode::OK, &json!({ "keys": [self.jwk(mood.key)] })),
            "/token" => match self.exchange(&mut mood, &authorization, &body) {
                Ok(tokens) => answer(StatusCode::OK, &tokens),
                Err(error) => answer(StatusCode::BAD_REQUEST, &json!({ "error": error })),
            },
            "/userinfo" if authorization == "Bearer jeton" => match &mood.beside {
                Some(claims) => answer(StatusCode::OK, claims),
                None => answer(StatusCode::NOT_FOUND, &json!({})),
            },
            _ => answer(StatusCode::NOT_FOUND, &json!({})),
        }
    }

    fn jwk(&self, number: u32) -> Value {
        let point = self.pairs[number as usize].public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("cle-{number}"),
                "x": b64(&point[1..33]), "y": b64(&point[33..]) })
    }

    /// As the standard says, down to the digest of the verifier.
    fn exchange(&self, mood: &mut Mood, authorization: &str, body: &str) -> Result<Value, &'static str> {
        let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let said: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let by_header = authorization == format!("Basic {}", STANDARD.encode(format!("clairiere:{encoded}")));
        let by_form = authorization.is_empty() && said.get("client_secret").is_some_and(|secret| secret == SECRET);
        if !by_header && !by_form {
            return Err("invalid_client");
        }
        let code = said.get("code").ok_or("invalid_request")?;
        let asked = mood.codes.get(code).ok_or("invalid_grant")?;
        let verifier = said.get("code_verifier").ok_or("invalid_request")?;
        let fits = b64(Sha256::digest(verifier)) == asked.challenge;
        if !fits || said["redirect_uri"] != "http://127.0.0.1:8080/connexion/retour" {
            return Err("invalid_grant");
        }
        let seconds = super::monday().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": "clairiere", "nonce": asked.nonce, "iat": seconds, "exp": seconds + 86_400 * 30,
            "at_hash": b64(&Sha256::digest("jeton")[..16])
        });
        for (name, value) in asked.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        (mood.token)(&mut claims);
        let mut header = json!({ "alg": "ES256", "kid": format!("cle-{}", mood.key) });
        (mood.header)(&mut header);
        if !mood.forgetful {
            mood.codes.remove(code);
            mood.codes.insert(
                format!("served {code}"),
                Asked { nonce: String::new(), challenge: String::new(), claims: json!({}) },
            );
        }
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature = self.pairs[mood.key as usize].sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let token = format!("{message}.{}", b64(signature.as_ref()));
        Ok(json!({ "access_token": "jeton", "token_type": "Bearer", "id_token": token }))
    }
}

/// A browser, with its cookies.
pub struct Browser<'a> {
    app: &'a TestApp,
    /// Name and value.
    pub cookies: BTreeMap<String, String>,
}

impl TestApp {
    /// A browser that was nowhere yet.
    pub fn browser(&self) -> Browser<'_> {
        Browser { app: self, cookies: BTreeMap::new() }
    }
}

impl Browser<'_> {
    /// Open a page, with what a browser says beside.
    pub async fn opens(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut builder = Request::builder().uri_str(path);
        if !cookies.is_empty() {
            builder = builder.header("Cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let answer = self.app.nobody().send(builder.finish(), path.to_owned()).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, manner) = rest.split_once("; ").unwrap();
            assert!(manner.contains("HttpOnly") && manner.contains("SameSite=Lax"), "{cookie}");
            if manner.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Leave for the provider: its door, and the state.
    pub async fn leaves(&mut self) -> (String, String) {
        let answer = self.opens("/connexion/partir", &[]).await;
        let door = answer.leads();
        let state = Url::parse(&door).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        (door, state)
    }

    /// Leave, be recognised, come back.
    pub async fn signs_in(&mut self, provider: &Provider, claims: Value) -> Answer {
        let (door, state) = self.leaves().await;
        let code = provider.recognises(&door, claims);
        self.comes_back(&[("code", &code), ("state", &state)]).await
    }

    /// Come back with these words.
    pub async fn comes_back(&mut self, said: &[(&str, &str)]) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        self.opens(&format!("/connexion/retour?{query}"), &[]).await
    }

    /// Sign out with a key.
    pub async fn signs_out(&self, key: &str, everywhere: bool) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("key", key);
        if everywhere {
            form.append_pair("everywhere", "true");
        }
        let request = Request::builder()
            .method(poem::http::Method::POST)
            .uri_str("/connexion/fin")
            .content_type("application/x-www-form-urlencoded")
            .body(form.finish());
        self.app.nobody().send(request, "sign out".to_owned()).await
    }
}

impl Answer {
    /// The key that a page shows.
    #[track_caller]
    pub fn key(&self) -> String {
        let page = self.shows("montrée cette seule fois");
        let from = page.find("value=\"clairiere_").unwrap() + 7;
        page[from..].split('"').next().unwrap().to_owned()
    }
}
