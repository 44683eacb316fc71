//! The HTTP endpoints: `/metrics` for Prometheus, `/healthz` and `/readyz` for a supervisor.
//!
//! It serves what [`Telemetry`] knows and decides nothing. One thread with a single-threaded runtime: a
//! scrape every few seconds needs no more, and must not compete with the workers. Nothing here changes the
//! process; there is no authentication, which is why the default address is the loopback device.
//!
//! A connection ends with its answer, and soon if nothing is asked: they are few, and whoever kept one would keep
//! a probe out.
//!
//! `/healthz` answers as long as the process lives; `/readyz` says whether it does its work, with reasons.

mod bounded;

use crate::clock::now_ms;
use crate::telemetry::Telemetry;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bounded::Bounded;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

/// Most connections at once.
const CONNECTIONS: usize = 32;
/// How long a connection may take to ask. Less than a probe waits (one second in Kubernetes), which may have to
/// wait for a place for so long.
const PATIENCE: Duration = Duration::from_millis(500);

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
    serve_within(address, telemetry, CONNECTIONS, PATIENCE)
}

fn serve_within(
    address: SocketAddr,
    telemetry: Arc<Telemetry>,
    connections: usize,
    patience: Duration,
) -> Result<Web, WebError> {
    let listener = TcpListener::bind(address).map_err(|source| WebError::Listen { address, source })?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let (open, closed) = UnixStream::pair()?;
    closed.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = std::thread::Builder::new().name("web".to_owned());
    server.spawn(move || {
        let work = async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            answer(Bounded::new(listener, connections, patience), closed, telemetry).await
        };
        if let Err(error) = runtime.block_on(work) {
            tracing::error!(%error, "the HTTP endpoints have ended");
        }
    })?;
    tracing::info!(%address, "serving /metrics, /healthz and /readyz");
    Ok(Web { address, _open: open })
}

async fn answer(listener: Bounded, closed: UnixStream, telemetry: Arc<Telemetry>) -> std::io::Result<()> {
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
        .layer(map_response(async |answer: Response| {
            ([(header::CONNECTION, "close")], answer).into_response()
        }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Bounds;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    const LONG: Duration = Duration::from_secs(30);

    fn served(patience: Duration) -> Web {
        let telemetry = Telemetry::new(Bounds::LOOSE, 1, "none", 0).unwrap();
        serve_within(SocketAddr::from(([127, 0, 0, 1], 0)), telemetry, 2, patience).unwrap()
    }

    fn connect(web: &Web) -> TcpStream {
        let stream = TcpStream::connect(web.address()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    #[test]
    fn the_idle_do_not_keep_the_others_out() {
        let web = served(Duration::from_millis(50));
        let mut silent: Vec<_> = (0..5).map(|_| connect(&web)).collect();
        silent[0].write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
        let mut asking = connect(&web);
        asking.write_all(b"GET /healthz HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        asking.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        for (number, mut stream) in silent.into_iter().enumerate() {
            assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap(), 0, "connection {number}");
        }
    }

    #[test]
    fn a_connection_ends_with_its_answer() {
        let web = served(LONG);
        // More than there are places, all of whom would stay.
        for _ in 0..3 {
            let mut stream = connect(&web);
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: w\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
        }
    }
}
