//! What the fuzz targets of messages share: a federation of one service whose key nobody has.

use portcullis_federation::{Dated, Member, MemberKeys, MemberList, Moment};
use portcullis_keys::SealingKey;
use portcullis_share::{Approvable, Checks, OrganisationSigner, ProvisionRegister, Released};
use portcullis_types::{Body, Level};
use std::sync::LazyLock;

static MEMBERS: LazyLock<MemberList> = LazyLock::new(|| {
    let from = Moment::new(1_800_000_000).expect("a time");
    let signing = OrganisationSigner::new(&[1; 32]).public();
    let sealing = SealingKey::from_seed(&[1; 32]).public();
    let member = Member {
        id: "service-x".parse().expect("an id"),
        name: "The service of fuzzing".parse().expect("a name"),
        body: Body::Service,
        ceiling: Level(3),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(signing, from)],
            sealing: vec![Dated::from(sealing, from)],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    };
    MemberList {
        federation: "federation.example".parse().expect("a name"),
        version: 1,
        previous: None,
        issued: from,
        members: vec![member],
    }
});

static REGISTER: LazyLock<ProvisionRegister> = LazyLock::new(ProvisionRegister::empty);

/// Judges something at a moment at which the member takes part.
pub fn judge(judge: impl FnOnce(&Checks<'_>)) {
    let at = Moment::new(1_800_009_000).expect("a time");
    judge(&Checks { at, members: &MEMBERS, register: &REGISTER });
}

/// Bytes that nobody signed are the bytes of what they give, and are not taken (THREATS T-43).
pub fn is_refused<T: Approvable + Clone>(
    released: &Released<T>,
    bytes: &[u8],
    checks: &Checks<'_>,
) {
    assert_eq!(released.to_bytes(), bytes);
    assert!(released.clone().verify(checks).is_err());
    assert!(released.clone().verify_proposed(checks).is_err());
}
