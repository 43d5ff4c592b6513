//! The web console inside the binary, and what its pages may do in a browser.

use axum::Router;
#[cfg(any(feature = "console", test))]
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::map_response,
    response::Response,
    routing::any,
};

/// The console's files; any path that is not one of them is a page of the console, but for the folder of its scripts.
#[cfg(feature = "console")]
pub fn router() -> Option<Router> {
    let console = memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(StatusCode::OK)
        .html_cache_control(memory_serve::CacheControl::NoCache)
        .cache_control(memory_serve::CacheControl::Long);
    Some(guarded(without_pages_for_files(console.into_router())))
}

#[cfg(not(feature = "console"))]
pub fn router() -> Option<Router> {
    None
}

/// A script of another build is not there. A page in its place would be run, and kept under its name by a cache.
#[cfg(any(feature = "console", test))]
fn without_pages_for_files(console: Router) -> Router {
    let missing = || any(async || (StatusCode::NOT_FOUND, "there is no such file\n"));
    console.route("/assets/", missing()).route("/assets/{*path}", missing())
}

/// Scripts, fonts and calls come from this server alone, and nobody frames the console. Styles also stand in the page:
/// the components measure, and say so in `style`. A logo from the product folder is an image in a `data:` address.
#[cfg(any(feature = "console", test))]
const HEADERS: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Links in mails carry their token in the address: other sites are not told it.
    (header::REFERRER_POLICY, "same-origin"),
];

/// Puts the headers on every answer of the console, its errors too.
#[cfg(any(feature = "console", test))]
fn guarded(console: Router) -> Router {
    console.layer(map_response(async |mut response: Response| {
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;

    async fn answer(path: &str) -> reqwest::Response {
        let console = Router::new().route("/page", get(|| async { "a page" }));
        serve(guarded(console), path).await
    }

    async fn serve(console: Router, path: &str) -> reqwest::Response {
        // The client wants one even for plain HTTP; another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(axum::serve(listener, console).into_future());
        let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
        serving.abort();
        answer
    }

    fn policy(answer: &reqwest::Response, directive: &str) -> String {
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let found = policy.split("; ").find_map(|each| each.strip_prefix(directive));
        found
            .unwrap_or_else(|| panic!("no `{directive}` in `{policy}`"))
            .trim()
            .to_owned()
    }

    #[tokio::test]
    async fn a_page_runs_nothing_that_is_not_from_this_server() {
        let answer = answer("/page").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(policy(&answer, "default-src"), "'self'");
        assert_eq!(policy(&answer, "connect-src"), "'self'");
        let whole = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            !whole.contains("script-src"),
            "scripts fall back to `default-src`: {whole}"
        );
        assert!(!whole.contains("unsafe-eval"), "{whole}");
    }

    #[tokio::test]
    async fn a_page_is_not_framed_and_its_address_is_not_told() {
        let answer = answer("/page").await;
        assert_eq!(policy(&answer, "frame-ancestors"), "'none'");
        assert_eq!(policy(&answer, "base-uri"), "'none'");
        assert_eq!(policy(&answer, "form-action"), "'self'");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "same-origin");
    }

    #[tokio::test]
    async fn an_answer_without_a_page_has_the_same_headers() {
        let answer = answer("/no-such-page").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(policy(&answer, "default-src"), "'self'");
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_not_found_and_any_other_path_is_a_page() {
        let console = || {
            let files = Router::new().route("/assets/app.js", get(|| async { "a script" }));
            guarded(without_pages_for_files(files.fallback(|| async { "the page" })))
        };
        for (path, status, text) in [
            ("/assets/app.js", StatusCode::OK, "a script"),
            ("/orgs/acme/pipelines", StatusCode::OK, "the page"),
            ("/assets", StatusCode::OK, "the page"),
            ("/assets/old.js", StatusCode::NOT_FOUND, "there is no such file\n"),
            (
                "/assets/deeper/old.css",
                StatusCode::NOT_FOUND,
                "there is no such file\n",
            ),
            ("/assets/", StatusCode::NOT_FOUND, "there is no such file\n"),
        ] {
            let answer = serve(console(), path).await;
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(answer.text().await.unwrap(), text, "{path}");
        }
    }
}
