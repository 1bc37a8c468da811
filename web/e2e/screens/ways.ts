//! A way to every screen there is.

import type { Screen } from "@/screens";
import { account } from "./ways/account.ts";
import { beforeCall } from "./ways/before-call.ts";
import { history } from "./ways/history.ts";
import { microphone } from "./ways/microphone.ts";
import { recording } from "./ways/recording.ts";
import { room } from "./ways/room.ts";
import { session } from "./ways/session.ts";
import { topics } from "./ways/topics.ts";
import type { Way } from "./ways/way.ts";

export const ways: Record<Screen, Way> = { ...account, ...topics, ...beforeCall, ...room, ...microphone, ...recording, ...session, ...history };
