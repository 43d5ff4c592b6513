//! The web console inside the binary.

use axum::Router;

/// The console's files; any path that is not one of them is a page of the console.
#[cfg(feature = "console")]
pub fn router() -> Option<Router> {
    let console = memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(axum::http::StatusCode::OK)
        .html_cache_control(memory_serve::CacheControl::NoCache)
        .cache_control(memory_serve::CacheControl::Long);
    Some(console.into_router())
}

#[cfg(not(feature = "console"))]
pub fn router() -> Option<Router> {
    None
}
