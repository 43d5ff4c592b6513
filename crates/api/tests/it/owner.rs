//! Owners of resources: who is one, who can become one, and what policies make of it, by the API and by SQL.

use plinth_testkit::app::{self, Client, Org, wait_until};
use serde_json::{Value, json};

use crate::etl::{files, named, pointers, text};
use crate::sql_access::{column, connect, names, opened, start};
use crate::sql_write::{refused, session, wrote};

const UNKNOWN: &str = "there is no member (`user_..`) or service account (`sa_..`) with this id that you may see";

async fn permit(org: &Org<'_>, name: &str, text: &str) {
    let body = json!({"name": name, "text": text});
    org.owner.client.post(&org.path("/policies"), body).await.expect(201);
}

async fn make(client: &Client, org: &Org<'_>, name: &str) -> Value {
    let made = client.post(&org.path("/connections"), named(name, files(name))).await;
    made.expect(201)
}

fn counts(resource: &Value) -> (&Value, &Value, &Value) {
    (&resource["owner"], &resource["generation"], &resource["version"])
}

#[tokio::test]
async fn whoever_makes_a_resource_owns_it_unless_somebody_else_is_named() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let program = org.service_account("ci", "developer").await;
    let developer = org.member("developer").await;
    assert_eq!(make(owner, &org, "mine").await["owner"], json!(org.owner.id));
    assert_eq!(make(&program.client, &org, "built").await["owner"], json!(program.id));
    for (name, wanted) in [
        ("given", json!(developer.id)),
        ("to-ci", json!(program.id)),
        ("nobodys", Value::Null),
    ] {
        let body = json!({"name": name, "owner": wanted, "spec": files(name)});
        let made = owner.post(&org.path("/connections"), body).await.expect(201);
        assert_eq!(made["owner"], wanted);
        assert_eq!(made["created_by"]["id"], json!(org.owner.id));
        let read = owner.get(&org.path(&format!("/connections/{name}"))).await.expect(200);
        assert_eq!(read, made);
    }
}

#[tokio::test]
async fn an_owner_stays_until_another_one_is_written_and_is_no_desired_state() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await;
    make(owner, &org, "shop").await;
    let shop = org.path("/connections/shop");
    let patched = owner.patch(&shop, json!({"owner": developer.id})).await.expect(200);
    assert_eq!(counts(&patched), (&json!(developer.id), &json!(1), &json!(2)));
    let same = owner.patch(&shop, json!({"owner": developer.id})).await.expect(200);
    assert_eq!(same, patched, "a write that changes nothing makes no version");
    let replaced = owner.put(&shop, json!({"spec": files("other")})).await.expect(200);
    assert_eq!(counts(&replaced), (&json!(developer.id), &json!(2), &json!(3)));
    let given = json!({"owner": org.owner.id, "spec": files("other")});
    let given = owner.put(&shop, given).await.expect(200);
    assert_eq!(counts(&given), (&json!(org.owner.id), &json!(2), &json!(4)));
    let dropped = owner.patch(&shop, json!({"owner": null})).await.expect(200);
    assert_eq!(counts(&dropped), (&Value::Null, &json!(2), &json!(5)));
    let edited = owner.patch(&shop, json!({"spec": files("third")})).await.expect(200);
    assert_eq!(edited["owner"], Value::Null);
    let back = json!({"owner": null, "spec": files("third")});
    assert_eq!(owner.put(&shop, back).await.expect(200), edited);
}

/// That an owner is refused, whichever way it is written.
async fn assert_refused(client: &Client, org: &Org<'_>, owner: &Value) {
    let (all, shop) = (org.path("/connections"), org.path("/connections/shop"));
    let new = json!({"name": "new", "owner": owner, "spec": files("new")});
    for answer in [
        client.patch(&shop, json!({"owner": owner})).await,
        client.put(&shop, json!({"owner": owner, "spec": files("shop")})).await,
        client.post(&all, new.clone()).await,
        client.post(&format!("{all}?dry_run=true"), new).await,
    ] {
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(pointers(&problem), ["/owner"], "{owner}: {problem}");
        if owner.is_string() {
            assert_eq!(problem["errors"][0]["message"], UNKNOWN, "{owner}");
        }
    }
}

