//! What `portcullis serve` can be asked of signing in.

use anyhow::{Context, bail};
use portcullis_signin::Site;
use portcullis_signin::openid::Settings;
use portcullis_types::Protected;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

/// How people sign in.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "How people sign in")]
pub(crate) struct SignInArgs {
    /// Address under which people reach the pages, like `https://portcullis.example.org`
    ///
    /// Passkeys are bound to its host: choose it for good. Default: `http://localhost:PORT` where only
    /// this machine can reach the node; else nobody can sign in.
    #[arg(long, value_name = "ADDRESS", env = "PORTCULLIS_SITE", hide_env_values = true)]
    pub(crate) site: Option<String>,

    /// Address of the organisation's OpenID provider, as it names itself
    #[arg(long, value_name = "ADDRESS", requires = "provider_client")]
    pub(crate) provider: Option<String>,

    /// Name that the provider gave this node
    #[arg(long, value_name = "NAME", requires = "provider")]
    pub(crate) provider_client: Option<String>,

    /// File whose first line is the secret that the provider gave this node
    #[arg(long, value_name = "FILE", requires = "provider")]
    pub(crate) provider_secret: Option<PathBuf>,
}

impl SignInArgs {
    /// Where the pages are; none where nobody can sign in.
    pub(super) fn site(
        &self,
        listen: SocketAddr,
        is_private: bool,
    ) -> anyhow::Result<Option<Site>> {
        match &self.site {
            Some(address) => Ok(Some(Site::parse(address)?)),
            None if is_private && listen.port() != 0 => {
                Ok(Some(Site::parse(&format!("http://localhost:{}", listen.port()))?))
            }
            None => Ok(None),
        }
    }

    /// What was agreed with the provider, where there is one.
    pub(super) fn provider(&self) -> anyhow::Result<Option<Settings>> {
        let (Some(issuer), Some(client)) = (&self.provider, &self.provider_client) else {
            return Ok(None);
        };
        let secret = match &self.provider_secret {
            None => None,
            Some(path) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("cannot read `{}`", path.display()))?;
                let line = text.lines().next().unwrap_or_default().trim();
                if line.is_empty() {
                    bail!("the first line of `{}` is empty", path.display());
                }
                Some(Protected::new(line))
            }
        };
        let settings = Settings { issuer: issuer.clone(), client: client.clone(), secret };
        settings.check()?;
        Ok(Some(settings))
    }
}
