//! How many decimals an amount has. Source: ISO 4217, list one, column "minor unit"; funds, metals and testing codes
//! are left out, as no bill is written in them.

const WITHOUT_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";

const WITH_TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC \
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW \
KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR \
PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS \
VED VES WST XCD YER ZAR ZMW";

const WITH_THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Decimals of the currency's minor unit; `None` for a code that is not a currency.
pub(crate) fn decimals(code: &str) -> Option<u32> {
    let among = |list: &str| list.split_ascii_whitespace().any(|known| known == code);
    [(WITHOUT_DECIMALS, 0), (WITH_TWO, 2), (WITH_THREE, 3)]
        .into_iter()
        .find_map(|(list, decimals)| among(list).then_some(decimals))
}

#[cfg(test)]
mod tests {
    use super::decimals;

    #[test]
    fn minor_units_follow_iso_4217() {
        assert_eq!(decimals("USD"), Some(2));
        assert_eq!(decimals("JPY"), Some(0));
        assert_eq!(decimals("KWD"), Some(3));
        for code in ["usd", "", "US", "USD EUR", "XXX"] {
            assert_eq!(decimals(code), None, "{code}");
        }
    }
}
