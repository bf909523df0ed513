//! Whole ceremonies with a passkey in software, and everything that must not get through.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use portcullis_signin::{Answer, AnswerError, Passkeys, Proof, Site, StoredPasskey, UserHandle};
use portcullis_testkit::SeededRng;
use portcullis_testkit::authenticator::{Given, SoftPasskey, Verification};
use proptest::prelude::*;

const ORIGIN: &str = "https://portcullis.example.org";
const OWNER: UserHandle = UserHandle::from_bytes([7; 16]);
const OTHER: UserHandle = UserHandle::from_bytes([9; 16]);

fn passkeys() -> Passkeys {
    Passkeys::of(&Site::parse(ORIGIN).unwrap(), "Portcullis").unwrap()
}

fn enrol(passkeys: &Passkeys, seed: u64, handle: UserHandle) -> (SoftPasskey, StoredPasskey) {
    let (options, begun) = passkeys.begin_enrolment(handle, "o.testwick", &[]).unwrap();
    let rng = &mut SeededRng::new(seed);
    let (soft, given) = SoftPasskey::create(rng, &options, ORIGIN, Verification::Done);
    (soft, passkeys.finish_enrolment(&begun, &given.bytes()).unwrap())
}

fn sign_in(
    passkeys: &Passkeys,
    soft: &mut SoftPasskey,
    kept: &StoredPasskey,
    owner: UserHandle,
    origin: &str,
) -> Result<Proof, AnswerError> {
    let (options, begun) = passkeys.begin_sign_in()?;
    let answer = Answer::read(&soft.get(&options, origin).bytes())?;
    passkeys.finish_sign_in(begun, &answer, kept, owner)
}

#[test]
fn an_enrolled_passkey_signs_in_without_a_name_and_says_whose_it_is() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    let (options, begun) = passkeys.begin_sign_in().unwrap();
    assert_eq!(options["publicKey"]["allowCredentials"], serde_json::json!([]));
    let answer = Answer::read(&soft.get(&options, ORIGIN).bytes()).unwrap();
    assert_eq!((answer.id(), answer.handle()), (kept.id(), Some(OWNER)));
    let proof = passkeys.finish_sign_in(begun, &answer, &kept, OWNER).unwrap();
    assert_eq!(proof.passkey().id(), kept.id());
    assert!(proof.to_keep().is_some(), "the counter went on");
}

#[test]
fn a_passkey_is_asked_to_be_found_by_itself_and_to_verify_its_user() {
    let (options, _) = passkeys().begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    let (options, _) = passkeys().begin_sign_in().unwrap();
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert!(options.get("mediation").is_none());
}

#[test]
fn the_secret_output_is_the_same_each_time_and_differs_between_passkeys() {
    let passkeys = passkeys();
    let (mut one, _) = enrol(&passkeys, 1, OWNER);
    let (mut two, _) = enrol(&passkeys, 2, OWNER);
    let prf = |soft: &mut SoftPasskey| -> Given {
        let (options, _) = passkeys.begin_sign_in().unwrap();
        soft.get(&options, ORIGIN)
    };
    let first = prf(&mut one).prf.unwrap();
    assert_eq!(prf(&mut one).prf.unwrap(), first);
    assert_ne!(prf(&mut two).prf.unwrap(), first);
}

#[test]
fn a_passkey_survives_being_kept() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    let kept = StoredPasskey::from_bytes(&kept.to_bytes().unwrap()).unwrap();
    assert!(sign_in(&passkeys, &mut soft, &kept, OWNER, ORIGIN).is_ok());
}

// THREATS T-32
#[test]
fn a_page_of_another_site_gets_nothing_that_we_take() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    for origin in [
        "https://portcullis.example.org.evil.example",
        "https://evil.portcullis.example.org",
        "https://portcullis.example.org:8443",
        "http://portcullis.example.org",
        "null",
    ] {
        assert!(sign_in(&passkeys, &mut soft, &kept, OWNER, origin).is_err(), "{origin}");
        let (options, begun) = passkeys.begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
        let rng = &mut SeededRng::new(3);
        let (_, given) = SoftPasskey::create(rng, &options, origin, Verification::Done);
        assert!(passkeys.finish_enrolment(&begun, &given.bytes()).is_err(), "{origin}");
    }
}

// THREATS T-32
#[test]
fn an_answer_to_another_challenge_is_refused() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    let (options, _) = passkeys.begin_sign_in().unwrap();
    let (_, begun) = passkeys.begin_sign_in().unwrap();
    let answer = Answer::read(&soft.get(&options, ORIGIN).bytes()).unwrap();
    let result = passkeys.finish_sign_in(begun, &answer, &kept, OWNER);
    assert_eq!(result.unwrap_err(), AnswerError::Refused);

    let (options, _) = passkeys.begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
    let (_, begun) = passkeys.begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
    let rng = &mut SeededRng::new(3);
    let (_, given) = SoftPasskey::create(rng, &options, ORIGIN, Verification::Done);
    let result = passkeys.finish_enrolment(&begun, &given.bytes());
    assert_eq!(result.unwrap_err(), AnswerError::Refused);
}

