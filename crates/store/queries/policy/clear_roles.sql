delete from plinth.role_rows where revision <= $1 returning number
