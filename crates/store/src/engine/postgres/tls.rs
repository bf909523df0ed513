//! TLS to the server: its certificate must be good for the name it was called by.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why no certificate could be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("cannot read the certificates in `{path}`, which `sslrootcert` names")]
    File { path: String, source: rustls::pki_types::pem::Error },
    #[error("a certificate in `{path}`, which `sslrootcert` names, is none")]
    Certificate { path: String, source: rustls::Error },
    #[error("there are no certificates in `{path}`, which `sslrootcert` names")]
    Empty { path: String },
    #[error(
        "this system names no certificate authority; name the file of your own with `sslrootcert=`"
    )]
    NoRoots,
    #[error("the encryption that the program has does not do TLS")]
    Provider { source: rustls::Error },
}

/// Trusts the authorities in the file, else those of the system, and nobody else.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, TlsError> {
    let roots = match roots {
        Some(path) => of_file(path)?,
        None => of_system()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError::Provider { source })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn of_file(path: &Path) -> Result<RootCertStore, TlsError> {
    let name = || path.display().to_string();
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(|source| TlsError::File { path: name(), source })?;
    for certificate in certificates {
        let certificate = certificate.map_err(|source| TlsError::File { path: name(), source })?;
        roots.add(certificate).map_err(|source| TlsError::Certificate { path: name(), source })?;
    }
    if roots.is_empty() { Err(TlsError::Empty { path: name() }) } else { Ok(roots) }
}

fn of_system() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    // Systems carry certificates that are none; those are passed over.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) }
}
