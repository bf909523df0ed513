//! What `portcullis serve` can be asked.

use clap::ValueEnum;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Serve screening, lists and decisions to other programs and to people
///
/// Listens on this machine alone unless it is told otherwise. Speaks the matching API of yente and the
/// reconciliation API of OpenRefine beside its own, which `/openapi.json` describes. Ends what it is
/// doing and stops on SIGTERM or Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// File with the certificate for TLS and those above it, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "Who may connect")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// File with the private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "Who may connect")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Listen without TLS on an address that others can reach: a proxy in front of it does TLS
    #[arg(long, conflicts_with = "tls_cert", help_heading = "Who may connect")]
    pub(crate) behind_proxy: bool,

    /// Let anybody who can connect match against open lists without signing in
    ///
    /// On an address that only this machine can reach that is so by default.
    #[arg(long, help_heading = "Who may connect")]
    pub(crate) open_matching: bool,

    #[command(flatten)]
    pub(crate) policies: crate::policy::PoliciesFrom,

    #[command(flatten)]
    pub(crate) sign_in: super::sign_in::SignInArgs,

    #[command(flatten)]
    pub(crate) exchange: super::exchange::ExchangeArgs,

    /// Bytes that the body of a request may have
    #[arg(long, value_name = "BYTES", default_value_t = 1_000_000, help_heading = "Limits")]
    pub(crate) max_body: usize,

    /// Connections at once
    #[arg(long, value_name = "NUMBER", default_value = "1024", help_heading = "Limits")]
    pub(crate) max_connections: NonZeroU32,

    /// Requests being answered at once; who comes then is asked to come back later
    #[arg(long, value_name = "NUMBER", default_value = "256", help_heading = "Limits")]
    pub(crate) max_requests: NonZeroU32,

    /// Indexes held in memory
    ///
    /// One for each group of readers who may use the same lists, with and without a purpose. Where more
    /// are in use at the same time, up to twice as many are held.
    #[arg(long, value_name = "NUMBER", default_value = "6", help_heading = "Limits")]
    pub(crate) max_indexes: NonZeroU32,

    /// Seconds that a request may take
    #[arg(long, value_name = "SECONDS", default_value = "30", help_heading = "Limits")]
    pub(crate) time_limit: NonZeroU32,

    /// Requests in a second of one address, in the long run; 0 for any number
    ///
    /// All who sit behind one address share it, signed in or not. Of IPv6, a network of 64 bits counts as
    /// one address; behind a proxy, the address that the proxy adds to `X-Forwarded-For`.
    #[arg(long, value_name = "NUMBER", default_value_t = 500, help_heading = "Limits")]
    pub(crate) rate: u32,

    /// Form of what is told on stderr
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Print the description of the API (OpenAPI 3.1) and end
    #[arg(long)]
    pub(crate) print_openapi: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

const AFTER: &str = "\
Examples:
  Serve on this machine, with every stored list:
    portcullis serve
  Serve to others with TLS:
    portcullis serve --listen 0.0.0.0:8443 --tls-cert node.pem --tls-key node.key
  Ask whether somebody is on a list:
    curl -H 'Content-Type: application/json' localhost:8080/match/default \\
      -d '{\"queries\": {\"a\": {\"schema\": \"Person\", \"properties\": {\"name\": [\"NAME\"]}}}}'";
