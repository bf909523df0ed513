//! How ids, moments and codes of what travels are written in what is kept.

use portcullis_federation::Moment;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An id, as its text.
pub(super) mod text {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;
    use std::fmt::Display;
    use std::str::FromStr;

    pub(in super::super) fn serialize<T: Display, S: Serializer>(
        id: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>, T: FromStr>(
        from: D,
    ) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(|_| D::Error::custom("no id"))
    }
}

/// A moment, as its seconds.
pub(super) mod moment {
    use super::{Deserialize, Deserializer, Moment, Serialize, Serializer};
    use serde::de::Error as _;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
    pub(in super::super) fn serialize<S: Serializer>(
        at: &Moment,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        at.seconds().serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Moment, D::Error> {
        Moment::new(u64::deserialize(from)?).ok_or_else(|| D::Error::custom("no moment"))
    }
}

/// A moment that may not be there.
pub(super) mod moment_or_none {
    use super::{Deserialize, Deserializer, Moment, Serialize, Serializer};
    use serde::de::Error as _;

    #[expect(clippy::ref_option, reason = "serde hands it so")]
    pub(in super::super) fn serialize<S: Serializer>(
        at: &Option<Moment>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Moment::seconds).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Moment>, D::Error> {
        let seconds = Option::<u64>::deserialize(from)?;
        let read = |at| Moment::new(at).ok_or_else(|| D::Error::custom("no moment"));
        seconds.map(read).transpose()
    }
}

/// A code of a closed vocabulary, as its word.
macro_rules! coded {
    ($module:ident, $name:ty) => {
        pub(super) mod $module {
            use serde::de::Error as _;
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            pub(in super::super) fn serialize<S: Serializer>(
                code: &$name,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                code.code().serialize(to)
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<$name, D::Error> {
                let word = String::deserialize(from)?;
                let code = <$name>::ALL.iter().find(|code| code.code() == word);
                code.copied().ok_or_else(|| D::Error::custom("no such code"))
            }
        }
    };
}

coded!(answer, portcullis_share::AnswerCode);
coded!(receipt_of, portcullis_share::ReceiptOf);
coded!(receipt_stage, portcullis_share::ReceiptStage);
coded!(outcome_act, portcullis_share::OutcomeAct);
coded!(report_kind, portcullis_share::ReportKind);
coded!(reliance, portcullis_share::Reliance);

/// A verdict that may not be there yet.
pub(super) mod verdict {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use portcullis_share::OnwardVerdict;
    use serde::de::Error as _;

    #[expect(clippy::ref_option, reason = "serde hands it so")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
    pub(in super::super) fn serialize<S: Serializer>(
        verdict: &Option<OnwardVerdict>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        verdict.map(OnwardVerdict::code).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<OnwardVerdict>, D::Error> {
        let word = Option::<String>::deserialize(from)?;
        let read = |word: String| OnwardVerdict::from_code(&word);
        word.map(|word| read(word).ok_or_else(|| D::Error::custom("no such code"))).transpose()
    }
}
