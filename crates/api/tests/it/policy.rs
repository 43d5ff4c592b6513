//! Policies over HTTP: questions about others, what a dry run tells, and what is kept of refusals.

use plinth_testkit::app::{self, Client, Org, Person, TestApp};
use serde_json::{Value, json};

use crate::etl::{files, named, pointers, text};

const NO_SHOP: &str = r#"forbid (principal in Role::"developer", action == Action::"connections:delete", resource) when { resource.name == "shop" };"#;

async fn with_shop(app: &TestApp) -> Org<'_> {
    let org = app.org("acme").await;
    org.owner
        .client
        .post(&org.path("/connections"), named("shop", files("shop")))
        .await
        .expect(201);
    org
}

async fn policies(org: &Org<'_>) -> usize {
    let listed = org.owner.client.get(&org.path("/policies")).await.expect(200);
    listed["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_question_about_somebody_else_takes_rights_and_a_principal_of_the_org() {
    let app = app::start().await;
    let (org, other) = (with_shop(&app).await, app.org("other").await);
    let viewer = org.member("viewer").await;
    let program = org.service_account("ci", "developer").await;
    let ask = async |client: &Client, body: Value| client.post(&org.path("/authorize"), body).await;
    let about = |principal: &str| json!({"principal": principal, "questions": [{"action": "connections:delete", "resource": "shop"}]});
    let owner = &org.owner.client;
    for (principal, allowed) in [(&viewer.id, false), (&program.id, true), (&org.owner.id, true)] {
        let answers = ask(owner, about(principal)).await.expect(200);
        assert_eq!(answers["answers"][0]["allowed"], allowed, "{answers}");
        assert!(!answers["answers"][0]["reason"].as_str().unwrap().is_empty());
    }
    let refused = ask(&viewer.client, about(&program.id)).await.problem(403, "forbidden");
    assert_eq!(refused["permission"], "policies:view");
    let unknown = ask(owner, about(&other.owner.id)).await.problem(404, "not_found");
    assert_eq!(unknown["detail"], "there is no such principal");
    let wrong = ask(owner, about("Vera")).await.problem(422, "validation_failed");
    assert_eq!(pointers(&wrong), ["/principal"]);
}

#[tokio::test]
async fn circumstances_that_make_no_sense_are_refused_where_they_stand() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    for (context, pointer) in [
        (json!({"ip": "the office"}), "/questions/0/context/ip"),
        (json!({"time": "tomorrow"}), "/questions/0/context/time"),
        (
            json!({"authentication": {"age_secs": -1}}),
            "/questions/0/context/authentication/age_secs",
        ),
        (
            json!({"authentication": {"strength": 4}}),
            "/questions/0/context/authentication/strength",
        ),
        (json!({"country": "Germany"}), "/questions/0/context/country"),
        (json!({"risk": 101}), "/questions/0/context/risk"),
        (json!({"weather": "fine"}), "/questions/0/context/weather"),
    ] {
        let body = json!({"questions": [{"action": "org:view", "context": context}]});
        let answer = org.owner.client.post(&org.path("/authorize"), body).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(pointers(&problem), [pointer], "{problem}");
    }
    let body = json!({"questions": [{"action": "org:view", "context": {"ip": "2001:db8::1", "country": "DE", "risk": 100, "time": "2026-11-29T12:00:00Z", "authentication": {"age_secs": 60}}}]});
    org.owner.client.post(&org.path("/authorize"), body).await.expect(200);
}

/// A program that forgets the type of an id, or whose list came out empty, must not permit everything.
#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_where_it_stands() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let refused = async |body: Value| {
        let answer = org.owner.client.post(&org.path("/policies/check"), body).await;
        answer.problem(422, "validation_failed")
    };
    let text = "permit (principal, action == Action::\"connections:delet\",\n  resource);";
    assert_eq!(
        refused(json!({"text": text})).await["errors"],
        json!([{
            "pointer": "/text", "line": 1, "column": 30, "message": "unrecognized action `Action::\"connections:delet\"`",
            "hint": "did you mean `Action::\"connections:delete\"`?",
        }])
    );
    let whole = json!({"effect": "permit", "subject": {"role": "viewer"}});
    let everybody = json!({"effect": "permit", "resource": {"id": "x"}, "actions": []});
    let problem = refused(json!({"statements": [whole, everybody]})).await;
    assert_eq!(
        pointers(&problem),
        [
            "/statements/1/subject",
            "/statements/1/actions",
            "/statements/1/resource/id"
        ]
    );
    assert_eq!(problem["errors"][1]["hint"], "leave it out for all actions");
    let listed =
        json!({"effect": "permit", "subject": "everybody", "when": [{"within_networks": ["::ffff:10.0.0.1/104"]}]});
    let problem = refused(json!({"statements": [listed]})).await;
    assert_eq!(
        pointers(&problem),
        ["/statements/0/when/0/within_networks/0"],
        "{problem}"
    );
}

