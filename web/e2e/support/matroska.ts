//! Matroska written by hand: it may claim anything.

/** An element with its content. */
export function element(id: string, ...content: (Buffer | string | number)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => (typeof part === "number" ? number(part) : Buffer.from(part))));
  return Buffer.concat([Buffer.from(id, "hex"), size(bytes.length), bytes]);
}

/** A floating-point number. */
export function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** A WebM file of that duration and with those tracks, but without sound. */
export function webm(milliseconds: number, tracks: Buffer[]): Buffer {
  const info = element("1549a966", element("2ad7b1", 1_000_000), element("4489", float(milliseconds)));
  return Buffer.concat([
    element("1a45dfa3", element("4282", "webm")),
    element("18538067", info, element("1654ae6b", ...tracks), element("1f43b675", element("e7", 0))),
  ]);
}

export function audioTrack(at: number): Buffer {
  const sampling = element("e1", element("b5", float(48_000)), element("9f", 1));
  return element("ae", element("d7", at), element("73c5", at), element("83", 2), element("86", "A_OPUS"), sampling);
}

export function videoTrack(at: number, width: number, height: number): Buffer {
  const picture = element("e0", element("b0", width), element("ba", height));
  return element("ae", element("d7", at), element("73c5", at), element("83", 1), element("86", "V_VP8"), picture);
}

/** Something that every player skips. */
export function padding(content: string): Buffer {
  return element("ec", content);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function size(length: number): Buffer {
  if (length < 127) return Buffer.from([0x80 | length]);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length) | (1n << 56n));
  return bytes;
}
