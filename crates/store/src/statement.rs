//! The statements that are filled in from closed sets, in all their forms: so that a test can prepare each of them.

use crate::metric::{self, Aggregate};
use crate::resource::{Direction, Search, SortColumn};
use crate::{event, resource, usage};

/// Path below `queries/`, and one of the texts that it becomes.
pub fn filled_in() -> Vec<(&'static str, String)> {
    let mut statements = Vec::new();
    for direction in [Direction::Ascending, Direction::Descending] {
        statements.push(("event/list", event::list_statement(direction)));
        for sort in [SortColumn::Name, SortColumn::CreatedAt, SortColumn::UpdatedAt] {
            for (name, search) in [
                ("resource/list", Search::AllRows),
                ("resource/look_up", Search::Labelled),
            ] {
                statements.push((name, resource::list_statement(sort, direction, search)));
            }
        }
    }
    let plain = [
        Aggregate::Sum,
        Aggregate::Avg,
        Aggregate::Min,
        Aggregate::Max,
        Aggregate::P95,
    ];
    statements.extend(plain.map(|aggregate| ("metric/query", metric::query_statement(aggregate))));
    statements.push(("metric/query_last", metric::query_statement(Aggregate::Last)));
    statements.push(("metric/query_rate", metric::query_statement(Aggregate::Rate)));
    statements.push(("usage/list", usage::list_statement()));
    statements.push(("usage/place", usage::place_statement()));
    statements
}
