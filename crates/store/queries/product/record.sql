insert into plinth.products (revision, document, applied_by)
select coalesce(max(revision), 0) + 1, $1, $2 from plinth.products
returning revision, document
