/** What a service answered instead of what was asked (RFC 9457), or why no answer came. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** The last part of the problem's `type`, for example `session-already-open`; or one of `unreachable`, `unknown`. */
    readonly slug: string,
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    /** What the learner can quote when asking for help. */
    readonly reference: string | null,
    /** The problem's own fields, such as the id of the session that is already open. */
    readonly extension: Readonly<Record<string, unknown>> = {},
    /** Seconds until it makes sense to ask again. */
    readonly retryAfter: number | null = null,
  ) {
    super(slug);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Reads a problem from an answer that is not a success; anything unreadable is `unknown`. */
export function problemFrom(response: Response, body: unknown): Problem {
  const fields = isRecord(body) ? body : {};
  const type = typeof fields["type"] === "string" ? fields["type"] : "";
  const slug = /\/problems\/([a-z0-9-]+)$/.exec(type)?.[1] ?? "unknown";
  const instance = typeof fields["instance"] === "string" ? fields["instance"] : null;
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new Problem(
    slug,
    response.status,
    instance ?? response.headers.get("trace-id"),
    fields,
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

/** The same from the body of an answer as it was read. */
export function problemIn(response: Response, text: string): Problem {
  return problemFrom(response, parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** No answer at all: the network is gone, or nobody listens. */
export function unreachable(): Problem {
  return new Problem("unreachable", 0, null);
}

/** Whatever was thrown, as a problem. An abort is not a problem and passes through. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem("unknown", 0, null);
}
