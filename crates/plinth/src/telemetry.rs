//! Logs, and traces when an OTLP endpoint is configured.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::cli::output::remark;
use crate::settings::{LogFormat, check};

/// A receiver that does not answer must not keep the server from ending.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// Flushes traces when it goes.
#[derive(Debug, Default)]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(EXPORT_TIMEOUT)
        {
            remark(&format!("warning: traces were not flushed: {error}"));
        }
    }
}

/// `PLINTH_LOG` filters as in `info,plinth_store=debug`.
pub fn start(format: LogFormat, otlp_endpoint: Option<&str>) -> anyhow::Result<Telemetry> {
    let filter = match std::env::var("PLINTH_LOG").ok().filter(|filter| !filter.is_empty()) {
        Some(filter) => EnvFilter::try_new(filter)
            .context("PLINTH_LOG is no filter: give a level, or levels as in `info,plinth_store=debug`")?,
        // The console's assets are announced one by one: nobody wants to read that at each start.
        None => EnvFilter::new("info,memory_serve=warn"),
    };
    // An error of the log itself would be printed with a macro that panics when nobody reads standard error any more.
    let logs = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colours())
        .log_internal_errors(false);
    let logs = match format {
        LogFormat::Pretty => logs.with_target(false).boxed(),
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(logs);
    let Some(endpoint) = otlp_endpoint else {
        registry.try_init()?;
        return Ok(Telemetry(None));
    };
    check::http("otlp_endpoint", endpoint)?;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_timeout(EXPORT_TIMEOUT)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .context("OTLP exporter")?;
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("plinth").build())
        .with_batch_exporter(exporter)
        .build();
    let tracer = provider.tracer("plinth");
    registry
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .try_init()?;
    Ok(Telemetry(Some(provider)))
}

/// On a terminal only, and not where `NO_COLOR` asks for none.
fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
