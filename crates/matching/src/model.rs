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
        Meeting::Alphabets => 0.62,
        Meeting::NoVowels => 0.62,
        Meeting::Syllables => 0.5,
    }
}

/// Bits lost for each whole point of likeness missing.
pub(crate) fn slope(meeting: Meeting) -> f32 {
    match meeting {
        Meeting::Latin => 30.0,
        Meeting::Alphabets => 24.0,
        Meeting::NoVowels => 20.0,
        Meeting::Syllables => 14.0,
    }
}

/// Bits lost when a part is not exactly the same.
pub(crate) const INEXACT: f32 = 0.5;

/// A part of a person's name that differs.
pub(crate) const PERSON_DIFFERS: f32 = -7.0;
/// A part of a person's name that only one side has.
pub(crate) const PERSON_MISSING: f32 = -0.9;
/// Only one part of a person's name is there at all, and the other side has more.
pub(crate) const PERSON_SINGLE: f32 = -3.0;
/// An initial that fits.
pub(crate) const INITIAL_FITS: f32 = 1.5;
/// Order contradicted where order means something.
pub(crate) const ORDER: f32 = -7.0;
/// Bits by which a word of a body's name that differs counts against, for each bit of its rarity.
pub(crate) const BODY_DIFFERS: f32 = -0.55;
/// The same for a word that only one side has.
pub(crate) const BODY_MISSING: f32 = -0.3;
/// Most that one differing word of a body's name counts against.
pub(crate) const BODY_DIFFERS_MOST: f32 = -7.0;
/// Legal forms stated on both sides, and none the same.
pub(crate) const FORM_DIFFERS: f32 = -0.7;
/// Numbers in two names that differ.
pub(crate) const NUMBER_DIFFERS: f32 = -6.0;
/// An abbreviation spelt by the initials of the other side's words.
pub(crate) const ACRONYM: f32 = 6.0;
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
/// The same day and month, another year.
pub(crate) const BIRTH_OTHER_YEAR: f32 = 2.0;
/// Neighbouring years.
pub(crate) const BIRTH_NEAR: f32 = 0.5;
/// Two to five years apart.
pub(crate) const BIRTH_APART: f32 = -3.0;
/// Further apart.
pub(crate) const BIRTH_FAR: f32 = -6.0;

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
