//! Which S3 service and which bucket recordings lie in, and how to get in.

use aws_credential_types::Credentials;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use environment::{ConfigError, Environment};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use url::Url;

/// A bucket of an S3 service, and how to get in.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the service is.
    pub endpoint: Url,
    /// The region requests are signed for.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Who we are there.
    pub access_key: SecretString,
    /// How we prove it.
    pub secret_key: SecretString,
}

impl Config {
    /// Reads the settings that begin with `S3_`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: env.url("S3_ENDPOINT", "URL of the S3 service", "http://127.0.0.1:19000")?,
            region: env.text("S3_REGION", "Region that S3 requests are signed for", "us-east-1"),
            bucket: env.text("S3_BUCKET", "Bucket that recordings lie in; it must exist", "recordings"),
            access_key: env.secret("S3_ACCESS_KEY", "Access key id for the S3 service")?,
            secret_key: env.secret("S3_SECRET_KEY", "Secret access key for the S3 service")?,
        })
    }

    /// Makes a client; no request is sent yet, and none is repeated: whoever asks decides how long to wait.
    #[must_use]
    pub fn client(&self) -> Client {
        let credentials = Credentials::new(
            self.access_key.expose_secret(),
            self.secret_key.expose_secret(),
            None,
            None,
            "settings",
        );
        let http = if self.endpoint.scheme() == "https" {
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
        } else {
            Builder::new().build_http()
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .read_timeout(Duration::from_secs(20))
            .operation_attempt_timeout(Duration::from_secs(45))
            .build();
        let sdk = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(Region::new(self.region.clone()))
            .endpoint_url(self.endpoint.as_str())
            .force_path_style(true)
            .http_client(http)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            // A learner may pause a player for longer than the default allows a download to stand still.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Client::from_conf(sdk)
    }
}
