//! Numbers in the register of companies, as registers and people write them.

/// A company number in the form of the register: eight characters, digits padded with zeros.
///
/// `:2890577` and `2890577` give `02890577`; `sc 68670` gives `SC068670`. Companies House numbers
/// are eight digits, or two letters with six digits, or `IP` and `SP` with five digits and `R`. What
/// has another form is kept as it stands, without the spaces; what holds no digit is no number.
pub(crate) fn tidy(text: &str) -> Option<String> {
    let text = text.to_ascii_uppercase();
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    if !text.chars().any(|c| c.is_ascii_digit()) || text.bytes().all(|b| b == b'0') {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let digits = text.trim_start_matches('0');
        return Some(if digits.len() <= 8 { format!("{digits:0>8}") } else { text });
    }
    // Society numbers are printed with and without their prefix.
    if let Some(digits) = text.strip_suffix('R')
        && digits.len() <= 5
        && digits.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(format!("IP{digits:0>5}R"));
    }
    let Some((letters, rest)) = text.split_at_checked(2) else { return Some(text) };
    if !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Some(text);
    }
    if let Some(digits) = rest.strip_suffix('R')
        && digits.len() <= 5
        && digits.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(format!("{letters}{digits:0>5}R"));
    }
    // The letter O typed for a zero: SCO68670.
    let digits = rest.replace('O', "0");
    if digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("{letters}{digits:0>6}"));
    }
    Some(eight_digits_within(&text).unwrap_or(text))
}

/// "LTD COMPANY REGISTRATION 12345678": the one run of exactly eight digits.
fn eight_digits_within(text: &str) -> Option<String> {
    let mut runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    let run = runs.next().filter(|run| run.len() == 8)?;
    runs.next().is_none().then(|| run.to_owned())
}

#[cfg(test)]
mod tests {
    use super::tidy;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_padded_to_eight_characters() {
        // Forms of the Electoral Commission's exports, with invented digits.
        for (text, number) in [
            (":00000123", "00000123"),
            (":123", "00000123"),
            ("0000123", "00000123"),
            (": SC1234 ", "SC001234"),
            ("sc 001234", "SC001234"),
            (":SCO01234", "SC001234"),
            ("NI000123", "NI000123"),
            ("OC 123", "OC000123"),
            (":IP00123R", "IP00123R"),
            (":123R", "IP00123R"),
            (":00000123,\"\n", "00000123"),
            ("RC000123", "RC000123"),
            ("123456789", "123456789"),
            ("000001234", "00001234"),
            ("ABN 00 000 000 123", "ABN00000000123"),
            ("Ltd, company registration 00001234", "00001234"),
        ] {
            assert_eq!(tidy(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn what_holds_no_number_is_none() {
        for text in ["", ":", "n/a", "outside the UK", "0", "00000000"] {
            assert_eq!(tidy(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing_and_never_panics(text in "\\PC{0,20}") {
            if let Some(once) = tidy(&text) {
                prop_assert_eq!(tidy(&once), Some(once.clone()));
            }
        }
    }
}
