//! What the HTTP endpoints answer.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use wardline::telemetry::health::FailedReload;
use wardline::telemetry::{Bounds, Telemetry, events};
use wardline::web::{Web, serve};

const BOUNDS: Bounds = Bounds {
    dead_letter_ratio: 0.05,
    dead_letter_window_ms: 300_000,
    dead_letter_minimum: 100,
    max_commit_age_ms: 60_000,
};

fn served() -> (Web, Arc<Telemetry>) {
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (serve(any, Arc::clone(&telemetry)).unwrap(), telemetry)
}

/// The status line's code and the body.
fn get(web: &Web, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(web.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn codes(body: &str) -> Vec<String> {
    let readiness: serde_json::Value = serde_json::from_str(body).unwrap();
    let reasons = readiness["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn readiness_follows_what_happens() {
    let (web, telemetry) = served();
    let (status, body) = get(&web, "/readyz");
    assert_eq!((status, codes(&body)), (503, vec!["no_rules".to_owned()]));

    let took = Duration::from_millis(3);
    events::RulesLoaded { digest: "d1", rules: 3, reload: false, took, now_ms: 1 }.emit(&telemetry);
    let change = events::Change::Assigned;
    events::Rebalanced { worker: 0, change, topic: "in", partitions: &[0], owned: 1 }.emit(&telemetry);
    let (status, body) = get(&web, "/readyz");
    assert_eq!((status, codes(&body)), (200, vec![]), "{body}");

    let failed =
        FailedReload { at_ms: 2, errors: 1, first: vec!["unknown-field rules/a.yml:3:5".to_owned()] };
    events::ReloadFailed(&failed).emit(&telemetry);
    let (status, body) = get(&web, "/readyz");
    assert_eq!((status, codes(&body)), (503, vec!["reload_failed".to_owned()]));
    assert!(body.contains("unknown-field rules/a.yml:3:5") && body.contains("\"ruleset\":\"d1\""), "{body}");
    assert!(get(&web, "/metrics").1.contains("\nwardline_ready 0\n"));
}

#[test]
fn the_living_are_alive_and_metrics_are_text() {
    let (web, _telemetry) = served();
    assert_eq!(get(&web, "/healthz"), (200, "{\"alive\":true}\n".to_owned()));
    let (status, body) = get(&web, "/metrics");
    assert_eq!(status, 200);
    assert!(body.contains("# TYPE wardline_events_total counter\nwardline_events_total 0\n"), "{body}");
    let (status, body) = get(&web, "/");
    assert_eq!(status, 404);
    assert!(body.contains("/readyz"), "{body}");
}

#[test]
fn a_taken_port_is_refused_with_the_key_to_change() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let telemetry = Telemetry::new(BOUNDS, 1, "none", 0).unwrap();
    let refusal = serve(address, telemetry).unwrap_err().to_string();
    assert!(refusal.contains(&address.to_string()) && refusal.contains("web.listen"), "{refusal}");
}
