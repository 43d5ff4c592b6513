-- A server that is late does not put older roles beside newer ones.
insert into plinth.role_rows
    (class, role, number, permits, principal_kind, within, predicate, requires_property, requires_text,
     requires_attribute, revision)
select class, role, number, permits, principal_kind, within, predicate, requires_property, requires_text,
    requires_attribute, $11
from unnest($1::text[], $2::text[], $3::int[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[])
    as compiled (class, role, number, permits, principal_kind, within, predicate, requires_property, requires_text,
        requires_attribute)
where not exists (select from plinth.role_rows newer where newer.revision > $11)
returning number
