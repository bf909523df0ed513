//! The fields of a person, and the names that columns give them.

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $code:literal [$($synonym:literal)*],)*) => {
        /// What a column holds. The codes are those of `--map CODE=COLUMN`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            /// Every field, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code used with `--map`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads a code; case, spaces and punctuation do not matter.
            pub fn from_code(code: &str) -> Option<Self> {
                let given = key(code);
                Self::ALL.iter().copied().find(|f| key(f.code()) == given)
            }

            /// The names of columns that mean this field, as [`key`] writes them, best first.
            fn synonyms(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($synonym,)*],)* }
            }
        }
    };
}

fields! {
    /// The whole name.
    Name = "name" [
        "fullname" "name" "donorname" "donor" "lendername" "lender" "payername" "payer"
        "nameinfull" "completename" "displayname" "legalname" "registeredname" "nameofdonor"
        "nameoflender" "nameofperson" "nameofapplicant" "nameofcandidate" "nameofemployee"
        "subjectname" "contactname" "accountname" "individualname" "primaryname" "wholename"
        "names" "entity" "member" "membername"
    ],
    /// Title: Dr, Mrs, Lord.
    Title = "title" ["title" "nametitle" "honorificprefix" "honorific" "prefix" "salutation" "titles"],
    /// Given name or names.
    FirstName = "first-name" [
        "firstname" "forename" "forenames" "firstnames" "givenname" "givennames" "christianname"
        "christiannames" "fname" "initials" "initial"
    ],
    /// Middle names.
    MiddleName = "middle-name" [
        "middlename" "middlenames" "othernames" "othergivennames" "otherforenames" "middleinitial"
        "middleinitials"
    ],
    /// Family name.
    LastName = "last-name" ["lastname" "surname" "familyname" "lname" "secondname" "surnames"],
    /// Letters after the name: MP, OBE.
    Suffix = "suffix" ["suffix" "honorificsuffix" "honours" "postnominals" "namesuffix"],
    /// Another name.
    Alias = "alias" [
        "alias" "aliases" "aka" "alsoknownas" "knownas" "tradingname" "tradingas" "nickname"
        "preferredname" "commonlyusedname" "donoralias" "othername"
    ],
    /// A name no longer used.
    PreviousName = "previous-name" [
        "previousname" "previousnames" "formername" "formernames" "maidenname" "birthname"
        "nameatbirth" "previoussurname" "formersurname" "formerly"
    ],
    /// Name of the body that gives, or for which the person works; stands for the name where the
    /// row has no other.
    Organisation = "organisation" [
        "organisationname" "organizationname" "companyname" "organisation" "organization" "company"
        "employer" "employername" "businessname" "business" "firm" "charity" "institution"
    ],
    /// Date of birth.
    BirthDate = "birth-date" [
        "dateofbirth" "dob" "birthdate" "datebirth" "birthday" "born" "borndate"
        "yearofbirth" "birthyear"
    ],
    /// Place of birth.
    BirthPlace = "birth-place" ["placeofbirth" "birthplace" "townofbirth" "cityofbirth" "pob"],
    /// Country of birth.
    BirthCountry = "birth-country" ["countryofbirth" "birthcountry"],
    /// Nationality.
    Nationality = "nationality" [
        "nationality" "nationalities" "citizenship" "citizenships" "citizenof" "nationality1"
        "nationality2" "secondnationality" "othernationality" "dualnationality"
    ],
    /// Country of residence, or of the address.
    Country = "country" [
        "country" "countryofresidence" "residencecountry" "addresscountry" "countrycode"
        "countries" "countryname" "countryofregistration" "jurisdiction"
    ],
    /// Gender.
    Gender = "gender" ["gender" "sex"],
    /// Address, or a line of it.
    Address = "address" [
        "address" "fulladdress" "publicaddress" "postaladdress" "homeaddress" "residentialaddress"
        "registeredaddress" "registeredoffice" "address1" "address2" "address3" "address4"
        "address5" "address6" "addressline1" "addressline2" "addressline3" "addressline4"
        "addressline5" "addr1" "addr2" "addr3" "line1" "line2" "line3" "street" "streetaddress"
        "road" "locality" "town" "posttown" "city" "towncity" "county" "state" "region"
    ],
    /// Post code.
    PostalCode = "postcode" ["postcode" "postalcode" "zip" "zipcode" "postzipcode" "pcode"],
    /// Number in a register of companies.
    CompanyNumber = "company-number" [
        "companyregistrationnumber" "companynumber" "companyno" "companyregno" "companyregnumber"
        "companyregistrationno" "companyreg" "companieshousenumber" "companieshouseno"
        "companyidentifier" "registrationnumber" "registrationno" "registerednumber" "regno"
        "regnumber" "crn" "companieshouseid"
    ],
    /// Passport number.
    Passport = "passport" ["passportnumber" "passport" "passportno" "passportdetails"],
    /// National identity, insurance or tax number.
    IdNumber = "id-number" [
        "nationalid" "nationalidnumber" "nationalidentitynumber" "nationalidentificationnumber"
        "idnumber" "identitynumber" "idcard" "idcardnumber" "ninumber" "nino" "nationalinsuranceno"
        "nationalinsurancenumber" "taxnumber" "tin" "taxid"
    ],
    /// Legal Entity Identifier.
    Lei = "lei" ["lei" "leicode" "legalentityidentifier"],
    /// E-mail address.
    Email = "email" ["email" "emailaddress" "mail"],
    /// Telephone number.
    Phone = "phone" [
        "phone" "telephone" "mobile" "tel" "phonenumber" "telephonenumber" "mobilenumber"
        "telephoneno" "mobileno" "phoneno"
    ],
    /// Office or occupation.
    Position = "position" ["jobtitle" "job" "position" "role" "occupation" "profession" "post"],
    /// Political party of the person.
    Party = "party" ["party" "politicalparty" "partyname"],
    /// The day a gift was received; its decide-by date follows from it.
    Received = "received-date" [
        "receiveddate" "datereceived" "dateofreceipt" "receiptdate" "receivedon" "received"
        "donationdate" "dateofdonation" "giftdate" "dateofgift" "datedonated" "contributiondate"
        "dategiven" "paymentdate" "transactiondate" "date"
    ],
    /// Value of a gift or loan.
    Value = "value" [
        "value" "amount" "donationvalue" "donationamount" "valueofdonation" "amountofdonation"
        "totalvalue" "totalamount" "giftvalue" "giftamount" "valuegbp" "amountgbp" "valueinpounds"
        "amountinpounds" "contributionamount" "loanamount" "sum"
    ],
    /// Who received, or is to receive, the gift or loan.
    Recipient = "recipient" [
        "recipientname" "recipient" "regulatedentityname" "entityname" "doneename" "donee"
        "nameofdonee" "beneficiary" "receivedby" "recipientparty" "borrower" "borrowername"
    ],
    /// What kind of person or body the row is about: Individual, Company, Trade Union.
    Kind = "kind" [
        "donorstatus" "donortype" "lenderstatus" "lendertype" "schema" "subjecttype" "type" "kind"
        "status"
    ],
    /// Whether the row is about a private individual: TRUE or FALSE.
    Individual = "individual" ["isprivateindividual" "privateindividual" "isindividual" "isperson"],
    /// Population of the row: donor, candidate, staff or associate.
    Class = "class" ["class" "populationclass" "population" "screeningclass"],
    /// Reference or id of the row.
    Reference = "reference" [
        "ecref" "ecreference" "reference" "ref" "referenceno" "referencenumber" "refno" "id"
        "recordid" "donationid" "uniqueid" "uid" "urn"
    ],
    /// Free text with the giver's name in it, as "Donor: …".
    Description = "description" ["donordescription"],
}

