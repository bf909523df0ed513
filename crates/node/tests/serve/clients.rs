//! Clients that others wrote the rules for: each follows the documentation of another program and
//! knows nothing of this one.

use crate::node::Folder;
use std::process::Command;

fn runs(client: &str) {
    let folder = Folder::with_list();
    let node = folder.serve_lists(&[]);
    let script = format!("{}/tests/serve/clients/{client}", env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("python3")
        .arg(script)
        .arg(format!("http://{}", node.address))
        .output()
        .expect("install python3, which the clients are written in");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_client_written_after_the_documentation_of_yente_works_unchanged() {
    runs("yente.py");
}

#[test]
fn a_client_of_the_reconciliation_api_works_unchanged() {
    runs("reconciliation.py");
}
