//! The way to the server: what is sent along it, to whom, and what is said of it.

use super::whole;
use crate::StoreError;
use crate::engine::postgres::Postgres;
use portcullis_testkit::postgres::{Options, OverNetwork, PASSWORD, PostgresServer, USER};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::thread;

/// An authority, and a server on 127.0.0.1 with a certificate of it for the name `localhost`.
struct Certified {
    server: PostgresServer,
    folder: tempfile::TempDir,
}

impl Certified {
    fn start() -> Option<Self> {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("roots.pem"), authority.pem()).unwrap();
        std::fs::write(folder.path().join("empty.pem"), "").unwrap();
        let server = PostgresServer::start(&Options {
            settings: Vec::new(),
            over_network: Some(OverNetwork::Encrypted {
                certificate: certificate.pem(),
                key: key.serialize_pem(),
            }),
        })?;
        Some(Self { server, folder })
    }

    fn open(&self, host: &str, options: &str, roots: &str) -> Result<Postgres, StoreError> {
        let (port, roots) = (self.server.port(), self.folder.path().join(roots));
        Postgres::open(&format!(
            "postgres://{USER}:{PASSWORD}@{host}:{port}/postgres?{options}&sslrootcert={}",
            roots.display()
        ))
    }
}

// THREATS T-22
#[test]
fn a_server_elsewhere_is_believed_only_with_a_certificate_for_its_name() {
    let Some(certified) = Certified::start() else { return };
    certified.open("localhost", "sslmode=verify-full", "roots.pem").unwrap();
    // Less than that cannot be asked for.
    certified.open("localhost", "sslmode=require", "roots.pem").unwrap();
    for (host, options, roots, expected) in [
        // A name that the certificate is not for, which is dialled all the same.
        ("db.example", "hostaddr=127.0.0.1", "roots.pem", "NotValidForName"),
        ("db.example", "hostaddr=127.0.0.1&sslmode=require", "roots.pem", "NotValidForName"),
        ("localhost", "sslmode=require", "empty.pem", "no certificates"),
        ("localhost", "sslmode=require", "missing.pem", "cannot read"),
    ] {
        let told = whole(&certified.open(host, options, roots).unwrap_err());
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains(PASSWORD), "{told}");
    }
    // An authority of the same name that did not sign it.
    let other = KeyPair::generate().unwrap();
    let stranger = CertificateParams::new(Vec::new()).unwrap().self_signed(&other).unwrap();
    std::fs::write(certified.folder.path().join("other.pem"), stranger.pem()).unwrap();
    let told = whole(&certified.open("localhost", "sslmode=require", "other.pem").unwrap_err());
    assert!(told.contains("BadSignature"), "{told}");
}

#[test]
fn a_wrong_password_is_told_without_it() {
    let over_network = Some(OverNetwork::Plain);
    let Some(server) = PostgresServer::start(&Options { settings: Vec::new(), over_network })
    else {
        return;
    };
    let address =
        |password| format!("postgres://{USER}:{password}@127.0.0.1:{}/postgres", server.port());
    Postgres::open(&address(PASSWORD)).unwrap();
    let told = whole(&Postgres::open(&address("mistyped")).unwrap_err());
    assert!(told.contains("28P01") && !told.contains("mistyped"), "{told}");
}

#[test]
fn a_password_reaches_no_error_and_no_debug_output() {
    for address in [
        "postgres://u:planted-password@127.0.0.1:1/x",
        "postgres://u:planted-password@db.example/x?sslmode=disable",
        "postgres://u:planted-password@db.example/x?sslmode=planted-password",
        "postgres://u:planted-password@db.example:port/x",
        "postgres://u:planted-password@127.0.0.1/x?planted-password=1",
        "postgres://u:planted-password?@127.0.0.1:1/x",
        "mysql://u:planted-password@db.example/x",
        "host=127.0.0.1 port=1 password=planted-password",
        "postgres://u@127.0.0.1:1/x?password=planted-password",
        "postgres://u@127.0.0.1:1/x?password=planted-password&sslrootcert=/nowhere",
    ] {
        let told = whole(&Postgres::open(address).unwrap_err());
        assert!(!told.contains("planted"), "{told}");
    }
    let place = super::super::place::Place::parse("postgres://u:planted@127.0.0.1:7/x").unwrap();
    assert_eq!(format!("{place} {place:?}").matches("planted").count(), 0);
    assert!(place.to_string().contains("127.0.0.1:7"));
}

/// A server on the loopback that answers everything with this byte. Gives what it was sent.
fn answering(byte: u8, address: impl FnOnce(u16) -> String) -> (Vec<u8>, StoreError) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 8];
        stream.read_exact(&mut asked).unwrap();
        stream.write_all(&[byte]).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        [asked.to_vec(), rest].concat()
    });
    let error = Postgres::open(&address(port)).unwrap_err();
    (server.join().unwrap(), error)
}

#[test]
fn a_server_elsewhere_without_tls_is_sent_nothing_but_the_question() {
    // The name is one of another machine, though it leads here.
    let (sent, error) = answering(b'N', |port| {
        format!("postgres://u:planted@db.example:{port}/x?hostaddr=127.0.0.1")
    });
    // SSLRequest of the PostgreSQL protocol: length 8, code 80877103.
    assert_eq!(sent, [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]);
    assert!(whole(&error).contains("TLS"), "{}", whole(&error));
}

#[test]
fn no_option_sends_anything_to_another_machine_in_the_clear() {
    for mode in ["disable", "allow", "prefer"] {
        for host in ["db.example", "192.0.2.1", "127.0.0.1.example", "db.example,127.0.0.1"] {
            let address = format!("postgres://u:planted@{host}/x?sslmode={mode}");
            let told = whole(&Postgres::open(&address).unwrap_err());
            assert!(told.contains("others on the network"), "{told}");
        }
        // The address is what is dialled, whatever the name is.
        let address = format!("postgres://u@localhost/x?hostaddr=192.0.2.1&sslmode={mode}");
        let told = whole(&Postgres::open(&address).unwrap_err());
        assert!(told.contains("others on the network"), "{told}");
    }
}