#[tokio::test]
async fn who_is_not_there_and_who_is_hidden_cannot_become_an_owner() {
    let app = app::start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    let developer = org.member("developer").await;
    let hidden = org.member("viewer").await;
    let hidden_program = org.service_account("secret", "viewer").await;
    let stranger = other.service_account("ci", "developer").await;
    let hide = format!(
        r#"forbid (principal in Role::"developer", action == Action::"members:view", resource) when {{ resource.id == "{}" }};
           forbid (principal in Role::"developer", action == Action::"service-accounts:view", resource);"#,
        hidden.id
    );
    permit(&org, "hidden", &hide).await;
    let client = &developer.client;
    let shop = org.path("/connections/shop");
    let before = make(client, &org, "shop").await;
    let nobody = plinth_model::id::UserId::generate().to_string();
    let people = [&nobody, &hidden.id, &hidden_program.id, &other.owner.id, &stranger.id];
    for owner in people.into_iter().map(String::as_str) {
        assert_refused(client, &org, &json!(owner)).await;
    }
    for owner in [
        json!(org.id),
        json!("Vera"),
        json!(""),
        json!("user_\0"),
        json!({"id": developer.id}),
    ] {
        assert_refused(client, &org, &owner).await;
    }
    assert_eq!(client.get(&shop).await.expect(200), before);
    client.get(&org.path("/connections/new")).await.expect(404);
}

#[tokio::test]
async fn who_may_see_nobody_gives_to_nobody_but_themselves() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let developer = org.member("developer").await;
    let client = &developer.client;
    make(client, &org, "shop").await;
    let shop = org.path("/connections/shop");
    let given = client.patch(&shop, json!({"owner": org.owner.id})).await.expect(200);
    assert_eq!(given["owner"], json!(org.owner.id));
    let blind = r#"forbid (principal in Role::"developer", action == Action::"members:view", resource);"#;
    permit(&org, "blind", blind).await;
    let taken = client.patch(&shop, json!({"owner": developer.id})).await.expect(200);
    assert_eq!(taken["owner"], json!(developer.id));
    assert_refused(client, &org, &json!(org.owner.id)).await;
}

#[tokio::test]
async fn who_has_left_stays_the_owner_and_does_not_become_one_again() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await;
    let program = org.service_account("ci", "developer").await;
    for (name, client) in [("of-developer", &developer.client), ("of-ci", &program.client)] {
        make(client, &org, name).await;
    }
    owner
        .delete(&org.path(&format!("/members/{}", developer.id)))
        .await
        .expect(204);
    owner
        .delete(&org.path(&format!("/service-accounts/{}", program.id)))
        .await
        .expect(204);
    for (name, id) in [("of-developer", &developer.id), ("of-ci", &program.id)] {
        let path = org.path(&format!("/connections/{name}"));
        let edited = owner
            .put(&path, json!({"owner": id, "spec": files("edited")}))
            .await
            .expect(200);
        assert_eq!((&edited["owner"], &edited["version"]), (&json!(id), &json!(2)));
        owner.patch(&path, json!({"owner": null})).await.expect(200);
        let problem = owner
            .patch(&path, json!({"owner": id}))
            .await
            .problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["message"], UNKNOWN);
    }
}

/// Developers see their own connections and those of nobody, and change and delete their own.
const OWN: &str = r#"
forbid (principal in Role::"developer", action == Action::"connections:view", resource)
unless { if resource has owner then resource.owner == principal else true };
forbid (principal in Role::"developer", action in [Action::"connections:update", Action::"connections:delete"], resource)
unless { resource has owner && resource.owner == principal };
"#;