/// Words that say whose column it is, and nothing about what it holds.
const ROLES: &[&str] = &[
    "ultimatepayer",
    "donors",
    "donor",
    "lender",
    "payer",
    "giver",
    "contributor",
    "supporter",
    "applicant",
    "candidate",
    "employee",
    "staffmember",
    "staff",
    "worker",
    "volunteer",
    "persons",
    "person",
    "individual",
    "associate",
    "subject",
    "client",
    "nominee",
    "contact",
    "guest",
];

/// A header as it is compared: lower case, letters and digits only.
pub(crate) fn key(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a header means: the field, how sure that is (0 is surest), and its numbered group
/// (`Donors_2_Name` belongs to group 2; 0 is the row itself).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) field: Field,
    pub(crate) rank: usize,
    pub(crate) group: u8,
}

/// Finds out what a header means.
pub(crate) fn meaning(header: &str) -> Option<Meaning> {
    // "Value (£)", "Date of birth (dd/mm/yyyy)"
    let bare = header.split(['(', '[']).next().unwrap_or_default();
    let whole = key(header);
    lookup(&whole)
        .or_else(|| lookup(&key(bare)))
        .or_else(|| grouped(&whole))
        .or_else(|| by_part(&whole))
}

/// "Donor's date of birth as given", "Name of the giver": long names of columns that hold a
/// telling part, unless they are about somebody else.
fn by_part(key: &str) -> Option<Meaning> {
    const OTHERS: &[&str] = &[
        "spouse",
        "partner",
        "kin",
        "child",
        "mother",
        "father",
        "parent",
        "guardian",
        "referee",
        "recipient",
        "entity",
        "agent",
        "witness",
        "manager",
        "trustee",
        "emergency",
        "doctor",
    ];
    const PARTS: &[(&str, Field)] = &[
        ("dateofbirth", Field::BirthDate),
        ("fullname", Field::Name),
        ("nameofthe", Field::Name),
        ("postcode", Field::PostalCode),
        ("companynumber", Field::CompanyNumber),
        ("companyregistration", Field::CompanyNumber),
        ("passportn", Field::Passport),
        ("nationality", Field::Nationality),
    ];
    let (_, field) = PARTS.iter().find(|(part, _)| key.contains(part))?;
    let others = OTHERS.iter().any(|other| key.contains(other));
    (!others).then_some(Meaning { field: *field, rank: 200, group: 0 })
}

