//! The settings of staff's sign-in: one provider of identities (OpenID Connect), and what its claims mean here.

use clap::Args;
use url::{Host, Url};

use crate::platform::permission::Role;

/// How staff sign in; nobody does while there is no issuer.
#[derive(Debug, Clone, Args)]
pub struct OidcSettings {
    /// The provider with which staff sign in: its issuer, exactly as it names itself.
    #[arg(long, env = "OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,
    /// What the provider calls this service.
    #[arg(long, env = "OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,
    /// The secret that the provider gave to this service.
    #[arg(long, env = "OIDC_CLIENT_SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,
    /// What is asked of the provider, `openid` among it.
    #[arg(long, env = "OIDC_SCOPES", default_value = SCOPES)]
    pub oidc_scopes: String,
    /// Other audiences that an identity token may name beside this service.
    #[arg(long, env = "OIDC_AUDIENCES", value_delimiter = ',')]
    pub oidc_audiences: Vec<String>,
    /// The claim that says what somebody is: its name (`groups`), or its place (`/realm_access/roles`).
    #[arg(long, env = "OIDC_ROLE_CLAIM")]
    pub oidc_role_claim: Option<String>,
    /// What values of that claim mean here, the first that fits wins: `admins=coop_admin,formation=coop_training`.
    #[arg(long, env = "OIDC_ROLES", value_delimiter = ',', value_parser = role_of)]
    pub oidc_roles: Vec<RoleOf>,
    /// Whether somebody whom the provider gives a role is added as a user when there is none with their address.
    #[arg(long, env = "OIDC_CREATE_USERS", default_value_t = false)]
    pub oidc_create_users: bool,
}

/// What is asked of a provider when nothing else is said.
const SCOPES: &str = "openid email profile";

/// One value of the role claim, and the role that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOf {
    /// The value.
    pub value: String,
    /// The role.
    pub role: Role,
}

/// The settings of a provider, once they are known to hold together.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// The issuer, exactly as it was written.
    pub issuer: String,
    /// What the provider calls this service.
    pub client_id: String,
    /// The secret of this service.
    pub client_secret: String,
    /// What is asked, parted by spaces.
    pub scopes: String,
    /// Other audiences that a token may name.
    pub audiences: Vec<String>,
    /// The claim that gives roles, when the provider gives them.
    pub role_claim: Option<String>,
    /// What its values mean.
    pub roles: Vec<RoleOf>,
    /// Whether unknown people who have a role are added.
    pub create_users: bool,
    /// The address that people type, without its final slash.
    pub base_url: String,
}

impl Default for OidcSettings {
    fn default() -> Self {
        Self {
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_scopes: SCOPES.into(),
            oidc_audiences: vec![],
            oidc_role_claim: None,
            oidc_roles: vec![],
            oidc_create_users: false,
        }
    }
}

impl OidcSettings {
    /// The provider, none when staff do not sign in; what cannot work is refused by the name of its setting.
    pub fn provider(&self, public_url: Option<&str>) -> Result<Option<Oidc>, String> {
        let Self {
            oidc_issuer,
            oidc_client_id,
            oidc_client_secret,
            oidc_scopes,
            oidc_audiences,
            oidc_role_claim,
            oidc_roles,
            oidc_create_users,
        } = self;
        let Some(issuer) = oidc_issuer else {
            let alone = [
                (oidc_client_id.is_some(), "OIDC_CLIENT_ID"),
                (oidc_client_secret.is_some(), "OIDC_CLIENT_SECRET"),
                (oidc_role_claim.is_some(), "OIDC_ROLE_CLAIM"),
                (!oidc_roles.is_empty(), "OIDC_ROLES"),
                (!oidc_audiences.is_empty(), "OIDC_AUDIENCES"),
                (*oidc_create_users, "OIDC_CREATE_USERS"),
            ];
            return match alone.iter().find(|(set, _)| *set) {
                Some((_, name)) => Err(format!("OIDC_ISSUER: required with {name}")),
                None => Ok(None),
            };
        };
        let parsed = Url::parse(issuer).map_err(|_| "OIDC_ISSUER: expected https://HOST/…".to_owned())?;
        if !is_private(&parsed) {
            return Err("OIDC_ISSUER: expected https://HOST/… (http:// only on this machine)".into());
        }
        let bare = parsed.query().is_none() && parsed.fragment().is_none();
        if !bare || !parsed.username().is_empty() || parsed.password().is_some() {
            return Err("OIDC_ISSUER: no user, password, query or fragment is part of an issuer".into());
        }
        let base_url = public_url.ok_or("PUBLIC_URL: required with OIDC_ISSUER")?;
        let own = Url::parse(base_url).map_err(|_| "PUBLIC_URL: expected https://HOST".to_owned())?;
        if !is_private(&own) {
            return Err("PUBLIC_URL: https:// is required with OIDC_ISSUER (http:// only on this machine)".into());
        }
        let required = |value: &Option<String>, name: &str| match value.as_deref().map(str::trim) {
            Some(value) if !value.is_empty() => Ok(value.to_owned()),
            _ => Err(format!("{name}: required with OIDC_ISSUER")),
        };
        let client_id = required(oidc_client_id, "OIDC_CLIENT_ID")?;
        let client_secret = required(oidc_client_secret, "OIDC_CLIENT_SECRET")?;
        let scopes: Vec<&str> = oidc_scopes.split_whitespace().collect();
        if !scopes.contains(&"openid") {
            return Err("OIDC_SCOPES: expected openid among the scopes, such as “openid email profile”".into());
        }
        let role_claim = oidc_role_claim.as_deref().map(str::trim).filter(|name| !name.is_empty());
        match (role_claim, oidc_roles.is_empty()) {
            (Some(_), true) => return Err("OIDC_ROLES: required with OIDC_ROLE_CLAIM".into()),
            (None, false) => return Err("OIDC_ROLE_CLAIM: required with OIDC_ROLES".into()),
            _ => {}
        }
        if *oidc_create_users && role_claim.is_none() {
            return Err("OIDC_ROLE_CLAIM: required with OIDC_CREATE_USERS: a new user's role comes from it".into());
        }
        Ok(Some(Oidc {
            issuer: issuer.clone(),
            client_id,
            client_secret,
            scopes: scopes.join(" "),
            audiences: oidc_audiences.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect(),
            role_claim: role_claim.map(str::to_owned),
            roles: oidc_roles.clone(),
            create_users: *oidc_create_users,
            base_url: base_url.trim_end_matches('/').to_owned(),
        }))
    }
}

