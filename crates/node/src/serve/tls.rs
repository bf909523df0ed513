//! TLS, with key exchange that an eavesdropper of today can't open with a quantum computer of tomorrow.

use super::args::Args;
use anyhow::Context;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// The certificate and key in use, which may be exchanged while the node serves.
pub(super) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<TlsAcceptor>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS as the command line has it, if it does.
    pub(super) fn of(args: &Args) -> anyhow::Result<Option<Self>> {
        let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) else {
            return Ok(None);
        };
        let current = RwLock::new(acceptor(certificate, key)?);
        Ok(Some(Self { certificate: certificate.clone(), key: key.clone(), current }))
    }

    /// What accepts a connection at this moment.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads certificate and key again; those in use stay when the new ones can't be used.
    pub(super) fn reload(&self) -> anyhow::Result<()> {
        let new = acceptor(&self.certificate, &self.key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

fn acceptor(certificate: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the certificate in `{}`", certificate.display()))?;
    anyhow::ensure!(!chain.is_empty(), "`{}` holds no certificate", certificate.display());
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the private key in `{}`", key.display()))?;
    let mut provider = default_provider();
    // The hybrid first (draft-ietf-tls-ecdhe-mlkem); the others for clients that lack it.
    provider.kx_groups =
        vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| format!("the key in `{}` does not fit the certificate", key.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
