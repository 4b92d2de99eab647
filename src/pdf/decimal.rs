//! Numbers as PDF writes them.

use std::fmt::{Display, Formatter, Result, Write};

/// At most three decimals, without the zeros that end them: `12.5`.
#[derive(Clone, Copy)]
pub struct Decimal(pub f32);

impl Display for Decimal {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let thousandths = (f64::from(self.0) * 1000.0).round() as i64;
        if thousandths < 0 {
            out.write_char('-')?;
        }
        let (whole, mut part) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
        whole.fmt(out)?;
        let mut digit = 100;
        while part > 0 {
            if digit == 100 {
                out.write_char('.')?;
            }
            out.write_char(char::from(b'0' + (part / digit) as u8))?;
            part %= digit;
            digit /= 10;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals_are_short() {
        let written = [1.0, -0.5, 12.25, 0.1234, -0.0001, 100.006].map(|value| Decimal(value).to_string());
        assert_eq!(written, ["1", "-0.5", "12.25", "0.123", "0", "100.006"]);
    }
}
