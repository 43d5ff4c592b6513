//! Lists of resources: filter, search, sort, page.

use plinth_model::Resource;
use plinth_store::resource::{self as stored, Deleted, Direction, Page as Wanted, Position, SortColumn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::rules_for;
use crate::Control;
use crate::caller::Caller;
use crate::error::{Code, ControlError, Result};
use crate::page::{self, Page, PageRequest, invalid_cursor};

/// What to list, as a caller writes it.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub page: PageRequest,
    /// `name`, `created_at` or `updated_at`, with `-` before it for the newest first; `-created_at` when unset.
    pub sort: Option<String>,
    /// A part of the name.
    pub search: Option<String>,
    /// `<path><=|!=><value>`: `properties.team=data`, `status.state!=failed`. All must hold.
    pub filters: Vec<String>,
    pub deleted: bool,
}

/// Where a page ended, in which list and in which order: a cursor is of no use in another one.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// [`identity`]
    list: String,
    sort: String,
    value: String,
    id: Uuid,
}

/// # Errors
/// `forbidden`, `invalid_request`, `invalid_cursor`.
pub async fn list(control: &Control, caller: &Caller, plural: &str, query: &Query) -> Result<Page<Resource>> {
    let catalog = control.catalog();
    let rules = rules_for(&catalog, caller, plural, "view")?;
    let sort = query.sort.as_deref().unwrap_or("-created_at");
    let (column, direction) = parse_sort(sort)?;
    let matches = predicate(&query.filters)?;
    let cursor = query.page.position::<Cursor>()?;
    let list = identity(caller, &rules.declaration.name, query);
    if cursor.as_ref().is_some_and(|cursor| cursor.list != list) {
        return Err(invalid_cursor());
    }
    let wanted = Wanted {
        type_name: &rules.declaration.name,
        include_deleted: if query.deleted { Deleted::With } else { Deleted::Without },
        name_contains: query.search.as_deref().filter(|text| !text.is_empty()),
        matches: matches.as_deref(),
        sort: column,
        direction,
        after: cursor.map(|cursor| position(cursor, sort, column)).transpose()?,
        limit: query.page.fetch()?,
        search: caller.search(plural),
    };
    let rows = stored::list(control.store(), &caller.scope, &wanted).await?;
    let items: Vec<Resource> = rows.into_iter().map(|row| row.resource).collect();
    query.page.page(items, |last| Cursor {
        list,
        sort: sort.to_owned(),
        value: column.value(last),
        id: last.id.0,
    })
}

/// Tells lists apart: two that show different resources differ in it.
fn identity(caller: &Caller, type_name: &str, query: &Query) -> String {
    let search = query.search.as_deref().unwrap_or_default();
    let mut filters: Vec<&str> = query.filters.iter().map(String::as_str).collect();
    filters.sort_unstable();
    let shown = json!([caller.scope.org, type_name, search, filters, query.deleted]);
    page::identity(&shown)
}

/// The orders that there are.
pub const SORTS: [&str; 6] = [
    "name",
    "-name",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
];

fn parse_sort(sort: &str) -> Result<(SortColumn, Direction)> {
    let (name, direction) = match sort.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (sort, Direction::Ascending),
    };
    let column = match name {
        "name" => SortColumn::Name,
        "created_at" => SortColumn::CreatedAt,
        "updated_at" => SortColumn::UpdatedAt,
        _ => {
            let detail = format!(
                "`sort={sort}` is not an order: use name, created_at or updated_at, with `-` before it to reverse"
            );
            return Err(ControlError::new(Code::InvalidRequest, detail));
        }
    };
    Ok((column, direction))
}

fn position(cursor: Cursor, sort: &str, column: SortColumn) -> Result<Position> {
    let fits = column == SortColumn::Name || stored::is_timestamp(&cursor.value);
    if cursor.sort != sort || !fits || cursor.value.contains('\0') {
        let detail = "the cursor is from this list in another order: begin again without one";
        return Err(ControlError::new(Code::InvalidCursor, detail));
    }
    Ok(Position {
        value: cursor.value,
        id: cursor.id,
    })
}

/// A SQL/JSON path predicate that holds when all filters do.
fn predicate(filters: &[String]) -> Result<Option<String>> {
    if filters.len() > 10 {
        return Err(ControlError::new(
            Code::InvalidRequest,
            "at most 10 filters are allowed",
        ));
    }
    let parts = filters
        .iter()
        .map(|filter| condition(filter))
        .collect::<Result<Vec<_>>>()?;
    Ok((!parts.is_empty()).then(|| parts.join(" && ")))
}

fn condition(filter: &str) -> Result<String> {
    let malformed = || {
        let shown: String = filter.chars().take(80).collect();
        let detail = format!(
            "`filter={shown}` is not a filter: use `<path>=<value>` or `<path>!=<value>` with a path in properties, spec or status"
        );
        ControlError::new(Code::InvalidRequest, detail)
    };
    let (path, value) = filter.split_once('=').ok_or_else(malformed)?;
    let (path, negated) = path.strip_suffix('!').map_or((path, false), |path| (path, true));
    let steps: Vec<&str> = path.split('.').collect();
    let root = steps
        .first()
        .is_some_and(|root| ["properties", "spec", "status"].contains(root));
    if !root || steps.len() < 2 || steps.len() > 8 || steps.iter().any(|step| step.is_empty()) || filter.contains('\0')
    {
        return Err(malformed());
    }
    let steps: String = steps.iter().map(|step| format!(".{}", quoted(step))).collect();
    let text = quoted(value);
    // `5` may be meant as a number or as a text.
    let literal = serde_json::from_str::<serde_json::Value>(value).ok();
    let literal = literal.filter(|value| value.is_number() || value.is_boolean() || value.is_null());
    let equal = match literal {
        Some(literal) => format!("(@ == {text} || @ == {literal})"),
        None => format!("@ == {text}"),
    };
    let exists = format!("exists(${steps} ? ({equal}))");
    Ok(if negated { format!("!({exists})") } else { exists })
}

/// Strings of SQL/JSON paths follow JSON's rules.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_become_path_predicates_and_cannot_break_out() {
        assert_eq!(
            condition("properties.team=data").unwrap(),
            r#"exists($."properties"."team" ? (@ == "data"))"#
        );
        assert_eq!(
            condition("spec.port!=5").unwrap(),
            r#"!(exists($."spec"."port" ? ((@ == "5" || @ == 5))))"#
        );
        assert_eq!(
            condition(r#"spec.a=x") || true"#).unwrap(),
            r#"exists($."spec"."a" ? (@ == "x\") || true"))"#
        );
        for bad in [
            "",
            "team=data",
            "properties=1",
            "properties.=1",
            "secrets.a=1",
            "properties.team",
        ] {
            assert!(condition(bad).is_err(), "{bad}");
        }
    }
}