#[tokio::test]
async fn policies_look_at_the_owner_as_it_is_and_as_it_becomes() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await;
    let mine = &developer.client;
    permit(&org, "own", OWN).await;
    make(owner, &org, "theirs").await;
    make(mine, &org, "mine").await;
    let free = json!({"name": "free", "owner": null, "spec": files("free")});
    owner.post(&org.path("/connections"), free).await.expect(201);
    let listed = mine.get(&org.path("/connections")).await.expect(200);
    assert_eq!(names(&listed), ["free", "mine"]);
    let path = |name: &str| org.path(&format!("/connections/{name}"));
    mine.get(&path("theirs")).await.problem(404, "not_found");
    mine.patch(&path("theirs"), json!({"owner": developer.id}))
        .await
        .problem(404, "not_found");
    // What is nobody's is not taken, and one's own is not given away: both rows have to be permitted.
    for (name, owner) in [
        ("free", json!(developer.id)),
        ("mine", json!(org.owner.id)),
        ("mine", Value::Null),
    ] {
        let refused = mine
            .patch(&path(name), json!({"owner": owner}))
            .await
            .problem(403, "forbidden");
        assert_eq!(refused["permission"], "connections:update", "{name}");
    }
    mine.delete(&path("free")).await.problem(403, "forbidden");
    mine.patch(&path("mine"), json!({"properties": {"team": "data"}}))
        .await
        .expect(200);
    mine.delete(&path("mine")).await.expect(200);
    owner
        .patch(&path("free"), json!({"owner": developer.id}))
        .await
        .expect(200);
    mine.delete(&path("free")).await.expect(200);
}

#[tokio::test]
async fn a_question_about_a_draft_says_whose_it_would_be() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let developer = org.member("developer").await;
    permit(
        &org,
        "own",
        r#"forbid (principal in Role::"developer", action in [Action::"connections:create", Action::"connections:update"], resource)
           unless { resource has owner && resource.owner == principal };"#,
    )
    .await;
    make(&developer.client, &org, "mine").await;
    let asked = async |action: &str, resource: Option<&str>, draft: Value| {
        let body = json!({"questions": [{"action": action, "resource": resource, "draft": draft}]});
        let answers = developer.client.post(&org.path("/authorize"), body).await.expect(200);
        answers["answers"][0]["allowed"].as_bool().unwrap()
    };
    for (owner, allowed) in [
        (json!({}), true),
        (json!({"owner": developer.id}), true),
        (json!({"owner": org.owner.id}), false),
        (json!({"owner": null}), false),
    ] {
        assert_eq!(
            asked("connections:create", None, owner.clone()).await,
            allowed,
            "{owner}"
        );
        assert_eq!(
            asked("connections:update", Some("mine"), owner.clone()).await,
            allowed,
            "{owner}"
        );
    }
}

#[tokio::test]
async fn sql_writes_owners_with_the_checks_of_the_api() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    let account = org.service_account("deployer", "developer").await;
    let sql = session(&org, &account).await;
    let spec = files("d");
    let insert = |name: &str, owner: &str| {
        format!("insert into connections (name, owner, spec) values ('{name}', {owner}, '{spec}')")
    };
    let shown = async |name: &str| {
        let path = org.path(&format!("/connections/{name}"));
        org.owner.client.get(&path).await.expect(200)
    };
    wrote(
        &sql,
        &format!("insert into connections (name, spec) values ('mine', '{spec}')"),
    )
    .await;
    assert_eq!(shown("mine").await["owner"], json!(account.id));
    let given = column(
        &sql,
        &format!("{} returning owner", insert("given", &format!("'{}'", org.owner.id))),
    )
    .await;
    assert_eq!(given, [org.owner.id.as_str()]);
    let nobody = plinth_model::id::ServiceAccountId::generate().to_string();
    for owner in [other.owner.id.as_str(), &nobody, "user_1", "Vera", ""] {
        for statement in [
            insert("x", &format!("'{owner}'")),
            format!("update connections set owner = '{owner}' where name = 'mine'"),
        ] {
            assert_eq!(
                refused(&sql, &statement).await,
                ("23514".to_owned(), format!("/owner: {UNKNOWN}")),
                "{statement}"
            );
        }
    }
    for (owner, version) in [
        (format!("'{}'", org.owner.id), 2),
        ("null".to_owned(), 3),
        ("null".to_owned(), 3),
    ] {
        assert_eq!(
            wrote(
                &sql,
                &format!("update connections set owner = {owner} where name = 'mine'")
            )
            .await,
            1
        );
        let now = shown("mine").await;
        assert_eq!((&now["version"], &now["generation"]), (&json!(version), &json!(1)));
        assert_eq!(
            now["owner"].as_str().map_or("null".to_owned(), |id| format!("'{id}'")),
            owner
        );
    }
}

