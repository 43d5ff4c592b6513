-- What a statement of SQL may have to ask of each row: the rows of the class together with those of all classes.
select of_class.class, (of_class.bytes + of_all.bytes)::bigint as bytes
from (
    select class, sum(octet_length(predicate)) as bytes
    from plinth.policy_rows where org_id = $1 and class <> '*' group by class
    union all select '*', 0
) as of_class, (
    select coalesce(sum(octet_length(predicate)), 0) as bytes
    from plinth.policy_rows where org_id = $1 and class = '*'
) as of_all
order by bytes desc, class
limit 1
