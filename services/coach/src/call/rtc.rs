//! The answer to an offer.

use std::{net::SocketAddr, time::Instant};

use str0m::{Candidate, IceCreds, Rtc, change::SdpOffer, config::DtlsCert};

use super::BeginError;

pub(super) fn read_offer(text: &str) -> Result<SdpOffer, BeginError> {
    // Every line of SDP ends in a line break; an offer without its last one was trimmed on the way.
    if !text.ends_with('\n') {
        return Err(BeginError::Unreadable);
    }
    let offer = SdpOffer::from_sdp_string(text).map_err(|_| BeginError::Unreadable)?;
    if !text.lines().any(|line| line.starts_with("m=audio ")) {
        return Err(BeginError::Unusable);
    }
    Ok(offer)
}

/// Answers as an ICE-lite peer: the browser finds us, we never look for it, so no name it hides behind need be resolved.
pub(super) fn answer(
    offer: SdpOffer,
    certificate: &DtlsCert,
    addresses: &[SocketAddr],
) -> Result<(Rtc, String, String), BeginError> {
    let creds = IceCreds::new();
    let ufrag = creds.ufrag.clone();
    let mut rtc = Rtc::builder()
        .set_ice_lite(true)
        .set_local_ice_credentials(creds)
        .set_dtls_cert(certificate.clone())
        .clear_codecs()
        .enable_opus(true, false)
        .set_reordering_size_audio(3)
        .build(Instant::now());
    for address in addresses {
        let candidate = Candidate::host(*address, "udp").map_err(|_| BeginError::Unusable)?;
        rtc.add_local_candidate(candidate);
    }
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| BeginError::Unusable)?;
    Ok((rtc, answer.to_sdp_string(), ufrag))
}
