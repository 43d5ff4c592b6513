//! How often one network address may try, and one mailbox be written to. Counted by each server for itself.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use plinth_model::Signals;

use crate::error::{Code, ControlError, Result};

/// While developing, everybody comes from one address.
const DEVELOPMENT_FACTOR: u32 = 1000;

#[derive(Debug)]
pub(super) struct Limits {
    log_in: Limit,
    sign_up: Limit,
    reset: Limit,
    mail: Limit,
}

#[derive(Debug)]
struct Limit {
    limiter: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Limits {
    pub(super) fn new(development: bool) -> Self {
        let factor = if development { DEVELOPMENT_FACTOR } else { 1 };
        Self {
            log_in: Limit::new(30 * factor, Duration::from_secs(3 * 30)),
            sign_up: Limit::new(20 * factor, Duration::from_secs(30 * 20)),
            reset: Limit::new(10 * factor, Duration::from_secs(30 * 10)),
            mail: Limit::new(5 * factor, Duration::from_secs(600 * 5)),
        }
    }

    pub(super) fn log_in(&self, signals: &Signals) -> Result<()> {
        self.log_in.check(network(&signals.address))
    }

    pub(super) fn sign_up(&self, signals: &Signals) -> Result<()> {
        self.sign_up.check(network(&signals.address))
    }

    pub(super) fn reset(&self, signals: &Signals) -> Result<()> {
        self.reset.check(network(&signals.address))
    }

    /// Whoever asks: a mailbox is not flooded in our name.
    pub(super) fn mail(&self, recipient: &str) -> Result<()> {
        self.mail.check(recipient.to_owned())
    }

    /// Frees the memory of those who have been quiet.
    pub(super) fn forget_idle(&self) {
        for limit in [&self.log_in, &self.sign_up, &self.reset, &self.mail] {
            limit.limiter.retain_recent();
        }
    }
}

impl Limit {
    /// `burst` at once, and as many again in each `period`.
    fn new(burst: u32, period: Duration) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(period / burst.get()).map(|quota| quota.allow_burst(burst));
        let quota = quota.unwrap_or_else(|| Quota::per_second(burst));
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }

    fn check(&self, key: String) -> Result<()> {
        let Err(refused) = self.limiter.check_key(&key) else {
            return Ok(());
        };
        let secs = refused.wait_time_from(self.clock.now()).as_secs() + 1;
        let detail = format!("too many attempts: try again in {secs} s");
        Err(ControlError::new(Code::RateLimited, detail).retry_after(secs))
    }
}

/// Who holds one address of IPv6 holds the /64 around it.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_in_the_same_ipv6_network_shares_its_limit() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn one_network_cannot_use_up_what_another_may() {
        let limits = Limits::new(false);
        let from = |address: &str| Signals {
            address: address.to_owned(),
            ..Signals::default()
        };
        let refused = (0..100).find_map(|_| limits.reset(&from("192.0.2.1")).err()).unwrap();
        assert_eq!(refused.code, Code::RateLimited);
        assert!(
            refused.retry_after_secs.is_some_and(|secs| (1..=31).contains(&secs)),
            "{refused:?}"
        );
        assert!(limits.reset(&from("192.0.2.2")).is_ok());
    }
}
