//! Nobody writes what they may not see: one rule by the API, in questions, by SQL and in what a change of a policy tells.

use plinth_testkit::app::{Org, ServiceAccount, TestApp};
use serde_json::{Value, json};

use crate::etl::{files, text};
use crate::sql_access::{column, start};
use crate::sql_write::{refused, session, wrote};

const UNSEEN: &str = "you would not see what it becomes, and nobody writes what they may not see: ";
/// What an account writes everything by, and sees by what stands after it.
const WRITES: &str = r#"permit (principal == ServiceAccount::"{id}", action in [Action::"connections:create", Action::"connections:update"], resource);
permit (principal == ServiceAccount::"{id}", action == Action::"connections:view", resource)
when { resource.properties has environment && resource.properties.environment == "development" };"#;

async fn permit(org: &Org<'_>, name: &str, text: &str) {
    let body = json!({"name": name, "text": text});
    org.owner.client.post(&org.path("/policies"), body).await.expect(201);
}

/// An account that may write everything and see what is of development.
async fn writer(org: &Org<'_>) -> ServiceAccount {
    let account = org.service_account("writer", "billing").await;
    permit(org, "writers", &WRITES.replace("{id}", &account.id)).await;
    account
}

fn connection(name: &str, environment: &str) -> Value {
    json!({"name": name, "properties": {"environment": environment}, "spec": files(name)})
}

fn insert(name: &str, environment: &str) -> String {
    let (properties, spec) = (json!({"environment": environment}), files(name));
    format!("insert into connections (name, properties, spec) values ('{name}', '{properties}', '{spec}')")
}

#[tokio::test]
async fn what_its_writer_would_not_see_is_refused_and_says_so() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = writer(&org).await;
    let (client, all) = (&account.client, org.path("/connections"));
    let own = org.path("/connections/own");
    client.post(&all, connection("own", "development")).await.expect(201);
    let hidden = json!({"properties": {"environment": "production"}});
    let dry = format!("{all}?dry_run=true");
    for answer in [
        client.post(&all, connection("other", "production")).await,
        client.post(&dry, connection("other", "production")).await,
        client.patch(&own, hidden).await,
    ] {
        let problem = answer.problem(403, "forbidden");
        assert_eq!(problem["permission"], json!("connections:view"));
        let detail = text(&problem["detail"]);
        assert!(detail.starts_with(UNSEEN), "{detail}");
    }
    client.patch(&own, json!({"spec": files("else")})).await.expect(200);
    assert_refusals(&app, &org).await;
}

/// They are kept as what was asked for, and a policy that shows it would have let it through.
async fn assert_refusals(app: &TestApp, org: &Org<'_>) {
    plinth_control::refusal::step(&app.control).await.unwrap();
    let owner = &org.owner.client;
    let listed = owner.get(&org.path("/refusals")).await.expect(200);
    let mut told: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                text(&item["action"]),
                item["subject"]["name"].clone(),
                item["count"].clone(),
            )
        })
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        told,
        [
            ("connections:create".to_owned(), Value::Null, json!(2)),
            ("connections:update".to_owned(), json!("own"), json!(1))
        ]
    );
    let shows = r#"permit (principal, action == Action::"connections:view", resource);"#;
    let path = org.path("/policies?dry_run=true");
    let tried = owner
        .post(&path, json!({"name": "all", "text": shows}))
        .await
        .expect(201);
    let requests = &tried["impact"]["requests"];
    assert_eq!(requests["would_be_allowed"], json!(3), "{requests}");
}

