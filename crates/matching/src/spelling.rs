//! How alike two spellings are.

use crate::sound::MAX_SOUNDS;

/// How alike two spellings in `a` to `z` and digits are, from 0 to 1: edits (insert, delete,
/// replace, swap neighbours) against the longer length.
///
/// The edits are counted a column at a time in the bits of a word, after Hyyrö, "A bit-vector
/// algorithm for computing Levenshtein and Damerau edit distances" (2003).
pub(crate) fn likeness(a: &[u8], b: &[u8]) -> f32 {
    if a == b {
        return 1.0;
    }
    let a = a.get(..MAX_SOUNDS).unwrap_or(a);
    let b = b.get(..MAX_SOUNDS).unwrap_or(b);
    let longest = a.len().max(b.len());
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let mut places = [0_u32; 36];
    for (i, c) in a.iter().enumerate() {
        if let Some(place) = places.get_mut(letter(*c)) {
            *place |= 1 << i;
        }
    }
    let last = 1_u32 << (a.len() - 1);
    let (mut plus, mut minus, mut zero, mut before) = (u32::MAX, 0_u32, 0_u32, 0_u32);
    let mut distance = a.len();
    for c in b {
        let equal = places.get(letter(*c)).copied().unwrap_or(0);
        let swapped = ((!zero & equal) << 1) & before;
        zero = ((equal & plus).wrapping_add(plus) ^ plus) | equal | minus | swapped;
        let up = minus | !(zero | plus);
        let down = zero & plus;
        if up & last != 0 {
            distance += 1;
        }
        if down & last != 0 {
            distance -= 1;
        }
        let up = up << 1 | 1;
        plus = down << 1 | !(zero | up);
        minus = up & zero;
        before = equal;
    }
    #[expect(clippy::cast_precision_loss, reason = "both are at most 28")]
    let likeness = 1.0 - distance as f32 / longest as f32;
    likeness.max(0.0)
}

/// Whether two spellings differ only by two neighbouring letters that changed places.
pub(crate) fn neighbours_swapped(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() || a.len() < 3 {
        return false;
    }
    let Some(first) = a.iter().zip(b).position(|(x, y)| x != y) else { return false };
    match (a.get(first..), b.get(first..)) {
        (Some([one, two, rest_a @ ..]), Some([other, another, rest_b @ ..])) => {
            one == another && two == other && rest_a == rest_b
        }
        _ => false,
    }
}

fn letter(c: u8) -> usize {
    usize::from(match c {
        b'a'..=b'z' => c - b'a',
        b'0'..=b'9' => 26 + (c - b'0'),
        _ => 35,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_edit_in_four_letters_is_three_quarters_alike() {
        assert!((likeness(b"jonn", b"john") - 0.75).abs() < 1e-6);
        assert!((likeness(b"cktwi", b"twick") - 0.0).abs() < 0.41);
        assert!((likeness(b"abcd", b"abdc") - 0.75).abs() < 1e-6);
    }

    /// Optimal string alignment, from its definition.
    fn edits(a: &[u8], b: &[u8]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(d[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn edits_are_counted_as_defined(a in "[a-d]{1,12}", b in "[a-d]{1,12}") {
            let number = |n: usize| f32::from(u8::try_from(n).unwrap());
            let distance = number(edits(a.as_bytes(), b.as_bytes()));
            let expected = 1.0 - distance / number(a.len().max(b.len()));
            prop_assert!((likeness(a.as_bytes(), b.as_bytes()) - expected).abs() < 1e-6);
        }

    }
}
