-- By what the rows of plinth.policy_rows were compiled. Policies are compiled anew when that is not what a server compiles
-- by: it has another vocabulary, or another compiler. A migration that changes what predicates are evaluated over deletes
-- this row.
create table plinth.policy_compiler (
    only_one boolean primary key default true check (only_one),
    fingerprint text not null
);
grant select, insert, update on plinth.policy_compiler to plinth_system;
