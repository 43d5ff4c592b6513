//! What an answer to a metric query should be, computed the slow way.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plinth_control::metric::{Point, PointDraft, Query, Series};

pub type Groups = BTreeMap<BTreeMap<String, String>, BTreeMap<i64, f64>>;

pub fn groups(series: Vec<Series>) -> Groups {
    let points = |points: Vec<Point>| {
        points
            .into_iter()
            .map(|point| (point.at.as_second(), point.value))
            .collect()
    };
    series
        .into_iter()
        .map(|series| (series.group, points(series.points)))
        .collect()
}

fn group_of(point: &PointDraft, group_by: &[String]) -> BTreeMap<String, String> {
    let value = |name: &String| match name.as_str() {
        "resource" => point.resource.clone(),
        label => point.labels.get(label).cloned(),
    };
    group_by
        .iter()
        .filter_map(|name| Some((name.clone(), value(name)?)))
        .collect()
}

fn is_asked_for(point: &PointDraft, query: &Query) -> bool {
    let resource = query.resource.is_none() || query.resource == point.resource;
    resource
        && query
            .labels
            .iter()
            .all(|(name, text)| point.labels.get(name) == Some(text))
}

fn time(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("a time").as_second()
}

/// What the answer should be, the slow way.
pub fn expected(points: &[PointDraft], query: &Query) -> Groups {
    if query.aggregate == "rate" {
        return expected_rate(points, query);
    }
    let (from, to) = (time(&query.from), time(&query.to));
    let mut buckets = BTreeMap::<_, BTreeMap<i64, Vec<(i64, f64)>>>::new();
    for point in points.iter().filter(|point| is_asked_for(point, query)) {
        let at = time(&point.at);
        if (from..to).contains(&at) {
            let group = buckets.entry(group_of(point, &query.group_by)).or_default();
            group
                .entry(at - at.rem_euclid(query.bucket_secs))
                .or_default()
                .push((at, point.value));
        }
    }
    let reduced = |bucket: BTreeMap<i64, Vec<(i64, f64)>>| {
        bucket
            .into_iter()
            .map(|(at, points)| (at, reduce(&query.aggregate, points)))
            .collect()
    };
    buckets
        .into_iter()
        .map(|(group, bucket)| (group, reduced(bucket)))
        .collect()
}

fn reduce(aggregate: &str, mut points: Vec<(i64, f64)>) -> f64 {
    let count = points.len() as f64;
    let sum: f64 = points.iter().map(|(_, value)| value).sum();
    match aggregate {
        "sum" => sum,
        "avg" => sum / count,
        "min" => points.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min),
        "max" => points.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max),
        "last" => {
            points.sort_by(|a, b| a.partial_cmp(b).expect("no NaN"));
            points.last().expect("a point").1
        }
        "p95" => {
            let mut values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
            values.sort_by(f64::total_cmp);
            let place = 0.95 * (count - 1.0);
            let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
            below + (above - below) * place.fract()
        }
        other => panic!("no such aggregate: {other}"),
    }
}

fn expected_rate(points: &[PointDraft], query: &Query) -> Groups {
    let (from, to) = (time(&query.from), time(&query.to));
    let mut series = BTreeMap::<_, BTreeMap<i64, f64>>::new();
    for point in points.iter().filter(|point| is_asked_for(point, query)) {
        let key = (
            group_of(point, &query.group_by),
            point.resource.clone(),
            point.labels.clone(),
        );
        series.entry(key).or_default().insert(time(&point.at), point.value);
    }
    let mut groups = Groups::new();
    for ((group, _, _), points) in series {
        let steps = points.iter().zip(points.iter().skip(1));
        for ((_, before), (at, after)) in steps.filter(|(_, (at, _))| (from..to).contains(*at)) {
            let bucket = groups
                .entry(group.clone())
                .or_default()
                .entry(at - at.rem_euclid(query.bucket_secs))
                .or_default();
            *bucket += (after - before).max(0.0) / query.bucket_secs as f64;
        }
    }
    groups
}

pub fn assert_alike(found: &Groups, expected: &Groups, query: &Query) {
    let shape = |groups: &Groups| -> Vec<_> {
        groups
            .iter()
            .map(|(group, points)| (group.clone(), points.keys().copied().collect::<Vec<_>>()))
            .collect()
    };
    assert_eq!(shape(found), shape(expected), "{query:?}");
    for (group, points) in expected {
        for (at, value) in points {
            let answer = found[group][at];
            let tolerance = 1e-9 * value.abs().max(1.0);
            assert!(
                (answer - value).abs() <= tolerance,
                "{query:?} {group:?} {at}: {answer}, not {value}"
            );
        }
    }
}
