//! The small text forms that several formats share: base64 (RFC 4648 section 4) and decimals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// In base64 with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// From base64; only the one form that [`encode`] gives is taken.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// From base64 of exactly so many bytes.
pub(crate) fn decode_exactly<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Refuse long text before decoding it.
    if text.len() > N.div_ceil(3) * 4 {
        return None;
    }
    decode(text)?.try_into().ok()
}

/// A decimal without sign and without leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    if digits && !leading { text.parse().ok() } else { None }
}

/// Takes the text up to the next newline off the front; `None` when there is no newline.
pub(crate) fn take_line<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (line, after) = rest.split_once('\n')?;
    *rest = after;
    Some(line)
}

/// Whether a text may stand on a line of a note: not empty, no control character.
pub(crate) fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c < ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_one_form() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "18446744073709551616", "١"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn base64_has_one_form() {
        // RFC 4648 section 10.
        assert_eq!(decode("Zm9vYmE=").as_deref(), Some(b"fooba".as_slice()));
        // Without padding, with bits set that say nothing, of the other alphabet, with white space.
        for bad in ["Zm9vYmE", "Zm9vYmF=", "Zm9v-_==", "Zm9v\nYmE="] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
