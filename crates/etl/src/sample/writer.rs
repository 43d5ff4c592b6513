//! The life of the shop: orders come in, are paid and shipped.

use std::time::Duration;

use crate::error::Result;
use crate::session::{Session, brief};
use crate::spec::PostgresSpec;

/// One customer buys, one order moves on. Both happen at the time that the row says.
const BUY: &str = "
with buyer as (
  select id from public.customers where id = 1 + floor(random() * (select max(id) from public.customers))::bigint),
ordered as (
  insert into public.orders (customer_id, total, currency, deliver_on)
  select id, round((5 + random() * 500)::numeric, 2), 'EUR', current_date + 3 from buyer returning id, total)
insert into public.order_lines (order_id, line_number, sku, quantity, unit_price, weight_kg)
select id, n, 'SKU-' || lpad(floor(random() * 5000)::text, 5, '0'), 1, round(total / 2, 2), random() * 5
  from ordered, generate_series(1, 2) n";

const PAY: &str = "
with due as (
  select id, total from public.orders where status = 'new' order by id desc limit 1),
paid as (
  insert into public.payments (order_id, method, amount, details)
  select id, 'card', total, '{\"risk\": 0.1}' from due returning order_id)
update public.orders set status = 'paid', updated_at = clock_timestamp() where id in (select order_id from paid)";

const SHIP: &str = "
update public.orders set status = 'shipped', updated_at = clock_timestamp()
 where id in (select id from public.orders where status = 'paid' order by updated_at limit 1)";

const SIGN_UP: &str = "
insert into public.customers (email, name, country, address, newsletter)
select 'new.' || gen_random_uuid() || '@example.com', 'Nia Newcomer', 'DE', '{\"city\": \"Berlin\"}', true
returning id";

const PAUSE: Duration = Duration::from_millis(400);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Never ends.
pub(super) async fn work(url: &str) {
    loop {
        if let Err(error) = shift(url).await {
            tracing::debug!(%error, "the sample writer lost its database");
        }
        tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
    }
}

async fn shift(url: &str) -> Result<()> {
    let shop = Session::connect(&PostgresSpec::from_url(url)?, "shop").await?;
    for turn in 0u64.. {
        for (every, statement) in [(1, BUY), (2, PAY), (3, SHIP), (20, SIGN_UP)] {
            if turn % every == 0 {
                brief(shop.batch_execute(statement)).await?;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
