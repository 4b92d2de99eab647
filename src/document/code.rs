//! The code of a paper: 130 random bits in 26 letters and digits that are not mistaken for each other, even read aloud.

/// Crockford's alphabet: no I, L, O nor U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
pub const LENGTH: usize = 26;
/// Random bytes that a code is made of.
pub const BYTES: usize = 17;

/// A code from randomness.
pub fn from_random(random: [u8; BYTES]) -> String {
    let (mut bits, mut held, mut code) = (0_u32, 0, String::with_capacity(LENGTH));
    for byte in random {
        bits = (bits << 8 | u32::from(byte)) & 0xffff;
        held += 8;
        while held >= 5 && code.len() < LENGTH {
            held -= 5;
            code.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
    }
    code
}

/// In groups, as it is printed: `7K2M9-XHTP4-QR8WZ-A3BCD-5EFG6H`.
pub fn printed(code: &str) -> String {
    let mut groups = String::with_capacity(code.len() + 4);
    for (place, character) in code.chars().enumerate() {
        if place > 0 && place % 5 == 0 && place < LENGTH - 1 {
            groups.push('-');
        }
        groups.push(character);
    }
    groups
}

/// As it is kept, whatever way it was typed: in lower case, with spaces, with an O for a zero.
pub fn typed(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1);
    kept.map(|character| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = from_random([0x5A; BYTES]);
        assert_eq!(code.len(), LENGTH);
        let groups = printed(&code);
        assert_eq!(groups.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5, 6]);
        assert_eq!(typed(&groups), code);
        assert_eq!(typed(&groups.to_lowercase().replace('-', " ")), code);
        assert_eq!(typed("0ol1i"), "00111");
    }

    #[test]
    fn every_random_bit_counts() {
        let zero = from_random([0; BYTES]);
        assert_eq!(zero, "0".repeat(LENGTH));
        for bit in 0..130 {
            let mut random = [0; BYTES];
            random[bit / 8] = 0x80 >> (bit % 8);
            assert_ne!(from_random(random), zero, "bit {bit}");
        }
    }
}
