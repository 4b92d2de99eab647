//! Every setting, read once and refused early.

use std::path::PathBuf;

use clap::Args;

use crate::platform::blob::Address;

pub mod oidc;

/// A year.
const KEY_DAYS: u16 = 365;

/// What the operator chose. Each has an environment variable and a flag of the same name.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/clairiere.db", hide_env_values = true)]
    pub database_url: String,
    /// Connections to the database.
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=200))]
    pub database_connections: u32,
    /// The folder of files: papers, scans, uploads.
    #[arg(long, env = "FILES_DIR", default_value = "data/files")]
    pub files_dir: PathBuf,
    /// A bucket of an S3-compatible store for the files, instead of FILES_DIR: `s3://KEY:SECRET@HOST/BUCKET?region=REGION`.
    #[arg(long, env = "FILES_URL", hide_env_values = true)]
    pub files_url: Option<String>,
    /// The address to listen on.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: String,
    /// The address that people type; required to serve outside loopback.
    #[arg(long, env = "PUBLIC_URL", value_parser = url)]
    pub public_url: Option<String>,
    /// Connections of HTTP at once, fewer when the process may not open as many files.
    #[arg(long, env = "CONNECTIONS", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(16..=100_000))]
    pub connections: u32,
    /// Calls that one key may make in a minute, a sixth of them at once; 0 for no limit. Each instance counts its own.
    #[arg(long, env = "CALLS_PER_MINUTE", default_value_t = 12_000)]
    pub calls_per_minute: u32,
    /// The proxies in front, by address or network (`127.0.0.1,10.0.0.0/8`): only they may say where a request came from.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// An address of its own for `/metrics`; nothing is served there without.
    #[arg(long, env = "METRICS_LISTEN", value_parser = listen)]
    pub metrics_listen: Option<String>,
    /// Whether METRICS_LISTEN may be outside loopback: figures need no key.
    #[arg(long, env = "METRICS_PUBLIC", default_value_t = false)]
    pub metrics_public: bool,
    /// Where mails leave: `smtp://USER:PASSWORD@HOST:587`, `smtps://…`; without it they are written to MAIL_DIR.
    #[arg(long, env = "MAIL_URL", hide_env_values = true)]
    pub mail_url: Option<String>,
    /// The folder in which mails are written when there is no MAIL_URL.
    #[arg(long, env = "MAIL_DIR", default_value = "data/mail")]
    pub mail_dir: PathBuf,
    /// The sender's address of every mail.
    #[arg(long, env = "MAIL_FROM", default_value = "formation@example.org", value_parser = address)]
    pub mail_from: String,
    /// Whether every paper carries « SPÉCIMEN ».
    #[arg(long, env = "SPECIMEN", default_value_t = false)]
    pub specimen: bool,
    /// The certificate of the organisation's seal (PEM, followed by those that vouch for it); papers are not sealed without.
    #[arg(long, env = "SEAL_CERTIFICATE")]
    pub seal_certificate: Option<PathBuf>,
    /// The private key of that certificate (PEM, PKCS#8 without password: P-256 or RSA).
    #[arg(long, env = "SEAL_KEY")]
    pub seal_key: Option<PathBuf>,
    /// A time stamping authority (RFC 3161) that dates the seals.
    #[arg(long, env = "SEAL_TSA")]
    pub seal_tsa: Option<String>,
    /// How long a key lasts when nothing is said, in days; nobody makes one that lasts more than three years.
    #[arg(long, env = "KEY_DAYS", default_value_t = KEY_DAYS, value_parser = clap::value_parser!(u16).range(1..=1095))]
    pub key_days: u16,
    /// How staff sign in.
    #[command(flatten)]
    pub oidc: oidc::OidcSettings,
    /// What the log tells: error, warn, info, debug, or directives of `tracing`.
    #[arg(long, env = "LOG", default_value = "warn,clairiere=info")]
    pub log: String,
    /// How the log is written.
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub log_format: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: "sqlite:data/clairiere.db".into(),
            database_connections: 8,
            files_dir: "data/files".into(),
            files_url: None,
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            connections: 2_000,
            calls_per_minute: 12_000,
            trusted_proxies: vec![],
            metrics_listen: None,
            metrics_public: false,
            mail_url: None,
            mail_dir: "data/mail".into(),
            mail_from: "formation@example.org".into(),
            specimen: false,
            seal_certificate: None,
            seal_key: None,
            seal_tsa: None,
            key_days: KEY_DAYS,
            oidc: oidc::OidcSettings::default(),
            log: "warn".into(),
            log_format: "text".into(),
        }
    }
}