fn lookup(key: &str) -> Option<Meaning> {
    let exact = |text: &str, penalty: usize| {
        Field::ALL.iter().find_map(|field| {
            let rank = field.synonyms().iter().position(|s| *s == text)?;
            Some(Meaning { field: *field, rank: rank + penalty, group: 0 })
        })
    };
    if key.is_empty() {
        return None;
    }
    if let Some(meaning) = exact(key, 0) {
        return Some(meaning);
    }
    let rest = ROLES.iter().find_map(|role| key.strip_prefix(role))?;
    if rest.is_empty() {
        return Some(Meaning { field: Field::Name, rank: 100, group: 0 });
    }
    // "Applicant's name"
    exact(rest, 100).or_else(|| exact(rest.strip_prefix('s')?, 100))
}

/// `donors1name`, `donor2postcode`, `donorsname1`: one of several givers in a row.
fn grouped(key: &str) -> Option<Meaning> {
    let rest = ["donors", "donor", "lender", "payer"].iter().find_map(|r| key.strip_prefix(r))?;
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let group: u8 = digits.parse().ok().filter(|n| (1..=50).contains(n))?;
    let field = rest
        .strip_prefix(digits.as_str())
        .or_else(|| rest.strip_suffix(digits.as_str()))
        .filter(|f| !f.is_empty())?;
    lookup(field).map(|meaning| Meaning { group, ..meaning })
}

impl Field {
    /// Whether several columns may hold it.
    pub(crate) fn repeats(self) -> bool {
        matches!(
            self,
            Self::Alias
                | Self::PreviousName
                | Self::MiddleName
                | Self::Nationality
                | Self::Country
                | Self::Address
                | Self::Passport
                | Self::IdNumber
                | Self::Email
                | Self::Phone
        )
    }

    /// Whether a row can be about somebody by this field.
    pub(crate) fn names_somebody(self) -> bool {
        matches!(
            self,
            Self::Name | Self::FirstName | Self::LastName | Self::Organisation | Self::Description
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(header: &str) -> Option<Field> {
        meaning(header).map(|m| m.field)
    }

    #[test]
    fn headers_are_recognised_whatever_their_case_and_punctuation() {
        for (header, expected) in [
            ("Name", Field::Name),
            (" FULL_NAME ", Field::Name),
            ("DonorName", Field::Name),
            ("Donor name", Field::Name),
            ("Donor", Field::Name),
            ("Applicant's name", Field::Name),
            ("Surname", Field::LastName),
            ("Forename(s)", Field::FirstName),
            ("Middle names", Field::MiddleName),
            ("D.O.B.", Field::BirthDate),
            ("Date of birth (dd/mm/yyyy)", Field::BirthDate),
            ("Address 1", Field::Address),
            ("Donor address line 2", Field::Address),
            ("Post Code", Field::PostalCode),
            ("Company reg. no.", Field::CompanyNumber),
            ("CompanyRegistrationNumber", Field::CompanyNumber),
            ("lenderCompanyNumber", Field::CompanyNumber),
            ("Value (£)", Field::Value),
            ("Name of the giver", Field::Name),
            ("Donor's date of birth as given", Field::BirthDate),
        ] {
            assert_eq!(field(header), Some(expected), "{header}");
        }
        assert_eq!(field("Rec'd by (AU)"), None);
        assert_eq!(field("Type of donation"), None);
        assert_eq!(field("Date of birth of spouse"), None);
        assert_eq!(field("   "), None);
    }

    #[test]
    fn numbered_givers_fall_into_groups() {
        let meaning = meaning("Donors_2_PublicAddress").unwrap();
        assert_eq!((meaning.field, meaning.group), (Field::Address, 2));
        assert_eq!(super::meaning("donors__name_1").unwrap().group, 1);
        assert_eq!(super::meaning("VisitLocations_1_Country"), None);
    }

    #[test]
    fn no_column_name_stands_for_two_fields() {
        let mut all: Vec<_> = Field::ALL.iter().flat_map(|f| f.synonyms()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for synonym in all {
            assert_eq!(key(synonym), **synonym);
        }
    }

    #[test]
    fn codes_read_back() {
        for field in Field::ALL {
            assert_eq!(Field::from_code(field.code()), Some(*field));
        }
        assert_eq!(Field::from_code("Birth Date"), Some(Field::BirthDate));
        assert_eq!(Field::from_code("shoe-size"), None);
    }
}
