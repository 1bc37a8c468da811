//! What a browser offers, without a browser: enough for a call to be answered, although nobody will connect to it.

import { randomBytes } from "node:crypto";

/** An offer of one voice and one line for events. */
export function offer(): string {
  const fingerprint = [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":");
  const lines = [
    "v=0",
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS",
    ...media("m=audio 9 UDP/TLS/RTP/SAVPF 111", 0, fingerprint),
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    ...media("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", 1, fingerprint),
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

function media(line: string, mid: number, fingerprint: string): string[] {
  return [line, "c=IN IP4 0.0.0.0", "a=ice-ufrag:vivA", "a=ice-pwd:s3Cp4l6ZyTQX9vWcE1mNb2Fd", "a=ice-options:trickle", `a=fingerprint:sha-256 ${fingerprint}`, "a=setup:actpass", `a=mid:${mid}`];
}
