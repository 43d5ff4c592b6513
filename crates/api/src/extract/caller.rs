//! Who asks: from header or cookie to an identity, and from there into the org of the path.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams};
use axum_extra::extract::CookieJar;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use ipnet::IpNet;
use plinth_control::auth::{self, Identity};
use plinth_control::work::Holder;
use plinth_control::{Caller, Code};
use plinth_model::{RequestId, Signals};

use super::params::not_text;
use crate::app::App;
use crate::problem::Problem;

pub const SESSION_COOKIE: &str = "plinth_session";
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Whoever the request's secret belongs to.
#[derive(Debug)]
pub struct Known {
    pub identity: Identity,
    /// The secret came in the cookie.
    pub by_cookie: bool,
    pub token: String,
}

/// The way the request came in.
#[derive(Debug, Clone)]
pub struct Origin {
    pub request_id: RequestId,
    pub signals: Signals,
}

/// Somebody who has been let into the org of the path.
#[derive(Debug)]
pub struct CallerIn(pub Caller);

/// The business itself.
#[derive(Debug)]
pub struct Operator(pub String);

/// A reconciler that may claim work.
#[derive(Debug)]
pub struct Agent;

/// A worker with a lease.
#[derive(Debug)]
pub struct LeaseHolder(pub Holder);

fn unauthenticated() -> Problem {
    let detail = "log in first: send a token as `Authorization: Bearer <token>`";
    Problem::new(Code::Unauthenticated, detail)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers) {
            let identity = auth::identify(&app.control, &token).await?;
            return Ok(Self {
                identity,
                by_cookie: false,
                token,
            });
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let token = jar
            .get(SESSION_COOKIE)
            .map(|cookie| cookie.value().to_owned())
            .ok_or_else(unauthenticated)?;
        let identity = auth::identify(&app.control, &token).await?;
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let presented = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
            auth::check_csrf(&app.control, &identity, presented)?;
        }
        Ok(Self {
            identity,
            by_cookie: true,
            token,
        })
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let request_id = parts
            .extensions
            .get::<RequestId>()
            .cloned()
            .unwrap_or_else(RequestId::generate);
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let user_agent = agent.chars().take(200).collect();
        let address = address(app, parts)
            .map(|address| address.to_string())
            .unwrap_or_default();
        Ok(Self {
            request_id,
            signals: Signals { address, user_agent },
        })
    }
}

/// Where the request comes from; `None` when that is not known.
fn address(app: &App, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    originator(peer, &parts.headers, &app.config.trusted_proxies)
}

/// The peer's address; behind trusted proxies the last one of the list that is no trusted proxy. What stands left of that
/// was written by whoever asks. At an entry that is no address nothing is known, since it hides who added what is left of it.
fn originator(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    if !trusted(&peer) {
        return Some(peer);
    }
    let lines: Vec<&HeaderValue> = headers.get_all("x-forwarded-for").iter().collect();
    // Several lines are one list.
    let entries = lines
        .into_iter()
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries {
        let address = listed(entry)?;
        if !trusted(&address) {
            return Some(address);
        }
    }
    Some(peer)
}

/// An entry of `X-Forwarded-For`; some proxies write the port as well.
fn listed(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let bare = bare.map_or_else(|| text.parse().ok(), |v6| v6.parse().ok().map(IpAddr::V6));
    bare.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

impl FromRequestParts<App> for CallerIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let known = Known::from_request_parts(parts, app).await?;
        let origin = Origin::from_request_parts(parts, app).await?;
        let path = RawPathParams::from_request_parts(parts, app).await;
        let path = path.map_err(|_| not_text())?;
        let org = path.iter().find(|(name, _)| *name == "org");
        let org = org.map(|(_, value)| value.to_owned());
        let org = org.ok_or_else(|| Problem::new(Code::NotFound, "there is no such org"))?;
        let caller = auth::enter(&app.control, &known.identity, &org, origin.request_id, origin.signals).await?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Known::from_request_parts(parts, app).await?.identity {
            Identity::Operator { name } => Ok(Self(name)),
            _ => Err(Problem::new(Code::Forbidden, "only an operator's token may do this")),
        }
    }
}

impl FromRequestParts<App> for Agent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Known::from_request_parts(parts, app).await?.identity {
            Identity::Reconciler { .. } => Ok(Self),
            _ => Err(Problem::new(Code::Forbidden, "only a reconciler's token may do this")),
        }
    }
}

impl FromRequestParts<App> for LeaseHolder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Origin { request_id, signals } = Origin::from_request_parts(parts, app).await?;
        match Known::from_request_parts(parts, app).await?.identity {
            Identity::Lease { org, token_hash } => Ok(Self(Holder {
                org,
                token_hash,
                request_id,
                signals,
            })),
            _ => Err(Problem::new(Code::Forbidden, "only the token of a lease may do this")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "127.0.0.1";

    /// Whom the server takes for the originator of a request of the peer with these header lines.
    fn check(peer: &str, lines: &[&[u8]], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
        }
        let proxies = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
        let found = originator(peer.parse().unwrap(), &headers, &proxies);
        let expected = expected.map(|text| text.parse().unwrap());
        assert_eq!(found, expected, "{peer} {lines:?}");
    }

    #[test]
    fn the_list_is_read_from_the_right_through_the_proxies() {
        check(PROXY, &[], Some(PROXY));
        check("6.6.6.6", &[b"203.0.113.5"], Some("6.6.6.6"));
        check(PROXY, &[b"203.0.113.5"], Some("203.0.113.5"));
        check(PROXY, &[b"203.0.113.5, 6.6.6.6, 10.1.1.1"], Some("6.6.6.6"));
        check(PROXY, &[b"10.2.2.2, fd00::1"], Some(PROXY));
        check(PROXY, &[b"203.0.113.5", b"6.6.6.6", b"10.1.1.1"], Some("6.6.6.6"));
    }

    #[test]
    fn a_port_or_brackets_do_not_hide_an_address() {
        check(PROXY, &[b"203.0.113.5, 6.6.6.6:4711"], Some("6.6.6.6"));
        check(PROXY, &[b"203.0.113.5, [2001:db8::1]:4711"], Some("2001:db8::1"));
        check(PROXY, &[b"203.0.113.5, [2001:db8::1]"], Some("2001:db8::1"));
        check(PROXY, &[b"6.6.6.6, 10.1.1.1:80"], Some("6.6.6.6"));
    }

    #[test]
    fn what_stands_left_of_an_unreadable_entry_is_not_believed() {
        check(PROXY, &[b"203.0.113.5, unknown"], None);
        check(PROXY, &[b"203.0.113.5, 6.6.6.6:99999"], None);
        check(PROXY, &[b"203.0.113.5, [6.6.6.6]"], None);
        check(PROXY, &[b"203.0.113.5,"], None);
        check(PROXY, &[b"203.0.113.5", b"_hidden, 10.1.1.1"], None);
        check(PROXY, &[b"unknown, 6.6.6.6"], Some("6.6.6.6"));
        check(PROXY, &[b"\xe9"], None);
        check(PROXY, &[b"203.0.113.5, \xe9"], None);
        check(PROXY, &[b""], None);
    }
}
