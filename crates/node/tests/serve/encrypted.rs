//! TLS, and what is negotiated.

use crate::node::{Answer, Folder};
use std::io::{BufReader, Write};
use std::sync::Arc;
use tokio_rustls::rustls::crypto::SupportedKxGroup;
use tokio_rustls::rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore, StreamOwned,
};

struct Certified {
    folder: Folder,
    root: CertificateDer<'static>,
}

fn certified() -> Certified {
    let folder = Folder::new();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    folder.write("cert.pem", &made.cert.pem());
    folder.write("key.pem", &made.signing_key.serialize_pem());
    Certified { folder, root: made.cert.der().clone() }
}

fn client(root: &CertificateDer<'static>, hybrid: bool, alpn: &[&[u8]]) -> ClientConfig {
    let mut provider = default_provider();
    provider.kx_groups = if hybrid {
        // As browsers have it.
        vec![kx_group::X25519MLKEM768, kx_group::X25519]
    } else {
        vec![kx_group::X25519]
    };
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config
}

// THREATS T-37
#[test]
fn what_is_recorded_today_stays_closed_to_quantum_computers() {
    let Certified { folder, root } = certified();
    let (cert, key) = (folder.path("cert.pem"), folder.path("key.pem"));
    let node =
        folder.serve(&["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    for (hybrid, group) in [(true, NamedGroup::X25519MLKEM768), (false, NamedGroup::X25519)] {
        let config = client(&root, hybrid, &[b"http/1.1"]);
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, node.connect());
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let answer = Answer::read(&mut BufReader::new(&mut stream));
        assert_eq!(answer.status, 200);
        assert!(answer.header("strict-transport-security").is_some());
        let chosen = stream.conn.negotiated_key_exchange_group().map(SupportedKxGroup::name);
        assert_eq!(chosen, Some(group));
        assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    }
}

#[test]
fn a_client_that_offers_both_gets_http_2() {
    let Certified { folder, root } = certified();
    let (cert, key) = (folder.path("cert.pem"), folder.path("key.pem"));
    let node =
        folder.serve(&["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    let config = client(&root, true, &[b"h2", b"http/1.1"]);
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = node.connect();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).unwrap();
    }
    assert_eq!(connection.alpn_protocol(), Some(b"h2".as_slice()));
}

#[test]
fn a_certificate_is_read_again_when_told_to_and_a_bad_one_changes_nothing() {
    let Certified { folder, root } = certified();
    let (cert, key) = (folder.path("cert.pem"), folder.path("key.pem"));
    let node =
        folder.serve(&["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    let reaches = |root: &CertificateDer<'static>| {
        let name = ServerName::try_from("localhost").unwrap();
        let config = client(root, true, &[b"http/1.1"]);
        let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = node.connect();
        while connection.is_handshaking() {
            if connection.complete_io(&mut stream).is_err() {
                return false;
            }
        }
        true
    };
    assert!(reaches(&root));
    folder.write("cert.pem", "no certificate");
    node.signal("-HUP");
    crate::node::eventually("it says so", || node.log().contains("in use stays").then_some(()));
    assert!(reaches(&root));
    let new = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    folder.write("cert.pem", &new.cert.pem());
    folder.write("key.pem", &new.signing_key.serialize_pem());
    node.signal("-HUP");
    crate::node::eventually("it says so", || node.log().contains("read again").then_some(()));
    assert!(reaches(new.cert.der()));
    assert!(!reaches(&root));
}
