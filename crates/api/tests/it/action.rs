//! Questions that an agent of the data plane answers while the asker waits.

use plinth_testkit::app::{self, Client, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::etl::{files, named, pointers, postgres};

/// An agent that answers each question with what was asked, until it is dropped.
pub struct Agent(JoinHandle<()>);

impl Drop for Agent {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Agent {
    pub fn start(app: &TestApp) -> Self {
        let client = app.reconciler();
        Self(tokio::spawn(async move {
            loop {
                for question in questions(&client).await {
                    let result = json!({"ok": true, "action": question["action"], "spec": question["spec"]});
                    answer(&client, &question, result).await.expect(204);
                }
            }
        }))
    }
}

pub async fn questions(client: &Client) -> Vec<Value> {
    let claim = json!({"agent": "echo", "types": ["connection"], "capacity": 10, "wait_secs": 10});
    let claimed = client.post("/v1/work/claim-actions", claim).await.expect(200);
    claimed["items"].as_array().unwrap().clone()
}

pub async fn answer(client: &Client, question: &Value, result: Value) -> app::Answer {
    let path = format!("/v1/work/actions/{}/result", question["id"].as_str().unwrap());
    client
        .post(&path, json!({"token": question["token"], "result": result}))
        .await
}

#[tokio::test]
async fn a_question_about_a_draft_waits_for_the_agent_and_gets_its_answer() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let asked = tokio::spawn({
        let (client, path) = (org.owner.client.clone(), org.path("/connections/actions/check"));
        async move { client.post(&path, json!({"spec": postgres("hunter2")})).await }
    });
    let agent = app.reconciler();
    let question = questions(&agent).await.remove(0);
    assert_eq!(
        (&question["type"], &question["action"]),
        (&json!("connection"), &json!("check"))
    );
    assert_eq!(question["org"], org.id.as_str());
    assert_eq!(question["spec"]["password"], "hunter2");
    assert!(!asked.is_finished());
    answer(&agent, &question, json!({"ok": false, "message": "wrong password"}))
        .await
        .expect(204);
    assert_eq!(
        asked.await.unwrap().expect(200),
        json!({"ok": false, "message": "wrong password"})
    );
    answer(&agent, &question, json!({"ok": true}))
        .await
        .problem(409, "lease_lost");
}

#[tokio::test]
async fn a_question_about_a_connection_carries_its_secret_to_the_agent_alone() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    owner
        .post(&org.path("/connections"), named("shop", postgres("hunter2")))
        .await
        .expect(201);
    let _agent = Agent::start(&app);
    let answer = owner
        .post(&org.path("/connections/shop/actions/discover"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&answer["action"], &answer["spec"]["password"]),
        (&json!("discover"), &json!("hunter2"))
    );
}

#[tokio::test]
async fn an_answer_needs_the_token_of_its_question() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let asked = tokio::spawn({
        let (client, path) = (org.owner.client.clone(), org.path("/connections/actions/check"));
        async move { client.post(&path, json!({"spec": files("shop")})).await }
    });
    let agent = app.reconciler();
    let question = questions(&agent).await.remove(0);
    let forged = json!({"id": question["id"], "token": "plinth_act_guess"});
    answer(&agent, &forged, json!({"ok": true}))
        .await
        .problem(409, "lease_lost");
    answer(&agent, &question, json!({"ok": "by the right one"}))
        .await
        .expect(204);
    assert_eq!(asked.await.unwrap().expect(200)["ok"], "by the right one");
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused_at_once() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let owner = &org.owner.client;
    let ask = async |path: &str, body: Value| owner.post(&org.path(path), body).await;
    let invalid = ask("/connections/actions/check", json!({"spec": {"kind": "files"}})).await;
    let invalid = invalid.problem(422, "validation_failed");
    assert!(
        pointers(&invalid).iter().all(|pointer| pointer.starts_with("/spec")),
        "{invalid}"
    );
    ask("/connections/actions/explode", json!({"spec": files("shop")}))
        .await
        .problem(404, "not_found");
    ask("/connections/none/actions/check", json!({}))
        .await
        .problem(404, "not_found");
    ask("/pipelines/actions/check", json!({"spec": {}}))
        .await
        .problem(404, "not_found");
}
