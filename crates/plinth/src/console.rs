//! The web console inside the binary, and what its pages may do in a browser.

use axum::Router;
#[cfg(any(feature = "console", test))]
use axum::{
    http::{HeaderName, HeaderValue, header},
    middleware::map_response,
    response::Response,
};

/// The console's files; any path that is not one of them is a page of the console.
#[cfg(feature = "console")]
pub fn router() -> Option<Router> {
    let console = memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(axum::http::StatusCode::OK)
        .html_cache_control(memory_serve::CacheControl::NoCache)
        .cache_control(memory_serve::CacheControl::Long);
    Some(guarded(console.into_router()))
}

#[cfg(not(feature = "console"))]
pub fn router() -> Option<Router> {
    None
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
    use axum::{http::StatusCode, routing::get};

    async fn answer(path: &str) -> reqwest::Response {
        // The client wants one even for plain HTTP; another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let console = Router::new().route("/page", get(|| async { "a page" }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(axum::serve(listener, guarded(console)).into_future());
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
}
