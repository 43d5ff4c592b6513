select coalesce(max(revision), 0) as revision from plinth.role_rows
