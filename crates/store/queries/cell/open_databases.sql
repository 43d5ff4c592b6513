select d.datname::text as name
from pg_database d cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as granted
where d.datallowconn and granted.grantee = 0 and granted.privilege_type = 'CONNECT'
order by 1
