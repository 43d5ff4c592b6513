insert into plinth.policy_rows
    (org_id, policy_id, class, number, permits, principal_kind, within, predicate,
     requires_property, requires_text, requires_attribute)
select org_id, policy_id, class, number, permits, principal_kind, within, predicate,
    requires_property, requires_text, requires_attribute
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::boolean[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[])
    as compiled (org_id, policy_id, class, number, permits, principal_kind, within, predicate,
        requires_property, requires_text, requires_attribute)
returning number
