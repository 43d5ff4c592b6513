//! What is left for the console beside the API.

use axum::Router;
use axum::body::Body;
use http::{Request, header};
use plinth_api::{AppConfig, router};
use plinth_testkit::app;
use tower::ServiceExt;

#[tokio::test]
async fn a_path_of_no_route_is_a_problem_below_v1_and_a_page_elsewhere() {
    let app = app::start().await;
    let console = Router::new().fallback(|| async { "the page" });
    let router = router(app.control.clone(), AppConfig::default(), Some(console));
    for (path, status, kind) in [
        ("/v1/nothing", 404, "application/problem+json"),
        ("/v1/orgs/acme/a/b/c/d", 404, "application/problem+json"),
        ("/orgs/acme/pipelines", 200, "text/plain; charset=utf-8"),
        ("/", 200, "text/plain; charset=utf-8"),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], kind, "{path}");
    }
}
