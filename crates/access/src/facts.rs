//! What policies are told of who asks, for what, and when: our types as entities of Cedar.

use crate::{Act, Asker, Deed, OpenMatching, Person, Recovery, SignIn, Thing, ThingKind};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression as Value, Schema,
};
use jiff::Timestamp;
use portcullis_types::{Audience, Label, OrganisationId, PersonId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;

/// The schema that policies are held to, in Cedar's own form: for an operator who writes some.
pub const SCHEMA: &str = include_str!("../policies/portcullis.cedarschema");

/// Why a question cannot be put to the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// The schema has no such act on such a thing by such an asker.
    Meaningless,
    /// A fact has no form that the schema takes.
    Malformed,
}

/// The words of the schema, parsed once.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) schema: Schema,
    acts: BTreeMap<Act, EntityUid>,
    kinds: BTreeMap<ThingKind, EntityUid>,
    person: EntityTypeName,
    link_holder: EntityTypeName,
    anonymous: EntityTypeName,
    organisation: EntityTypeName,
    body: EntityTypeName,
    role: EntityTypeName,
    purpose: EntityTypeName,
    scope: EntityTypeName,
}

/// What kind of asker it is: a type of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AskerKind {
    Anonymous,
    LinkHolder,
    Person,
}

impl AskerKind {
    pub(crate) const ALL: [Self; 3] = [Self::Anonymous, Self::LinkHolder, Self::Person];
}

impl From<&Asker> for AskerKind {
    fn from(asker: &Asker) -> Self {
        match asker {
            Asker::Anonymous(_) => Self::Anonymous,
            Asker::LinkHolder(_) => Self::LinkHolder,
            Asker::Person(_) => Self::Person,
        }
    }
}

/// Who asks, held to the schema.
#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) kind: AskerKind,
    uid: EntityUid,
    /// Himself alone.
    entities: Entities,
}

type Attributes = HashMap<String, Value>;

impl Words {
    pub(crate) fn new() -> Self {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .expect("the schema is part of the program and read by its tests");
        let act = |&act: &Act| (act, uid(&name("Action"), act.code()));
        let kind = |&kind: &ThingKind| (kind, uid(&name(kind.code()), "it"));
        Self {
            schema,
            acts: Act::ALL.iter().map(act).collect(),
            kinds: ThingKind::ALL.iter().map(kind).collect(),
            person: name("Person"),
            link_holder: name("LinkHolder"),
            anonymous: name("Anonymous"),
            organisation: name("Organisation"),
            body: name("Body"),
            role: name("Role"),
            purpose: name("Purpose"),
            scope: name("Scope"),
        }
    }

    /// Who asks.
    pub(crate) fn asker(&self, asker: &Asker) -> Result<Principal, Unfit> {
        let entity = self.asker_entity(asker)?;
        let uid = entity.uid();
        let entities = Entities::empty()
            .add_entities([entity], Some(&self.schema))
            .map_err(|_| Unfit::Malformed)?;
        Ok(Principal { kind: asker.into(), uid, entities })
    }

    fn asker_entity(&self, asker: &Asker) -> Result<Entity, Unfit> {
        match asker {
            Asker::Anonymous(matching) => {
                let offered = matches!(matching, OpenMatching::Offered);
                let attributes = [("matching_offered", Value::new_bool(offered))];
                entity(uid(&self.anonymous, "anybody"), owned(attributes))
            }
            Asker::LinkHolder(holder) => {
                let attributes = [
                    ("organisation", self.organisation(&holder.organisation)),
                    ("purpose", word(&self.purpose, holder.purpose.code())),
                    ("until", time(holder.until)),
                ];
                entity(uid(&self.link_holder, "holder"), owned(attributes))
            }
            Asker::Person(person) => {
                entity(self.person_uid(&person.id), self.person_attributes(person))
            }
        }
    }

    fn person_attributes(&self, person: &Person) -> Attributes {
        let roles = person.roles.iter().map(|role| word(&self.role, role.code()));
        let mut attributes = owned([
            ("organisation", self.organisation(&person.id.organisation)),
            ("body", word(&self.body, person.body.code())),
            ("roles", Value::new_set(roles)),
            ("clearance", Value::new_long(person.clearance.0.into())),
            ("compartments", words(&person.compartments)),
        ]);
        let party = person.party.as_ref().map(|party| self.organisation(party));
        put(&mut attributes, "party", party);
        put(&mut attributes, "from", person.from.map(time));
        put(&mut attributes, "until", person.until.map(time));
        match &person.sign_in {
            SignIn::Session { signed_in_at, confirmed_at } => {
                put(&mut attributes, "signed_in_at", Some(time(*signed_in_at)));
                put(&mut attributes, "confirmed_at", confirmed_at.map(time));
            }
            SignIn::Token { scopes, until } => {
                let scopes = scopes.iter().map(|scope| word(&self.scope, scope.code()));
                put(&mut attributes, "scopes", Some(Value::new_set(scopes)));
                put(&mut attributes, "token_until", Some(time(*until)));
            }
        }
        attributes
    }

