import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { refreshOnce } from "@/api/refresh";
import { historyKey, sessionKey } from "@/api/sessions";

/** The pauses between attempts to listen again, the last one for good. */
const againAfterMs = [1_000, 3_000, 8_000, 20_000];

/** Listens to what happens to a session on the server and lets the page read it anew. */
export function useSessionEvents(sessionId: string, onDeleted: () => void): void {
  const queries = useQueryClient();
  useEffect(() => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let attempts = 0;
    let over = false;

    const listen = () => {
      source = new EventSource(`/api/sessions/${encodeURIComponent(sessionId)}/events`);
      source.addEventListener("changed", () => {
        attempts = 0;
        void queries.invalidateQueries({ queryKey: sessionKey(sessionId) });
        void queries.invalidateQueries({ queryKey: historyKey, refetchType: "none" });
      });
      source.addEventListener("deleted", () => {
        over = true;
        source?.close();
        onDeleted();
      });
      source.addEventListener("error", () => {
        // The browser reconnects by itself, except after an answer that was no stream, such as a 401.
        if (over || source?.readyState !== EventSource.CLOSED) return;
        const pause = againAfterMs[Math.min(attempts, againAfterMs.length - 1)];
        attempts += 1;
        timer = setTimeout(() => {
          // Whatever came of it, the next attempt to listen tells.
          void refreshOnce()
            .catch(() => false)
            .then(() => {
              if (!over) listen();
            });
        }, pause);
      });
    };
    listen();
    return () => {
      over = true;
      clearTimeout(timer);
      source?.close();
    };
  }, [sessionId, queries, onDeleted]);
}
