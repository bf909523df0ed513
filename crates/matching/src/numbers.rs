//! Numbers within the names of bodies, however written.

use crate::part::{Kind, Part};

/// The number that a word of small letters spells, in English or in Roman figures.
pub(crate) fn spelt(text: &str) -> Option<u32> {
    roman(text).or_else(|| number_word(text))
}

/// Roman numbers from 1 to 39, which tell funds and ships apart.
fn roman(text: &str) -> Option<u32> {
    let tens = text.bytes().take_while(|b| *b == b'x').count();
    let units = match text.get(tens..)? {
        "" if tens > 0 => 0,
        "i" => 1,
        "ii" => 2,
        "iii" => 3,
        "iv" => 4,
        "v" => 5,
        "vi" => 6,
        "vii" => 7,
        "viii" => 8,
        "ix" => 9,
        _ => return None,
    };
    (tens <= 3).then(|| u32::try_from(tens).unwrap_or(0) * 10 + units)
}

fn number_word(text: &str) -> Option<u32> {
    Some(match text {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// "Forty 4" to "44".
pub(crate) fn add_up_numbers(parts: &mut Vec<Part>) {
    let mut index = 0;
    while let Some([tens, units]) = parts.get(index..index + 2) {
        let value = |p: &Part| p.text.parse::<u32>().ok().filter(|_| p.kind == Kind::Number);
        match (value(tens), value(units)) {
            (Some(t), Some(u)) if (20..=90).contains(&t) && t % 10 == 0 && (1..=9).contains(&u) => {
                let sum = Part::new((t + u).to_string(), Kind::Number, tens.script);
                parts.splice(index..index + 2, [sum]);
            }
            _ => index += 1,
        }
    }
}
