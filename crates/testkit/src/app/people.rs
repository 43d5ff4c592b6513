//! Who uses a server: people who sign up, orgs that they make, members whom they invite, programs.

use serde_json::{Value, json};

use super::{Client, TestApp, wait_until};

pub const PASSWORD: &str = "correct horse battery";

/// A user who is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    pub client: Client,
    pub id: String,
    pub email: String,
}

/// An org, seen by its owner.
#[derive(Debug)]
pub struct Org<'a> {
    app: &'a TestApp,
    pub id: String,
    pub slug: String,
    pub owner: Person,
}

/// A program of an org with one token.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    pub client: Client,
    pub id: String,
    pub token_id: String,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("`{value}` is a text"))
        .to_owned()
}

impl TestApp {
    /// A user whose address is not verified.
    pub async fn sign_up(&self, email: &str) -> Person {
        let name = email.split('@').next().unwrap_or(email);
        let body = json!({"email": email, "name": name, "password": PASSWORD});
        let body = self.anonymous().post("/v1/signup", body).await.expect(201);
        Person {
            client: self.bearer(&text(&body["token"])),
            id: text(&body["user"]["id"]),
            email: email.to_owned(),
        }
    }

    /// A user who has followed the link in the mail.
    pub async fn verified(&self, email: &str) -> Person {
        let person = self.sign_up(email).await;
        let token = self.mailed_token(email, "verify").await;
        self.anonymous()
            .post("/v1/email-verifications/confirm", json!({"token": token}))
            .await
            .expect(204);
        person
    }

    /// The secret in the newest link of this kind that was mailed to somebody: `verify`, `reset` or `invite`.
    pub async fn mailed_token(&self, recipient: &str, page: &str) -> String {
        let link = format!("/{page}?token=");
        wait_until(&format!("`{recipient}` has mail with `{link}`"), || async {
            let outbox = self.anonymous().get("/v1/dev/outbox").await.expect(200);
            let mails = outbox["items"]
                .as_array()?
                .iter()
                .filter(|mail| mail["recipient"] == recipient);
            let body = mails
                .filter_map(|mail| mail["body"].as_str())
                .find(|body| body.contains(&link))?;
            body.split_once(&link)?.1.split_whitespace().next().map(str::to_owned)
        })
        .await
    }

    /// An org of `<slug>-owner@example.com`.
    pub async fn org(&self, slug: &str) -> Org<'_> {
        let owner = self.verified(&format!("{slug}-owner@example.com")).await;
        let body = json!({"slug": slug, "name": format!("The {slug} company")});
        let made = owner.client.post("/v1/orgs", body).await.expect(201);
        Org {
            app: self,
            id: text(&made["id"]),
            slug: slug.to_owned(),
            owner,
        }
    }
}

impl Org<'_> {
    /// A path in this org: `org.path("/events")`.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/orgs/{}{rest}", self.slug)
    }

    /// A new user `<role>@<slug>.example.com`, who was invited with this role and has accepted.
    pub async fn member(&self, role: &str) -> Person {
        self.invited(role, &format!("{role}@{}.example.com", self.slug)).await
    }

    pub async fn invited(&self, role: &str, email: &str) -> Person {
        let invitation = json!({"email": email, "roles": [role]});
        self.owner
            .client
            .post(&self.path("/invitations"), invitation)
            .await
            .expect(201);
        let person = self.app.sign_up(email).await;
        let token = self.app.mailed_token(email, "invite").await;
        person
            .client
            .post("/v1/invitations/accept", json!({"token": token}))
            .await
            .expect(200);
        person
    }

    pub async fn service_account(&self, name: &str, role: &str) -> ServiceAccount {
        let accounts = self.path("/service-accounts");
        let account = json!({"name": name, "roles": [role]});
        let id = text(&self.owner.client.post(&accounts, account).await.expect(201)["id"]);
        let tokens = format!("{accounts}/{id}/tokens");
        let token = self
            .owner
            .client
            .post(&tokens, json!({"name": format!("{name} token")}))
            .await
            .expect(201);
        ServiceAccount {
            client: self.app.bearer(&text(&token["token"])),
            id,
            token_id: text(&token["id"]),
        }
    }
}
