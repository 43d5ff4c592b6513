//! Sharing whole minor units in proportion, without losing one. Knows nothing of bills.

use crate::exact::Exact;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// Shares `total`, rounded half up to a whole number, in proportion to `weights` by the largest remainder method
/// (Hamilton's, as used for seats in a parliament): the shares add up to the rounded total, and each is its exact part
/// of the unrounded total rounded down or up. Ties go to the earlier weight, so that the order of `weights` has to be
/// one that does not depend on chance.
///
/// `None` when something is to be shared among weights that are all zero.
pub(crate) fn largest_remainder(total: &Exact, weights: &[Exact]) -> Option<Vec<BigInt>> {
    if total.is_zero() {
        return Some(vec![BigInt::ZERO; weights.len()]);
    }
    let sum = weights.iter().try_fold(Exact::zero(), |sum, weight| sum.add(weight))?;
    let mut left = total.round_half_up(0)?;
    let mut shares = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let exact = total.mul(weight)?.div(&sum)?;
        let floor = exact.floor();
        left = left.checked_sub(&floor)?;
        shares.push((index, exact.sub(&Exact::integer(floor.clone()))?, floor));
    }
    // A stable sort keeps ties in the order of the weights.
    shares.sort_by(|(_, one, _), (_, other, _)| other.cmp(one));
    let one = BigInt::from(1);
    for (_, _, share) in shares.iter_mut().take(left.to_usize()?) {
        *share = share.checked_add(&one)?;
    }
    shares.sort_by_key(|(index, _, _)| *index);
    Some(shares.into_iter().map(|(_, _, share)| share).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Shares of a total that is given in tenths.
    fn shared(tenths: u64, weights: &[u64]) -> Option<Vec<u64>> {
        let weights: Vec<_> = weights.iter().map(|weight| Exact::integer(*weight)).collect();
        let shares = largest_remainder(&Exact::integer(tenths).div(&Exact::integer(10))?, &weights)?;
        Some(shares.iter().map(|share| share.to_u64().unwrap()).collect())
    }

    #[test]
    fn what_is_left_goes_to_the_largest_remainders() {
        assert_eq!(shared(1000, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(shared(100, &[6, 1, 1]), Some(vec![8, 1, 1]));
        assert_eq!(shared(10, &[2, 3, 2]), Some(vec![0, 1, 0]));
        assert_eq!(shared(15, &[1]), Some(vec![2]));
        assert_eq!(shared(14, &[1]), Some(vec![1]));
    }

    #[test]
    fn nothing_can_be_shared_among_nobody() {
        assert_eq!(shared(0, &[0, 0]), Some(vec![0, 0]));
        assert_eq!(shared(0, &[]), Some(vec![]));
        assert_eq!(shared(50, &[0, 0]), None);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_within_one_of_the_exact_part(
            tenths in 0..10_000_000_u64,
            weights in prop::collection::vec(0..1_000_000_u64, 1..40),
        ) {
            let sum: u64 = weights.iter().sum();
            prop_assume!(sum > 0);
            let shares = shared(tenths, &weights).unwrap();
            prop_assert_eq!(shares.iter().sum::<u64>(), (tenths + 5) / 10);
            for (share, weight) in shares.iter().zip(&weights) {
                let exact = u128::from(tenths) * u128::from(*weight);
                let one = 10 * u128::from(sum);
                prop_assert!(u128::from(*share) * one < exact + one);
                prop_assert!((u128::from(*share) + 1) * one > exact);
            }
        }
    }
}