// THREATS T-32
#[test]
fn an_answer_without_a_verified_user_is_refused() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    soft.verification = Verification::Skipped;
    let result = sign_in(&passkeys, &mut soft, &kept, OWNER, ORIGIN);
    assert_eq!(result.unwrap_err(), AnswerError::Refused);

    let (options, begun) = passkeys.begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
    let rng = &mut SeededRng::new(3);
    let (_, given) = SoftPasskey::create(rng, &options, ORIGIN, Verification::Skipped);
    let result = passkeys.finish_enrolment(&begun, &given.bytes());
    assert_eq!(result.unwrap_err(), AnswerError::Refused);
}

// THREATS T-32
#[test]
fn a_counter_that_does_not_go_on_tells_of_a_copy() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    let mut copy = soft.clone();
    let proof = sign_in(&passkeys, &mut soft, &kept, OWNER, ORIGIN).unwrap();
    let kept = proof.to_keep().unwrap().clone();
    // The copy's counter now is what the original's was.
    let result = sign_in(&passkeys, &mut copy, &kept, OWNER, ORIGIN);
    assert_eq!(result.unwrap_err(), AnswerError::Copied);
}

// THREATS T-32
#[test]
fn nobody_signs_in_as_another_with_a_passkey_of_his_own() {
    let passkeys = passkeys();
    let (mut mine, kept_mine) = enrol(&passkeys, 1, OWNER);
    let (_, kept_other) = enrol(&passkeys, 2, OTHER);
    // My passkey, said to be the other's.
    mine.claim(OTHER.as_bytes());
    assert!(sign_in(&passkeys, &mut mine, &kept_mine, OWNER, ORIGIN).is_err());
    assert!(sign_in(&passkeys, &mut mine, &kept_other, OTHER, ORIGIN).is_err());
    // My passkey, under the id of the other's.
    mine.claim(OTHER.as_bytes());
    let (options, begun) = passkeys.begin_sign_in().unwrap();
    let mut answer = mine.get(&options, ORIGIN).answer;
    let other: serde_json::Value = serde_json::from_slice(&kept_other.to_bytes().unwrap()).unwrap();
    answer["rawId"] = other["cred"]["cred_id"].clone();
    answer["id"] = answer["rawId"].clone();
    let answer = Answer::read(answer.to_string().as_bytes()).unwrap();
    assert_eq!(answer.id(), kept_other.id());
    let result = passkeys.finish_sign_in(begun, &answer, &kept_other, OTHER);
    assert_eq!(result.unwrap_err(), AnswerError::Refused);
}

// THREATS T-32
#[test]
fn an_altered_answer_is_refused() {
    let passkeys = passkeys();
    let (mut soft, kept) = enrol(&passkeys, 1, OWNER);
    for field in ["authenticatorData", "signature"] {
        let (options, begun) = passkeys.begin_sign_in().unwrap();
        let mut answer = soft.get(&options, ORIGIN).answer;
        let text = answer["response"][field].as_str().unwrap().to_owned();
        let flipped = if text.as_bytes()[44] == b'A' { "B" } else { "A" };
        let altered = format!("{}{flipped}{}", &text[..44], &text[45..]);
        answer["response"][field] = altered.into();
        let answer = Answer::read(answer.to_string().as_bytes()).unwrap();
        assert!(passkeys.finish_sign_in(begun, &answer, &kept, OWNER).is_err(), "{field}");
    }
}

#[test]
fn a_confirmation_takes_a_passkey_of_the_same_person_alone() {
    let passkeys = passkeys();
    let (mut mine, kept) = enrol(&passkeys, 1, OWNER);
    let (mut other, _) = enrol(&passkeys, 2, OTHER);
    let kept = [kept];
    let (options, begun) = passkeys.begin_confirmation(&kept).unwrap();
    let answer = Answer::read(&other.get(&options, ORIGIN).bytes()).unwrap();
    assert!(passkeys.finish_confirmation(&begun, &answer, &kept).is_err());
    let (options, begun) = passkeys.begin_confirmation(&kept).unwrap();
    let answer = Answer::read(&mine.get(&options, ORIGIN).bytes()).unwrap();
    assert!(passkeys.finish_confirmation(&begun, &answer, &kept).is_ok());
    assert!(passkeys.begin_confirmation(&[]).is_err());
}

// THREATS T-32
#[test]
fn a_passkey_that_was_removed_meanwhile_confirms_nothing() {
    let passkeys = passkeys();
    let (mut mine, kept) = enrol(&passkeys, 1, OWNER);
    let (_, left) = enrol(&passkeys, 2, OWNER);
    let (options, begun) = passkeys.begin_confirmation(&[kept, left.clone()]).unwrap();
    let answer = Answer::read(&mine.get(&options, ORIGIN).bytes()).unwrap();
    assert!(passkeys.finish_confirmation(&begun, &answer, &[left]).is_err());
}

// THREATS T-33
#[test]
fn nothing_prints_what_was_kept_or_answered() {
    let (_, kept) = enrol(&passkeys(), 1, OWNER);
    assert_eq!(format!("{kept:?}"), "StoredPasskey(…)");
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let passkeys = passkeys();
        let (_, begun) = passkeys.begin_enrolment(OWNER, "o.testwick", &[]).unwrap();
        prop_assert!(passkeys.finish_enrolment(&begun, &bytes).is_err());
        prop_assert!(Answer::read(&bytes).is_err());
        prop_assert!(StoredPasskey::from_bytes(&bytes).is_err());
    }
}
