//! The weights: how much each kind of agreement and contradiction says, in bits.
//!
//! A weight is a log-likelihood ratio to base 2: how much more often the thing is seen between two
//! records of one person than between records of two. They were set by reasoning about rates and
//! then adjusted on labelled development pairs; the name of the set is [`MODEL`](crate::MODEL).

use crate::sound::Meeting;

/// Least likeness at which two parts are held to answer one another.
pub(crate) fn floor(meeting: Meeting) -> f32 {
    match meeting {
        Meeting::Latin => 0.66,
        Meeting::Alphabets | Meeting::NoVowels => 0.62,
        Meeting::Syllables => 0.55,
    }
}

/// Bits lost for an inexact agreement of the given likeness.
///
/// Measured on words of Wikidata labels in Latin and Arabic, Cyrillic or Chinese letters and on
/// Google's Arabic transliteration pairs: how much more often two spellings of one word are so alike
/// than two words drawn at random. `docs/guide/matching.md` has the table.
pub(crate) fn lost(likeness: f32, meeting: Meeting) -> f32 {
    if likeness >= EXACT {
        return 0.0;
    }
    let slope = match meeting {
        Meeting::Latin | Meeting::Alphabets | Meeting::NoVowels => 32.0,
        Meeting::Syllables => 24.0,
    };
    0.3 + slope * (0.97 - likeness).max(0.0)
}

/// Bits by which an inexact agreement says less when all else agrees: names of one people are more
/// alike than words drawn from everywhere.
pub(crate) fn within_a_people(likeness: f32, meeting: Meeting) -> f32 {
    let slope = match meeting {
        Meeting::NoVowels => 8.0,
        Meeting::Latin | Meeting::Alphabets | Meeting::Syllables => 15.0,
    };
    slope * (0.97 - likeness).max(0.0)
}

/// What an agreement says: the rarity of the commoner word, but no more than the likeness allows.
///
/// A rare spelling beside a common name is most often that name misspelt, so its rarity is what it
/// would be for the common one; two common names that differ are two names.
pub(crate) fn agreement(a: f32, b: f32, likeness: f32, meeting: Meeting) -> f32 {
    let (commoner, rarer) = if a < b { (a, b) } else { (b, a) };
    let lost = lost(likeness, meeting);
    if rarer >= UNKNOWN {
        commoner.min(rarer - lost) - 0.4 * lost.min(2.0)
    } else {
        commoner - lost
    }
}

/// Rarity from which a word is taken to be a spelling that nobody else has.
const UNKNOWN: f32 = 9.5;

/// Least likeness at which two words of one side answer one word of the other: writing words
/// together changes no letter, but scripts differ in what they write.
pub(crate) fn joined(meeting: Meeting) -> f32 {
    match meeting {
        Meeting::Latin | Meeting::Alphabets => 0.9,
        Meeting::NoVowels | Meeting::Syllables => 0.84,
    }
}

/// Likeness of two short words that differ by two neighbouring letters that changed places.
pub(crate) const SWAPPED: f32 = 0.86;

/// Likeness from which two parts count as the same.
pub(crate) const EXACT: f32 = 0.999;

/// Against how many strangers with a name put together by chance there is one with a name that goes
/// together with the listed one (a relative, a sister company, a branch), in bits: however many
/// parts agree, the one that agrees least can be outweighed by no more than this.
pub(crate) const RELATED_PERSON: f32 = 12.0;
/// The same for bodies.
pub(crate) const RELATED_BODY: f32 = 11.0;
/// What a word that only one name of a body has says against its being more than a relation, before
/// its rarity counts.
pub(crate) const BODY_EXTRA: f32 = 3.0;

/// A part of a person's name that differs.
pub(crate) const PERSON_DIFFERS: f32 = -9.0;
/// A part of a person's name that only one side has.
pub(crate) const PERSON_MISSING: f32 = -0.9;
/// Only one part of a person's name is there at all, and the other side has more.
pub(crate) const PERSON_SINGLE: f32 = -3.0;
/// An initial that fits.
pub(crate) const INITIAL_FITS: f32 = 1.5;
/// Order contradicted where order means something.
pub(crate) const ORDER: f32 = -14.0;
/// Bits by which a word of a body's name that differs counts against, for each bit of its rarity.
pub(crate) const BODY_DIFFERS: f32 = -0.55;
/// The same for a word that only one side has.
pub(crate) const BODY_MISSING: f32 = -0.3;
/// Most that one differing word of a body's name counts against.
pub(crate) const BODY_DIFFERS_MOST: f32 = -7.0;
/// Nothing in the two names of bodies differs: registers do not take a name twice.
pub(crate) const BODY_WHOLE: f32 = 4.0;
/// Legal forms stated on both sides, and none the same.
pub(crate) const FORM_DIFFERS: f32 = -0.7;
/// Numbers in two names that differ.
pub(crate) const NUMBER_DIFFERS: f32 = -6.0;
/// A number that only one of two names of bodies has.
pub(crate) const NUMBER_MISSING: f32 = -3.0;
/// An abbreviation spelt by the initials of the other side's words.
pub(crate) const ACRONYM: f32 = 8.0;
/// The name is one that its publisher calls weak.
pub(crate) const WEAK_ALIAS: f32 = -2.0;

/// Birth dates: the same day.
pub(crate) const BIRTH_DAY: f32 = 10.0;
/// The same month of the same year.
pub(crate) const BIRTH_MONTH: f32 = 6.5;
/// The same year, which is all that one side knows.
pub(crate) const BIRTH_YEAR: f32 = 4.0;
/// Day and month exchanged.
pub(crate) const BIRTH_SWAPPED: f32 = 6.0;
/// The same year, another day.
pub(crate) const BIRTH_SAME_YEAR: f32 = 1.5;
/// The same day and month, and a year that a slip of the pen can make of the other.
pub(crate) const BIRTH_OTHER_YEAR: f32 = 1.0;
/// How many years apart a slip of the pen is taken to put two birth dates.
pub(crate) const BIRTH_SLIP_YEARS: u16 = 10;
/// Neighbouring years.
pub(crate) const BIRTH_NEAR: f32 = 0.5;
/// Two to five years apart.
pub(crate) const BIRTH_APART: f32 = -5.0;
/// Further apart.
pub(crate) const BIRTH_FAR: f32 = -14.0;

/// A country in common.
pub(crate) const COUNTRY: f32 = 1.8;
/// The United Kingdom in common, which says little about people in the United Kingdom.
pub(crate) const HOME_COUNTRY: f32 = 0.4;
/// Countries stated on both sides, none in common.
pub(crate) const COUNTRY_DIFFERS: f32 = -1.8;
/// Genders stated on both sides differ.
pub(crate) const GENDER_DIFFERS: f32 = -4.0;
/// An identifier in common.
pub(crate) const IDENTIFIER: f32 = 20.0;
/// Identifiers of one kind stated on both sides, none in common.
pub(crate) const IDENTIFIER_DIFFERS: f32 = -0.5;
