//! One org never sees or changes another one's things, whatever route is tried, whoever tries. A new route fails here
//! until it has a case.

use std::collections::BTreeSet;

use plinth_testkit::app::{self, Answer, Client, Org, Rows, TestApp};
use serde_json::{Value, json};

use crate::etl::{copy, files, named, postgres, text};
use crate::openapi::{document, operations};

mod case;

use case::{Case, Reach, Victim, cases};

/// Those who try.
struct Attackers {
    admin: Client,
    program: Client,
    stranger: Client,
    lease: Client,
}

impl Attackers {
    fn each(&self) -> [(&str, &Client); 4] {
        [
            ("an admin of another org", &self.admin),
            ("a program of another org", &self.program),
            ("a stranger without an org", &self.stranger),
            ("a worker of another org", &self.lease),
        ]
    }
}

async fn victim(app: &TestApp, org: &Org<'_>) -> Victim {
    let owner = &org.owner.client;
    let create = async |plural: &str, body: Value| owner.post(&org.path(plural), body).await.expect(201);
    let source = create("/connections", named("vault-source", postgres("hunter2-of-the-vault"))).await;
    create("/connections", named("vault-sink", files("vault/sink"))).await;
    let pipeline = create("/pipelines", named("vault-pipe", copy("vault-source", "vault-sink"))).await;
    let invitation = create(
        "/invitations",
        json!({"email": "guest@vault.example.com", "roles": ["viewer"]}),
    )
    .await;
    let invited = app.mailed_token("guest@vault.example.com", "invite").await;
    let member = org.member("developer").await;
    let program = org.service_account("vault-ci", "developer").await;
    let usage = json!({"records": [{"source": "vault-meter", "id": "vault-record", "meter": "rows_copied",
        "resource": pipeline["id"], "quantity": "7", "at": "2026-01-01T00:00:00Z"}]});
    owner.post(&org.path("/usage"), usage).await.expect(200);
    let points = json!({"points": [{"name": "vault_metric", "resource": pipeline["id"], "value": 7.0, "at": "2026-01-01T00:00:00Z"}]});
    owner.post(&org.path("/metrics"), points).await.expect(200);
    let secret = json!({"name": "vault-rules", "text": "forbid (principal, action == Action::\"bill:view\", resource) when { principal.name == \"vault\" };"});
    let policy = create("/policies", secret).await;
    let sql_logins = format!("/service-accounts/{}/sql-logins", program.id);
    let sql_login = create(&sql_logins, json!({"name": "vault-sql"})).await;
    let sessions = owner.get("/v1/sessions").await.expect(200);
    Victim {
        org: org.id.clone(),
        slug: org.slug.clone(),
        owner: org.owner.id.clone(),
        owner_email: org.owner.email.clone(),
        session: text(&sessions["items"][0]["id"]),
        member: member.id,
        connection: text(&source["id"]),
        pipeline: text(&pipeline["id"]),
        invitation: text(&invitation["id"]),
        invited,
        program: program.id,
        token: program.token_id,
        sql_login: text(&sql_login["id"]),
        policy: text(&policy["id"]),
    }
}

async fn attackers(app: &TestApp, org: &Org<'_>) -> Attackers {
    let owner = &org.owner.client;
    let create = async |plural: &str, body: Value| owner.post(&org.path(plural), body).await.expect(201);
    create("/connections", named("own-source", files("own/source"))).await;
    create("/connections", named("own-sink", files("own/sink"))).await;
    let pipeline = create("/pipelines", named("own-pipe", copy("own-source", "own-sink"))).await;
    let claim = json!({"agent": "worker", "types": ["pipeline"], "capacity": 10, "wait_secs": 5});
    let claimed = app.reconciler().post("/v1/work/claim", claim).await.expect(200);
    let items = claimed["items"].as_array().unwrap();
    let own = items
        .iter()
        .find(|item| item["resource"]["id"] == pipeline["id"])
        .unwrap();
    Attackers {
        admin: org.member("admin").await.client,
        program: org.service_account("own-ci", "admin").await.client,
        stranger: app.verified("stranger@elsewhere.example.com").await.client,
        lease: app.bearer(own["lease"]["token"].as_str().unwrap()),
    }
}

/// Nothing of the victim's is in the answer, but for what was in the question.
fn shows_nothing(victim: &Victim, case: &Case, answer: &Answer, who: &str) {
    let asked = format!("{} {}", answer.asked, case.body);
    let whole = answer.whole();
    for secret in victim.traces() {
        assert!(
            asked.contains(&secret) || !whole.contains(&secret),
            "{who}: `{secret}` is in the answer to {asked}: {whole}"
        );
    }
}

async fn send(client: &Client, case: &Case, path: &str) -> Answer {
    let call = client.call(case.method(), path);
    if case.body.is_null() {
        call.send().await
    } else {
        call.json(&case.body).send().await
    }
}

