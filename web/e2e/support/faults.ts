//! The network between the parts of the stack, which fails when it is told to.

import { stack } from "./stack.ts";

/** What a way does wrong. What is not said is well. */
export interface Faults {
  /** Nothing listens, and what is connected is reset. */
  down?: boolean;
  /** Nothing passes, and nobody is told: a cable that was pulled. */
  blackhole?: boolean;
  delay_ms?: number;
  jitter_ms?: number;
  /** The share of datagrams that is lost. */
  loss?: number;
  /** A connection is reset after so many bytes towards its target, somewhere between. */
  cut_after?: { least: number; most: number };
  /** A connection pauses once, after so many bytes towards its target. */
  stall_after?: number;
  stall_ms?: number;
  /** Every HTTP request is answered so, and its target hears nothing of it. */
  answer?: { status: number; retry_after?: number };
  /** After this it is well again by itself. */
  for_ms?: number;
}

export interface Counters {
  connections: number;
  sent: number;
  received: number;
  cuts: number;
  lost: number;
}

async function order(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${stack.faults}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`the faulty network refused ${method} ${path}: ${await response.text()}`);
  return response;
}

class Way {
  constructor(readonly name: string) {}

  async suffers(faults: Faults): Promise<void> {
    await order("PUT", `/routes/${this.name}/faults`, faults);
  }

  async recovers(): Promise<void> {
    await order("DELETE", `/routes/${this.name}/faults`);
  }

  /** Whoever is on this way has another address from now on. */
  async moves(): Promise<void> {
    await order("POST", `/routes/${this.name}/rebind`);
  }

  async counters(): Promise<Counters> {
    const routes = (await (await order("GET", "/routes")).json()) as { name: string; counters: Counters }[];
    return routes.find(({ name }) => name === this.name)!.counters;
  }
}

export const faults = {
  /** From the browser to the edge. */
  edge: new Way("edge"),
  /** From the browser to the coach: sound. */
  media: new Way("media"),
  /** From our services to the coach: what a provider is asked. */
  provider: new Way("provider"),
  /** From the services to their databases. */
  postgres: new Way("postgres"),
  /** From upload to storage. */
  s3: new Way("s3"),

  /** Nothing goes wrong any more, anywhere. */
  async end(): Promise<void> {
    await order("DELETE", "/faults");
  },

  /** What chance decides from now on follows from this number. */
  async begin(seed: number): Promise<void> {
    await order("PUT", "/seed", seed);
  },
};
