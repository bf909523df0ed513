//! `portcullis serve`: screening, lists and decisions, for other programs and for people.
//!
//! Each area gives its routes, described for OpenAPI, by a function `routes()`; `openapi.rs` merges
//! them. A handler takes the shared [`State`](state::State), says who may ask by taking an
//! [`Asking`](asker::Asking), and answers with a value or a [`Problem`](problem::Problem).
//!
//! Nothing here logs an address, a query or a body: only the route that answered (THREATS T-35).

pub(crate) mod args;
mod asker;
mod health;
mod openapi;
mod pool;
mod problem;
mod state;

use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::{Context, bail};
use args::{Args, LogFormat};
use state::State;
use std::io::Write;
use std::sync::Arc;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The target of what is logged. Nothing else is: libraries log addresses and bodies.
const LOG: &str = "portcullis";

/// Runs `portcullis serve`.
pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    if args.print_openapi {
        writeln!(std::io::stdout().lock(), "{}", openapi::text()?)?;
        return Ok(Outcome::Clear);
    }
    let is_guarded = args.tls_cert.is_some() || args.behind_proxy;
    if !args.listen.ip().is_loopback() && !is_guarded {
        bail!(
            "others could reach {} and read what is sent: give `--tls-cert` and `--tls-key`, or `--behind-proxy` where a proxy does TLS",
            args.listen
        );
    }
    log(args.log_format)?;
    let state = Arc::new(State::new(args, environment)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads to serve with")?;
    runtime.block_on(serve(args, state))?;
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    Ok(Outcome::Clear)
}

async fn serve(args: &Args, state: Arc<State>) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    tracing::info!(target: LOG, %address, "listening");
    let router = openapi::router().with_state(state);
    axum::serve(listener, router).await?;
    Ok(())
}

/// Has what is logged written to stderr.
fn log(format: LogFormat) -> anyhow::Result<()> {
    let filter = Targets::new().with_target(LOG, LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
    }
    .context("cannot log")
}