#[tokio::test]
async fn sql_sees_and_writes_by_owner_as_the_api_does() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = org.service_account("deployer", "developer").await;
    permit(&org, "own", OWN).await;
    for name in ["mine", "given"] {
        make(&account.client, &org, name).await;
    }
    make(&org.owner.client, &org, "theirs").await;
    let sql = session(&org, &account).await;
    let seen = "select name from connections order by name";
    assert_eq!(column(&sql, seen).await, ["given", "mine"]);
    assert_eq!(wrote(&sql, "delete from connections where name = 'theirs'").await, 0);
    let give = format!("update connections set owner = '{}' where name = 'given'", org.owner.id);
    assert_eq!(refused(&sql, &give).await.0, "42501");
    let path = org.path("/connections/given");
    org.owner.client.patch(&path, json!({"owner": null})).await.expect(200);
    for statement in [
        "delete from connections where name = 'given'",
        "update connections set properties = '{\"a\": 1}' where name = 'given'",
        &format!("update connections set owner = '{}' where name = 'given'", account.id),
    ] {
        assert_eq!(refused(&sql, statement).await.0, "42501", "{statement}");
    }
    org.owner
        .client
        .patch(&path, json!({"owner": org.owner.id}))
        .await
        .expect(200);
    assert_eq!(column(&sql, seen).await, ["mine"]);
    assert_eq!(wrote(&sql, "delete from connections").await, 1);
}

/// Operation, and the owner before and after, where it is shown.
async fn told(client: &Client, org: &Org<'_>, subject: &str) -> Vec<String> {
    let path = org.path(&format!("/events?order=asc&limit=100&subject={subject}"));
    let page = client.get(&path).await.expect(200);
    let side = |state: &Value| match state {
        Value::Null => "hidden".to_owned(),
        state => state["owner"].as_str().unwrap_or("nobody").to_owned(),
    };
    let line = |event: &Value| {
        format!(
            "{} {} {}",
            text(&event["data"]["operation"]),
            side(&event["data"]["before"]),
            side(&event["data"]["after"])
        )
    };
    page["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_change_of_owner_is_an_event_that_shows_each_side_to_whom_it_belonged() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = org.service_account("deployer", "developer").await;
    permit(&org, "own", OWN).await;
    let made = make(&account.client, &org, "shop").await;
    let (id, me, owner) = (text(&made["id"]), account.id.as_str(), org.owner.id.as_str());
    let path = org.path("/connections/shop");
    for wanted in [json!(owner), json!(null), json!(me)] {
        org.owner
            .client
            .patch(&path, json!({"owner": wanted}))
            .await
            .expect(200);
    }
    let whole = [
        format!("create hidden {me}"),
        format!("update {me} {owner}"),
        format!("update {owner} nobody"),
        format!("update nobody {me}"),
    ];
    wait_until("the events are numbered", || async {
        (told(&org.owner.client, &org, &id).await == whole).then_some(())
    })
    .await;
    let part = [
        format!("create hidden {me}"),
        format!("update {me} hidden"),
        "update hidden nobody".to_owned(),
        format!("update nobody {me}"),
    ];
    assert_eq!(told(&account.client, &org, &id).await, part);
    let sql = connect(&opened(&org, &account, 3600).await).await;
    let by_sql = format!(
        "select operation || ' ' || case when before is null then 'hidden' else coalesce(before ->> 'owner', 'nobody') end
            || ' ' || case when after is null then 'hidden' else coalesce(after ->> 'owner', 'nobody') end
         from events where subject = '{id}' order by seq"
    );
    assert_eq!(column(&sql, &by_sql).await, part);
}
