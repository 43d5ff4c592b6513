//! Changes of what somebody is: judged as they are and as they become, and never a way to what only owners may do.

use plinth_testkit::app::{self, Client, Org};
use serde_json::{Value, json};

use crate::etl::text;

const KEEPERS: &str = r#"permit (principal in Group::"keepers", action == Action::"members:grant-owner", resource);"#;

async fn policy(org: &Org<'_>, name: &str, text: &str) -> String {
    let body = json!({"name": name, "text": text});
    let made = org.owner.client.post(&org.path("/policies"), body).await.expect(201);
    org.path(&format!("/policies/{}", self::text(&made["id"])))
}

async fn refused(client: &Client, method: &str, path: &str, body: Value, permission: &str) {
    let problem = client
        .call(method, path)
        .json(&body)
        .send()
        .await
        .problem(403, "forbidden");
    assert_eq!(problem["permission"], permission, "{method} {path} {body}: {problem}");
}

#[tokio::test]
async fn who_is_changed_is_judged_as_they_become_too() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let admin = org.member("admin").await.client;
    let viewer = org.path(&format!("/members/{}", org.member("viewer").await.id));
    let program = org.path(&format!(
        "/service-accounts/{}",
        org.service_account("ci", "viewer").await.id
    ));
    policy(
        &org,
        "no-more-admins",
        r#"forbid (principal in Role::"admin", action in [Action::"members:update", Action::"service-accounts:update",
            Action::"invitations:create"], resource) when { resource.roles.contains("admin") };"#,
    )
    .await;
    let (more, less) = (json!({"roles": ["admin"]}), json!({"roles": ["developer"]}));
    refused(&admin, "PATCH", &viewer, more.clone(), "members:update").await;
    refused(&admin, "PATCH", &program, more, "service-accounts:update").await;
    for path in [&viewer, &program] {
        admin.patch(path, less.clone()).await.expect(200);
    }
    // To invite an address again takes back what it was invited to.
    let invitations = org.path("/invitations");
    let guest = |role: &str| json!({"email": "guest@example.com", "roles": [role]});
    org.owner.client.post(&invitations, guest("admin")).await.expect(201);
    refused(&admin, "POST", &invitations, guest("viewer"), "invitations:create").await;
    let other = json!({"email": "other@example.com", "roles": ["viewer"]});
    admin.post(&invitations, other.clone()).await.expect(201);
    admin.post(&invitations, other).await.expect(201);
}

#[tokio::test]
async fn an_invitation_is_void_while_nobody_may_stand_behind_it() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let admin = org.member("admin").await;
    let invite = async |email: &str, role: &str| {
        let body = json!({"email": email, "roles": [role]});
        admin.client.post(&org.path("/invitations"), body).await.expect(201);
        (app.sign_up(email).await.client, app.mailed_token(email, "invite").await)
    };
    let (guest, token) = invite("guest@example.com", "viewer").await;
    let (peer, of_peer) = invite("peer@example.com", "admin").await;
    // What holds only from some place, or at some time, says nothing of now.
    let elsewhere = r#"forbid (principal, action == Action::"invitations:create", resource)
        unless { context has ip && context.ip.isInRange(ip("203.0.113.0/24")) };"#;
    policy(&org, "from-the-office", elsewhere).await;
    let no_admins = r#"forbid (principal in Role::"admin", action == Action::"invitations:create", resource)
        when { resource.roles.contains("admin") };"#;
    let held = policy(&org, "no-more-admins", no_admins).await;
    let preview = |token: &str| format!("/v1/invitations/preview?token={token}");
    let accept =
        async |client: &Client, token: &str| client.post("/v1/invitations/accept", json!({"token": token})).await;
    app.anonymous().get(&preview(&of_peer)).await.problem(404, "not_found");
    accept(&peer, &of_peer).await.problem(404, "not_found");
    app.anonymous().get(&preview(&token)).await.expect(200);
    accept(&guest, &token).await.expect(200);
    org.owner.client.delete(&held).await.expect(204);
    accept(&peer, &of_peer).await.expect(200);
}

