use super::*;

/// What is rotated and what is erased must be the same cells: one left out would be lost with the
/// generation that it is sealed under.
#[test]
fn every_sealed_cell_is_sealed_anew() {
    let names = |tables: &[&'static str]| tables.to_vec();
    let sealed: Vec<_> = SEALED.iter().map(|table| table.name).collect();
    let rotated: Vec<_> = ROTATED.iter().map(|table| table.table).collect();
    assert_eq!(names(&sealed), names(&rotated));
    for (sealed, rotated) in SEALED.iter().zip(ROTATED) {
        for (number, column) in (4..).zip(sealed.columns) {
            assert!(rotated.put.contains(&format!("{column} = ${number}")), "{}", sealed.name);
            assert!(rotated.page.contains(column), "{}", sealed.name);
        }
        for column in [sealed.id, sealed.record] {
            assert!(rotated.page.contains(column), "{}", sealed.name);
        }
    }
}