impl Oidc {
    /// Where the provider sends people back.
    pub fn redirect_uri(&self) -> String {
        format!("{}/connexion/retour", self.base_url)
    }

    /// Whether people reach this service by https.
    pub fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// Whether what is said to this address is read by nobody else: https, or plain http that does not leave the machine.
pub fn is_private(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.host().is_some() && (url.scheme() == "https" || url.scheme() == "http" && loopback)
}

fn role_of(text: &str) -> Result<RoleOf, String> {
    let names = || Role::ALL.map(Role::name).join(", ");
    let (value, role) = text.rsplit_once('=').ok_or("expected VALUE=ROLE, such as admins=coop_admin")?;
    let value = value.trim();
    if value.is_empty() {
        return Err("expected VALUE=ROLE, such as admins=coop_admin".into());
    }
    let role = Role::of(role.trim()).ok_or_else(|| format!("“{role}” is no role: one of {}", names()))?;
    Ok(RoleOf { value: value.to_owned(), role })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> OidcSettings {
        OidcSettings {
            oidc_issuer: Some("https://identite.example.org/realms/coop".into()),
            oidc_client_id: Some("clairiere".into()),
            oidc_client_secret: Some("un secret".into()),
            ..OidcSettings::default()
        }
    }

    const HERE: Option<&str> = Some("https://formation.example.org/");

    #[track_caller]
    fn refused(settings: &OidcSettings, public_url: Option<&str>, words: &str) {
        let wrong = settings.provider(public_url).map(|_| ()).unwrap_err();
        assert!(wrong.starts_with(words), "{wrong}");
    }

    #[test]
    fn a_provider_is_said_whole_or_not_at_all() {
        assert!(OidcSettings::default().provider(None).unwrap().is_none());
        let oidc = told().provider(HERE).unwrap().unwrap();
        assert_eq!(oidc.redirect_uri(), "https://formation.example.org/connexion/retour");
        assert_eq!(oidc.scopes, "openid email profile");
        refused(&OidcSettings { oidc_issuer: None, ..told() }, HERE, "OIDC_ISSUER: required with OIDC_CLIENT_ID");
        refused(&OidcSettings { oidc_client_id: None, ..told() }, HERE, "OIDC_CLIENT_ID: required");
        refused(&OidcSettings { oidc_client_secret: Some(" ".into()), ..told() }, HERE, "OIDC_CLIENT_SECRET: required");
        refused(&OidcSettings { oidc_scopes: "email".into(), ..told() }, HERE, "OIDC_SCOPES: expected openid");
        refused(&told(), None, "PUBLIC_URL: required");
    }

    #[test]
    fn nothing_is_said_in_clear_on_a_network() {
        for issuer in
            ["http://identite.example.org", "ftp://example.org", "identite", "https://", "http://127.0.0.1.example.org"]
        {
            refused(&OidcSettings { oidc_issuer: Some(issuer.into()), ..told() }, HERE, "OIDC_ISSUER: expected https");
        }
        for issuer in ["https://a:b@example.org", "https://example.org/?a=b", "https://example.org/#a"] {
            refused(&OidcSettings { oidc_issuer: Some(issuer.into()), ..told() }, HERE, "OIDC_ISSUER: no user");
        }
        refused(&told(), Some("http://formation.example.org"), "PUBLIC_URL: https");
        for here in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            let local = OidcSettings { oidc_issuer: Some(here.into()), ..told() };
            assert!(local.provider(Some(here)).unwrap().is_some_and(|oidc| !oidc.is_secure()), "{here}");
        }
    }

    #[test]
    fn roles_and_their_claim_come_together() {
        let roles = vec![role_of("clairiere:admins = coop_admin").unwrap()];
        assert_eq!((roles[0].value.as_str(), roles[0].role), ("clairiere:admins", Role::CoopAdmin));
        assert!(role_of("admins").is_err() && role_of("=trainer").is_err());
        assert!(role_of("admins=boss").unwrap_err().contains("coop_training"));
        let claim = Some("groups".to_owned());
        refused(&OidcSettings { oidc_role_claim: claim.clone(), ..told() }, HERE, "OIDC_ROLES: required");
        refused(&OidcSettings { oidc_roles: roles.clone(), ..told() }, HERE, "OIDC_ROLE_CLAIM: required");
        refused(&OidcSettings { oidc_create_users: true, ..told() }, HERE, "OIDC_ROLE_CLAIM: required");
        let whole = OidcSettings { oidc_role_claim: claim, oidc_roles: roles, oidc_create_users: true, ..told() };
        assert!(whole.provider(HERE).unwrap().is_some_and(|oidc| oidc.create_users));
    }
}