impl Settings {
    /// Refuse what cannot work together, naming the setting and what it should be.
    pub fn check(&self) -> Result<(), String> {
        if !self.database_url.starts_with("sqlite:")
            && !self.database_url.starts_with("postgres://")
            && !self.database_url.starts_with("postgresql://")
        {
            return Err("DATABASE_URL: expected sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".into());
        }
        if !loopback(&self.listen) && self.public_url.is_none() {
            return Err(format!("PUBLIC_URL: required to serve outside loopback (LISTEN is {})", self.listen));
        }
        if let Some(metrics) = &self.metrics_listen {
            if !loopback(metrics) && !self.metrics_public {
                return Err(format!(
                    "METRICS_PUBLIC: figures need no key, so METRICS_LISTEN stays on loopback (it is {metrics}) unless \
                     METRICS_PUBLIC=true"
                ));
            }
            if port(metrics) == port(&self.listen) && port(metrics) != Some(0) {
                return Err(format!("METRICS_LISTEN: expected another port than LISTEN's ({})", self.listen));
            }
        }
        if let Some(url) = &self.files_url {
            Address::parse(url).map_err(|wrong| format!("FILES_URL: {wrong}"))?;
        }
        if let Some(mail) = &self.mail_url
            && !mail.starts_with("smtp://")
            && !mail.starts_with("smtps://")
        {
            return Err("MAIL_URL: expected smtp://HOST:PORT or smtps://HOST:PORT".into());
        }
        self.oidc.provider(self.public_url.as_deref())?;
        match (&self.seal_certificate, &self.seal_key, &self.seal_tsa) {
            (Some(_), None, _) => Err("SEAL_KEY: required with SEAL_CERTIFICATE".into()),
            (None, Some(_), _) => Err("SEAL_CERTIFICATE: required with SEAL_KEY".into()),
            (None, None, Some(_)) => Err("SEAL_TSA: dates seals, which need SEAL_CERTIFICATE and SEAL_KEY".into()),
            (Some(_), Some(_), _) | (None, None, None) => Ok(()),
        }
    }

    /// The address that people type, without its final slash.
    pub fn base_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen)).trim_end_matches('/').to_owned()
    }
}

/// Whether an address to listen on is this machine's own.
fn loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or("", |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok())
}

fn listen(value: &str) -> Result<String, String> {
    if port(value).is_some() {
        Ok(value.to_owned())
    } else {
        Err("expected ADDRESS:PORT, such as 127.0.0.1:8080".into())
    }
}

fn network(value: &str) -> Result<ipnet::IpNet, String> {
    let value = value.trim();
    let alone = || value.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
    value
        .parse()
        .or_else(|_| alone())
        .map_err(|_| "expected addresses or networks, such as 127.0.0.1,10.0.0.0/8".into())
}

fn url(value: &str) -> Result<String, String> {
    let ok = value.starts_with("https://") || value.starts_with("http://");
    if ok && value.len() > 9 { Ok(value.to_owned()) } else { Err("expected https://HOST".into()) }
}

fn address(value: &str) -> Result<String, String> {
    crate::platform::number::EmailAddress::parse(value).map(|_| value.to_owned()).map_err(|fault| fault.en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stay_on_loopback_and_off_the_port_of_the_api_unless_somebody_says() {
        let at = |metrics: &str, public| Settings {
            metrics_listen: Some(metrics.into()),
            metrics_public: public,
            ..Settings::default()
        };
        for loopback in ["127.0.0.1:9464", "localhost:9464", "[::1]:9464", "127.0.0.9:0"] {
            assert_eq!(at(loopback, false).check(), Ok(()), "{loopback}");
        }
        for open in ["0.0.0.0:9464", "[::]:9464", "192.0.2.7:9464", "metrics.example.org:9464", ":9464"] {
            assert!(at(open, false).check().unwrap_err().starts_with("METRICS_PUBLIC:"), "{open}");
            assert_eq!(at(open, true).check(), Ok(()), "{open}");
        }
        assert!(at("127.0.0.1:8080", false).check().unwrap_err().starts_with("METRICS_LISTEN:"));
        assert!(at("0.0.0.0:8080", true).check().unwrap_err().starts_with("METRICS_LISTEN:"));
    }
}