#[tokio::test]
async fn who_asks_first_is_told_and_what_it_takes() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = writer(&org).await;
    let all = org.path("/connections");
    account
        .client
        .post(&all, connection("own", "development"))
        .await
        .expect(201);
    let draft = |environment: &str| json!({"properties": {"environment": environment}});
    let ask = async |client: &plinth_testkit::app::Client, question: Value| {
        let body = json!({"questions": [question]});
        let mut answers = client.post(&org.path("/authorize"), body).await.expect(200);
        answers["answers"][0].take()
    };
    let of_development = json!([{"environment": ["development"]}]);
    for (action, resource) in [("connections:create", None), ("connections:update", Some("own"))] {
        for (environment, allowed) in [("development", true), ("production", false)] {
            let mut question = json!({"action": action, "draft": draft(environment)});
            if let Some(resource) = resource {
                question["resource"] = json!(resource);
            }
            let answer = ask(&account.client, question).await;
            assert_eq!(answer["allowed"], json!(allowed), "{answer}");
            assert_eq!(answer["everything"], json!(false), "{answer}");
            assert_eq!(answer["requires"], of_development, "{answer}");
            let reason = text(&answer["reason"]);
            assert_eq!(reason.starts_with(UNSEEN), !allowed, "{reason}");
        }
    }
    let whether = ask(&account.client, json!({"action": "connections:create"})).await;
    assert_eq!(
        (&whether["allowed"], &whether["everything"], &whether["requires"]),
        (&json!(true), &json!(false), &of_development)
    );
    // About somebody else, in the same words but for theirs.
    let body =
        json!({"principal": account.id, "questions": [{"action": "connections:create", "draft": draft("production")}]});
    let answers = org.owner.client.post(&org.path("/authorize"), body).await.expect(200);
    let reason = text(&answers["answers"][0]["reason"]);
    assert!(reason.starts_with("they would not see what it becomes: "), "{reason}");

    // Who sees nothing at all makes nothing.
    let blind = org.service_account("blind", "billing").await;
    let writes = r#"permit (principal == ServiceAccount::"{id}", action == Action::"connections:create", resource);"#;
    permit(&org, "blind", &writes.replace("{id}", &blind.id)).await;
    let whether = ask(&blind.client, json!({"action": "connections:create"})).await;
    assert_eq!(
        (&whether["allowed"], &whether["reason"]),
        (
            &json!(false),
            &json!("no role or policy of yours grants `connections:view`")
        )
    );
    let permissions = blind.client.get(&org.path("/permissions")).await.expect(200);
    assert!(!permissions.to_string().contains("connections:create"), "{permissions}");
}

#[tokio::test]
async fn sql_refuses_the_same_in_the_same_words() {
    let app = start().await;
    let org = app.org("acme").await;
    let account = writer(&org).await;
    let sql = session(&org, &account).await;
    assert_eq!(wrote(&sql, &insert("own", "development")).await, 1);
    let before = column(&sql, "select id from connections").await;
    let unseen = |name: &str| {
        let message = format!(
            "you would not see what `{name}` becomes, and nobody writes what they may not see: no role or policy of yours \
             grants `connections:view` for it"
        );
        ("42501".to_owned(), message)
    };
    assert_eq!(refused(&sql, &insert("other", "production")).await, unseen("other"));
    let hide = r#"update connections set properties = '{"environment": "production"}' where name = 'own'"#;
    assert_eq!(refused(&sql, hide).await, unseen("own"));
    let bare = "update connections set properties = '{}'";
    assert_eq!(refused(&sql, bare).await, unseen("own"));
    // Which is missing is told apart.
    let (_, message) = refused(&sql, "delete from connections").await;
    assert_eq!(
        message,
        "no role or policy of yours grants `connections:delete` for `own`"
    );
    let edit = "update connections set properties = properties || '{\"team\": \"data\"}'";
    assert_eq!(wrote(&sql, edit).await, 1);
    let names = org.owner.client.get(&org.path("/connections")).await.expect(200);
    assert_eq!(names["items"].as_array().unwrap().len(), 1, "{names}");

    // Ids are of their time, whoever makes them.
    let all = org.path("/connections");
    let by_api = account
        .client
        .post(&all, connection("later", "development"))
        .await
        .expect(201);
    let later = text(&by_api["id"]);
    assert_eq!(wrote(&sql, &insert("latest", "development")).await, 1);
    let latest = column(&sql, "select id from connections where name = 'latest'").await;
    assert!(before[0] < later && later < latest[0], "{before:?} {later} {latest:?}");
}
