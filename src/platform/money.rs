//! Money in cents, rates in basis points, time worked in minutes: whole numbers, checked sums.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::number::THIN;

/// An amount in euro cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

/// A rate in basis points: 2 000 is 20 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub i32);

/// A length of time in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub i32);

impl Cents {
    pub const ZERO: Self = Self(0);

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// The sum, or nothing if it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// This rate of the amount, rounded to the nearest cent, halves away from zero.
    pub fn part(self, rate: Rate) -> Option<Self> {
        rounded(i128::from(self.0) * i128::from(rate.0), 10_000)
    }

    /// The price of so many minutes when this is the price of an hour.
    pub fn for_minutes(self, length: Minutes) -> Option<Self> {
        rounded(i128::from(self.0) * i128::from(length.0), 60)
    }

    /// Reads « 1 250,00 € », « 1250,5 » or « 1250 »: a comma (or a dot) and at most two decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '€').collect();
        let (negative, text) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (euros, decimals) = text.split_once([',', '.']).unwrap_or((text, "00"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(euros) || !plain(decimals) || decimals.len() > 2 {
            return None;
        }
        let sign = if negative { -1 } else { 1 };
        let cents = format!("{euros}{decimals:0<2}").parse::<i128>().ok()?;
        i64::try_from(sign * cents).ok().map(Self)
    }
}

fn rounded(number: i128, over: i128) -> Option<Cents> {
    let half = if number < 0 { -over / 2 } else { over / 2 };
    i64::try_from((number + half) / over).ok().map(Cents)
}

impl Minutes {
    pub const ZERO: Self = Self(0);

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum, or nothing if it does not fit.
    pub fn sum(lengths: impl IntoIterator<Item = Self>) -> Option<Self> {
        lengths.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

/// Thousands in groups of three, thin spaces between.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 8);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Cents {
    /// « 1 250,00 € »; a minus sign in front of what is owed back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{},{:02}\u{a0}€", thousands(cents / 100), cents % 100)
    }
}

impl fmt::Display for Rate {
    /// « 20 % », « 5,5 % ».
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let points = self.0.unsigned_abs();
        let (whole, part) = (thousands(u64::from(points / 100)), points % 100);
        match (part, part % 10) {
            (0, _) => write!(f, "{sign}{whole}{THIN}%"),
            (_, 0) => write!(f, "{sign}{whole},{}{THIN}%", part / 10),
            _ => write!(f, "{sign}{whole},{part:02}{THIN}%"),
        }
    }
}

impl fmt::Display for Minutes {
    /// « 14 h », « 3 h 30 », « 45 min ».
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        let all = self.0.unsigned_abs();
        match (all / 60, all % 60) {
            (hours, 0) => write!(f, "{sign}{}\u{a0}h", thousands(hours.into())),
            (0, minutes) => write!(f, "{sign}{minutes}\u{a0}min"),
            (hours, minutes) => write!(f, "{sign}{}\u{a0}h\u{a0}{minutes:02}", thousands(hours.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_printed_the_french_way() {
        assert_eq!(Cents(125_000).to_string(), "1\u{202f}250,00\u{a0}€");
        assert_eq!(Cents(5).to_string(), "0,05\u{a0}€");
        assert_eq!(Cents(-123_456_789).to_string(), "−1\u{202f}234\u{202f}567,89\u{a0}€");
        assert_eq!(Cents(i64::MIN).to_string(), "−92\u{202f}233\u{202f}720\u{202f}368\u{202f}547\u{202f}758,08\u{a0}€");
    }

    #[test]
    fn rates_are_printed_without_idle_zeros() {
        assert_eq!(Rate(2_000).to_string(), "20\u{202f}%");
        assert_eq!(Rate(550).to_string(), "5,5\u{202f}%");
        assert_eq!(Rate(-205).to_string(), "−2,05\u{202f}%");
    }

    #[test]
    fn lengths_are_printed_in_hours_and_minutes() {
        assert_eq!(Minutes(840).to_string(), "14\u{a0}h");
        assert_eq!(Minutes(210).to_string(), "3\u{a0}h\u{a0}30");
        assert_eq!(Minutes(185).to_string(), "3\u{a0}h\u{a0}05");
        assert_eq!(Minutes(45).to_string(), "45\u{a0}min");
        assert_eq!(Minutes(0).to_string(), "0\u{a0}h");
    }

    #[test]
    fn parts_are_rounded_to_the_nearest_cent() {
        assert_eq!(Cents(1_005).part(Rate(2_000)), Some(Cents(201)));
        assert_eq!(Cents(1).part(Rate(5_000)), Some(Cents(1)));
        assert_eq!(Cents(-1).part(Rate(5_000)), Some(Cents(-1)));
        assert_eq!(Cents(5_000).for_minutes(Minutes(210)), Some(Cents(17_500)));
        assert_eq!(Cents(i64::MAX).part(Rate(20_000)), None);
    }

    #[test]
    fn sums_that_do_not_fit_are_nothing() {
        assert_eq!(Cents::sum([Cents(1), Cents(2), Cents(3)]), Some(Cents(6)));
        assert_eq!(Cents::sum([Cents(i64::MAX), Cents(1)]), None);
        assert_eq!(Minutes::sum([Minutes(i32::MAX), Minutes(1)]), None);
    }

    #[test]
    fn amounts_with_three_decimals_are_not_guessed() {
        assert_eq!(Cents::parse("1250"), Some(Cents(125_000)));
        assert_eq!(Cents::parse("12,5 €"), Some(Cents(1_250)));
        assert_eq!(Cents::parse("1,250"), None);
        assert_eq!(Cents::parse(""), None);
        assert_eq!(Cents::parse("douze"), None);
    }

    proptest! {
        #[test]
        fn a_printed_amount_reads_back(cents in any::<i64>()) {
            prop_assert_eq!(Cents::parse(&Cents(cents).to_string()), Some(Cents(cents)));
        }

        #[test]
        fn adding_then_subtracting_changes_nothing(a in any::<i64>(), b in any::<i64>()) {
            if let Some(sum) = Cents(a).checked_add(Cents(b)) {
                prop_assert_eq!(sum.checked_sub(Cents(b)), Some(Cents(a)));
            }
        }

        #[test]
        fn a_part_is_never_more_than_half_a_cent_away(cents in -1_000_000_000i64..1_000_000_000, rate in 0i32..10_000) {
            let part = Cents(cents).part(Rate(rate)).unwrap().0;
            let exact = i128::from(cents) * i128::from(rate);
            prop_assert!((i128::from(part) * 10_000 - exact).abs() <= 5_000);
        }
    }
}
