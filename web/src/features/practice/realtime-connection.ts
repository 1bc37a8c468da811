import { OpenAIRealtimeWebRTC, WebRTCError } from "openai/realtime/webrtc";
import type { RealtimeClientEvent, RealtimeServerEvent } from "openai/resources/realtime/realtime";
import type { RealtimeTicket } from "@/api/contract";
import { Failure } from "@/words/failure";
import type { FailureCode } from "@/words/failure-codes";

export interface Ears {
  onEvent: (event: RealtimeServerEvent) => void;
  onCoach: (stream: MediaStream) => void;
  /** The call is over without being hung up here: `lost` on the way, or `hung-up` by the other side. */
  onOver: (how: "lost" | "hung-up") => void;
}

export interface RealtimeConnection {
  send: (event: RealtimeClientEvent) => void;
  /** The learner is no longer heard; the recording is not affected. */
  stopMicrophone: () => Promise<void>;
  close: () => void;
}

const connectWithinMs = 20_000;
/** A shaky network may come back by itself; after so long the call counts as lost. */
const graceMs = 8_000;

/** Calls the coach. Throws a `Failure` that says why there is no call. */
export async function callCoach(
  ticket: RealtimeTicket,
  microphone: MediaStream,
  ears: Ears,
  signal: AbortSignal,
): Promise<RealtimeConnection> {
  const rtc = new OpenAIRealtimeWebRTC({ iceServers: ticket.ice_servers });
  const peer = rtc.peerConnection;
  const senders = microphone.getAudioTracks().map((track) => peer.addTrack(track, microphone));
  peer.addEventListener("track", (event) => {
    ears.onCoach(event.streams[0] ?? new MediaStream([event.track]));
  });
  rtc.onEvent(ears.onEvent);

  let offer = "";
  try {
    await rtc.connect({
      signal,
      timeoutMs: connectWithinMs,
      exchangeSdp: (sdp, setup) => {
        offer = sdp;
        return exchange(ticket, sdp, setup.signal);
      },
    });
  } catch (thrown) {
    throw reasonFor(thrown, offer, peer);
  }

  watch(rtc, ears);
  return {
    send: (event) => rtc.send(event),
    stopMicrophone: async () => {
      await Promise.all(senders.map((sender) => sender.replaceTrack(null)));
    },
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
    throw new Failure(navigator.onLine ? "CALL_FAILED" : "OFFLINE", null, thrown);
  }
  if (response.ok) return response.text();
  throw new Failure(await refusal(response), response.headers.get("trace-id"));
}

async function refusal(response: Response): Promise<FailureCode> {
  if (response.status === 401 || response.status === 403) return "SECRET_REFUSED";
  if (response.status === 429) {
    return (await response.text()).includes("insufficient_quota") ? "QUOTA_REACHED" : "PROVIDER_BUSY";
  }
  if (response.status === 503) return "PROVIDER_BUSY";
  return "CALL_FAILED";
}

function reasonFor(thrown: unknown, offer: string, peer: RTCPeerConnection): unknown {
  if (!(thrown instanceof WebRTCError)) return thrown;
  if (thrown.cause instanceof Failure) return thrown.cause;
  if (thrown.code === "aborted") return thrown;
  if (!navigator.onLine) return new Failure("OFFLINE", null, thrown);
  if (thrown.phase !== "transport") return new Failure("CALL_FAILED", null, thrown);
  const local = peer.localDescription?.sdp ?? offer;
  const noWayOut = peer.iceGatheringState === "complete" && !local.includes("a=candidate:");
  return new Failure(noWayOut ? "NO_NETWORK_INTERFACE" : "ICE_FAILED", null, thrown);
}

function watch(rtc: OpenAIRealtimeWebRTC, ears: Ears): void {
  const peer = rtc.peerConnection;
  let over = false;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const end = (how: "lost" | "hung-up" | "local") => {
    if (over) return;
    over = true;
    clearTimeout(grace);
    if (how !== "local") ears.onOver(how);
  };
  rtc.onConnectionEvent((event) => {
    if (event.type !== "closed") return;
    if (event.reason === "local") end("local");
    else end(event.reason === "remote" ? "hung-up" : "lost");
  });
  peer.addEventListener("connectionstatechange", () => {
    clearTimeout(grace);
    if (peer.connectionState !== "disconnected") return;
    grace = setTimeout(() => {
      end("lost");
      rtc.close();
    }, graceMs);
  });
}
