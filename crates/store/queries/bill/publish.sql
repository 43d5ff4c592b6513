-- Amounts as text, which keeps the decimals of the currency: 0.00 is not 0.
insert into plinth.bill_lines
    (org_id, period, number, price, title, kind, meter, resource, resource_name, quantity, unit, amount, currency, records, as_of)
select $1, $2, line.place, line.price, line.title, line.kind, line.meter, line.resource, line.resource_name,
    line.quantity, line.unit, line.amount::numeric, $3, line.records, $4
from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::numeric[], $12::text[], $13::text[], $14::bigint[])
    with ordinality as line (price, title, kind, meter, resource, resource_name, quantity, unit, amount, records, place)