#[tokio::test]
async fn a_dry_run_tells_its_impact_and_keeps_nothing() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await;
    let body = json!({"name": "no-shop", "text": NO_SHOP});
    let tried = owner
        .post(&org.path("/policies?dry_run=true"), body.clone())
        .await
        .expect(201);
    let impact = &tried["impact"];
    assert_eq!(impact["principals"], json!({"gain": 0, "lose": 1}));
    assert_eq!(
        (&impact["changes_count"], &impact["complete"]),
        (&json!(1), &json!(true))
    );
    let change = &impact["changes"][0];
    assert_eq!(
        (
            &change["principal"]["id"],
            &change["principal"]["type"],
            &change["change"],
            &change["action"],
            &change["count"]
        ),
        (
            &json!(developer.id),
            &json!("user"),
            &json!("loses"),
            &json!("connections:delete"),
            &json!(1)
        )
    );
    assert_eq!(
        (&change["examples"][0]["type"], &change["examples"][0]["name"]),
        (&json!("connection"), &json!("shop"))
    );
    assert_eq!(policies(&org).await, 0);
}

#[tokio::test]
async fn a_replacement_a_deletion_and_a_reversion_tell_their_impact() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    org.member("developer").await;
    let body = json!({"name": "no-shop", "text": NO_SHOP});
    let kept = owner.post(&org.path("/policies"), body).await.expect(201);
    assert!(kept.get("impact").is_none(), "{kept}");
    let path = org.path(&format!("/policies/{}", text(&kept["id"])));
    let wider = json!({"name": "no-shop", "text": NO_SHOP.replace("connections:delete", "connections:view")});
    let tried = owner.put(&format!("{path}?dry_run=true"), wider).await.expect(200);
    let changes: Vec<(&Value, &Value)> = tried["impact"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (&change["change"], &change["action"]))
        .collect();
    assert_eq!(
        changes,
        [
            (&json!("loses"), &json!("connections:view")),
            (&json!("gains"), &json!("connections:delete"))
        ]
    );
    let tried = owner.delete(&format!("{path}?dry_run=true")).await.expect(200);
    assert_eq!(tried["impact"]["principals"], json!({"gain": 1, "lose": 0}));
    assert_eq!(policies(&org).await, 1);
    let reverted = owner
        .post(&format!("{path}/revert?dry_run=true"), json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(reverted["impact"]["changes"], json!([]));
    owner.delete(&path).await.expect(204);
}

