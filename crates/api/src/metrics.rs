//! What Prometheus reads about this server. Must not know where it is served.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

/// The server's own metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    seconds: Family<Route, Histogram>,
    streams: Gauge,
    bypasses: Gauge,
    shed: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("plinth");
        let requests = Family::<Answer, Counter>::default();
        let seconds =
            Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 15)));
        let (streams, bypasses, shed) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to the response's head",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register("event_streams", "Open event streams", streams.clone());
        registry.register(
            "system_transactions",
            "Transactions over all orgs since the start",
            bypasses.clone(),
        );
        registry.register(
            "refusals_shed",
            "Refusals since the start that were not kept, since too many came at once",
            shed.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            streams,
            bypasses,
            shed,
        }
    }
}

impl Metrics {
    /// The OpenMetrics text; transactions over all orgs, and refusals that were shed, are counted by the floors below.
    pub fn text(&self, system_count: u64, shed_count: u64) -> String {
        self.bypasses.set(i64::try_from(system_count).unwrap_or(i64::MAX));
        self.shed.set(i64::try_from(shed_count).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing into a string cannot fail.
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap_or_default();
        text
    }

    /// Counts a stream as open for as long as the guard lives.
    pub fn stream(&self) -> StreamGuard {
        self.streams.inc();
        StreamGuard(self.streams.clone())
    }
}

/// An open event stream.
#[derive(Debug)]
pub struct StreamGuard(Gauge);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts and times each request by its route, not by its path, which would be without bound.
pub async fn observe(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let matched = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let route = matched.unwrap_or_else(|| "other".to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let label = Route {
        method: method.clone(),
        route: route.clone(),
    };
    metrics
        .seconds
        .get_or_create(&label)
        .observe(began.elapsed().as_secs_f64());
    let answer = Answer {
        method,
        route,
        status: response.status().as_u16(),
    };
    metrics.requests.get_or_create(&answer).inc();
    response
}
