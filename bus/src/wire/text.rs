//! What may stand in a header: percent-encoding as the CloudEvents bindings define it, and hexadecimal
//! digits.

use std::fmt::Write;

/// Encodes everything outside U+0021 to U+007E, and `"` and `%`, byte by byte.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match byte {
            b'"' | b'%' => push_encoded(&mut text, *byte),
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => push_encoded(&mut text, *byte),
        }
    }
    text
}

fn push_encoded(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// The bytes behind `text`; `None` when a `%` has no two hexadecimal digits after it.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            plain => plain,
        });
    }
    Some(bytes)
}

/// 64 lower-case digits.
pub(super) fn to_hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// The bytes behind 64 digits.
pub(super) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok().filter(|_| digits.len() == 64)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_a_header_and_none_breaks_it() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = encode(&all);
        assert!(encoded.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'"'));
        assert_eq!(decode(&encoded), Some(all));
    }

    #[test]
    fn text_is_encoded_as_cloudevents_prescribes() {
        assert_eq!(encode("Euro € \"100%\"".as_bytes()), "Euro%20%E2%82%AC%20%22100%25%22");
    }

    #[test]
    fn broken_encodings_are_refused() {
        for text in ["%", "%4", "%4g", "a%zz", "%%41"] {
            assert_eq!(decode(text), None, "{text:?} was taken");
        }
        for digits in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
            assert_eq!(from_hex(digits), None, "{digits:?} was taken");
        }
    }
}
