//! What may stand in a header: percent-encoding as the CloudEvents bindings define it, and hexadecimal
//! digits.

/// Encodes everything outside U+0021 to U+007E, and `"` and `%`, byte by byte.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len() + 8);
    let mut rest = bytes;
    loop {
        let plain = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
        let (run, others) = rest.split_at(plain);
        text.extend_from_slice(run);
        // Nothing but ASCII was written.
        let [other, after @ ..] = others else { return String::from_utf8(text).unwrap_or_default() };
        text.extend_from_slice(&encoded(*other));
        rest = after;
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && byte != b'"' && byte != b'%'
}

fn encoded(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

/// The bytes behind `text`; `None` when a `%` has no two hexadecimal digits after it.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut runs = text.as_bytes().split(|byte| *byte == b'%');
    bytes.extend_from_slice(runs.next()?);
    for run in runs {
        let [high, low, plain @ ..] = run else { return None };
        bytes.push(digit(*high)? << 4 | digit(*low)?);
        bytes.extend_from_slice(plain);
    }
    Some(bytes)
}

/// 64 lower-case digits.
pub(super) fn to_hex(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
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
