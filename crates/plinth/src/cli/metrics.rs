//! `metrics`: one metric over time, as a table with its curve.

use std::{collections::BTreeMap, time::Duration};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use plinth_client::metric::{MetricAnswer, MetricQuery, Series};

use super::{
    failure::Failure,
    human,
    output::{columns, show},
    session::Session,
    wait::parse_duration,
};

#[derive(Debug, Args)]
pub struct MetricsArgs {
    /// Name of the metric, such as `rows_copied`
    name: String,
    /// How the points of a bucket become one; `sum` adds up all readings, of a running total too
    #[arg(long, value_enum, default_value_t)]
    aggregate: Aggregate,
    /// How far back to look
    #[arg(long, default_value = "1h", value_parser = parse_duration)]
    since: Duration,
    /// Length of a bucket
    #[arg(long, default_value = "1m", value_parser = parse_duration)]
    bucket: Duration,
    /// One series for each value of a label, or for each `resource`
    #[arg(long = "by", value_name = "LABEL")]
    group_by: Vec<String>,
    /// Only this resource: `pipelines/orders`, or an id
    #[arg(long, value_name = "TYPE/NAME")]
    resource: Option<String>,
    /// Only points with this label
    #[arg(long, value_name = "NAME=VALUE")]
    label: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    P95,
    Rate,
    /// Right for a running total as well as for a gauge.
    #[default]
    Last,
}

pub async fn run(session: &Session, args: MetricsArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let now = Timestamp::now();
    let resource = match args.resource.as_deref() {
        Some(named) => match named.split_once('/') {
            Some((kind, name)) => {
                let kind = session.resource_type(kind).await?;
                Some(org.resources(&kind.plural).get(name).await?.id)
            }
            None => Some(named.to_owned()),
        },
        None => None,
    };
    let aggregate = args.aggregate.to_possible_value();
    let query = MetricQuery {
        name: args.name,
        aggregate: aggregate.map_or_else(String::new, |value| value.get_name().to_owned()),
        from: now - args.since,
        to: now,
        bucket_secs: args.bucket.as_secs().max(1),
        group_by: args.group_by,
        resource,
        labels: labels(&args.label)?,
    };
    let answer = org.metrics().query(&query).await?;
    show(session.format, &answer, table)
}

fn labels(given: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    for label in given {
        let Some((name, value)) = label.split_once('=') else {
            return Err(Failure::usage(format!("`{label}` is not `NAME=VALUE`")).into());
        };
        if labels.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("the label `{name}` is given twice")).into());
        }
    }
    Ok(labels)
}

fn table(answer: &MetricAnswer) -> String {
    if answer.series.iter().all(|series| series.points.is_empty()) {
        return "No points in this time.".to_owned();
    }
    let rows = answer.series.iter().map(|series| {
        let values = values(series);
        let extreme = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).map_or("-".to_owned(), number);
        vec![
            group(series),
            extreme(f64::min),
            extreme(f64::max),
            values.last().copied().map_or("-".to_owned(), number),
            curve(&values),
        ]
    });
    let ends = |pick: fn(&Series) -> Option<Timestamp>| answer.series.iter().filter_map(pick);
    let from = ends(|series| Some(series.points.first()?.at)).min();
    let to = ends(|series| Some(series.points.last()?.at)).max();
    let span = match (from, to) {
        (Some(from), Some(to)) => format!("\n\n{} to {}", human::time(from), human::time(to)),
        _ => String::new(),
    };
    columns(["SERIES", "MIN", "MAX", "LAST", "CURVE"], rows) + &span
}

fn values(series: &Series) -> Vec<f64> {
    series.points.iter().filter_map(|point| point.value).collect()
}

fn group(series: &Series) -> String {
    if series.group.is_empty() {
        return "all".to_owned();
    }
    let label = |(name, value): (&String, &Option<String>)| format!("{name}={}", value.as_deref().unwrap_or("-"));
    series.group.iter().map(label).collect::<Vec<_>>().join(" ")
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && (0.0..9e15).contains(&value) {
        return human::count(value as u64);
    }
    format!("{value:.2}")
}

/// At most 60 of the newest values as blocks between the smallest and the largest.
fn curve(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let values = &values[values.len().saturating_sub(60)..];
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = high - low;
    values
        .iter()
        .map(|value| match span > 0.0 {
            true => BLOCKS[(((value - low) / span) * 7.0).round() as usize % 8],
            false => BLOCKS[0],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_running_total_is_not_summed_unless_somebody_asks_for_it() {
        assert!(matches!(Aggregate::default(), Aggregate::Last));
    }

    #[test]
    fn series_show_their_ends_and_their_curve() {
        let point = |minute: u32, value: f64| json!({"at": format!("2026-11-22T12:{minute:02}:00Z"), "value": value});
        let answer = json!({"series": [
            {"group": {"table": "orders"}, "points": [point(0, 0.0), point(1, 50.0), point(2, 1000.0)]},
            {"group": {"table": "users"}, "points": [point(1, 2.5)]},
        ]});
        let answer: MetricAnswer = serde_json::from_value(answer).expect("an answer");
        insta::assert_snapshot!(table(&answer), @r"
        SERIES        MIN   MAX    LAST   CURVE
        table=orders  0     1,000  1,000  ▁▁█
        table=users   2.50  2.50   2.50   ▁

        2026-11-22 12:00:00Z to 2026-11-22 12:02:00Z
        ");
    }
}
