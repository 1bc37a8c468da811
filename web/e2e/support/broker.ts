//! The broker, for saying what was said before once more.

import { jetstreamManager, type JetStreamManager, type StoredMsg } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { randomUUID } from "node:crypto";
import { eventually } from "./eventually.ts";
import { stack } from "./stack.ts";

/** The stream that keeps what is said about sessions. */
const STREAM = "practice";

export interface Said {
  id: string;
  subject: string;
  payload: Uint8Array;
  /** Where in which trace it was said. */
  traceparent?: string;
}

export class Broker {
  private constructor(
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
  ) {}

  static async reached(): Promise<Broker> {
    const connection = await connect({ servers: `127.0.0.1:${stack.natsPort}`, user: "vivavoce", pass: stack.secret("NATS_PASSWORD") });
    return new Broker(connection, await jetstreamManager(connection));
  }

  async left(): Promise<void> {
    await this.connection.close();
  }

  /** Everything the stream keeps that names a session, in the order in which it was said. */
  async saidAbout(session: string): Promise<Said[]> {
    const said: Said[] = [];
    const { state } = await this.manager.streams.info(STREAM);
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message: StoredMsg | null = await this.manager.streams.getMessage(STREAM, { seq: sequence });
      if (message && Buffer.from(message.data).includes(session)) {
        const { header, subject, data } = message;
        said.push({ id: header.get("Event-Id"), subject, payload: data, traceparent: header.get("traceparent") });
      }
    }
    return said;
  }

  /** Says it again, past the broker's own search for duplicates; as another event if it is given another id. */
  async says({ id, subject, payload, traceparent }: Said): Promise<void> {
    const header = headers();
    header.set("Event-Id", id);
    if (traceparent) header.set("traceparent", traceparent);
    await this.manager.jetstream().publish(subject, payload, { headers: header });
  }

  /** Resolves when every consumer has dealt with everything. */
  async isHeardOut(): Promise<void> {
    await eventually("everything is heard", async () => {
      const consumers = await this.manager.consumers.list(STREAM).next();
      return consumers.every(({ num_pending, num_ack_pending }) => num_pending === 0 && num_ack_pending === 0) || undefined;
    });
  }
}

/** The same words as an event that nobody knows. */
export function asNews(said: Said): Said {
  return { ...said, id: randomUUID() };
}