    /// What is asked for, with this label in place of its own.
    fn thing(&self, thing: &Thing, label: &Label) -> Result<Entity, Unfit> {
        let people = |people: &mut dyn Iterator<Item = &PersonId>| {
            Value::new_set(people.map(|person| Value::new_entity_uid(self.person_uid(person))))
        };
        let organisations = |these: &mut dyn Iterator<Item = &OrganisationId>| {
            Value::new_set(these.map(|one| self.organisation(one)))
        };
        let mut attributes = owned([
            ("open", Value::new_bool(*label == Label::open())),
            ("level", Value::new_long(label.level.0.into())),
            ("compartments", words(&label.compartments)),
            ("handling", words(&label.handling)),
            ("controller", self.organisation(&thing.controller)),
            ("originator", self.organisation(&thing.originator)),
            ("parties", organisations(&mut thing.party.iter().chain(&label.parties))),
            ("originators", organisations(&mut originators(thing, label))),
            ("recipients", people(&mut thing.recipients.iter())),
            ("outside", people(&mut thing.outside.iter())),
        ]);
        if let Audience::Only(these) = &label.organisations {
            let these = these.iter().map(|one| self.organisation(one));
            put(&mut attributes, "organisations", Some(Value::new_set(these)));
        }
        if let Audience::Only(these) = &label.people {
            put(&mut attributes, "people", Some(people(&mut these.iter())));
        }
        let person = |person: &PersonId| Value::new_entity_uid(self.person_uid(person));
        put(&mut attributes, "author", thing.author.as_ref().map(person));
        put(&mut attributes, "subject", thing.subject.as_ref().map(person));
        let purpose = thing.purpose.map(|purpose| word(&self.purpose, purpose.code()));
        put(&mut attributes, "purpose", purpose);
        entity(self.kind(thing.kind)?.clone(), attributes)
    }

    fn circumstances(&self, now: Timestamp, deed: Deed) -> Result<Context, Unfit> {
        let recovery = matches!(deed.recovery, Recovery::CodeGiven);
        let mut pairs = owned([("now", time(now)), ("recovery_code", Value::new_bool(recovery))]);
        let purpose = deed.purpose.map(|purpose| word(&self.purpose, purpose.code()));
        put(&mut pairs, "purpose", purpose);
        Context::from_pairs(pairs).map_err(|_| Unfit::Malformed)
    }

    /// The question whether this asker may do this to such a thing, held to the schema.
    pub(crate) fn request(
        &self,
        now: Timestamp,
        asker: &Principal,
        deed: Deed,
        kind: ThingKind,
    ) -> Result<Request, Unfit> {
        let thing = self.kind(kind)?.clone();
        let act = self.act(deed.act).ok_or(Unfit::Meaningless)?.clone();
        let context = self.circumstances(now, deed)?;
        Request::new(asker.uid.clone(), act, thing, context, Some(&self.schema))
            .map_err(|_| Unfit::Meaningless)
    }

    /// All that is known of asker and thing, with this label in place of the thing's own, held to the
    /// schema.
    pub(crate) fn known(
        &self,
        asker: &Principal,
        thing: &Thing,
        label: &Label,
    ) -> Result<Entities, Unfit> {
        let thing = self.thing(thing, label)?;
        let entities = asker.entities.clone();
        entities.add_entities([thing], Some(&self.schema)).map_err(|_| Unfit::Malformed)
    }

    pub(crate) fn asker_type(&self, kind: AskerKind) -> &EntityTypeName {
        match kind {
            AskerKind::Anonymous => &self.anonymous,
            AskerKind::LinkHolder => &self.link_holder,
            AskerKind::Person => &self.person,
        }
    }

    pub(crate) fn act(&self, act: Act) -> Option<&EntityUid> {
        self.acts.get(&act)
    }

    pub(crate) fn type_of(&self, kind: ThingKind) -> Option<&EntityTypeName> {
        self.kinds.get(&kind).map(EntityUid::type_name)
    }

    fn kind(&self, kind: ThingKind) -> Result<&EntityUid, Unfit> {
        self.kinds.get(&kind).ok_or(Unfit::Meaningless)
    }

    fn organisation(&self, organisation: &OrganisationId) -> Value {
        word(&self.organisation, organisation.as_str())
    }

    /// `organisation/account`, with `/` and `%` of the organisation escaped, so that no two people
    /// have the same id.
    fn person_uid(&self, person: &PersonId) -> EntityUid {
        let organisation = person.organisation.as_str().replace('%', "%25").replace('/', "%2F");
        uid(&self.person, &format!("{organisation}/{}", person.officer))
    }
}

/// Who made what it says: whoever its label names, and else whoever is known to have made the thing.
fn originators<'a>(thing: &'a Thing, label: &'a Label) -> impl Iterator<Item = &'a OrganisationId> {
    let is_foreign = thing.originator != thing.controller || label.originators.is_empty();
    is_foreign.then_some(&thing.originator).into_iter().chain(&label.originators)
}

fn name(text: &str) -> EntityTypeName {
    EntityTypeName::from_str(text).expect("a word of the schema is an identifier")
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn word(kind: &EntityTypeName, code: &str) -> Value {
    Value::new_entity_uid(uid(kind, code))
}

fn words<'a>(words: impl IntoIterator<Item = &'a Box<str>>) -> Value {
    Value::new_set(words.into_iter().map(|word| Value::new_string(word.to_string())))
}

/// To the millisecond, as Cedar's datetime has it.
fn time(at: Timestamp) -> Value {
    Value::new_datetime(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn owned<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn put(attributes: &mut Attributes, name: &str, value: Option<Value>) {
    attributes.extend(value.map(|value| (name.to_owned(), value)));
}

fn entity(uid: EntityUid, attributes: Attributes) -> Result<Entity, Unfit> {
    Entity::new(uid, attributes, HashSet::new()).map_err(|_| Unfit::Malformed)
}
