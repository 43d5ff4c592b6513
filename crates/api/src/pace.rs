//! The time of a refusal, rounded up: to look at a thing that is hidden takes longer than to find nothing, and how long an
//! answer takes must not tell which of the two it was. Must not change an answer.

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;

/// What begins so is about the things of an org.
const WITHIN_ORGS: &str = "/v1/orgs/";
/// Many times what such answers take and differ by.
const BUCKET: Duration = Duration::from_millis(10);

/// Put into the extensions of an answer that says of something, in another way, that it is not there.
#[derive(Debug, Clone, Copy)]
pub struct Unseen;

/// Answers that something is not there, or that a body names something that is not there, come at round times.
pub async fn even(request: Request, next: Next) -> Response {
    let within = request.uri().path().starts_with(WITHIN_ORGS);
    let begun = Instant::now();
    let response = next.run(request).await;
    let missing = matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
    );
    if within && (missing || response.extensions().get::<Unseen>().is_some()) {
        tokio::time::sleep(left(begun.elapsed())).await;
    }
    response
}

/// Until the bucket of the time that has passed ends.
fn left(elapsed: Duration) -> Duration {
    let buckets = elapsed.as_nanos().div_ceil(BUCKET.as_nanos()).max(1);
    let end = BUCKET.saturating_mul(u32::try_from(buckets).unwrap_or(u32::MAX));
    end.saturating_sub(elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_ends_with_its_bucket() {
        let end = |micros| {
            let elapsed = Duration::from_micros(micros);
            (elapsed + left(elapsed)).as_micros()
        };
        assert_eq!([0, 203, 358, 10_000].map(end), [10_000; 4]);
        assert_eq!([10_001, 19_999, 20_000].map(end), [20_000; 3]);
    }
}