#[test]
fn each_route_has_one_case() {
    let routes: BTreeSet<String> = operations(&document()).into_keys().collect();
    let mut cased = BTreeSet::new();
    for case in cases(&Victim::default()) {
        assert!(
            cased.insert(case.route.to_owned()),
            "`{}` stands here twice",
            case.route
        );
    }
    assert_eq!(routes, cased);
}

#[tokio::test]
async fn another_org_is_not_there_for_anybody_outside_of_it() {
    let app = app::start().await;
    let (ours, theirs) = (app.org("own").await, app.org("vault").await);
    let victim = victim(&app, &theirs).await;
    let attackers = attackers(&app, &ours).await;
    let before = app.rows_of(&theirs.id).await;
    for case in cases(&victim)
        .iter()
        .filter(|case| matches!(case.reach, Reach::Org { .. }))
    {
        for org in [&victim.slug, &victim.org] {
            let path = case.path(org);
            for (who, client) in attackers.each() {
                let answer = send(client, case, &path).await;
                shows_nothing(&victim, case, &answer, who);
                answer.problem(404, "not_found");
            }
            let answer = send(&app.anonymous(), case, &path).await;
            shows_nothing(&victim, case, &answer, "nobody");
            answer.problem(401, "unauthenticated");
        }
    }
    assert_eq!(app.rows_of(&theirs.id).await, before, "something changed");
}

#[tokio::test]
async fn ids_of_another_org_lead_nowhere_in_ones_own() {
    let app = app::start().await;
    let (ours, theirs) = (app.org("own").await, app.org("vault").await);
    let victim = victim(&app, &theirs).await;
    let attackers = attackers(&app, &ours).await;
    let before = app.rows_of(&theirs.id).await;
    for case in cases(&victim) {
        let Reach::Org { own } = case.reach else { continue };
        let answer = send(&attackers.admin, &case, &case.path(&ours.slug)).await;
        shows_nothing(&victim, &case, &answer, "an admin in the own org");
        answer.expect(own);
    }
    assert_eq!(app.rows_of(&theirs.id).await, before, "something changed");
}

/// A wrong password is told to the orgs of whom it was tried for; nothing else may change there.
fn without_signals(mut rows: Rows) -> Rows {
    let signals = rows.remove("signals").unwrap_or_default();
    assert!(
        signals.iter().all(|signal| signal.contains("failed_login")),
        "{signals:?}"
    );
    rows
}

#[tokio::test]
async fn routes_outside_of_orgs_show_their_callers_nothing_of_others() {
    let app = app::start().await;
    let (ours, theirs) = (app.org("own").await, app.org("vault").await);
    let victim = victim(&app, &theirs).await;
    let attackers = attackers(&app, &ours).await;
    let before = without_signals(app.rows_of(&theirs.id).await);
    for case in cases(&victim) {
        let path = case.path("unused");
        let refused = async |client: &Client, who, status, code| {
            let answer = send(client, &case, &path).await;
            shows_nothing(&victim, &case, &answer, who);
            answer.problem(status, code);
        };
        match case.reach {
            Reach::Org { .. } | Reach::Development(_) => continue,
            Reach::Public(_) => {
                let answer = send(&app.anonymous(), &case, &path).await;
                shows_nothing(&victim, &case, &answer, "nobody");
                assert!(answer.status < 500, "{}", answer.text);
                continue;
            }
            Reach::Personal { status, .. } => {
                let answer = send(&attackers.stranger, &case, &path).await;
                shows_nothing(&victim, &case, &answer, "a stranger");
                answer.expect(status);
            }
            Reach::Lease { status } => {
                let answer = send(&attackers.lease, &case, &path).await;
                shows_nothing(&victim, &case, &answer, "a worker");
                answer.expect(status);
                refused(&attackers.admin, "an admin", 403, "forbidden").await;
                refused(&attackers.program, "a program", 403, "forbidden").await;
            }
            Reach::Business => {
                for (who, client) in attackers.each() {
                    refused(client, who, 403, "forbidden").await;
                }
            }
        }
        refused(&app.anonymous(), "nobody", 401, "unauthenticated").await;
    }
    let after = without_signals(app.rows_of(&theirs.id).await);
    assert_eq!(after, before, "something changed");
}

#[test]
fn a_route_without_a_login_has_a_reason() {
    let operations = operations(&document());
    for case in cases(&Victim::default()) {
        let is_open = operations[case.route]["security"] == json!([{}]);
        let reason = match case.reach {
            Reach::Public(reason) | Reach::Development(reason) => Some(reason),
            _ => None,
        };
        assert_eq!(
            is_open,
            reason.is_some_and(|reason| !reason.is_empty()),
            "`{}`",
            case.route
        );
    }
}
