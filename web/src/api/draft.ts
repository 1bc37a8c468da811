import type { Call, Turn } from "./contract";

/** What was said so far, as it is to be saved. */
export interface Draft {
  turns: Turn[];
  calls: Call[];
}

/** A draft as it waits in this browser: the server may have this revision of it, or a later one. */
export interface KeptDraft extends Draft {
  revision: number;
}
