/** A recorder that ran for so long was well: what befalls it then has nothing to do with what was before. */
export const wellAfterMs = 10_000;
/** A recorder that fails this often without having been well fails for good; the practice goes on without sound. */
export const mostFailures = 12;

const first = 250;
const most = 5_000;

/**
 * How long to wait after a recorder failed so many times: what holds the device may let go of it within seconds. The
 * bound doubles, and at least half of it is waited: not everybody tries again at once.
 */
export function pauseBeforeRecording(failures: number, random: number): number {
  return Math.round(Math.min(most, first * 2 ** (failures - 1)) * (0.5 + random / 2));
}
