import type { Screen } from "@/screens";
import type { Learner } from "../../support/learner.ts";

/** Brings a learner who has just opened a browser to where one screen stands, and keeps it standing. */
export type Way = (learner: Learner) => Promise<void>;

export type Ways = Partial<Record<Screen, Way>>;
