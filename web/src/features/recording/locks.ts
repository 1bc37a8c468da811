/** Lets go of what was claimed. */
export type Release = () => void;

/** What this tab has, where there are no Web Locks: secure pages always have them. */
const held = new Set<string>();

/** Takes something for this tab until it lets go or dies. Null when it is taken, by another tab or by this one. */
export function claim(what: string): Promise<Release | null> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) {
    if (held.has(what)) return Promise.resolve(null);
    held.add(what);
    return Promise.resolve(() => void held.delete(what));
  }
  return new Promise((resolve, reject) => {
    locks
      .request(`vivavoce.${what}`, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((letGo) => resolve(letGo));
      })
      .catch(reject);
  });
}

/** A practice runs in one tab: that tab saves its words. */
export const practiceIn = (sessionId: string) => `practice ${sessionId}`;

/** A take is sent by one tab: the one that records it, or the first that finds it left behind. */
export const sendingOf = (takeId: string) => `take ${takeId}`;
