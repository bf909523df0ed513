//! The files of known publishers, and what their columns mean beyond their names.

use super::field::{Field, Meaning, key};
use std::fmt;

/// A known layout of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// The Electoral Commission's register of donations as exported by year from 2001 to 2012, in
    /// 19 or 20 columns.
    CommissionDonationsYearly,
    /// The Electoral Commission's register of donations as exported now, in 29 columns, and the
    /// same names in the flattened answers of its search service.
    CommissionDonations,
    /// The Electoral Commission's register of loans as exported by year; the lender is screened.
    CommissionLoansYearly,
    /// The Electoral Commission's fuller export of loans; the lender is screened.
    CommissionLoans,
    /// Donations to parties as compiled by `donation-whistle`.
    DonationWhistle,
    /// The Register of Members' Financial Interests as the Commons publish it, one file to each
    /// category; donors, payers, bodies held and family members employed are screened.
    CommonsRegister,
    /// The Commons register from 2010 to 2015 as parsed by machine; the donor is in the description.
    CommonsInterests2010,
    /// Candidates as Democracy Club publishes them.
    CandidateList,
    /// `FollowTheMoney` entities.
    FollowTheMoney,
    /// Somebody's own table.
    Own,
}

/// What a layout says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InLayout {
    /// Its name tells.
    AsNamed,
    /// Its name would mislead: it holds nothing of the person.
    Nothing,
    /// It holds this.
    Field(Meaning),
}

impl Layout {
    /// Recognises a layout by the names of its columns.
    pub(crate) fn recognise(headers: &[String]) -> Self {
        let keys: Vec<String> = headers.iter().map(|h| key(h)).collect();
        let has = |names: &[&str]| names.iter().all(|n| keys.iter().any(|k| k == n));
        if has(&["ecreference", "donorname", "donortype", "entityname"]) {
            Self::CommissionDonationsYearly
        } else if has(&["ecreference", "lendername", "totalamount"]) {
            Self::CommissionLoansYearly
        } else if has(&["ecreference", "lendername", "lenderlastname", "recipientname"]) {
            Self::CommissionLoans
        } else if has(&["ecref", "regulatedentityname", "donorname"]) {
            Self::CommissionDonations
        } else if has(&["ecref", "donorname", "islegacy"])
            || has(&["ecref", "donorname", "ecdonorid"])
        {
            Self::DonationWhistle
        } else if has(&["parentinterestid", "member", "mnisid", "summary"]) {
            Self::CommonsRegister
        } else if has(&["listname", "donatedtocharity", "description"]) {
            Self::CommonsInterests2010
        } else if has(&["name", "constituency", "party", "birthdate"]) {
            Self::CandidateList
        } else {
            Self::Own
        }
    }

    /// What a column means in this layout.
    pub(crate) fn meaning(self, key: &str) -> InLayout {
        let field = match (self, key) {
            (Self::CommonsRegister, "member") | (Self::CommonsInterests2010, "listname") => {
                Some(Field::Recipient)
            }
            (Self::CommonsRegister, "donorcompanyname") => Some(Field::Alias),
            (Self::CommonsRegister, "organisationname") => Some(Field::Name),
            (Self::CommonsInterests2010, "description") => Some(Field::Description),
            // The Member's own job, party and id; the day of registration, not of receipt; the
            // country of a house.
            (Self::CommonsRegister, "jobtitle" | "country")
            | (Self::CommonsInterests2010, "party" | "id" | "type" | "date")
            // The state of the loan, and what kind of loan it is.
            | (Self::CommissionLoans | Self::CommissionLoansYearly, "status" | "type") => None,
            _ => return InLayout::AsNamed,
        };
        field.map_or(InLayout::Nothing, |field| {
            InLayout::Field(Meaning { field, rank: 0, group: 0 })
        })
    }

    /// Whether rows of this layout need not name anybody.
    pub(crate) fn may_name_nobody(self) -> bool {
        matches!(self, Self::CommonsRegister | Self::CommonsInterests2010)
    }

    /// Whether the data is the Electoral Commission's, which writes "na" for a missing title.
    pub(crate) fn is_of_commission(self) -> bool {
        matches!(
            self,
            Self::CommissionDonationsYearly
                | Self::CommissionDonations
                | Self::CommissionLoansYearly
                | Self::CommissionLoans
                | Self::DonationWhistle
        )
    }

    /// Whether names of bodies carry the first line of their address after a comma.
    pub(crate) fn names_carry_addresses(self) -> bool {
        matches!(self, Self::CommissionDonationsYearly | Self::CommissionLoansYearly)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CommissionDonationsYearly => "Electoral Commission donations, yearly export",
            Self::CommissionDonations => "Electoral Commission donations",
            Self::CommissionLoansYearly => "Electoral Commission loans, yearly export",
            Self::CommissionLoans => "Electoral Commission loans",
            Self::DonationWhistle => "donation-whistle",
            Self::CommonsRegister => "Register of Members' Financial Interests",
            Self::CommonsInterests2010 => "Register of Members' Financial Interests, 2010 to 2015",
            Self::CandidateList => "candidate list",
            Self::FollowTheMoney => "FollowTheMoney",
            Self::Own => "own table",
        })
    }
}