/// What is kept of refusals in an org, once all of it is written.
async fn refusals(app: &TestApp, org: &Org<'_>) -> Vec<(String, String, i64)> {
    plinth_control::refusal::step(&app.control).await.unwrap();
    let admin = app.store.cell.admin().await;
    let org: plinth_model::id::OrgId = org.id.parse().unwrap();
    let select =
        "select action, subject, sum(count)::bigint from plinth.refusals where org_id = $1 group by 1, 2 order by 1, 2";
    let rows = admin.query(select, &[&org.0]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[tokio::test]
async fn what_is_refused_is_kept_and_what_a_stranger_asks_is_not() {
    let app = app::start().await;
    let (org, other) = (with_shop(&app).await, app.org("other").await);
    let viewer = org.member("viewer").await;
    let shop = org.path("/connections/shop");
    for _ in 0..2 {
        viewer.client.delete(&shop).await.problem(403, "forbidden");
    }
    viewer
        .client
        .patch(&org.path(""), json!({"name": "Mine"}))
        .await
        .problem(403, "forbidden");
    let question = json!({"questions": [{"action": "connections:update", "resource": "shop"}]});
    viewer.client.post(&org.path("/authorize"), question).await.expect(200);
    for client in [&other.owner.client, &app.verified("eve@example.com").await.client] {
        client.delete(&shop).await.problem(404, "not_found");
    }
    app.anonymous().delete(&shop).await.problem(401, "unauthenticated");
    let kept = refusals(&app, &org).await;
    let kept: Vec<(&str, &str, i64)> = kept
        .iter()
        .map(|(action, subject, count)| (action.as_str(), subject.as_str(), *count))
        .collect();
    assert_eq!(kept, [("connections:delete", "shop", 2), ("org:update", "", 1)]);
    assert_eq!(refusals(&app, &other).await, []);
    // A draft that permits it says so.
    let open = r#"permit (principal in Role::"viewer", action == Action::"connections:delete", resource);"#;
    let tried = org
        .owner
        .client
        .post(
            &org.path("/policies?dry_run=true"),
            json!({"name": "open", "text": open}),
        )
        .await
        .expect(201);
    let requests = &tried["impact"]["requests"];
    assert_eq!(
        (&requests["would_be_allowed"], &requests["would_be_refused"]),
        (&json!(2), &json!(0)),
        "{requests}"
    );
    let example = &requests["examples"][0];
    assert_eq!(
        (
            &example["actor"]["id"],
            &example["subject"]["name"],
            &example["then"],
            &example["now"]
        ),
        (&json!(viewer.id), &json!("shop"), &json!("refused"), &json!("allowed"))
    );
    let metrics = app.anonymous().get("/metrics").await;
    assert!(metrics.text.contains("plinth_refusals_shed 0"), "{}", metrics.text);
}

#[tokio::test]
async fn an_answer_about_a_draft_tells_which_properties_it_has_to_have() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    let developer = org.member("developer").await;
    let text = r#"forbid (principal in Role::"developer", action in [Action::"connections:create", Action::"connections:update"], resource)
        unless { resource.properties has environment && ["development", "staging"].contains(resource.properties.environment) };"#;
    owner
        .post(&org.path("/policies"), json!({"name": "careful", "text": text}))
        .await
        .expect(201);
    let labelled = json!({"properties": {"environment": "development"}});
    owner
        .patch(&org.path("/connections/shop"), labelled.clone())
        .await
        .expect(200);
    let answer = async |client: &Client, question: Value| {
        let answers = client
            .post(&org.path("/authorize"), json!({"questions": [question]}))
            .await
            .expect(200);
        let answer = &answers["answers"][0];
        (answer["allowed"].as_bool().unwrap(), answer["requires"].clone())
    };
    let (create, update) = ("connections:create", "connections:update");
    let demanded = json!([{"environment": ["development", "staging"]}]);
    for (question, allowed) in [
        (json!({"action": create}), true),
        (json!({"action": create, "draft": {"name": "new"}}), false),
        (json!({"action": create, "draft": labelled}), true),
        (
            json!({"action": update, "resource": "shop", "draft": {"name": "shop"}}),
            true,
        ),
        (
            json!({"action": update, "resource": "shop", "draft": {"properties": {"environment": "production"}}}),
            false,
        ),
    ] {
        let told = answer(&developer.client, question.clone()).await;
        assert_eq!(told, (allowed, demanded.clone()), "{question}");
    }
    for question in [
        json!({"action": update, "resource": "shop"}),
        json!({"action": update, "resource": "no-such", "draft": {}}),
        json!({"action": "connections:delete", "draft": {}}),
    ] {
        assert_eq!(
            answer(&developer.client, question.clone()).await.1,
            json!([]),
            "{question}"
        );
    }
    // The policy is none of the owner's.
    let own = answer(owner, json!({"action": create, "draft": {"name": "new"}})).await;
    assert_eq!(own, (true, json!([])));
}

/// An org in which a viewer was refused to delete the shop three times, and what is not there once; then a developer was
/// refused to rename the org.
struct Refusing<'a> {
    org: Org<'a>,
    shop: String,
    viewer: Person,
    developer: Person,
}

async fn refusing(app: &TestApp) -> Refusing<'_> {
    let org = with_shop(app).await;
    let (viewer, developer) = (org.member("viewer").await, org.member("developer").await);
    let shop = org.owner.client.get(&org.path("/connections/shop")).await.expect(200);
    let shop = text(&shop["id"]);
    for key in ["shop", "shop", "no-such", &shop] {
        let path = org.path(&format!("/connections/{key}"));
        viewer.client.delete(&path).await.problem(403, "forbidden");
    }
    developer
        .client
        .patch(&org.path(""), json!({"name": "Mine"}))
        .await
        .problem(403, "forbidden");
    plinth_control::refusal::step(&app.control).await.unwrap();
    Refusing {
        org,
        shop,
        viewer,
        developer,
    }
}

