//! Cells that hold a list: "1) Saudi Arabia 2) Qatar", "(a) French (b) Tunisian", or a record of
//! their own with quotation marks and delimiters.

/// Parts a cell at its enumeration: `1)`, `(1)`, `a)`, `(a)`, in rising order from the first. What
/// stands before the first mark is a part too. A cell without enumeration is one part.
pub(crate) fn parts(cell: &str) -> Vec<&str> {
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    let mut next = 1_u32;
    let mut letters = None;
    let bytes = cell.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let starts_word = at == 0 || bytes.get(at - 1).is_none_or(|b| !b.is_ascii_alphanumeric());
        if starts_word
            && let Some((length, number, is_letter)) = mark(bytes.get(at..).unwrap_or_default())
            && number == next
            && letters.is_none_or(|l| l == is_letter)
        {
            letters = Some(is_letter);
            let begin = if at > 0 && bytes.get(at - 1) == Some(&b'(') { at - 1 } else { at };
            cuts.push((begin, at + length));
            next += 1;
            at += length;
        } else {
            at += 1;
        }
    }
    let mut found = Vec::new();
    let mut from = 0;
    for (begin, end) in cuts {
        found.push(cell.get(from..begin).unwrap_or_default());
        from = end;
    }
    found.push(cell.get(from..).unwrap_or_default());
    found.retain_mut(|part| {
        *part = part.trim().trim_end_matches([',', ';']).trim_end();
        !part.is_empty()
    });
    found
}

/// The values of a cell that is a record of its own: `A;"B; of C";D`. A quotation mark that is
/// never closed ends with the cell.
pub(crate) fn quoted(cell: &str, delimiter: char) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = cell.chars().peekable();
    let (mut inside, mut at_start) = (false, true);
    while let Some(letter) = letters.next() {
        let Some(value) = values.last_mut() else { break };
        match letter {
            '"' if at_start => inside = true,
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if inside => inside = false,
            _ if letter == delimiter && !inside => {
                values.push(String::new());
                at_start = true;
                continue;
            }
            _ => value.push(letter),
        }
        at_start = false;
    }
    values
}

/// An enumeration mark at the start: its length, number, and whether it is a letter.
fn mark(bytes: &[u8]) -> Option<(usize, u32, bool)> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if (1..=2).contains(&digits) && bytes.get(digits) == Some(&b')') {
        let number = bytes.get(..digits)?.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
        return Some((digits + 1, number, false));
    }
    match bytes {
        [letter @ b'a'..=b'z', b')', ..] => Some((2, u32::from(letter - b'a') + 1, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_enumeration_is_parted() {
        assert_eq!(parts("1) Saudi Arabia 2) Qatar"), ["Saudi Arabia", "Qatar"]);
        assert_eq!(parts("(1) Saudi Arabia. (2) Qatar"), ["Saudi Arabia.", "Qatar"]);
        assert_eq!(parts("a) French, b) Tunisian"), ["French", "Tunisian"]);
        assert_eq!(parts("(a) Russian  (b) Georgia"), ["Russian", "Georgia"]);
        assert_eq!(parts("French"), ["French"]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn what_only_looks_like_an_enumeration_stays_whole() {
        assert_eq!(parts("Kuwait (at time of listing)"), ["Kuwait (at time of listing)"]);
        assert_eq!(parts("Flat 2) Example Road"), ["Flat 2) Example Road"]);
        assert_eq!(parts("A21)"), ["A21)"]);
    }

    #[test]
    fn a_record_within_a_cell_is_parted_as_its_writer_meant() {
        assert_eq!(quoted("A;B", ';'), ["A", "B"]);
        assert_eq!(quoted("\"A; of B\";C;", ';'), ["A; of B", "C", ""]);
        assert_eq!(quoted("\"Testwick \"\"T\"\"\";C", ';'), ["Testwick \"T\"", "C"]);
        assert_eq!(quoted("A \"quoted\" B;C", ';'), ["A \"quoted\" B", "C"]);
        assert_eq!(quoted("\"never closed;C", ';'), ["never closed;C"]);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_reads_back(row in proptest::collection::vec("[a-z;\"\n ]{1,6}", 2..5)) {
            let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(quoted(text.trim_end_matches('\n'), ';'), row);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = parts(&text);
        }

        #[test]
        fn marks_in_any_order_make_no_panic(text in "[(ab12) é]{0,40}") {
            let _ = parts(&text);
        }
    }
}
