/** Asks for a new access cookie. True when the login is still good. */
async function ask(): Promise<boolean> {
  const response = await fetch("/api/auth/refresh", { method: "POST", credentials: "same-origin" });
  return response.ok;
}

let running: Promise<boolean> | null = null;

/**
 * Refreshes the login once, however many requests found it stale: they share the one refresh of this tab, and
 * the tabs take turns through a Web Lock, so that no two of them spend the same login at once.
 */
export function refreshOnce(): Promise<boolean> {
  running ??= locked(ask)
    .catch(() => false)
    .finally(() => {
      running = null;
    });
  return running;
}

async function locked(job: () => Promise<boolean>): Promise<boolean> {
  // Absent outside secure contexts, where only this tab's own single flight is left.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? job() : await locks.request("vivavoce.refresh", job);
}
