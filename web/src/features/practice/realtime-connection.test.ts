import type { WebRTCConnectOptions } from "openai/realtime/webrtc";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RealtimeTicket } from "@/api/contract";
import { noLine } from "./no-line";
import { callCoach, type Ears } from "./realtime-connection";

/** A peer that asks for an answer and gets no further. */
vi.mock("openai/realtime/webrtc", async (original) => {
  const { WebRTCError } = await original<typeof import("openai/realtime/webrtc")>();
  return {
    WebRTCError,
    OpenAIRealtimeWebRTC: class {
      peerConnection = { addTransceiver: () => ({ sender: {} }), addEventListener: () => undefined };
      onEvent = () => undefined;
      async connect({ exchangeSdp, signal }: WebRTCConnectOptions): Promise<void> {
        try {
          await exchangeSdp("v=0\r\n", { signal: signal ?? new AbortController().signal });
        } catch (thrown) {
          throw new WebRTCError("signaling_failed", "signaling", "", thrown);
        }
      }
    },
  };
});

const ticket = { calls_url: "https://provider.example/calls", client_secret: "ek_1", ice_servers: [] } as unknown as RealtimeTicket;
const ears: Ears = { onEvent: () => undefined, onCoach: () => undefined, onShaky: () => undefined, onOver: () => undefined };
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
});

async function refused(response: () => Promise<Response>) {
  fetched.mockImplementationOnce(response);
  try {
    await callCoach(ticket, ears, new AbortController().signal);
  } catch (thrown) {
    return noLine(thrown, true);
  }
  throw new Error("There was a call.");
}

const answers = (status: number, body: object, headers: Record<string, string> = {}) => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
const provider = (code: string) => ({ error: { message: "", type: "invalid_request_error", code } });

describe("a call that is refused where the offer is posted", () => {
  it.each([
    ["a provider's secret that ran out", answers(401, provider("invalid_api_key")), "secret"],
    ["a provider with no room", answers(429, provider("rate_limit_exceeded")), "busy"],
    ["a provider whose places are taken", answers(503, provider("session_limit_reached")), "busy"],
    ["a provider that wants money", answers(429, provider("insufficient_quota")), "refused"],
    ["a provider that fails", answers(500, provider("server_error")), "failing"],
    ["a provider that does not like the offer", answers(400, provider("invalid_offer")), "refused"],
    ["our own exchange: a secret that was used", answers(401, { type: "/problems/secret-refused" }), "secret"],
    ["our own exchange: signed out", answers(401, { type: "/problems/unauthenticated" }), "signed-out"],
    ["our own exchange: no time left", answers(429, { type: "/problems/quota-exceeded", violated_policies: ["session-minutes"] }), "time-up"],
    ["nobody", () => Promise.reject(new TypeError("Failed to fetch")), "unreachable"],
  ])("%s", async (_, response, cause) => {
    expect((await refused(response)).cause).toBe(cause);
  });

  it("keeps how long to wait", async () => {
    expect(await refused(answers(429, provider("rate_limit_exceeded"), { "Retry-After": "7" }))).toMatchObject({ retryAfterMs: 7_000 });
  });

  it("sends the offer as it is, and no cookie elsewhere", async () => {
    await refused(answers(500, {}));
    expect(fetched.mock.lastCall).toMatchObject([
      ticket.calls_url,
      { body: "v=0\r\n", credentials: "same-origin", headers: { Authorization: "Bearer ek_1" } },
    ]);
  });
});
