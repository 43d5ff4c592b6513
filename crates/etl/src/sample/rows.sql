insert into customers (id, public_id, email, name, country, address, tags, birth_date, newsletter, last_ip, created_at, updated_at)
select g,
       md5('customer' || g)::uuid,
       lower(first || '.' || last || g || '@example.' || (array['com', 'org', 'net'])[1 + g % 3]),
       first || ' ' || last,
       (array['DE', 'FR', 'GB', 'US', 'ES', 'IT', 'NL', 'PL', 'SE', 'JP'])[1 + h % 10],
       jsonb_build_object('street', last || ' Street ' || 1 + h % 200, 'city', city, 'zip', lpad((h % 100000)::text, 5, '0')),
       case when h % 5 = 0 then array['vip', city] when h % 3 = 0 then array['newsletter'] else '{}' end,
       case when h % 7 <> 0 then date '1945-01-01' + h % 22000 end,
       h % 3 = 0,
       case when h % 4 <> 0 then (format('%s.%s.%s.%s', 1 + h % 223, h / 7 % 256, h / 11 % 256, h / 13 % 256))::inet end,
       at,
       at + (h % 86400) * interval '1 second'
  from generate_series(1, :customers) g
 cross join lateral (select (hashint8(g) & 2147483647) as h) hash
 cross join lateral (select
       (array['Ada', 'Björn', 'Chloé', 'Dmitri', 'Élise', 'Fatima', 'Grace', 'Hiro', 'Inês', 'Jürgen', 'Kai', 'Łucja'])[1 + h % 12] as first,
       (array['Meyer', 'García', 'O''Neill', 'Nowak', 'Tanaka', 'Smith', 'Rossi', 'Øberg', 'Dubois', 'Khan'])[1 + h / 12 % 10] as last,
       (array['Berlin', 'Paris', 'London', 'Boston', 'Madrid', 'Roma', 'Utrecht', 'Kraków', 'Malmö', 'Osaka'])[1 + h % 10] as city,
       now() - interval '3 days' - (h % 730) * interval '1 day' as at) made;

insert into orders (id, customer_id, status, currency, total, discount_percent, note, ordered_at, deliver_on, updated_at)
select g,
       1 + h % :customers,
       (enum_range(null::order_status))[case when h % 10 < 7 then 4 else 1 + h % 6 end],
       (array['EUR', 'EUR', 'EUR', 'USD', 'GBP', 'JPY'])[1 + h % 6],
       (500 + h % 49500) / 100.0,
       case when h % 4 = 0 then (h % 30)::real / 2 end,
       case when h % 9 = 0 then (array['please ring twice', 'leave at the door', 'gift, no invoice', 'Größe "M", bitte'])[1 + h % 4] end,
       at,
       (at + interval '3 days')::date,
       at + (h % 172800) * interval '1 second'
  from generate_series(1, :orders) g
 cross join lateral (select (hashint8(g + 7919) & 2147483647) as h) hash
 cross join lateral (select now() - interval '3 days' - (1 - g::float8 / :orders) * interval '365 days' as at) made;

insert into order_lines (order_id, line_number, sku, quantity, unit_price, weight_kg, gift, updated_at)
select o.id, n, 'SKU-' || lpad((h % 5000)::text, 5, '0'), 1 + h % 4, (199 + h % 9800) / 100.0,
       case when h % 5 <> 0 then (h % 20000) / 1000.0 end, h % 17 = 0, o.updated_at
  from orders o
 cross join lateral generate_series(1, case when o.id % 11 < 3 then 3 else 2 end) n
 cross join lateral (select (hashint8(o.id * 4 + n) & 2147483647) as h) hash;

insert into payments (id, order_id, method, amount, fee, details, receipt, paid_at, updated_at)
select md5('payment' || o.id)::uuid, o.id,
       (array['card', 'card', 'paypal', 'transfer', 'invoice'])[1 + h % 5],
       o.total,
       case when h % 5 < 3 then o.total * 0.0139 + 0.25 end,
       jsonb_build_object('country', (array['DE', 'FR', 'US'])[1 + h % 3], 'risk', round((h % 1000) / 1000.0, 3), 'retries', h % 3),
       case when h % 3 = 0 then decode(md5(o.id::text), 'hex') end,
       o.ordered_at + (h % 7200) * interval '1 second',
       o.updated_at
  from orders o
 cross join lateral (select (hashint8(o.id + 104729) & 2147483647) as h) hash;

select setval(pg_get_serial_sequence('customers', 'id'), :customers), setval(pg_get_serial_sequence('orders', 'id'), :orders);
