//! The sample source: a shop with customers, orders, order lines and payments, and an empty warehouse to copy it to.
//!
//! Made by the server itself from `generate_series`, the same in each installation. It must not know pipelines.

mod writer;

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Place, Result};
use crate::session::{Session, brief};
use crate::spec::PostgresSpec;
use crate::table::{quote_identifier, quote_literal};

/// Database of the source.
pub const SHOP: &str = "shop";
/// Database that pipelines can write to.
pub const WAREHOUSE: &str = "warehouse";
/// May read the shop.
pub const READER: &str = "shop_reader";
/// Owns the warehouse.
pub const WRITER: &str = "warehouse_writer";

const TABLES: &str = include_str!("tables.sql");
const ROWS: &str = include_str!("rows.sql");
const KEYS: &str = include_str!("keys.sql");

/// Orders per 100 rows of all tables: 6 customers, 22 orders, 50 order lines, 22 payments.
const ORDERS_PERCENT: u64 = 22;

/// Makes both databases, their roles with `password`, and about `rows` rows in the shop, where they are missing.
///
/// `admin_url` is a superuser's. Safe to run again, also after it was killed: a shop is either whole or made anew.
///
/// # Errors
/// What the database says.
pub async fn ensure(admin_url: &str, password: &str, rows: u64) -> Result<()> {
    let spec = PostgresSpec::from_url(admin_url)?;
    let admin = Session::connect(&spec, "plinth sample").await?;
    for role in [READER, WRITER] {
        ensure_role(&admin, role, password).await?;
    }
    for (database, role, owner) in [(SHOP, READER, None), (WAREHOUSE, WRITER, Some(WRITER))] {
        let known = "select exists (select from pg_database where datname = $1)";
        if !brief(admin.query_one(known, &[&database])).await?.get::<_, bool>(0) {
            let owner = owner
                .map(|owner| format!(" owner {}", quote_identifier(owner)))
                .unwrap_or_default();
            admin
                .batch_execute(&format!("create database {}{owner}", quote_identifier(database)))
                .await?;
        }
        // Nobody else who may log in to the server has business there.
        let only = format!(
            "revoke connect, temporary on database {0} from public; grant connect on database {0} to {1}",
            quote_identifier(database),
            quote_identifier(role)
        );
        admin.batch_execute(&only).await?;
    }
    let mut shop = Session::connect(
        &PostgresSpec {
            database: SHOP.into(),
            ..spec
        },
        "plinth sample",
    )
    .await?;
    fill(&mut shop, rows).await.at("sample database `shop`")
}

async fn ensure_role(admin: &Session, role: &str, password: &str) -> Result<()> {
    let exists: bool = brief(admin.query_one("select exists (select from pg_roles where rolname = $1)", &[&role]))
        .await?
        .get(0);
    let verb = if exists { "alter" } else { "create" };
    let sql = format!(
        "{verb} role {} login password {}",
        quote_identifier(role),
        quote_literal(password)
    );
    brief(admin.batch_execute(&sql)).await
}

/// One transaction: a shop that is there is whole.
async fn fill(shop: &mut Session, rows: u64) -> Result<()> {
    let known = "select to_regclass('public.payments') is not null";
    if brief(shop.query_one(known, &[])).await?.get(0) {
        return Ok(());
    }
    tracing::info!(rows, "preparing the sample database `shop`");
    let orders = (rows * ORDERS_PERCENT / 100).max(22);
    let tx = brief(shop.transaction()).await?;
    tx.batch_execute(
        "set local search_path = public, pg_catalog; set local synchronous_commit = off;
                      set local maintenance_work_mem = '256MB'",
    )
    .await?;
    tx.batch_execute(TABLES).await?;
    let rows = ROWS
        .replace(":orders", &orders.to_string())
        .replace(":customers", &(orders * 6 / 22).to_string());
    tx.batch_execute(&rows).await?;
    tx.batch_execute(&KEYS.replace(":reader", READER)).await?;
    tx.commit().await.map_err(Error::from)?;
    shop.batch_execute("analyze").await.map_err(Error::from)
}

/// Buys, pays and ships a few times a second until cancelled; connects again when the database was away.
pub async fn keep_alive(url: String, cancel: CancellationToken) {
    tokio::select! {
        () = writer::work(&url) => {}
        () = cancel.cancelled() => {}
    }
}
