//! Orgs to work in, made through the API like any others, each with a service account's token.

use anyhow::{Context, Result};
use http::Method;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::http::Connection;
use crate::stage::{CELL, Server, Stage};

/// An org and a developer's token in it.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub slug: String,
    pub id: Uuid,
    pub token: String,
    /// Its owner's token.
    pub owner: String,
    /// The service account's id, as events show it.
    pub account: String,
}

impl Tenant {
    /// Path of the org's resources of a type.
    pub fn path(&self, plural: &str) -> String {
        format!("/v1/orgs/{}/{plural}", self.slug)
    }
}

/// Makes `count` orgs whose quotas no bench reaches; they are checked with each write all the same.
pub async fn create(stage: &Stage, server: &Server, count: usize) -> Result<Vec<Tenant>> {
    let mut visitor = Connection::open(server.address, "").await?;
    let person = json!({"email": "bench@example.com", "name": "Bench", "password": "correct horse battery"});
    let session = visitor.call(Method::POST, "/v1/signup", &person).await?;
    let directory = stage.connect("plinth").await?;
    directory
        .batch_execute("update plinth.users set email_verified_at = now()")
        .await?;
    let owner_token = text(&session, "/token")?;
    let mut owner = Connection::open(server.address, owner_token).await?;
    let mut tenants = Vec::with_capacity(count);
    for number in 0..count {
        tenants.push(one((&mut owner, owner_token), &directory, number).await?);
    }
    let quotas = "update plinth.orgs set quotas = '{\"pipelines\": 1000000000, \"connections\": 1000000000}'";
    stage.connect(CELL).await?.batch_execute(quotas).await?;
    Ok(tenants)
}

async fn one((owner, owner_token): (&mut Connection, &str), directory: &Client, number: usize) -> Result<Tenant> {
    let slug = format!("bench-{number}");
    let body = json!({"slug": slug, "name": slug});
    owner.call(Method::POST, "/v1/orgs", &body).await?;
    let accounts = format!("/v1/orgs/{slug}/service-accounts");
    let body = json!({"name": "bench", "roles": ["developer"]});
    let account = owner.call(Method::POST, &accounts, &body).await?;
    let account = text(&account, "/id")?.to_owned();
    let tokens = format!("{accounts}/{account}/tokens");
    let token = owner.call(Method::POST, &tokens, &json!({"name": "bench"})).await?;
    let org = directory
        .query_one("select id from plinth.orgs where slug = $1", &[&slug])
        .await?;
    Ok(Tenant {
        id: org.get(0),
        token: text(&token, "/token")?.to_owned(),
        slug,
        owner: owner_token.to_owned(),
        account,
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("no text at `{pointer}` of an answer"))
}

/// The id behind its text: 26 digits of Crockford's base32.
pub fn uuid_of(text: &str) -> Result<Uuid> {
    let (_, digits) = text.rsplit_once('_').context("an id")?;
    let value = digits.bytes().try_fold(0_u128, |bits, digit| {
        let at = b"0123456789abcdefghjkmnpqrstvwxyz"
            .iter()
            .position(|known| *known == digit)?;
        Some((bits << 5) | u128::try_from(at).ok()?)
    });
    Ok(Uuid::from_u128(value.context("an id")?))
}
