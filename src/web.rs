//! The HTTP endpoints: `/metrics` for Prometheus, `/healthz` and `/readyz` for a supervisor.
//!
//! It serves what [`Telemetry`] knows and decides nothing. One thread with a single-threaded runtime: a
//! scrape every few seconds needs no more, and must not compete with the workers. Nothing here changes the
//! process; there is no authentication, which is why the default address is the loopback device.
//!
//! `/healthz` answers as long as the process lives; `/readyz` says whether it does its work, with reasons.
#![expect(clippy::disallowed_methods, reason = "what is served is as of now, so this shell reads the clock")]

use crate::telemetry::Telemetry;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The endpoints are served until this is dropped.
#[derive(Debug)]
pub struct Web {
    address: SocketAddr,
    // Its other end becomes readable when this one is dropped, which ends the server.
    _open: UnixStream,
}

impl Web {
    /// The address in use; with port 0 in the configuration, the port that was free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Why the endpoints cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; set web.listen to another address, or to \"\" for none")]
    Listen {
        /// The address as configured.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The server's thread or its runtime cannot be set up.
    #[error("cannot serve the HTTP endpoints: {0}")]
    Start(#[from] std::io::Error),
}

/// Listens on `address`, which is refused here if it is taken, and serves in a thread of its own.
pub fn serve(address: SocketAddr, telemetry: Arc<Telemetry>) -> Result<Web, WebError> {
    let listener = TcpListener::bind(address).map_err(|source| WebError::Listen { address, source })?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let (open, closed) = UnixStream::pair()?;
    closed.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = std::thread::Builder::new().name("web".to_owned());
    server.spawn(move || {
        if let Err(error) = runtime.block_on(answer(listener, closed, telemetry)) {
            tracing::error!(%error, "the HTTP endpoints have ended");
        }
    })?;
    tracing::info!(%address, "serving /metrics, /healthz and /readyz");
    Ok(Web { address, _open: open })
}

async fn answer(listener: TcpListener, closed: UnixStream, telemetry: Arc<Telemetry>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let closed = tokio::net::UnixStream::from_std(closed)?;
    let ended = async move { drop(closed.readable().await) };
    axum::serve(listener, routes(telemetry)).with_graceful_shutdown(ended).await
}

fn routes(telemetry: Arc<Telemetry>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || json(StatusCode::OK, "{\"alive\":true}".to_owned())))
        .route("/readyz", get(readyz))
        .fallback(async || (StatusCode::NOT_FOUND, "here are /metrics, /healthz and /readyz\n"))
        .with_state(telemetry)
}

async fn metrics(State(telemetry): State<Arc<Telemetry>>) -> Response {
    match telemetry.render(now_ms()) {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn readyz(State(telemetry): State<Arc<Telemetry>>) -> Response {
    let readiness = telemetry.readiness(now_ms());
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match serde_json::to_string(&readiness) {
        Ok(text) => json(status, text),
        Err(error) => failed(&error),
    }
}

fn json(status: StatusCode, mut text: String) -> Response {
    text.push('\n');
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn failed(error: &dyn std::fmt::Display) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
