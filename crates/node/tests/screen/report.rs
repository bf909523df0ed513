//! The HTML report: complete in itself, escaped, and readable by everybody.

use crate::common::Desk;

/// Elements that end by themselves.
const VOID: [&str; 7] = ["meta", "br", "line", "rect", "path", "link", "img"];

fn page(desk: &Desk, more: &str) -> String {
    let run = desk.screen(&format!("--out report.html {more}"));
    assert_ne!(run.status, 2, "{}", run.err);
    desk.text("report.html")
}

fn hostile() -> Desk {
    let desk = Desk::new();
    desk.write(
        "donors.csv",
        "Name,Town,Received date\n\"Orsolya Testwick <script>alert('1')</script>\",\"\"\"><img src=x onerror=y>\",01/02/2024\n,\"</td><script>\",\n",
    );
    desk.write(
        "list.jsonl",
        r#"{"id":"\"><svg onload=z>","schema":"Person","properties":{"name":["Orsolya Testwick </title><script>2</script>"],"position":["<b>x</b>"],"nationality":["<i>"]}}"#,
    );
    desk
}

#[test]
fn it_asks_for_nothing_from_outside() {
    let page = page(&Desk::new(), "");
    for forbidden in ["http:", "https:", "//", "src=", "<link", "@import", "<iframe", "<object"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn it_holds_no_script_whatever_people_are_called() {
    for page in [page(&Desk::new(), ""), page(&hostile(), "--threshold 0")] {
        let lower = page.to_lowercase();
        for forbidden in ["<script", "<img", "<svg onload", "javascript:", "<b>x", "<i>"] {
            assert!(!lower.contains(forbidden), "{forbidden}");
        }
    }
}

#[test]
fn hostile_names_are_shown_as_they_are_written() {
    let page = page(&hostile(), "--threshold 0");
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn the_title_names_nobody() {
    let page = page(&Desk::new(), "");
    let start = page.find("<title>").unwrap();
    let end = page.find("</title>").unwrap();
    assert_eq!(&page[start..end], "<title>Portcullis screening report");
}

#[test]
fn every_element_is_closed_in_order() {
    for page in [page(&Desk::new(), ""), page(&hostile(), "--threshold 0")] {
        let mut open: Vec<String> = Vec::new();
        let body = page.split_once("<body>").unwrap().1;
        for piece in body.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap();
            let name: String = tag
                .trim_start_matches('/')
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if tag.starts_with('/') {
                let expected = if name == "body" || name == "html" { continue } else { open.pop() };
                assert_eq!(expected.as_deref(), Some(name.as_str()));
            } else if !VOID.contains(&name.as_str()) && !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn those_who_do_not_see_it_can_find_their_way() {
    let page = page(&Desk::new(), "");
    assert!(page.contains("<html lang=\"en-GB\">"));
    assert!(page.contains("href=\"#main\"") && page.contains("<main id=\"main\""));
    let tables = page.matches("<table").count();
    assert_eq!(page.matches("<caption").count(), tables);
    assert_eq!(
        page.matches("<th ").count() + page.matches("<th>").count(),
        page.matches("scope=").count()
    );
    let pictures = page.matches("role=\"img\"").count();
    assert!(pictures > 0);
    assert_eq!(page.matches("<desc id=").count(), pictures);
}

#[test]
fn it_says_what_an_officer_needs_to_decide() {
    let page = page(&Desk::new(), "");
    for part in [
        "3 donors were screened",
        "may be the same as",
        "Decide by",
        "2024-03-01",
        "1 in 4,096",
        "Side by side",
        "What is missing",
        "portcullis decisions add",
        "Method and limits",
        "OFFICIAL-SENSITIVE: contains personal data",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.to_lowercase().contains("suspect"));
}

#[test]
fn differences_are_told_in_words_and_signs_not_in_colour_alone() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Date of birth\nQuillon Examplesson,05/05/1996\n");
    let page = page(&desk, "--threshold 0");
    assert!(page.contains("\u{2260} differs"), "{page}");
}

#[test]
fn the_marking_can_be_chosen_and_cannot_break_the_page() {
    let desk = Desk::new();
    let output = desk
        .command()
        .args(["screen", "donors.csv", "--class", "donor", "--list", "list.jsonl"])
        .args(["--out", "report.html", "--marking", "\"}</style><script>x</script>"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let page = desk.text("report.html");
    assert!(!page.contains("<script"));
    assert_eq!(page.matches("</style>").count(), 1);
}

#[test]
fn nobody_found_is_not_sold_as_an_all_clear() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name\nHester Mockridge\n");
    let page = page(&desk, "");
    assert!(page.contains("does not prove that nobody is listed"), "{page}");
}
