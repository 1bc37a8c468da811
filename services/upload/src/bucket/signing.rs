//! Signing with a hash that is known: a body is hashed once, and storage checks what came against the very hash that is kept.

use crate::medium::Sha256;
use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextMut},
    error::BoxError,
};
use std::fmt::Write as _;

/// The hash of a request's body.
#[derive(Debug)]
pub struct Hashed(String);

impl Hashed {
    /// A body that was hashed.
    pub fn to(sha256: &Sha256) -> Self {
        let mut hexadecimal = String::with_capacity(2 * sha256.len());
        for byte in sha256 {
            let _ = write!(hexadecimal, "{byte:02x}");
        }
        Self(hexadecimal)
    }
}

impl Intercept for Hashed {
    fn name(&self) -> &'static str {
        "Hashed"
    }

    fn modify_before_signing(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(PayloadSigningOverride::Precomputed(self.0.clone()));
        Ok(())
    }
}
