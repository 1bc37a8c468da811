import type { Pace } from "@/api/contract";

/** What holds for who has never chosen: learners pause. */
export const usualPace: Pace = { patience: "patient", push_to_talk: false, coach_speed: 1 };