/// Who was refused what about what, and how often.
fn told(listed: &Value) -> Vec<(String, String, Option<String>, i64)> {
    let one = |item: &Value| {
        let subject = item["subject"]["id"].as_str().map(str::to_owned);
        let count = item["count"].as_i64().unwrap();
        (text(&item["actor"]["id"]), text(&item["action"]), subject, count)
    };
    listed["items"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn what_was_refused_is_listed_newest_first_and_page_by_page() {
    let app = app::start().await;
    let Refusing {
        org,
        shop,
        viewer,
        developer,
    } = refusing(&app).await;
    let owner = &org.owner.client;
    let list = org.path("/refusals");
    let renaming = (developer.id, "org:update".to_owned(), None, 1);
    let deleting = (viewer.id.clone(), "connections:delete".to_owned(), Some(shop), 3);
    let listed = owner.get(&list).await.expect(200);
    assert_eq!(told(&listed), [renaming.clone(), deleting.clone()]);
    let subject = &listed["items"][1]["subject"];
    assert_eq!(
        (&subject["type"], &subject["name"]),
        (&json!("connection"), &json!("shop"))
    );
    // What is asked for by id and by name is one in one page, and what is not there leaves a gap.
    let (mut pages, mut next) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&format!("{list}?limit=1{next}")).await.expect(200);
        pages.push(told(&page));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages.len(), 4, "{pages:?}");
    assert_eq!(pages[0], [renaming]);
    let counts: i64 = pages.iter().flatten().map(|(.., count)| count).sum();
    assert_eq!((pages.iter().flatten().count(), counts), (3, 4), "{pages:?}");
    owner
        .get(&format!("{list}?cursor=e30"))
        .await
        .problem(400, "invalid_cursor");
    // Who has left is in no list of people any more.
    let path = org.path(&format!("/members/{}", viewer.id));
    owner.delete(&path).await.expect(204);
    assert!(!told(&owner.get(&list).await.expect(200)).contains(&deleting));
}

#[tokio::test]
async fn refusals_are_told_to_those_who_see_policies_and_what_they_are_about() {
    let app = app::start().await;
    let Refusing {
        org, viewer, developer, ..
    } = refusing(&app).await;
    let owner = &org.owner.client;
    let list = org.path("/refusals");
    let actions = async || {
        let listed = told(&developer.client.get(&list).await.expect(200));
        let actions = listed.into_iter().map(|(_, action, ..)| action);
        actions.collect::<Vec<String>>()
    };
    assert_eq!(actions().await, ["org:update", "connections:delete"]);
    for (name, text) in [
        (
            "blind",
            r#"forbid (principal in Role::"developer", action == Action::"connections:view", resource) when { resource.name == "shop" };"#,
        ),
        (
            "alone",
            r#"forbid (principal in Role::"developer", action == Action::"members:view", resource);"#,
        ),
    ] {
        owner
            .post(&org.path("/policies"), json!({"name": name, "text": text}))
            .await
            .expect(201);
        let left: &[&str] = if name == "blind" { &["org:update"] } else { &[] };
        assert_eq!(actions().await, left, "{name}");
    }
    let refused = viewer.client.get(&list).await.problem(403, "forbidden");
    assert_eq!(refused["permission"], "policies:view");
}

#[tokio::test]
async fn a_deleted_policy_comes_back_under_its_id_by_who_may_create_it() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    let admin = org.member("admin").await.client;
    let body = json!({"name": "no-shop", "text": NO_SHOP});
    let first = owner.post(&org.path("/policies"), body.clone()).await.expect(201);
    let path = org.path(&format!("/policies/{}", text(&first["id"])));
    owner.delete(&path).await.expect(204);
    let revert = format!("{path}/revert");
    let forbids = r#"forbid (principal in Role::"admin", action == Action::"policies:create", resource);"#;
    let veto = owner
        .post(&org.path("/policies"), json!({"name": "veto", "text": forbids}))
        .await
        .expect(201);
    let refused = admin
        .post(&revert, json!({"version": 1}))
        .await
        .problem(403, "forbidden");
    assert_eq!(refused["permission"], "policies:create");
    owner
        .delete(&org.path(&format!("/policies/{}", text(&veto["id"]))))
        .await
        .expect(204);
    // The version that deleted it says nothing.
    owner
        .post(&revert, json!({"version": 2}))
        .await
        .problem(409, "conflict");
    let rival = owner.post(&org.path("/policies"), body).await.expect(201);
    owner
        .post(&revert, json!({"version": 1}))
        .await
        .problem(409, "conflict");
    owner
        .delete(&org.path(&format!("/policies/{}", text(&rival["id"]))))
        .await
        .expect(204);
    let tried = owner
        .post(&format!("{revert}?dry_run=true"), json!({"version": 1}))
        .await
        .expect(200);
    assert!(tried["impact"].is_object(), "{tried}");
    assert_eq!(policies(&org).await, 0);
    let stale = owner.call("POST", &revert).header("if-match", "\"1\"");
    stale
        .json(&json!({"version": 1}))
        .send()
        .await
        .problem(412, "version_mismatch");
    let back = admin.post(&revert, json!({"version": 1})).await.expect(200);
    assert_eq!(
        (&back["id"], &back["version"], &back["text"]),
        (&first["id"], &json!(3), &first["text"])
    );
    assert_eq!(
        (&back["created_at"], &back["created_by"]),
        (&first["created_at"], &first["created_by"])
    );
    let versions = owner.get(&format!("{path}/versions")).await.expect(200);
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_dry_run_counts_the_asker_who_may_not_even_see_themself() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    let forbids = format!(r#"forbid (principal == User::"{}", action, resource);"#, org.owner.id);
    let body = json!({"name": "locked-out", "text": forbids});
    let made = owner.post(&org.path("/policies"), body).await.expect(201);
    let path = org.path(&format!("/policies/{}?dry_run=true", text(&made["id"])));
    let tried = owner.delete(&path).await.expect(200);
    assert_eq!(tried["impact"]["principals"], json!({"gain": 1, "lose": 0}), "{tried}");
}

