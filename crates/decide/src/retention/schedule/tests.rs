use super::*;
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn after(period: &str, from: &str) -> String {
    period.parse::<Period>().unwrap().after(day(from)).to_string()
}

/// The default with one thing another, and what is wrong with it: line, column, message.
fn fault(old: &str, new: &str) -> (usize, usize, String) {
    assert!(DEFAULT.contains(old), "{old}");
    let error = DEFAULT.replacen(old, new, 1).parse::<Schedule>().unwrap_err();
    (error.line, error.column, error.fault.to_string())
}

/// The line of the default, counted from 1, that reads so.
fn line_of(line: &str) -> usize {
    DEFAULT.lines().position(|other| other == line).unwrap() + 1
}

#[test]
fn a_period_ends_where_the_calendar_says() {
    for (period, from, expected) in [
        ("1 day", "2026-03-01", "2026-03-02"),
        ("30 days", "2026-03-01", "2026-03-31"),
        ("30 days", "2024-01-31", "2024-03-01"), // one day of January's end, 29 of a leap February
        ("365 days", "2023-03-01", "2024-02-29"), // a leap day within
        ("1 month", "2026-01-31", "2026-02-28"), // February has no 31st
        ("18 months", "2026-08-15", "2028-02-15"),
        ("1 year", "2024-02-29", "2025-02-28"), // a common year has no 29 February
        ("4 years", "2024-02-29", "2028-02-29"),
        ("6 years", "2026-11-22", "2032-11-22"),
        ("100 years", "2026-03-01", "2126-03-01"),
        ("1 day", "9999-12-31", "9999-12-31"), // the last day of the calendar
    ] {
        assert_eq!(after(period, from), expected, "{period} after {from}");
    }
}

