//! Migrations of several databases that have to belong together.

use plinth_store::migrate;
use plinth_testkit::store::{CELL, open};

#[tokio::test]
async fn a_cell_belongs_to_one_directory_under_one_name() {
    let test = open().await;
    let server = test.cell.server();
    let (ours, theirs, cell) = (
        server.database("ours").await,
        server.database("theirs").await,
        server.database("cell").await,
    );
    let mut config = test.config.clone();
    config.directory_url = ours.url();
    config.cells[0].url = cell.url();
    migrate::run(&config).await.unwrap();
    migrate::run(&config).await.unwrap();

    let mut renamed = config.clone();
    renamed.cells[0].name = "other".to_owned();
    let error = migrate::run(&renamed).await.unwrap_err().to_string();
    assert!(
        error.contains(&format!("is the cell `{CELL}` of this installation already")),
        "{error}"
    );

    let mut foreign = config.clone();
    foreign.directory_url = theirs.url();
    let error = migrate::run(&foreign).await.unwrap_err().to_string();
    assert!(error.contains("belongs to another installation"), "{error}");
    assert!(error.contains(cell.name()) && !error.contains("postgres://"), "{error}");
    migrate::run(&config).await.unwrap();
}
