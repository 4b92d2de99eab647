//! States and totals of a quote: pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::line::Nature;
use crate::{
    platform::{
        calendar::date,
        error::{Error, Result},
        money::{Cents, Rate},
    },
    words,
};

words! {
    /// Where a quote is in its life.
    pub enum QuoteState {
        /// Being written.
        Draft = "draft",
        /// Sent, and still valid.
        Sent = "sent",
        /// Accepted by the client.
        Accepted = "accepted",
        /// Declined by the client.
        Declined = "declined",
        /// Sent, and no longer valid.
        Expired = "expired",
        /// A new edition took its place.
        Replaced = "replaced",
    }
}

/// What is done to a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Change the draft, or delete it.
    Edit,
    /// Send it.
    Send,
    /// The client accepts.
    Accept,
    /// The client declines.
    Decline,
    /// Make a new edition.
    Revise,
}

impl Move {
    const ALL: [Self; 5] = [Self::Edit, Self::Send, Self::Accept, Self::Decline, Self::Revise];

    fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Send => "send",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Revise => "revise",
        }
    }
}

impl QuoteState {
    fn next(self, step: Move) -> Option<Self> {
        use Move::{Accept, Decline, Edit, Revise, Send};
        use QuoteState::{Accepted, Declined, Draft, Expired, Replaced, Sent};
        match (self, step) {
            (Draft, Edit) => Some(Draft),
            (Draft, Send) => Some(Sent),
            // The day of the signature counts, not the day on which it is recorded: `accept_by` checks it.
            (Sent | Expired, Accept) => Some(Accepted),
            (Sent | Expired, Decline) => Some(Declined),
            (Sent | Declined | Expired, Revise) => Some(Replaced),
            (Draft, Accept | Decline | Revise)
            | (Sent | Expired, Edit | Send)
            | (Declined, Edit | Send | Accept | Decline)
            | (Accepted | Replaced, Edit | Send | Accept | Decline | Revise) => None,
        }
    }

    /// The state after a move.
    pub(super) fn after(self, step: Move) -> Result<Self> {
        self.next(step).ok_or_else(|| {
            let possible: Vec<&str> =
                Move::ALL.into_iter().filter(|step| self.next(*step).is_some()).map(Move::name).collect();
            Error::no_move("quote.state", self.name(), step.name(), &possible)
        })
    }

    /// What a stored state is on a day: sent, then past its validity, is expired.
    pub(super) fn on(self, valid_until: Option<NaiveDate>, today: NaiveDate) -> Self {
        match self {
            Self::Sent if valid_until.is_some_and(|last| last < today) => Self::Expired,
            other => other,
        }
    }
}

/// Whether the client accepted in time.
pub(super) fn accept_by(
    issued_on: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    on: NaiveDate,
    today: NaiveDate,
) -> Result<()> {
    if on > today {
        return Err(Error::invalid(
            "/on",
            "quote.accepted_in_future",
            format!("L’acceptation ne peut être du {}, après aujourd’hui, {}.", date(on), date(today)),
            format!("The acceptance cannot be of {on}, after today, {today}."),
        ));
    }
    if let Some(issued) = issued_on
        && on < issued
    {
        return Err(Error::invalid(
            "/on",
            "quote.accepted_before_issue",
            format!("L’acceptation du {} précède le devis du {}.", date(on), date(issued)),
            format!("The acceptance of {on} is before the quote of {issued}."),
        ));
    }
    if let Some(last) = valid_until
        && on > last
    {
        return Err(Error::refused(
            "quote.expired",
            format!("Ce devis était valable jusqu’au {}\u{a0}: faites-en une nouvelle édition.", date(last)),
            format!("This quote was valid until {last}: make a new edition."),
        ));
    }
    Ok(())
}

/// One line as its amount is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub nature: Nature,
    pub net: Cents,
    pub vat: Rate,
}

/// Quantity (hundredths) times unit price, to the nearest cent.
pub(super) fn net(quantity_hundredths: i64, unit_price: Cents) -> Result<Cents> {
    let amount = (i128::from(quantity_hundredths) * i128::from(unit_price.0) + 50) / 100;
    i64::try_from(amount).map(Cents).map_err(|_| Error::internal("a line of a quote does not fit"))
}

