//! The page that shows the API: whole in itself.

use plinth_testkit::app;

/// What the page or a script of ours refers to.
fn referred(text: &str) -> Vec<&str> {
    let quoted = text.split('"').skip(1).step_by(2);
    quoted
        .filter(|text| text.starts_with('/') || text.contains("//"))
        .collect()
}

#[tokio::test]
async fn the_page_and_all_that_it_needs_come_from_this_server() {
    let app = app::start().await;
    let nobody = app.anonymous();
    let page = nobody.get("/docs").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("//") && !policy.contains("unsafe-eval"), "{policy}");
    let start = nobody.get("/docs/start.js").await;
    let mut kinds = Vec::new();
    for path in referred(&page.text).into_iter().chain(referred(&start.text)) {
        let answer = nobody.get(path).await;
        let expected = if path == "/v1/me" { 401 } else { 200 };
        assert_eq!(answer.status, expected, "{path}: {}", answer.text);
        if path.starts_with("/docs/") {
            assert!(!answer.text.is_empty(), "{path}");
            kinds.push((path.to_owned(), answer.header("content-type").to_owned()));
        }
    }
    let kind = |path: &str, kind: &str| (format!("/docs/{path}"), format!("{kind}; charset=utf-8"));
    assert_eq!(
        kinds,
        [
            kind("swagger-ui.css", "text/css"),
            kind("swagger-ui-bundle.js", "text/javascript"),
            kind("start.js", "text/javascript"),
        ]
    );
    nobody.get("/docs/none.js").await.problem(404, "not_found");
}

#[tokio::test]
async fn files_are_sent_compressed_to_whoever_takes_them_so() {
    let app = app::start().await;
    let path = "/docs/swagger-ui-bundle.js";
    let plain = app.anonymous().get(path).await;
    assert!(
        plain.text.contains("SwaggerUIBundle"),
        "the bundle defines what the page calls"
    );
    assert_eq!(plain.header("content-encoding"), "");
    let call = app.anonymous().call("GET", path);
    let packed = call.header("accept-encoding", "br, gzip").send().await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.text.len() < plain.text.len() / 2);
}