#[tokio::test]
async fn a_draft_that_no_resource_can_be_is_no_question() {
    let app = app::start().await;
    let org = with_shop(&app).await;
    let owner = &org.owner.client;
    for (draft, pointer) in [
        (json!({"properties": {"a": [1]}}), "/questions/0/draft/properties"),
        (json!({"name": "a\0b"}), "/questions/0/draft/name"),
        (json!({"name": "Bad Name"}), "/questions/0/draft/name"),
    ] {
        for resource in [Value::Null, json!("shop")] {
            let mut question = json!({"action": "connections:update", "draft": draft});
            if !resource.is_null() {
                question["resource"] = resource;
            }
            let answer = owner
                .post(&org.path("/authorize"), json!({"questions": [question]}))
                .await;
            let problem = answer.problem(422, "validation_failed");
            assert_eq!(pointers(&problem), [pointer], "{problem}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_form_as_a_whole_is_told_of_the_form() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let statement = json!({"effect": "permit", "subject": {"group": "contractors"}, "actions": ["resources:view"]});
    let long = json!({
        "effect": "permit", "subject": "everybody", "resource": {"properties": {"team": "x".repeat(400)}},
    });
    for (statements, message) in [
        (vec![statement; 65], "has 65 statements, 64 is the most"),
        (vec![long; 40], "the policy has "),
    ] {
        for path in ["/policies", "/policies/check"] {
            let body = match path {
                "/policies" => json!({"name": "many", "statements": statements}),
                _ => json!({"statements": statements}),
            };
            let problem = org.owner.client.post(&org.path(path), body).await;
            let error = problem.problem(422, "validation_failed")["errors"][0].take();
            assert_eq!(error["pointer"], json!("/statements"), "{error}");
            assert!(text(&error["message"]).starts_with(message), "{error}");
            assert!(error["line"].is_null() && error["hint"].is_string(), "{error}");
        }
    }
}

#[tokio::test]
async fn whoever_reverts_is_told_what_it_takes() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let named = |name: &str| json!({"name": name, "text": "permit (principal in Group::\"a\", action, resource);"});
    let make = async |name: &str| owner.post(&org.path("/policies"), named(name)).await.expect(201);
    let path = org.path(&format!("/policies/{}", text(&make("first").await["id"])));
    let revert = format!("{path}/revert");
    owner.put(&path, named("second")).await.expect(200);
    make("first").await;
    let taken = async |client: &Client| {
        let problem = client
            .post(&revert, json!({"version": 1}))
            .await
            .problem(409, "conflict");
        assert!(
            text(&problem["detail"]).contains("rename or delete that one first"),
            "{problem}"
        );
        assert_eq!(problem["errors"][0]["pointer"], json!("/version"));
    };
    taken(owner).await;
    owner.delete(&path).await.expect(204);
    taken(owner).await;
    // Who may change policies and make none does not bring one back.
    let editor = org.member("developer").await;
    let edits = format!(
        "permit (principal == User::\"{}\", action == Action::\"policies:update\", resource);",
        editor.id
    );
    owner
        .post(&org.path("/policies"), json!({"name": "editor", "text": edits}))
        .await
        .expect(201);
    let refused = editor
        .client
        .post(&revert, json!({"version": 1}))
        .await
        .problem(403, "forbidden");
    assert_eq!(refused["permission"], json!("policies:create"));
}
