import type { DetailedError, UploadOptions } from "tus-js-client";
import { Problem, problemIn, unreachable } from "@/api/problem";
import { traceparentOf } from "@/api/trace";
import { pieceBytes, type Tape } from "./tape";
import { WaitingSource } from "./waiting-source";

/** A request that neither moves nor is answered for so long is lost, though the browser may not know it yet. */
const silenceMs = 10_000;

/** Loads what sends takes. If that fails, the first attempt loads it. */
export async function prepareSending(): Promise<void> {
  await import("tus-js-client").catch(() => undefined);
}

interface Sending {
  tape: Tape;
  signal: AbortSignal;
  /** More of it is on the server. */
  onProgress: () => void;
}

/**
 * One attempt to send a take, while it is being recorded or afterwards; resolves when all of it is on the server. It
 * throws the problem that stopped it, and what to do about that is for the caller to say.
 */
export async function sendTake({ tape, signal, onProgress }: Sending): Promise<void> {
  const { Upload } = await import("tus-js-client");
  signal.throwIfAborted();
  const source = new WaitingSource(tape);
  await new Promise<void>((resolve, reject) => {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", abandon);
      source.close();
    };
    const lose = (problem: unknown) => {
      stop();
      void upload.abort();
      reject(problem instanceof Error ? problem : unreachable());
    };
    const abandon = () => lose(signal.reason);
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => lose(unreachable()), silenceMs);
    };
    const { sessionId, startMs, type } = tape.take;
    const traceparent = traceparentOf(sessionId);
    const options: UploadOptions = {
      // Without an endpoint, an upload that is not answered for is not begun a second time.
      ...(tape.url === null ? { endpoint: `${window.location.origin}/api/uploads` } : { uploadUrl: tape.url }),
      metadata: { session: sessionId, start_ms: String(Math.round(startMs)), filetype: type },
      ...(traceparent === undefined ? {} : { headers: { traceparent } }),
      fileReader: { openFile: () => Promise.resolve(source as unknown as Awaited<ReturnType<OpenFile>>) },
      chunkSize: pieceBytes,
      uploadLengthDeferred: true,
      storeFingerprintForResuming: false,
      retryDelays: null,
      onBeforeRequest: listen,
      onAfterResponse: () => clearTimeout(silence),
      onProgress: listen,
      onUploadUrlAvailable: () => {
        if (upload.url !== null && upload.url !== tape.url) tape.sendsTo(upload.url);
      },
      onChunkComplete: (_bytes, accepted) => {
        clearTimeout(silence);
        tape.acknowledge(accepted);
        onProgress();
      },
      onSuccess: () => {
        stop();
        resolve();
      },
      onError: (error) => lose(problemOf(error)),
    };
    const upload = new Upload(new Blob(), options);
    signal.addEventListener("abort", abandon);
    upload.start();
  });
}

type OpenFile = NonNullable<UploadOptions["fileReader"]>["openFile"];

/** What was answered, or that nothing was. */
function problemOf(error: Error | DetailedError): Problem {
  const { originalResponse, causingError } = error as Partial<DetailedError>;
  if (causingError instanceof Problem) return causingError;
  if (originalResponse === null || originalResponse === undefined) return unreachable();
  const headers = new Headers();
  for (const name of ["trace-id", "Retry-After"]) {
    // The browser says null of a header that is not there.
    const value = originalResponse.getHeader(name) as string | null | undefined;
    if (value) headers.set(name, value);
  }
  const status = originalResponse.getStatus();
  // A status outside this range cannot be put into a Response.
  const answered = new Response(null, { status: status >= 400 && status <= 599 ? status : 500, headers });
  return problemIn(answered, originalResponse.getBody());
}
