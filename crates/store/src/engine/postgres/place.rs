//! Where the server is, and whether the way there is safe.
//!
//! An address is `postgres://user:password@host:port/database`, with what else a connection may be
//! told after a `?`. The way to another machine is always encrypted, and the server's certificate is
//! always checked against its name, as `sslmode=verify-full` means; no option turns that off.
//! `sslrootcert=` names a file of certificates to trust instead of the system's.

use super::tls;
use crate::StoreError;
use postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};
use postgres::{Client, Config, NoTls};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long to try to reach a server, unless the address says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a server may be silent on the network before it counts as gone.
const SILENCE: Duration = Duration::from_secs(30);

/// A database on a server, and the way there.
pub(super) struct Place {
    name: String,
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// Why an address cannot be used. Never holds a part of it that could be a password.
#[derive(Debug, thiserror::Error)]
enum AddressError {
    #[error(
        "the address of the database cannot be understood; write it like postgres://user@host:5432/database"
    )]
    Malformed,
    #[error(
        "this `sslmode` is unknown; leave it out, for the way to another machine is always encrypted and checked"
    )]
    Mode,
    #[error(
        "`sslmode={0}` would let others on the network read and change what is stored; leave it out"
    )]
    Plain(String),
    #[error("the servers must be all on this machine or all on others")]
    Mixed,
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
}

impl Place {
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        understand(url).map_err(|(place, error)| StoreError::Open { place, source: error.into() })
    }

    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name, f)
    }
}

fn understand(url: &str) -> Result<Place, (String, AddressError)> {
    const UNNAMED: &str = "PostgreSQL";
    let options = Options::take(url);
    let malformed = || (UNNAMED.to_owned(), AddressError::Malformed);
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(malformed());
    }
    // What the parser says may quote the address, and with it the password.
    let mut config: Config = options.rest.parse().map_err(|_| malformed())?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(malformed());
    }
    let name = name(&config);
    let way = way(&config, options.mode.as_deref()).map_err(|error| (name.clone(), error))?;
    let tls = match way {
        Way::Plain => {
            config.ssl_mode(SslMode::Disable);
            None
        }
        Way::Encrypted => {
            config.ssl_mode(SslMode::Require).channel_binding(ChannelBinding::Prefer);
            Some(
                tls::connector(options.roots.as_deref())
                    .map_err(|error| (name.clone(), error.into()))?,
            )
        }
    };
    config
        .application_name("portcullis")
        // Of several servers, the one that takes changes.
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .tcp_user_timeout(SILENCE)
        .keepalives_idle(SILENCE)
        // A notice may quote a row.
        .notice_callback(|_| ());
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    Ok(Place { name, config, tls })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Encrypted,
}

fn way(config: &Config, mode: Option<&str>) -> Result<Way, AddressError> {
    let hosts = config.get_hosts().iter().map(host_is_here);
    // Where both are there, the address is dialled and the host is only a name.
    let addresses = config.get_hostaddrs().iter().map(IpAddr::is_loopback);
    let here: Vec<bool> = hosts.chain(addresses).collect();
    let all_here = here.iter().all(|is_here| *is_here);
    let none_by_socket = config.get_hosts().iter().all(|host| matches!(host, Host::Tcp(_)));
    match mode {
        None | Some("disable" | "allow" | "prefer") if all_here => Ok(Way::Plain),
        Some(plain @ ("disable" | "allow" | "prefer")) => {
            Err(AddressError::Plain(plain.to_owned()))
        }
        None | Some("require" | "verify-ca" | "verify-full") => {
            if none_by_socket {
                Ok(Way::Encrypted)
            } else {
                Err(AddressError::Mixed)
            }
        }
        Some(_) => Err(AddressError::Mode),
    }
}

fn host_is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

/// The database for people to read: what it is called and where it is, and nothing else.
fn name(config: &Config) -> String {
    let mut servers: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    if servers.is_empty() {
        servers.extend(config.get_hostaddrs().iter().map(IpAddr::to_string));
    }
    let ports = config.get_ports();
    for (place, server) in servers.iter_mut().enumerate() {
        let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
        *server = format!("{server}:{port}");
    }
    let database = config.get_dbname().or(config.get_user()).unwrap_or("default");
    format!("PostgreSQL database {database} at {}", servers.join(", "))
}

/// The options that the client library does not know as we mean them.
struct Options {
    rest: String,
    mode: Option<String>,
    roots: Option<PathBuf>,
}

impl Options {
    fn take(url: &str) -> Self {
        let mut options = Self { rest: url.to_owned(), mode: None, roots: None };
        let Some((address, query)) = url.rsplit_once('?') else { return options };
        let mut others = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => options.mode = Some(mode.to_owned()),
                Some(("sslrootcert", path)) => options.roots = Some(decoded(path)),
                _ => others.push(pair),
            }
        }
        options.rest = if others.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", others.join("&"))
        };
        options
    }
}

/// A path with `%20` and the like turned back.
fn decoded(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
