//! What bears a label, and keeps it through everything that is made from it.

use super::Label;

/// A value that bears a label. Whatever is made from it bears that label or a stricter one: there is
/// no way to lower it, and none to reach the value without naming a label that it may be shown under.
///
/// ```
/// use portcullis_types::{Label, Labelled, Level};
///
/// let secret = Label { level: Level(2), ..Label::open() };
/// let a = Labelled::new(secret.clone(), "held");
/// let b = Labelled::new(Label::open(), "published");
/// let both = a.merge(b, |a, b| format!("{a}, {b}"));
/// assert_eq!(both.within(&Label::open()), None);
/// assert_eq!(both.within(&secret).map(String::as_str), Some("held, published"));
/// ```
///
/// The value alone cannot be had:
///
/// ```compile_fail
/// use portcullis_types::{Label, Labelled};
/// let text = Labelled::new(Label::open(), "held").value;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled<T> {
    label: Label,
    value: T,
}

impl<T> Labelled<T> {
    /// This value under this label.
    pub fn new(label: Label, value: T) -> Self {
        Self { label, value }
    }

    /// The label.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The value, where its label is at most as strict as this one in every part.
    pub fn within(&self, most: &Label) -> Option<&T> {
        self.label.is_within(most).then_some(&self.value)
    }

    /// What is made from it, under the same label.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Labelled<U> {
        Labelled { label: self.label, value: make(self.value) }
    }

    /// The same under a label that is at least as strict as its own and this one.
    #[must_use]
    pub fn raise(self, label: &Label) -> Self {
        Self { label: self.label.join(label), value: self.value }
    }

    /// What is made from two things, or says that they have to do with each other, under the join of
    /// their labels.
    #[must_use]
    pub fn merge<U, V>(self, other: Labelled<U>, make: impl FnOnce(T, U) -> V) -> Labelled<V> {
        Labelled { label: self.label.join(&other.label), value: make(self.value, other.value) }
    }

    /// Many as one, under the join of all their labels.
    #[must_use]
    pub fn gather(many: impl IntoIterator<Item = Self>) -> Labelled<Vec<T>> {
        many.into_iter().fold(Labelled::new(Label::open(), Vec::new()), |all, one| {
            all.merge(one, |mut all, one| {
                all.push(one);
                all
            })
        })
    }
}
