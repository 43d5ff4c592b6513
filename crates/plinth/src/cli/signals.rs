//! `signals`: what was unusual, about whom, and the risk that it comes to.

use clap::Args;
use plinth_client::signal::{Detail, Risk, Signal, SignalPage};

use super::{
    human,
    output::{columns, show},
    policy::find_principal,
    session::Session,
};

#[derive(Debug, Args)]
pub struct SignalsArgs {
    /// Of this member (e-mail address or id) or service account (name or id), with the risk as it is now
    principal: Option<String>,
    /// How many, newest first: 1 to 500
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

pub async fn run(session: &Session, args: SignalsArgs) -> anyhow::Result<()> {
    let org = session.org().await?;
    let principal = match &args.principal {
        Some(wanted) => Some(find_principal(&org, wanted).await?),
        None => None,
    };
    let page = org.signals().list(principal.as_deref(), args.limit, None).await?;
    show(session.format, &page, told)
}

fn told(page: &SignalPage) -> String {
    let rows = page.items.iter().map(|signal| {
        let Signal { kind, weight, .. } = signal;
        vec![
            human::time(signal.at),
            signal.principal.to_string(),
            kind.replace('_', " "),
            weight.to_string(),
            human::time(signal.counts_until),
            about(&signal.detail),
        ]
    });
    let table = columns(["AT", "WHO", "WHAT", "WEIGHT", "COUNTS UNTIL", "ABOUT"], rows);
    match &page.risk {
        Some(risk) => format!("{}\n\n{table}", score(risk)),
        None => table,
    }
}

/// `risk 70 of 100: new country 40, new device 30`.
fn score(risk: &Risk) -> String {
    let parts = risk.parts.iter();
    let parts: Vec<String> = parts
        .map(|part| format!("{} {}", part.kind.replace('_', " "), part.points))
        .collect();
    let parts = if parts.is_empty() {
        "nothing unusual".to_owned()
    } else {
        parts.join(", ")
    };
    format!("risk {} of 100: {parts}", risk.score)
}

fn about(detail: &Detail) -> String {
    let Detail {
        address,
        network,
        country,
        device,
    } = detail;
    let known = [network.as_ref().or(address.as_ref()), country.as_ref(), device.as_ref()];
    let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_risk_is_told_with_its_parts_and_the_history_below() {
        let until = "2026-11-28T12:00:00Z";
        let page = json!({"items": [{
            "id": "sig_1", "principal": {"type": "user", "id": "user_1", "name": "Dora"}, "kind": "new_country",
            "detail": {"address": "203.0.113.7", "country": "DE"}, "weight": 40, "at": "2026-11-27T12:00:00Z",
            "counts_until": until,
        }], "next": null, "risk": {"score": 40, "parts": [{"kind": "new_country", "points": 40, "counts_until": until}]}});
        let shown = told(&serde_json::from_value(page).unwrap());
        assert!(shown.starts_with("risk 40 of 100: new country 40\n\n"), "{shown}");
        assert!(shown.ends_with("203.0.113.7, DE"), "{shown}");
        let none = json!({"items": [], "risk": {"score": 0, "parts": []}});
        let shown = told(&serde_json::from_value(none).unwrap());
        assert!(shown.starts_with("risk 0 of 100: nothing unusual"), "{shown}");
    }
}
