use crate::common::{EverySize, Memory, bytes, entry, policy, vector};
use portcullis_audit::{
    Disclosure, Opened, Policy, ProofError, Receipt, ReceiptError, ReceiptFormatError, Tree,
    Unsatisfied,
};
use proptest::prelude::*;

fn receipt() -> Receipt {
    Receipt::parse(vector("receipt")["receipt"].as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn a_receipt_is_that_of_another_implementation() {
    let case = vector("receipt");
    let text = case["receipt"].as_str().unwrap();
    let receipt = receipt();
    assert_eq!(receipt.extra, Some(bytes(&case["extra"])));
    assert_eq!(receipt.index, case["index"].as_u64().unwrap());
    assert_eq!(receipt.to_string(), text);
    let satisfied = receipt.verify(&bytes(&case["entry"]), &policy(2)).unwrap();
    assert_eq!(satisfied.checkpoint.size(), 1000);
    assert_eq!(satisfied.checkpoint, receipt.head().unwrap());
    assert_eq!(satisfied.cosigners.len(), 2);
}

#[test]
fn a_receipt_from_tiles_is_the_same() {
    let memory = EverySize(Memory::of(1000));
    let path = Tree::new(&memory, 1000).inclusion(500).unwrap();
    assert_eq!(path, receipt().path);
}

#[test]
fn a_receipt_for_another_entry_or_policy_is_refused() {
    let receipt = receipt();
    assert_eq!(
        receipt.verify(&entry(501), &policy(2)),
        Err(ReceiptError::Proof(ProofError::Root {}))
    );
    let moved = Receipt { index: 501, ..receipt.clone() };
    assert!(matches!(moved.verify(&entry(500), &policy(2)), Err(ReceiptError::Proof(_))));
    assert!(matches!(
        receipt.verify(&entry(500), &policy(3)),
        Err(ReceiptError::Policy(Unsatisfied::Quorum { .. }))
    ));
}

#[test]
fn malformed_receipts_are_refused() {
    let good = receipt().to_string();
    let line = |line| ReceiptFormatError::Line { line };
    for (bad, error) in [
        (String::new(), line(1)),
        (good.replace("@v1", "@v2"), line(1)),
        (good.replace("extra b3BhcXVl", "extra b3BhcXVl="), line(2)),
        (good.replace("index 500", "index 0500"), line(3)),
        (good.replace("index 500\n", ""), line(3)),
        (good.replacen("=\n", "\n", 1), line(4)),
        ("c2sp.org/tlog-proof@v1\nindex 5\n".into(), line(3)),
        (format!("c2sp.org/tlog-proof@v1\nindex 5\n{}", "A".repeat(43) + "=\n"), line(4)),
        (
            format!("c2sp.org/tlog-proof@v1\nindex 5\n{}", ("A".repeat(43) + "=\n").repeat(65)),
            line(67),
        ),
        ("x".repeat(1_200_000), ReceiptFormatError::Text {}),
    ] {
        assert_eq!(Receipt::parse(bad.as_bytes()), Err(error));
    }
    let cut = good.trim_end_matches('\n');
    assert!(matches!(Receipt::parse(cut.as_bytes()), Err(ReceiptFormatError::Note(_))));
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_receipt_is_found_but_in_what_nobody_signed(at: prop::sample::Index) {
        let good = Receipt { extra: None, ..receipt() }.to_string();
        let at = at.index(good.len() * 8);
        let mut bytes = good.into_bytes();
        bytes[at / 8] ^= 1 << (at % 8);
        let policy = policy(2);
        let read = Receipt::parse(&bytes);
        prop_assert!(!read.is_ok_and(|receipt| receipt.verify(&entry(500), &policy).is_ok()));
    }

    #[test]
    fn no_receipt_makes_the_parser_panic(rest in "(extra |index |[A-Za-z0-9=]{0,44}|\n|— ){0,30}") {
        let text = format!("c2sp.org/tlog-proof@v1\n{rest}");
        if let Ok(receipt) = Receipt::parse(text.as_bytes()) {
            prop_assert_eq!(receipt.to_string(), text);
        }
        let _ = Receipt::parse(rest.as_bytes());
    }
}

#[test]
fn an_opened_receipt_is_that_of_another_implementation() {
    let case = vector("opening");
    let policy = format!("log {}\nquorum none\n", case["log"].as_str().unwrap());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    for good in case["good"].as_array().unwrap() {
        let text = good["opening"].as_str().unwrap();
        let disclosure = Disclosure::parse(text.as_bytes()).unwrap();
        assert_eq!(disclosure.to_text().as_str(), text);
        let expected = if good["opens"] == "real" { Opened::Real } else { Opened::Decoy };
        assert_eq!(disclosure.verify(&policy).unwrap().0, expected);
        assert_eq!(*disclosure.opening.payload, bytes(&good["payload"]));
    }
}
