//! `portcullis serve`: screening, lists and decisions, for other programs and for people.
//!
//! Each area gives its routes, described for OpenAPI, by a function `routes()`; `openapi.rs` merges
//! them. A handler takes the shared [`State`], says who may ask by taking an
//! [`Asking`](asker::Asking), and answers with a value or a [`Problem`].
//!
//! Nothing here logs an address, a query or a body: only the route that answered (THREATS T-35).

pub(crate) mod args;
mod asker;
mod bodies;
pub(crate) mod exchange;
mod extract;
mod headers;
mod health;
mod indexes;
mod late;
mod limits;
mod listen;
mod matching;
mod metrics;
mod openapi;
mod patient;
mod people;
pub(crate) mod pool;
mod problem;
mod reconcile;
mod records;
mod screening;
mod shares;
mod sign_in;
mod state;
mod things;
mod tls;
mod trace;
mod workers;

use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::{Context, bail};
use args::Args;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use listen::Listening;
use problem::Problem;
use state::State;
use std::any::Any;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tls::Tls;
use tower_http::catch_panic::CatchPanicLayer;

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
    let tls = Tls::of(args)?.map(Arc::new);
    trace::begin(args.log_format)?;
    let state = Arc::new(State::new(args, environment)?);
    for rule in crate::policy::missing(&state.policies, portcullis_access::Effect::Forbid) {
        let policy = rule.id();
        tracing::warn!(target: LOG, policy, "the policies in use lack what the program forbids");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads to serve with")?;
    let served = runtime.block_on(serve(args, state, tls));
    // What waits for the store or works on a match may end.
    runtime.shutdown_timeout(Duration::from_secs(5));
    served?;
    Ok(Outcome::Clear)
}

async fn serve(args: &Args, state: Arc<State>, tls: Option<Arc<Tls>>) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    // What fails is logged, and tried again: until then nobody is told that there are no lists.
    let _ = indexes::read_lists(&state).await;
    sign_in::keep_sweeping(&state);
    let stop = asked_to_stop(tls.clone())?;
    let address = listener.local_addr()?;
    tracing::info!(target: LOG, %address, tls = tls.is_some(), "listening");
    let listening = Listening {
        listener,
        tls,
        app: app(&state),
        state,
        max_connections: args.max_connections.get(),
        behind_proxy: args.behind_proxy,
    };
    let keeping = tokio::spawn(indexes::keep(Arc::clone(&listening.state)));
    let exchanging = exchange::begin(&listening.state);
    listening.until(stop).await;
    keeping.abort();
    if let Some(exchanging) = exchanging {
        exchanging.abort();
    }
    tracing::info!(target: LOG, "stopped");
    Ok(())
}

/// All routes, within what holds for each of them. The first named is the innermost.
fn app(state: &Arc<State>) -> Router {
    let layer = |router: Router<Arc<State>>| {
        router
            .layer(from_fn_with_state(Arc::clone(state), limits::work))
            .layer(from_fn_with_state(Arc::clone(state), records::keep))
            .layer(from_fn_with_state(Arc::clone(state), bodies::read_first))
            .layer(from_fn(late::hold))
            .layer(from_fn_with_state(Arc::clone(state), limits::rate))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(Arc::clone(state), headers::guard))
            .layer(from_fn_with_state(Arc::clone(state), trace::trace))
    };
    layer(openapi::router()).with_state(Arc::clone(state))
}

/// The hook has logged where; what it says may quote what was worked on.
fn panicked(_: Box<dyn Any + Send>) -> axum::response::Response {
    Problem::internal().into_response()
}

/// Done once the node is asked to stop. Until then, being told that files have changed has the
/// certificate read again.
#[cfg(unix)]
fn asked_to_stop(tls: Option<Arc<Tls>>) -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("cannot listen for a request to stop");
    let mut terminated = listen(SignalKind::terminate())?;
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut changed = listen(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminated.recv() => return,
                _ = interrupted.recv() => return,
                _ = changed.recv() => match tls.as_ref().map(|tls| tls.reload()) {
                    Some(Ok(())) => tracing::info!(target: LOG, "the certificate was read again"),
                    Some(Err(error)) => {
                        let error = format!("{error:#}");
                        tracing::error!(target: LOG, error, "the certificate in use stays");
                    }
                    None => {}
                },
            }
        }
    })
}

/// Done once the node is asked to stop.
#[cfg(not(unix))]
fn asked_to_stop(_: Option<Arc<Tls>>) -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // It can't be listened for: serve until ended.
            std::future::pending::<()>().await;
        }
    })
}
