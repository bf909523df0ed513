//! Connections: taken, held to their limits, and ended.

use super::LOG;
use super::limits::network;
use super::patient::Patient;
use super::shares::Shares;
use super::state::State;
use super::tls::Tls;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// How long a client may take to greet, to send the head of a request, and between two requests.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a client may take nothing of what is sent to it.
const WRITE_TIME: Duration = Duration::from_secs(20);

/// How long requests that run when the node is stopped have to end.
const STOP_TIME: Duration = Duration::from_secs(20);

/// Most bytes of the head of a request.
const HEAD_BYTES: u16 = 32 * 1024;

/// Most headers of a request.
const HEADERS: usize = 64;

/// Most requests at once on a connection of HTTP/2.
const STREAMS: u32 = 64;

/// Of the connections, the share that one address may hold: one in so many.
const SHARE: u32 = 2;

/// Whom a request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// What connections are taken with.
pub(super) struct Listening {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) app: Router,
    pub(super) state: Arc<State>,
    pub(super) max_connections: u32,
    /// Whether all connections come from a proxy, so that one address holds them all.
    pub(super) behind_proxy: bool,
}

impl Listening {
    /// Takes connections until `stop` is done; then ends what runs.
    pub(super) async fn until(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(self.max_connections as usize));
        let share =
            if self.behind_proxy { self.max_connections } else { self.max_connections / SHARE };
        let addresses = Shares::new(usize::MAX, share.max(1) as usize);
        let mut stop = std::pin::pin!(stop);
        loop {
            let taken = tokio::select! {
                taken = self.take(&places) => taken,
                () = &mut stop => break,
            };
            let Some((stream, from, place)) = taken else { continue };
            let Ok(held) = addresses.take(network(from.ip()), 1) else { continue };
            let watcher = graceful.watcher();
            let (app, tls) = (self.app.clone(), self.tls.clone());
            let state = Arc::clone(&self.state);
            tokio::spawn(async move {
                let open = &state.metrics.connections;
                open.fetch_add(1, Ordering::Relaxed);
                // Whatever ends it, the other end is to blame or gone: there is nothing to say.
                connection(stream, Peer(from.ip()), tls, app, watcher).await;
                open.fetch_sub(1, Ordering::Relaxed);
                drop((place, held));
            });
        }
        drop(self.listener);
        self.state.stopping.send_replace(true);
        tokio::select! {
            () = graceful.shutdown() => {}
            () = sleep(STOP_TIME) => {
                tracing::warn!(target: LOG, "requests that did not end were cut off");
            }
        }
    }

    async fn take(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        if let Ok((stream, from)) = self.listener.accept().await {
            return Some((stream, from, place));
        }
        // No file handle is left, or the other end went away: others may end meanwhile.
        sleep(Duration::from_millis(20)).await;
        None
    }
}

/// Which version of HTTP a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    tls: Option<Arc<Tls>>,
    app: Router,
    watcher: Watcher,
) {
    // Answers are small: waiting for more to send with them only costs time.
    let _ = stream.set_nodelay(true);
    if let Some(tls) = tls {
        let accepted = timeout(HEAD_TIME, tls.acceptor().accept(stream)).await;
        let Ok(Ok(stream)) = accepted else { return };
        let version = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Version::Two,
            _ => Version::One,
        };
        converse(stream, version, peer, app, watcher).await;
    } else {
        let Ok(Some(version)) = timeout(HEAD_TIME, version(&stream)).await else { return };
        converse(stream, version, peer, app, watcher).await;
    }
}

/// What a connection without TLS speaks: HTTP/2 begins with `PRI` (RFC 9113 section 3.4), which is no
/// method of HTTP/1.1.
async fn version(stream: &TcpStream) -> Option<Version> {
    const PREFACE: &[u8] = b"PRI";
    let mut head = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut head).await.ok()?;
        let seen = head.get(..count)?;
        if count == 0 {
            return None;
        }
        if !PREFACE.starts_with(seen) {
            return Some(Version::One);
        }
        if count == PREFACE.len() {
            return Some(Version::Two);
        }
        // What was seen stays there, and would be seen again at once.
        sleep(Duration::from_millis(5)).await;
    }
}

async fn converse<I>(stream: I, version: Version, peer: Peer, app: Router, watcher: Watcher)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        app.clone().oneshot(request.map(Body::new))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(usize::from(HEAD_BYTES))
        .max_headers(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::from(HEAD_BYTES))
        .keep_alive_interval(HEAD_TIME)
        .keep_alive_timeout(HEAD_TIME);
    let builder = match version {
        Version::One => builder.http1_only(),
        Version::Two => builder.http2_only(),
    };
    let io = TokioIo::new(Patient::new(stream, WRITE_TIME));
    let _ = watcher.watch(builder.serve_connection(io, service).into_owned()).await;
}
