import { OpenAIRealtimeWebRTC, WebRTCError } from "openai/realtime/webrtc";
import type { RealtimeClientEvent, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { Problem, problemIn, unreachable } from "@/api/problem";
import type { RealtimeTicket } from "@/api/contract";
import { Failure } from "@/words/failure";

export interface Ears {
  onEvent: (event: RealtimeServerEvent) => void;
  onCoach: (stream: MediaStream) => void;
  /** Sound has stopped travelling, and may yet go on; or it goes on. */
  onShaky: (shaky: boolean) => void;
  /** The call is over without being hung up here: `lost` on the way, or `hung-up` by the other side. */
  onOver: (how: "lost" | "hung-up") => void;
}

export interface RealtimeConnection {
  /** Throws a `Failure` when the line is gone. */
  send: (event: RealtimeClientEvent) => void;
  /** Whom the coach hears; with null, nobody. The recording is not affected. */
  listenTo: (microphone: MediaStreamTrack | null) => Promise<void>;
  close: () => void;
}

const connectWithinMs = 10_000;

/** Calls the coach, who hears nobody yet. Throws a `Failure` or a `Problem` that says why there is no call. */
export async function callCoach(ticket: RealtimeTicket, ears: Ears, signal: AbortSignal): Promise<RealtimeConnection> {
  const rtc = new OpenAIRealtimeWebRTC({ iceServers: ticket.ice_servers });
  const peer = rtc.peerConnection;
  // What was said in earlier calls is told before anything new is heard: the microphone follows.
  const { sender } = peer.addTransceiver("audio", { direction: "sendrecv" });
  peer.addEventListener("track", (event) => {
    ears.onCoach(event.streams[0] ?? new MediaStream([event.track]));
  });
  rtc.onEvent(ears.onEvent);

  const ways = waysOf(peer);
  try {
    await rtc.connect({
      signal,
      timeoutMs: connectWithinMs,
      exchangeSdp: (sdp, setup) => exchange(ticket, sdp, setup.signal),
    });
  } catch (thrown) {
    throw reasonFor(thrown, ways);
  }

  watch(rtc, ears);
  return {
    send: (event) => {
      try {
        rtc.send(event);
      } catch (thrown) {
        throw new Failure("ICE_FAILED", null, thrown);
      }
    },
    listenTo: (microphone) =>
      sender.replaceTrack(microphone).catch((thrown: unknown) => {
        throw new Failure("ICE_FAILED", null, thrown);
      }),
    close: () => rtc.close(),
  };
}

/** Posts the offer where the ticket says. Not a byte of it is changed: a trimmed offer is refused. */
async function exchange(ticket: RealtimeTicket, offer: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    response = await fetch(ticket.calls_url, {
      method: "POST",
      // Our own exchange knows the learner by the cookie; to a provider elsewhere no cookie goes.
      credentials: "same-origin",
      headers: {
        Authorization: `Bearer ${ticket.client_secret}`,
        "Content-Type": "application/sdp",
        ...(ticket.traceparent !== undefined && { traceparent: ticket.traceparent }),
      },
      body: offer,
      signal,
    });
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new Failure(navigator.onLine ? "CALL_FAILED" : "OFFLINE", null, unreachable());
  }
  if (response.ok) return response.text();
  throw await refusal(response);
}

/** Our own exchange answers with problems; a provider says the same in its own words. */
async function refusal(response: Response): Promise<Problem> {
  const text = await response.text();
  const problem = problemIn(response, text);
  if (problem.slug !== "unknown") return problem;
  const slug =
    response.status === 401 || response.status === 403
      ? "secret-refused"
      : text.includes("insufficient_quota")
        ? "provider-refused"
        : response.status === 429 || response.status === 503
          ? "provider-busy"
          : response.status >= 500
            ? "provider-unavailable"
            : "provider-refused";
  return new Problem(slug, response.status, problem.reference, problem.extension, problem.retryAfter);
}

/** The ways out that a connection finds. Noted as they come: Firefox does not answer for a connection that has failed. */
function waysOf(peer: RTCPeerConnection): { found: number; all: boolean } {
  const ways = { found: 0, all: false };
  peer.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate === null) ways.all = true;
    else if (candidate.candidate !== "") ways.found += 1;
  });
  return ways;
}

function reasonFor(thrown: unknown, ways: { found: number; all: boolean }): unknown {
  if (!(thrown instanceof WebRTCError)) return thrown;
  if (thrown.cause instanceof Problem || thrown.cause instanceof Failure) return thrown.cause;
  if (thrown.code === "aborted") return thrown;
  if (!navigator.onLine) return new Failure("OFFLINE", null, thrown);
  if (thrown.phase === "signaling") return new Failure("CALL_FAILED", null, unreachable());
  if (thrown.phase !== "transport") return new Failure("CALL_FAILED", null, thrown);
  const noWayOut = ways.all && ways.found === 0;
  return new Failure(noWayOut ? "NO_NETWORK_INTERFACE" : "ICE_FAILED", null, thrown);
}

function watch(rtc: OpenAIRealtimeWebRTC, ears: Ears): void {
  const peer = rtc.peerConnection;
  rtc.onConnectionEvent((event) => {
    if (event.type !== "closed" || event.reason === "local") return;
    ears.onOver(event.reason === "remote" ? "hung-up" : "lost");
  });
  peer.addEventListener("connectionstatechange", () => {
    if (peer.connectionState === "disconnected") ears.onShaky(true);
    if (peer.connectionState === "connected") ears.onShaky(false);
  });
}
