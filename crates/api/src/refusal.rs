//! Takes note of what policies refuse, on the way out. Must not change an answer.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use plinth_control::ControlError;

use crate::app::App;

/// What a path is about, by the names of its parameters.
const SUBJECTS: [&str; 3] = ["{key}", "{id}", "{user_id}"];

/// The requests that were answered with a refusal; what was only asked about is not one.
pub async fn note(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let refusal = response.extensions().get::<Arc<ControlError>>();
    if let Some(refusal) = refusal.and_then(|error| error.refusal()) {
        let subject = route.as_ref().and_then(|route| subject(route.as_str(), &path));
        app.control.refusals().note(refusal, subject);
    }
    response
}

/// The part of the path in the place of a parameter.
fn subject<'p>(route: &str, path: &'p str) -> Option<&'p str> {
    let mut parts = route.split('/').zip(path.split('/'));
    let (_, found) = parts.find(|(name, _)| SUBJECTS.contains(name))?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_about_its_first_subject() {
        let route = "/v1/orgs/{org}/service-accounts/{id}/tokens/{token_id}";
        assert_eq!(
            subject(route, "/v1/orgs/acme/service-accounts/sa_1/tokens/tok_1"),
            Some("sa_1")
        );
        assert_eq!(
            subject("/v1/orgs/{org}/pumps/{key}/pause", "/v1/orgs/acme/pumps/main/pause"),
            Some("main")
        );
        assert_eq!(subject("/v1/orgs/{org}/pumps", "/v1/orgs/acme/pumps"), None);
    }
}