#[tokio::test]
async fn what_is_forbidden_to_some_is_not_got_by_taking_that_back() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let admin = org.member("admin").await;
    let member = org.path(&format!("/members/{}", admin.id));
    let keeper = json!({"groups": ["keepers"]});
    org.owner.client.patch(&member, keeper).await.expect(200);
    let forbid = format!(
        r#"forbid (principal == User::"{}", action in [Action::"members:grant-owner", Action::"org:delete"], resource);"#,
        admin.id
    );
    let bound = policy(&org, "not-this-one", &forbid).await;
    let night = policy(
        &org,
        "night",
        "forbid (principal, action, resource) when { context.risk > 90 };",
    )
    .await;
    // As long as nothing permits it to anybody, an admin goes on.
    let admin = admin.client;
    let reword = json!({"name": "night", "text": "forbid (principal, action, resource) when { context.risk > 80 };"});
    admin.put(&night, reword.clone()).await.expect(200);

    policy(&org, "keepers", KEEPERS).await;
    refused(&admin, "DELETE", &bound, json!({}), "members:grant-owner").await;
    let narrower = json!({"name": "not-this-one", "text": "forbid (principal in Group::\"x\", action == Action::\"org:view\", resource);"});
    refused(&admin, "PUT", &bound, narrower, "members:grant-owner").await;
    refused(&admin, "DELETE", &night, json!({}), "members:grant-owner").await;
    // Another description takes nothing back.
    let described = json!({"name": "not-this-one", "text": forbid, "description": "For now"});
    admin.put(&bound, described).await.expect(200);
    refused(
        &admin,
        "PATCH",
        &member,
        json!({"roles": ["owner"]}),
        "members:grant-owner",
    )
    .await;
    org.owner.client.delete(&bound).await.expect(204);
}

#[tokio::test]
async fn a_policy_is_judged_by_its_new_name_too() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let admin = org.member("admin").await.client;
    let path = policy(&org, "plain", KEEPERS).await;
    policy(
        &org,
        "names",
        r#"forbid (principal in Role::"admin", action == Action::"policies:update", resource) when { resource has name && resource.name == "reserved" };"#,
    )
    .await;
    let text = r#"forbid (principal, action == Action::"org:delete", resource);"#;
    let named = |name: &str| json!({"name": name, "text": text});
    refused(&admin, "PUT", &path, named("reserved"), "policies:update").await;
    admin.put(&path, named("renamed")).await.expect(200);
}

#[tokio::test]
async fn nobody_becomes_an_owner_by_a_group_or_an_attribute_that_they_may_set() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let admin = org.member("admin").await;
    let myself = org.path(&format!("/members/{}", admin.id));
    policy(&org, "keepers", KEEPERS).await;
    policy(
        &org,
        "closers",
        r#"permit (principal, action == Action::"org:delete", resource)
            when { principal.attributes has closer && principal.attributes.closer == "yes" }
            when { context.authentication.strength > 0 };"#,
    )
    .await;
    let keeper = json!({"groups": ["keepers"]});
    let closer = json!({"attributes": {"closer": "yes"}});
    refused(&admin.client, "PATCH", &myself, keeper.clone(), "members:grant-owner").await;
    refused(&admin.client, "PATCH", &myself, closer.clone(), "org:delete").await;
    // What gives no such right is free.
    let harmless = json!({"groups": ["night-shift"], "attributes": {"closer": "no"}});
    admin.client.patch(&myself, harmless).await.expect(200);

    let accounts = org.path("/service-accounts");
    let made = json!({"name": "new", "roles": ["viewer"], "groups": ["keepers"]});
    refused(&admin.client, "POST", &accounts, made, "members:grant-owner").await;
    let program = org.service_account("ci", "viewer").await;
    let program = format!("{accounts}/{}", program.id);
    refused(&admin.client, "PATCH", &program, keeper.clone(), "members:grant-owner").await;
    owner.patch(&program, keeper.clone()).await.expect(200);
    // Whoever holds its token is a keeper.
    for kind in ["tokens", "sql-logins"] {
        let path = format!("{program}/{kind}");
        refused(
            &admin.client,
            "POST",
            &path,
            json!({"name": "t"}),
            "members:grant-owner",
        )
        .await;
        owner.post(&path, json!({"name": "t"})).await.expect(201);
    }
    // Who has the right gives it.
    owner.patch(&myself, keeper).await.expect(200);
    admin.client.patch(&program, closer).await.expect(200);
}

