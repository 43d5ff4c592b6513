//! What is hidden is told by nothing else: no filter, no name of an event, no reason of a refusal.

use plinth_testkit::app::{self, Client, Org};
use serde_json::{Value, json};

use crate::etl::{each, files, named, text};
use crate::sql_access::{column, connect, opened, start};

async fn policy(org: &Org<'_>, name: &str, text: &str) -> String {
    let body = json!({"name": name, "text": text});
    let made = org.owner.client.post(&org.path("/policies"), body).await.expect(201);
    self::text(&made["id"])
}

/// The operations of the events that a query finds.
async fn found(client: &Client, org: &Org<'_>, query: &str) -> Vec<String> {
    let path = org.path(&format!("/events?kind=connection&order=asc&{query}"));
    let list = client.get(&path).await.expect(200);
    each(&list, "type").into_iter().map(text).collect()
}

#[tokio::test]
async fn a_filter_by_property_looks_at_the_states_that_the_reader_is_shown() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await.client;
    policy(
        &org,
        "no-production",
        r#"forbid (principal in Role::"developer", action == Action::"connections:view", resource)
            when { resource.properties has environment && resource.properties.environment == "production" };"#,
    )
    .await;
    let body = |environment: &str, level: &str| json!({"properties": {"environment": environment, "level": level}});
    let mut new = named("shop", files("shop"));
    new["properties"] = body("development", "low")["properties"].clone();
    app.settled(&org.id).await;
    let mut stream = developer
        .stream(&org.path("/events?kind=connection&property=level:high"), Some(0))
        .await;
    owner.post(&org.path("/connections"), new).await.expect(201);
    let shop = org.path("/connections/shop");
    owner.patch(&shop, body("production", "high")).await.expect(200);
    owner.patch(&shop, body("development", "low")).await.expect(200);
    owner.patch(&shop, body("development", "high")).await.expect(200);
    app.settled(&org.id).await;
    // The first change became hidden, the second one comes from there.
    let (create, update) = ("plinth.connection.create", "plinth.connection.update");
    assert_eq!(found(owner, &org, "property=level:high").await, [update, update]);
    assert_eq!(found(&developer, &org, "property=level:high").await, [update]);
    assert_eq!(
        found(&developer, &org, "property=level:low").await,
        [create, update, update]
    );
    assert!(
        found(&developer, &org, "property=environment:production")
            .await
            .is_empty()
    );
    let told = stream.change().await.data["data"].clone();
    assert_eq!(told["before"]["properties"]["level"], "low", "{told}");
    assert_eq!(told["after"]["properties"], body("development", "high")["properties"]);
}

#[tokio::test]
async fn names_are_told_where_what_they_belong_to_is_seen() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await.client;
    let program = org.service_account("ci", "developer").await;
    program
        .client
        .post(&org.path("/connections"), named("shop", files("shop")))
        .await
        .expect(201);
    let guest = json!({"email": "guest@example.com", "roles": ["viewer"]});
    owner.post(&org.path("/invitations"), guest).await.expect(201);
    let hides = format!(
        r#"forbid (principal in Role::"developer", action == Action::"members:view", resource) when {{ resource.id == "{}" }};
        forbid (principal in Role::"developer", action == Action::"service-accounts:view", resource);
        forbid (principal in Role::"developer", action == Action::"policies:view", resource) when {{ resource has name && resource.name == "secret-rule" }};"#,
        org.owner.id
    );
    policy(&org, "secret-rule", &hides).await;
    app.settled(&org.id).await;
    let listed = developer.get(&org.path("/events?limit=500")).await;
    for name in ["acme-owner", "guest@example.com", "secret-rule", "\"ci\"", "ci token"] {
        assert!(!listed.text.contains(name), "`{name}` in {}", listed.text);
    }
    let events = listed.expect(200);
    let of_kind = |kind: &str| {
        let items = events["items"].as_array().unwrap();
        let found = items.iter().find(|event| event["data"]["kind"] == kind);
        found.unwrap_or_else(|| panic!("no event of `{kind}`"))["data"].clone()
    };
    let invitation = of_kind("invitation");
    assert_eq!((&invitation["name"], &invitation["after"]), (&json!(""), &Value::Null));
    assert_eq!(
        invitation["actor"],
        json!({"type": "user", "id": org.owner.id, "name": ""})
    );
    let made = of_kind("connection");
    assert_eq!(made["name"], "shop");
    assert_eq!(
        (&made["actor"]["id"], &made["actor"]["name"]),
        (&json!(program.id), &json!(""))
    );
    assert_eq!(made["after"]["created_by"]["name"], "");
    // A resource is shown as its events show it.
    for path in ["/connections", "/connections/shop"] {
        let shown = developer.get(&org.path(path)).await;
        assert!(!shown.text.contains("\"ci\""), "{}", shown.text);
    }
    let seen = owner.get(&org.path("/connections/shop")).await.expect(200);
    assert_eq!(seen["created_by"]["name"], "ci");
    // Whoever is seen is named, and everybody sees themselves.
    let mut stream = developer.stream(&org.path("/events?kind=connection"), Some(0)).await;
    assert_eq!(stream.change().await.data["data"]["actor"]["name"], "");
    developer
        .post(&org.path("/connections"), named("mine", files("mine")))
        .await
        .expect(201);
    assert_eq!(stream.change().await.data["data"]["actor"]["name"], "developer");
}

