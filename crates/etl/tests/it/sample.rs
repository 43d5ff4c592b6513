//! The sample shop is made, lives, and can be copied.

use plinth_etl::sample;
use plinth_etl::spec::ConnectionSpec;
use plinth_etl::status::State;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{job, spec_of, start};

#[tokio::test]
async fn the_shop_is_made_once_and_kept_alive_and_followed() {
    let private = plinth_testkit::postgres::private_server(&[]).await.unwrap();
    let admin = private.cluster.url("postgres");
    sample::ensure(&admin, "first password", 20_000).await.unwrap();
    sample::ensure(&admin, "second password", 20_000).await.unwrap();
    let as_role = |database: &str, user: &str| {
        let mut spec = spec_of(&private.cluster.url(database));
        (spec.user, spec.password) = (user.to_owned(), Some("second password".to_owned()));
        ConnectionSpec::Postgres(spec)
    };
    let cancel = CancellationToken::new();
    let alive = tokio::spawn(sample::keep_alive(private.cluster.url(sample::SHOP), cancel.clone()));
    let running = start(job(
        as_role(sample::SHOP, sample::READER),
        as_role(sample::WAREHOUSE, sample::WRITER),
        json!({"mode": "incremental", "destination": {"schema": "copied"}}),
    ));
    let status = running.until(|status| status.state == State::Streaming).await;
    assert!((19_000..21_000).contains(&status.rows), "{}", status.rows);
    assert_eq!(status.tables.len(), 4);
    running.until(|later| later.rows > status.rows + 5).await;
    cancel.cancel();
    alive.await.unwrap();
    let now = running.progress.status().last_read_at.unwrap();
    running
        .until(|status| status.last_read_at.unwrap() > now + jiff::Span::new().seconds(3))
        .await;
    running.stop().await;
    for table in ["customers", "orders", "order_lines", "payments"] {
        let hash = async |database: &str, schema: &str| {
            let table = format!("{schema}.{table}").parse().unwrap();
            plinth_etl::content::of_table(&spec_of(&private.cluster.url(database)), &table)
                .await
                .unwrap()
        };
        assert_eq!(
            hash(sample::WAREHOUSE, "copied").await,
            hash(sample::SHOP, "public").await,
            "{table}"
        );
    }
}