#[tokio::test]
async fn what_a_policy_forbids_to_everybody_is_refused_in_its_name() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let (developer, billing) = (org.member("developer").await.client, org.member("billing").await.client);
    policy(
        &org,
        "frozen",
        r#"forbid (principal, action == Action::"pipelines:create", resource);"#,
    )
    .await;
    policy(
        &org,
        "for-good",
        r#"forbid (principal, action == Action::"members:grant-owner", resource);"#,
    )
    .await;
    let refusal = async |client: &Client, method: &str, path: &str| {
        let body = match method {
            "POST" => json!({"name": "x", "spec": {}}),
            _ => json!({"roles": ["owner"]}),
        };
        let answer = client.call(method, &org.path(path)).json(&body).send().await;
        text(&answer.problem(403, "forbidden")["detail"])
    };
    let heir = format!("/members/{}", org.member("viewer").await.id);
    assert_eq!(
        refusal(&developer, "POST", "/pipelines").await,
        "the policy `frozen` forbids you `pipelines:create`; an owner or admin of the org can change that"
    );
    assert_eq!(
        refusal(&billing, "POST", "/pipelines").await,
        "a policy of the org forbids you `pipelines:create`; an owner or admin of the org can change that"
    );
    assert_eq!(
        refusal(&org.owner.client, "PATCH", &heir).await,
        "the policy `for-good` forbids you `members:grant-owner`; an owner of the org can change that"
    );
    let body = json!({"questions": [{"action": "pipelines:create"}]});
    let answers = developer.post(&org.path("/authorize"), body).await.expect(200);
    assert_eq!(
        answers["answers"][0]["reason"],
        "the policy `frozen` forbids `pipelines:create`; an owner or admin of the org can change that"
    );
}

#[tokio::test]
async fn what_has_no_version_takes_none_and_what_changes_nothing_is_no_event() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let member = org.path(&format!("/members/{}", org.member("viewer").await.id));
    let account = org.path(&format!(
        "/service-accounts/{}",
        org.service_account("ci", "viewer").await.id
    ));
    app.settled(&org.id).await;
    let events = async || {
        owner.get(&org.path("/events?limit=500")).await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = events().await;
    for path in [&member, &account] {
        for method in ["PATCH", "DELETE"] {
            let call = owner.call(method, path).header("if-match", "\"3\"");
            let call = if method == "PATCH" {
                call.json(&json!({"roles": ["admin"]}))
            } else {
                call
            };
            let problem = call.send().await.problem(400, "invalid_request");
            assert!(
                problem["detail"].as_str().unwrap().contains("leave it out"),
                "{problem}"
            );
        }
        let changed = owner.patch(path, json!({"roles": ["viewer"]})).await.expect(200);
        assert_eq!(changed["roles"], json!(["viewer"]));
        owner.patch(path, json!({})).await.problem(422, "validation_failed");
    }
    let renamed = owner.call("PATCH", &org.path("")).header("if-match", "\"1\"");
    renamed
        .json(&json!({"name": "Acme"}))
        .send()
        .await
        .problem(400, "invalid_request");
    app.settled(&org.id).await;
    assert_eq!(events().await, before);
    owner.patch(&member, json!({"roles": ["developer"]})).await.expect(200);
    app.settled(&org.id).await;
    assert_eq!(events().await, before + 1);
}
