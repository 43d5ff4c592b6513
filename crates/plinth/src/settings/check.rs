//! What each setting may be, said before anything is started: one line, with what to do and without the value of a secret.

use std::net::SocketAddr;

use anyhow::{Context, anyhow, bail};
use ipnet::IpNet;
use plinth_store::config::{SqlAddress, check_url};
use url::Url;

/// For clap.
pub fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "give an address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned())
}

/// For clap.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse()
        .or_else(|_| text.parse().map(|address: std::net::IpAddr| IpNet::from(address)))
        .map_err(|_| "give networks such as 10.0.0.0/8, with commas between them".to_owned())
}

/// For clap.
pub fn http_url(text: &str) -> Result<String, String> {
    is_http(text)
        .then(|| text.to_owned())
        .ok_or_else(|| "give a URL such as https://cloud.example.com".to_owned())
}

fn is_http(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}

/// For settings that may have come from the file.
pub fn http(name: &str, text: &str) -> anyhow::Result<()> {
    if !is_http(text) {
        bail!("`{name}` must be a URL such as https://cloud.example.com");
    }
    Ok(())
}

pub fn within(name: &str, value: usize, least: usize, most: usize) -> anyhow::Result<usize> {
    if !(least..=most).contains(&value) {
        bail!("`{name}` must be between {least} and {most}");
    }
    Ok(value)
}

/// The parts that every URL of a database must have.
pub fn database(name: &str, text: &str) -> anyhow::Result<Url> {
    let form = || format!("`{name}` must be a URL such as postgres://user:password@host:5432/database");
    let url = Url::parse(text).with_context(form)?;
    let database = url.path().trim_matches('/');
    if !matches!(url.scheme(), "postgres" | "postgresql") || database.is_empty() {
        bail!(form());
    }
    check_url(text).map_err(|reason| anyhow!("`{name}`: {reason}"))?;
    Ok(url)
}

/// An empty text is none.
pub fn sql_address(name: &str, text: Option<&str>) -> anyhow::Result<Option<SqlAddress>> {
    let address = text.filter(|text| !text.is_empty()).map(str::parse).transpose();
    address.map_err(|reason| anyhow!("`{name}`: {reason}"))
}

/// A token of the business, made by its operator.
pub fn token(name: &str, prefix: &str, text: &str) -> anyhow::Result<()> {
    let long_enough = |secret: &str| secret.len() >= 32 && secret.chars().all(|c| c.is_ascii_graphic());
    if !text.strip_prefix(prefix).is_some_and(long_enough) {
        bail!("`{name}` must be `{prefix}` and at least 32 random characters: \"{prefix}$(openssl rand -hex 32)\"");
    }
    Ok(())
}
