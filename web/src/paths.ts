/** Every URL a learner can stand on, built in one place. */
export const paths = {
  welcome: () => "/",
  signIn: (next?: string) => (next === undefined ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`),
  signUp: (next?: string) => (next === undefined ? "/sign-up" : `/sign-up?next=${encodeURIComponent(next)}`),
  topics: () => "/topics",
  practise: (topicId: string) => `/practise/${encodeURIComponent(topicId)}`,
  /** Back into a practice that is open. */
  comeBack: (topicId: string, sessionId: string) => `/practise/${encodeURIComponent(topicId)}?session=${encodeURIComponent(sessionId)}`,
  /** A new practice that goes on with one that is over. */
  goOn: (topicId: string, sessionId: string) => `/practise/${encodeURIComponent(topicId)}?continues=${encodeURIComponent(sessionId)}`,
  history: () => "/sessions",
  session: (sessionId: string) => `/sessions/${encodeURIComponent(sessionId)}`,
} as const;

/** Where to go after signing in: a path of ours, or else the topics. Never another origin. */
export function nextPath(next: unknown): string {
  if (typeof next !== "string" || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) {
    return paths.topics();
  }
  return next;
}