#[test]
fn a_period_prints_as_it_is_read() {
    for text in ["1 day", "90 days", "1 month", "18 months", "1 year", "100 years"] {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_period_is_refused() {
    for text in [
        "",
        "90",
        "days",
        " days",
        "90days",
        "90  days",
        "-1 days",
        "+1 days",
        "1.5 years",
        "6 Years",
        "6 weeks",
        "for ever",
        "٣ days",
        "6 years ",
    ] {
        assert_eq!(text.parse::<Period>(), Err(PeriodError::NotAPeriod), "{text}");
    }
    for text in ["0 days", "0 years", "000 months"] {
        assert_eq!(text.parse::<Period>(), Err(PeriodError::Zero), "{text}");
    }
    for text in ["101 years", "1201 months", "36501 days", "99999999999999999999 days"] {
        assert_eq!(text.parse::<Period>(), Err(PeriodError::TooLong), "{text}");
    }
}

#[test]
fn the_default_keeps_what_the_guide_says() {
    use RecordKind::{
        Decision, Disposal as Proof, GivenUpJob, Job, Label, ListHistory, Log, RaisedPair,
        Screening,
    };
    let schedule = Schedule::default();
    for (kind, purpose, review_on, disposal) in [
        (Decision, Purpose::ScreenDonor, "2032-03-01", Disposal::Review),
        (Decision, Purpose::ScreenCandidate, "2028-03-01", Disposal::Review),
        (Decision, Purpose::ScreenStaff, "2028-03-01", Disposal::Review),
        (Decision, Purpose::ScreenAssociate, "2028-03-01", Disposal::Review),
        (RaisedPair, Purpose::ScreenStaff, "2026-05-30", Disposal::Erase),
        (Screening, Purpose::ScreenDonor, "2032-03-01", Disposal::Erase),
        (ListHistory, Purpose::KeepLists, "2032-03-01", Disposal::Review),
        (Job, Purpose::KeepLists, "2026-05-30", Disposal::Erase),
        (GivenUpJob, Purpose::KeepLists, "2027-03-01", Disposal::Review),
        (Log, Purpose::Oversight, "2036-03-01", Disposal::Erase),
        (Proof, Purpose::ScreenDonor, "2036-03-01", Disposal::Erase),
        (Label, Purpose::ScreenDonor, "2032-03-01", Disposal::Review),
    ] {
        let expected = Retention { kind, purpose, review_on: day(review_on), disposal };
        assert_eq!(schedule.retention_for(kind, purpose, day("2026-03-01")), expected);
    }
}

#[test]
fn the_guide_tells_each_rule_of_the_default() {
    let guide = include_str!("../../../../../docs/guide/retention.md");
    for (kind, _, rule) in Schedule::default().rules() {
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{}` |", kind.code())));
        let row = row.unwrap_or_else(|| panic!("no row for {kind:?}"));
        assert!(row.contains(&rule.period.to_string()), "{row}");
        assert!(row.ends_with(&format!("| {} |", rule.disposal.code())), "{row}");
    }
}

#[test]
fn every_rule_says_why() {
    let schedule = Schedule::default();
    assert_eq!(schedule.rules().count(), RecordKind::ALL.len() + 3);
    for (kind, purpose, rule) in schedule.rules() {
        assert!(rule.because.len() > 40, "{kind:?} {purpose:?}");
    }
}

#[test]
fn a_rule_for_one_purpose_holds_for_no_other() {
    let text = format!(
        "{DEFAULT}\n[raised-pair.for.screen-staff]\nkeep = \"7 days\"\nthen = \"review\"\nbecause = \" \
         few work here \"\n"
    );
    let schedule: Schedule = text.parse().unwrap();
    let rule = schedule.rule_for(RecordKind::RaisedPair, Purpose::ScreenStaff);
    assert_eq!((rule.period.to_string().as_str(), rule.disposal), ("7 days", Disposal::Review));
    assert_eq!(rule.because, "few work here");
    let rule = schedule.rule_for(RecordKind::RaisedPair, Purpose::ScreenDonor);
    assert_eq!((rule.period.to_string().as_str(), rule.disposal), ("90 days", Disposal::Erase));
}

#[test]
fn a_period_of_nothing_is_refused_where_it_stands() {
    let line = line_of("[raised-pair]") + 1;
    let (found, column, message) = fault("keep = \"90 days\"", "keep = \"0 days\"");
    // `keep = ` is seven characters, so the value begins at the eighth.
    assert_eq!((found, column), (line, 8));
    assert_eq!(message, PeriodError::Zero.to_string());
}

#[test]
fn a_column_counts_characters_and_not_bytes() {
    let error = "é = 1".parse::<Schedule>().unwrap_err();
    assert_eq!((error.line, error.column), (1, 1));
    let error = "[decision]\n\"ééé\" = 1\n".parse::<Schedule>().unwrap_err();
    assert_eq!((error.line, error.column), (2, 1));
    let text = DEFAULT.replacen("keep = \"6 years\"", "\"keep\" = \"6 ans\"  # é", 1);
    let error = text.parse::<Schedule>().unwrap_err();
    assert_eq!((error.line, error.column), (line_of("[decision]") + 1, 10));
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let (line, column, message) = fault("then = \"review\"", "than = \"review\"");
    assert_eq!((line, column), (line_of("[decision]") + 2, 1));
    assert!(message.contains("`than`"), "{message}");
    let (line, _, message) = fault("[job]", "[jobs]");
    assert_eq!(line, line_of("[job]"));
    assert!(
        message.starts_with("there is no kind of record `jobs`; the kinds are decision, "),
        "{message}"
    );
    let (line, _, message) = fault("[decision.for.screen-staff]", "[decision.for.staff]");
    assert_eq!(line, line_of("[decision.for.screen-staff]"));
    assert!(message.starts_with("there is no purpose `staff`"), "{message}");
    let (_, _, message) = fault("[decision.for.screen-staff]", "[decision.fro.screen-staff]");
    assert!(message.contains("`fro`"), "{message}");
}

#[test]
fn every_kind_must_be_covered() {
    for kind in RecordKind::ALL {
        let mut tables: toml::Table = DEFAULT.parse().unwrap();
        tables.remove(kind.code()).unwrap();
        let error = tables.to_string().parse::<Schedule>().unwrap_err();
        assert_eq!(error.fault, ScheduleFault::NotCovered { kind });
    }
    assert!("".parse::<Schedule>().is_err());
}

#[test]
fn no_schedule_has_a_job_erase_what_a_person_must_look_at() {
    let reviewed: Vec<_> =
        RecordKind::ALL.into_iter().filter(|kind| kind.must_be_reviewed().is_some()).collect();
    let expected = [
        RecordKind::Decision,
        RecordKind::ListHistory,
        RecordKind::GivenUpJob,
        RecordKind::Label,
        RecordKind::Person,
        RecordKind::PersonChange,
        RecordKind::Submission,
        RecordKind::Report,
        RecordKind::Referral,
        RecordKind::Notice,
        RecordKind::NoticeCopy,
        RecordKind::Tie,
    ];
    assert_eq!(reviewed, expected);
    for kind in reviewed {
        let mut tables: toml::Table = DEFAULT.parse().unwrap();
        tables[kind.code()]["then"] = "erase".into();
        let error = tables.to_string().parse::<Schedule>().unwrap_err();
        let because = kind.must_be_reviewed().unwrap();
        assert_eq!(error.fault, ScheduleFault::MustBeReviewed { kind, because });
    }
    // Nor by way of a purpose.
    let error = DEFAULT
        .replace("keep = \"2 years\"\nthen = \"review\"", "keep = \"2 years\"\nthen = \"erase\"")
        .parse::<Schedule>()
        .unwrap_err();
    assert!(matches!(
        error.fault,
        ScheduleFault::MustBeReviewed { kind: RecordKind::Decision, .. }
    ));
}

#[test]
fn the_proof_of_a_disposal_is_kept_as_long_as_anything() {
    let place = format!("[disposal]\n{}", "keep = \"10 years\"");
    let (line, _, message) = fault(&place, "[disposal]\nkeep = \"9 years\"");
    assert_eq!(line, line_of("[disposal]"));
    assert_eq!(message, "the proof of a disposal is kept at least as long as a `log`");
    let (.., message) = fault("keep = \"2 years\"", "keep = \"11 years\"");
    assert_eq!(message, "the proof of a disposal is kept at least as long as a `decision`");
}

#[test]
fn a_rule_without_a_reason_is_refused() {
    let text = format!("{DEFAULT}\n[job.for.oversight]\nkeep = \"1 day\"\nthen = \"erase\"\n");
    assert!(text.parse::<Schedule>().unwrap_err().to_string().contains("`because`"));
    for because in ["", "  ", &"x".repeat(1_001)] {
        let error = format!("{text}because = \"{because}\"\n").parse::<Schedule>().unwrap_err();
        assert_eq!(error.fault, ScheduleFault::Because);
        assert_eq!((error.line, error.column), (text.lines().count() + 1, 11));
    }
}

#[test]
fn what_happens_then_is_erase_or_review() {
    let (line, column, message) = fault("then = \"erase\"", "then = \"keep\"");
    assert_eq!((line, column), (line_of("[raised-pair]") + 2, 8));
    assert_eq!(message, "what happens then is `erase` or `review`, not `keep`");
}

#[test]
fn a_text_beyond_any_schedule_is_not_looked_at() {
    let text = format!("{DEFAULT}#{}", "x".repeat(MAX_BYTES));
    assert_eq!(text.parse::<Schedule>().unwrap_err().fault, ScheduleFault::TooLong);
}

#[test]
fn a_mistake_of_toml_is_told_where_it_is() {
    let (line, _, message) = fault("keep = \"90 days\"", "keep = 90 days");
    assert_eq!(line, line_of("[raised-pair]") + 1);
    assert!(!message.contains('\n'), "{message}");
    let (line, _, _) = fault("[job]", "[screening]");
    assert_eq!(line, line_of("[job]"));
}

#[test]
fn the_seeds_of_the_fuzz_target_are_what_they_are_called() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/retention_schedule");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert_eq!(text.parse::<Schedule>().is_ok(), name.starts_with("good_"), "{name}");
        seen += 1;
    }
    assert!(seen > 10);
}

fn periods() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1..=36_500).prop_map(|length| format!("{length} days")),
        (1..=1_200).prop_map(|length| format!("{length} months")),
        (1..=100).prop_map(|length| format!("{length} years")),
    ]
    .prop_map(|text| text.parse().unwrap())
}

fn days() -> impl Strategy<Value = Date> {
    (0_i32..2_900_000).prop_map(|number| day("1970-01-01") + Span::new().days(number))
}

proptest! {
    #[test]
    fn a_period_reads_back_and_leads_forward(period in periods(), from in days()) {
        prop_assert_eq!(period.to_string().parse(), Ok(period));
        prop_assert!(period.after(from) > from);
    }

    #[test]
    fn what_is_opened_later_is_not_due_earlier(period in periods(), one in days(), two in days()) {
        prop_assert!(period.after(one.min(two)) <= period.after(one.max(two)));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text: String) {
        let _ = text.parse::<Schedule>();
        let _ = text.parse::<Period>();
    }

    #[test]
    fn no_change_of_the_default_makes_the_reader_panic(
        at in 0..DEFAULT.len(), gone in 0_usize..40, there in "[\\PC\\n]{0,12}",
    ) {
        let mut bytes = DEFAULT.as_bytes().to_vec();
        let end = bytes.len().min(at + gone);
        bytes.splice(at..end, there.into_bytes());
        if let Err(error) = String::from_utf8_lossy(&bytes).parse::<Schedule>() {
            prop_assert!(error.line > 0 && error.column > 0);
        }
    }
}
