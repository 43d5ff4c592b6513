//! Tokens and SQL logins of service accounts: things of their own for policies.

use plinth_testkit::app::{self, Client, Org, ServiceAccount};
use serde_json::{Value, json};

use crate::etl::{each, text};

async fn policy(org: &Org<'_>, name: &str, text: &str) {
    let body = json!({"name": name, "text": text});
    org.owner.client.post(&org.path("/policies"), body).await.expect(201);
}

fn path(org: &Org<'_>, account: &ServiceAccount, rest: &str) -> String {
    org.path(&format!("/service-accounts/{}/{rest}", account.id))
}

async fn refused(client: &Client, method: &str, path: &str, permission: &str) {
    let mut call = client.call(method, path);
    if method == "POST" {
        call = call.json(&json!({"name": "t"}));
    }
    let problem = call.send().await.problem(403, "forbidden");
    assert_eq!(problem["permission"], permission, "{method} {path}");
}

#[tokio::test]
async fn a_token_is_made_seen_and_ended_by_who_may_do_that_to_tokens() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let (ours, theirs) = (
        org.service_account("ours", "viewer").await,
        org.service_account("theirs", "viewer").await,
    );
    let developer = org.member("developer").await.client;
    for kind in ["tokens", "sql-logins"] {
        refused(&developer, "POST", &path(&org, &ours, kind), "tokens:create").await;
    }
    let permits = format!(
        r#"permit (principal in Role::"developer", action in [Action::"tokens:create", Action::"tokens:delete"], resource)
            when {{ resource has service_account && resource.service_account == "{}" }};
        forbid (principal in Role::"developer", action == Action::"tokens:delete", resource)
            when {{ resource has name && resource.name == "kept" }};
        forbid (principal in Role::"developer", action == Action::"tokens:view", resource)
            when {{ resource has name && resource.name == "hidden" }};"#,
        ours.id
    );
    policy(&org, "ours-alone", &permits).await;
    for kind in ["tokens", "sql-logins"] {
        let (here, there) = (path(&org, &ours, kind), path(&org, &theirs, kind));
        refused(&developer, "POST", &there, "tokens:create").await;
        for name in ["kept", "loose", "hidden"] {
            let maker = if name == "loose" { &developer } else { &org.owner.client };
            maker.post(&here, json!({"name": name})).await.expect(201);
        }
        let all = org.owner.client.get(&here).await.expect(200);
        let id = |name: &str| {
            let items = all["items"].as_array().unwrap();
            let found = items.iter().find(|item| item["name"] == name);
            text(&found.unwrap()["id"])
        };
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = developer.get(&format!("{here}?limit=1{next}")).await.expect(200);
            seen.extend(each(&page, "name").into_iter().map(text));
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        seen.retain(|name| name != "ours token");
        assert_eq!(seen, ["loose", "kept"], "{kind}");
        let hidden = developer.delete(&format!("{here}/{}", id("hidden"))).await;
        let nothing = developer
            .delete(&format!("{here}/{}", id("hidden").replace(char::is_numeric, "0")))
            .await;
        assert_eq!(
            hidden.problem(404, "not_found")["detail"],
            nothing.problem(404, "not_found")["detail"]
        );
        refused(&developer, "DELETE", &format!("{here}/{}", id("kept")), "tokens:delete").await;
        developer.delete(&format!("{here}/{}", id("loose"))).await.expect(204);
    }
}

#[tokio::test]
async fn a_policy_that_takes_tokens_away_leaves_the_accounts() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let account = org.service_account("ci", "viewer").await;
    let admin = org.member("admin").await.client;
    let forbids = r#"forbid (principal in Role::"admin", action in Action::"tokens:*", resource);"#;
    let dry = json!({"name": "no-tokens", "text": forbids});
    let tried = org
        .owner
        .client
        .post(&org.path("/policies?dry_run=true"), dry)
        .await
        .expect(201);
    let lost: Vec<&Value> = tried["impact"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["action"])
        .collect();
    assert_eq!(lost, ["tokens:create", "tokens:delete", "tokens:view"]);
    policy(&org, "no-tokens", forbids).await;
    let tokens = path(&org, &account, "tokens");
    refused(&admin, "GET", &tokens, "tokens:view").await;
    refused(&admin, "POST", &tokens, "tokens:create").await;
    refused(
        &admin,
        "DELETE",
        &format!("{tokens}/{}", account.token_id),
        "tokens:delete",
    )
    .await;
    let itself = org.path(&format!("/service-accounts/{}", account.id));
    admin.patch(&itself, json!({"groups": ["builders"]})).await.expect(200);
    // Whether it may is answered as the deed is.
    for (client, allowed) in [(&admin, false), (&org.owner.client, true)] {
        let body = json!({"questions": [{"action": "tokens:create"}]});
        let answers = client.post(&org.path("/authorize"), body).await.expect(200);
        assert_eq!(answers["answers"][0]["allowed"], allowed, "{answers}");
        let listed = client.get(&org.path("/permissions")).await.expect(200);
        let listed = listed["permissions"].as_array().unwrap();
        assert_eq!(listed.contains(&json!("tokens:create")), allowed, "{listed:?}");
    }
    // What happened to a token is told to who may see tokens.
    app.settled(&org.id).await;
    let events = org.path("/events?kind=token");
    let whole = org.owner.client.get(&events).await.expect(200);
    assert_eq!(whole["items"][0]["data"]["name"], "ci token");
    let cut = admin.get(&events).await.expect(200);
    let data = &cut["items"][0]["data"];
    assert_eq!((&data["name"], &data["after"]), (&json!(""), &Value::Null));
}