/// What a nature adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct NatureTotal {
    /// The nature.
    pub nature: Nature,
    /// Before tax (HT), in cents of euro.
    pub net_cents: i64,
}

/// What a VAT rate adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct VatTotal {
    /// The rate, in hundredths of a percent.
    pub vat_basis_points: i32,
    /// Before tax (HT), in cents of euro.
    pub net_cents: i64,
    /// The tax (TVA), in cents of euro, rounded once for the rate.
    pub vat_cents: i64,
}

/// What a quote adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Totals {
    /// By nature.
    pub by_nature: Vec<NatureTotal>,
    /// By VAT rate.
    pub by_vat: Vec<VatTotal>,
    /// Before tax (HT), in cents of euro.
    pub net_cents: i64,
    /// The tax (TVA), in cents of euro.
    pub vat_cents: i64,
    /// With tax (TTC), in cents of euro.
    pub gross_cents: i64,
}

/// Add up.
pub(super) fn totals(amounts: &[Amount]) -> Result<Totals> {
    let too_much = || Error::internal("a quote does not fit");
    let mut natures: BTreeMap<Nature, Cents> = BTreeMap::new();
    let mut rates: BTreeMap<Rate, Cents> = BTreeMap::new();
    for amount in amounts {
        for sum in [natures.entry(amount.nature).or_default(), rates.entry(amount.vat).or_default()] {
            *sum = sum.checked_add(amount.net).ok_or_else(too_much)?;
        }
    }
    let mut by_vat = vec![];
    for (rate, net) in rates {
        let vat = net.part(rate).ok_or_else(too_much)?;
        by_vat.push(VatTotal { vat_basis_points: rate.0, net_cents: net.0, vat_cents: vat.0 });
    }
    let net_cents = by_vat.iter().map(|total| total.net_cents).sum();
    let vat_cents = by_vat.iter().map(|total| total.vat_cents).sum();
    let by_nature = natures.into_iter().map(|(nature, net)| NatureTotal { nature, net_cents: net.0 }).collect();
    Ok(Totals { by_nature, by_vat, net_cents, vat_cents, gross_cents: net_cents + vat_cents })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn mixed_vat_is_rounded_once_for_each_rate() {
        let advice = |cents| Amount { nature: Nature::Advice, net: Cents(cents), vat: Rate(2000) };
        let training = Amount { nature: Nature::Training, net: Cents(360_000), vat: Rate(0) };
        let sum = totals(&[training, advice(33), advice(34), advice(36)]).unwrap();
        assert_eq!((sum.net_cents, sum.vat_cents, sum.gross_cents), (360_103, 21, 360_124));
        assert_eq!(sum.by_nature[0], NatureTotal { nature: Nature::Training, net_cents: 360_000 });
        assert_eq!(sum.by_vat[0].vat_cents, 0);
    }

    #[test]
    fn a_quantity_counts_in_hundredths() {
        assert_eq!(net(150, Cents(120_000)).unwrap(), Cents(180_000));
        assert_eq!(net(33, Cents(101)).unwrap(), Cents(33));
    }

    #[test]
    fn a_refused_move_says_which_are_possible() {
        let Err(Error::Refused(refused)) = QuoteState::Sent.after(Move::Send) else { panic!("sent twice") };
        assert_eq!(refused.possible, ["accept", "decline", "revise"]);
        assert!(QuoteState::Accepted.after(Move::Revise).is_err());
        assert_eq!(QuoteState::Sent.on(Some(day("2026-03-01")), day("2026-03-02")), QuoteState::Expired);
    }

    #[test]
    fn a_quote_is_accepted_between_its_issue_and_its_end() {
        let (issued, last, today) = (Some(day("2026-03-02")), Some(day("2026-05-01")), day("2026-05-10"));
        assert!(accept_by(issued, last, day("2026-04-30"), today).is_ok());
        for wrong in ["2026-05-11", "2026-03-01", "2026-05-02"] {
            assert!(accept_by(issued, last, day(wrong), today).is_err(), "{wrong}");
        }
    }
}