#[tokio::test]
async fn a_hidden_policy_is_named_in_no_reason() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let developer = org.member("developer").await;
    let id = policy(
        &org,
        "secret-rule",
        r#"forbid (principal in Role::"developer", action == Action::"connections:create", resource)
            unless { resource.properties has team && ["amber", "violet"].contains(resource.properties.team) };
        forbid (principal in Role::"developer", action == Action::"pipelines:create", resource);"#,
    )
    .await;
    policy(
        &org,
        "veil",
        &format!(r#"forbid (principal in Role::"developer", action == Action::"policies:view", resource) when {{ resource.id == "{id}" }};"#),
    )
    .await;
    let client = &developer.client;
    let silent = |text: &str| {
        assert!(!text.contains("secret-rule") && !text.contains("team"), "{text}");
    };
    for plural in ["connections", "pipelines"] {
        let refused = client
            .post(&org.path(&format!("/{plural}")), named("x", files("x")))
            .await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        silent(&refused.text);
    }
    let draft = json!({"action": "connections:create", "draft": {"name": "x"}});
    let ask = async |client: &Client, principal: Option<&str>| {
        let mut body = json!({"questions": [draft, {"action": "pipelines:create"}]});
        if let Some(principal) = principal {
            body["principal"] = json!(principal);
        }
        client.post(&org.path("/authorize"), body).await
    };
    let own = ask(client, None).await.expect(200);
    let first = &own["answers"][0];
    assert_eq!(
        first["reason"],
        "developer may not do `connections:create` to `x`: forbidden by a policy that you may not see"
    );
    // Which values a form may offer is found out by trying: it names no policy.
    assert_eq!(first["requires"], json!([{"team": ["amber", "violet"]}]));
    silent(&text(&own["answers"][1]["reason"]));
    assert!(own.to_string().matches("secret-rule").next().is_none(), "{own}");
    // Of somebody else it is not told.
    let other = org.invited("developer", "other@example.com").await;
    let about = ask(client, Some(&other.id)).await;
    silent(&about.text);
    let seen = ask(&org.owner.client, Some(&other.id)).await.expect(200);
    assert_eq!(seen["answers"][0]["requires"], json!([{"team": ["amber", "violet"]}]));
    assert!(text(&seen["answers"][0]["reason"]).ends_with("forbidden by `secret-rule`"));
}

#[tokio::test]
async fn what_is_measured_is_judged_by_the_name_of_its_resource() {
    let app = start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let ids = ["shop", "store"].map(|name| (name, String::new()));
    let mut ids: std::collections::BTreeMap<&str, String> = ids.into_iter().collect();
    for (name, id) in &mut ids {
        let made = owner.post(&org.path("/connections"), named(name, files(name))).await;
        *id = text(&made.expect(201)["id"]);
    }
    let record = |id: &str, key: &str| json!({"records": [{"source": "s", "id": key, "meter": "rows_copied", "resource": id, "quantity": "7", "at": "2026-11-01T00:00:00Z"}]});
    let point = |id: &str, at: &str| json!({"points": [{"name": "lag", "resource": id, "value": 7.5, "at": at}]});
    for id in ids.values() {
        owner.post(&org.path("/usage"), record(id, id)).await.expect(200);
        owner
            .post(&org.path("/metrics"), point(id, "2026-11-01T00:00:00Z"))
            .await
            .expect(200);
    }
    policy(
        &org,
        "not-the-shop",
        r#"forbid (principal in Role::"admin", action in [Action::"metrics:view", Action::"metrics:create", Action::"usage:view",
            Action::"usage:create", Action::"bill:view"], resource)
            when { resource has subject && resource.subject has name && resource.subject.name == "shop" };"#,
    )
    .await;
    let account = org.service_account("reports", "admin").await;
    let admin = &account.client;
    for (name, status) in [("shop", 403), ("store", 200)] {
        let id = &ids[name];
        let query = json!({"name": "lag", "aggregate": "sum", "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "bucket_secs": 86400, "resource": id});
        admin.post(&org.path("/metrics/query"), query).await.expect(status);
        admin.post(&org.path("/usage"), record(id, "more")).await.expect(status);
        admin
            .post(&org.path("/metrics"), point(id, "2026-11-01T01:00:00Z"))
            .await
            .expect(status);
    }
    let shop = &ids["shop"];
    let usage = admin.get(&org.path("/usage")).await;
    assert!(!usage.text.contains(shop), "{}", usage.text);
    assert_eq!(usage.expect(200)["items"].as_array().map(Vec::len), Some(2));
    let bill = org.path("/bill?period=2026-11");
    let whole = owner.get(&bill).await;
    assert!(whole.text.contains(shop), "{}", whole.text);
    let part = admin.get(&bill).await;
    assert!(
        !part.text.contains(shop) && part.text.contains(&ids["store"]),
        "{}",
        part.text
    );
    // By SQL as well.
    let sql = connect(&opened(&org, &account, 3600).await).await;
    for statement in [
        "select distinct resource from metrics",
        "select distinct resource from usage",
        "select distinct resource from bill_lines where resource is not null",
    ] {
        assert_eq!(column(&sql, statement).await, [ids["store"].as_str()], "{statement}");
    }
}
