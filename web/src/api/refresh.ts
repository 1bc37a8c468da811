import { attempt } from "./attempt";
import { problemFrom } from "./problem";

/** Asks for a new access cookie. True when the login is still good, false when it is over; anything else is a problem. */
async function ask(): Promise<boolean> {
  const response = await attempt("/api/auth/refresh", { method: "POST", credentials: "same-origin" });
  if (response.ok) return true;
  if (response.status === 401) return false;
  throw problemFrom(response, await response.json().catch(() => null));
}

let running: Promise<boolean> | null = null;

/**
 * Refreshes the login once, however many requests found it stale: they share the one refresh of this tab, and
 * the tabs take turns through a Web Lock, so that no two of them spend the same login at once. Throws the problem
 * when nobody could say whether the login is still good.
 */
export function refreshOnce(): Promise<boolean> {
  running ??= locked(ask).finally(() => {
    running = null;
  });
  return running;
}

async function locked(job: () => Promise<boolean>): Promise<boolean> {
  // Absent outside secure contexts, where only this tab's own single flight is left.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? job() : await locks.request("vivavoce.refresh", job);
}
