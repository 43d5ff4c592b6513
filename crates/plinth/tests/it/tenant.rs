//! Several orgs on one worker: none fills it, and none finds a file of another.

use std::path::Path;

use plinth_testkit::app::Client;
use serde_json::json;

use crate::plane::{Plane, ROWS, plane, text};
use crate::process::{LIMIT, Process, tasks, wait_for};

/// Another org with the same connections.
async fn rival(plane: &Plane) -> (Client, String) {
    let org = plane.app.org("rival").await;
    let (id, owner) = (org.id, org.owner.client);
    plane.connect(&owner, "rival").await;
    (owner, id)
}

fn schema(name: &str) -> serde_json::Value {
    json!({"destination": {"schema": name}})
}

#[tokio::test]
async fn an_org_does_not_fill_a_worker_and_a_deletion_waits_for_no_place() {
    let plane = plane("tenant-places").await;
    let (other, _) = rival(&plane).await;
    let mut command = plane.worker_command();
    command.args(["--capacity", "2"]);
    let worker = Process::start("worker", &plane.logs, command);
    plane.pipeline("first", schema("one")).await;
    plane.until_state("first", "streaming").await;
    let waits = plane.pipeline("waits", schema("two")).await;
    plane.pipeline_of(&other, "rival", "late", schema("three")).await;
    plane
        .until_of(&other, "rival", "late", "takes the other half", |status| {
            status["state"] == "streaming"
        })
        .await;
    let waiting = plane.owner.get("/v1/orgs/acme/pipelines/waits").await.expect(200);
    assert_eq!(waiting["status"]["state"], "pending", "{waiting:#}");
    assert_eq!(tasks(worker.pid).len(), 2, "the worker is full");

    plane.owner.delete("/v1/orgs/acme/pipelines/waits").await.expect(202);
    wait_for("the full worker tears down what is deleted", LIMIT, async || {
        let path = format!("/v1/orgs/acme/events?subject={waits}&operation=finalize");
        plane.owner.get(&path).await.expect(200)["items"].get(0).cloned()
    })
    .await;
    assert_eq!(tasks(worker.pid).len(), 2, "and goes on with what it has");
}

/// The files that a pipeline wrote of a table, as one text.
fn copied(folder: &Path) -> String {
    let mut parts: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    parts.sort();
    parts
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

#[tokio::test]
async fn two_orgs_copy_at_once_into_folders_of_the_same_name_that_are_their_own() {
    let plane = plane("tenant-files").await;
    let (other, other_id) = rival(&plane).await;
    let acme_id = text(&plane.owner.get("/v1/orgs/acme").await.expect(200)["id"]);
    plane
        .sql(
            &plane.from,
            "create table secrets as select id, 'of rival' as v, updated_at from orders; analyze secrets",
        )
        .await;
    let owners = [
        (&plane.owner, "acme", "public.orders"),
        (&other, "rival", "public.secrets"),
    ];
    for (owner, org, table) in owners {
        let lake = json!({"name": "lake", "spec": {"kind": "files", "directory": "lake", "format": "csv"}});
        owner
            .post(&format!("/v1/orgs/{org}/connections"), lake)
            .await
            .expect(201);
        let over = json!({
            "source": {"tables": [{"name": table, "cursor": "updated_at"}]}, "destination": {"connection": "lake"},
        });
        plane.pipeline_of(owner, org, "copy", over).await;
    }
    let worker = plane.worker("worker");
    for (owner, org, _) in owners {
        plane
            .until_of(owner, org, "copy", "has copied all", |status| {
                status["state"] == "streaming" && status["rows"] == ROWS
            })
            .await;
    }
    assert_eq!(tasks(worker.pid).len(), 2, "both follow their source at once");

    let folder = |id: &str| plane.files.path().join(id).join("lake");
    let names = |id: &str| -> Vec<String> {
        let entries = std::fs::read_dir(folder(id)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("public.")).collect()
    };
    assert_eq!(
        (names(&acme_id), names(&other_id)),
        (vec!["public.orders".to_owned()], vec!["public.secrets".to_owned()])
    );
    let (ours, theirs) = (
        copied(&folder(&acme_id).join("public.orders")),
        copied(&folder(&other_id).join("public.secrets")),
    );
    assert!(!ours.contains("of rival"));
    assert_eq!(theirs.matches("of rival").count() as u64, ROWS);

    for (owner, org, table, foreign) in [
        (&plane.owner, "acme", "public.orders", "secrets"),
        (&other, "rival", "public.secrets", "orders"),
    ] {
        let found = owner
            .post(&format!("/v1/orgs/{org}/connections/lake/actions/discover"), json!({}))
            .await
            .whole();
        assert!(found.contains(table) && !found.contains(foreign), "{org}: {found}");
    }
}
