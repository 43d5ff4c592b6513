//! Lists that are longer than a page.

use futures::TryStreamExt;
use plinth_client::resource::ListQuery;
use serde_json::json;

use crate::server::{Asked, Server, ok};

#[tokio::test]
async fn all_pages_come_as_one_stream_with_the_same_query() {
    let server = Server::start(|asked: Asked| async move {
        let page = |names: &[&str], next: Option<&str>| {
            let items: Vec<_> = names
                .iter()
                .map(|name| json!({"id": name, "type": "pipeline", "name": name}))
                .collect();
            ok(json!({"items": items, "next": next}))
        };
        match asked.query.as_str() {
            "limit=2&filter=status.state%3Dfailed" => page(&["a", "b"], Some("p2")),
            "limit=2&filter=status.state%3Dfailed&cursor=p2" => page(&["c"], None),
            other => panic!("unexpected query {other}"),
        }
    })
    .await;
    let pipelines = server.client().org("acme").resources("pipelines");
    let query = ListQuery {
        limit: Some(2),
        filter: vec!["status.state=failed".into()],
        ..ListQuery::default()
    };
    let all: Vec<_> = pipelines.all(query).try_collect().await.unwrap();
    let names: Vec<_> = all.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}
