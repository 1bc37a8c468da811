/** What the services speak, under the page's names. The shapes themselves are derived: `npm run api`. */
import type * as accounts from "./generated/accounts";
import type * as secrets from "./generated/secrets";
import type * as sessions from "./generated/sessions";
import type * as topics from "./generated/topics";
import type * as upload from "./generated/upload";

export type Routes = accounts.paths & secrets.paths & sessions.paths & topics.paths & upload.paths;

type Accounts = accounts.components["schemas"];
export type Credentials = Accounts["Credentials"];
export type Registration = Accounts["Registration"];
export type User = Accounts["User"];
/** How a learner likes to practise. */
export type Pace = Accounts["PracticeView"];

type Topics = topics.components["schemas"];
export type Kind = Topics["Kind"];
export type Level = Topics["Level"];
export type Topic = Topics["Topic"];
export type TopicSummary = Topics["TopicSummary"];

type Sessions = sessions.components["schemas"];
export type Call = Sessions["Call"];
/** Why the page ends a session; a session that is over may have ended for other reasons as well. */
export type EndReason = Sessions["StatedReason"];
export type Ending = Sessions["FinalizeSession"];
export type Finding = Sessions["Finding"];
/** How a learner found a session. */
export type Feedback = Sessions["Feedback"];
/** What a page may measure. */
export type Measure = Sessions["Measure"];
export type Measurement = Sessions["Measurement"];
export type Rating = Sessions["Rating"];
export type Recording = Sessions["Recording"];
export type RecordingPolicy = Sessions["RecordingPolicy"];
export type Session = Sessions["Session"];
export type SessionSummary = Sessions["SessionSummary"];
export type Speaker = Sessions["Speaker"];
export type StartSession = Sessions["StartSession"];
export type Transcript = Sessions["Transcript"];
export type Turn = Sessions["Turn"];

/** What one call needs, and the trace it belongs to where that may be told. */
export type RealtimeTicket = secrets.components["schemas"]["ClientSecretView"] & { traceparent?: string };

/** What is left of a learner's day. */
export type Minutes = secrets.components["schemas"]["MinutesView"];

export type Peaks = upload.components["schemas"]["Peaks"];
