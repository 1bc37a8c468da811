/** What a request was answered, in place of what it would be. */
export type Trouble =
  | { status: number; type?: string }
  /** So many of its bytes arrive, and no answer comes back. */
  | { cutAfter: number }
  /** Nothing ever comes back. */
  | "silence";

interface Stored {
  bytes: Uint8Array;
  length: number | null;
  metadata: string;
}

/** A tus server in the place of the browser's network, for tests: it keeps what it is sent, and troubles when told to. */
export class FakeTus {
  readonly uploads = new Map<string, Stored>();
  readonly requests: { method: string; path: string; bytes: number }[] = [];
  private readonly troubles: { method: string; trouble: Trouble }[] = [];
  private readonly lasting = new Map<string, Trouble>();

  /** Troubles the next request with this method. */
  next(method: string, trouble: Trouble): void {
    this.troubles.push({ method, trouble });
  }

  /** Troubles all of them, until told otherwise. */
  always(method: string, trouble: Trouble | null): void {
    if (trouble === null) this.lasting.delete(method);
    else this.lasting.set(method, trouble);
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  /** The one upload there is. */
  only(): Stored {
    const [first, ...others] = this.uploads.values();
    if (first === undefined || others.length > 0) throw new Error(`${this.uploads.size} uploads`);
    return first;
  }

  troubleOf(method: string): Trouble | undefined {
    const index = this.troubles.findIndex((planned) => planned.method === method);
    return index < 0 ? this.lasting.get(method) : this.troubles.splice(index, 1)[0]?.trouble;
  }

  /** What stands for the browser's `XMLHttpRequest`. */
  get requestClass(): unknown {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has a `this` of its own
    const server = this;
    return class {
      onload: (() => void) | null = null;
      onerror: ((error: unknown) => void) | null = null;
      readonly upload = {};
      status = 0;
      responseText = "";
      private answered = new Map<string, string>();
      private readonly asked = new Map<string, string>();
      private method = "";
      private path = "";
      private aborted = false;

      open(method: string, url: string): void {
        this.method = method;
        this.path = new URL(url, "http://localhost").pathname;
      }

      setRequestHeader(name: string, value: string): void {
        this.asked.set(name.toLowerCase(), value);
      }

      getResponseHeader(name: string): string | null {
        return this.answered.get(name.toLowerCase()) ?? null;
      }

      abort(): void {
        this.aborted = true;
      }

      send(body: Blob | null): void {
        void (body?.arrayBuffer() ?? Promise.resolve(new ArrayBuffer())).then((buffer) => {
          if (!this.aborted) this.serve(new Uint8Array(buffer));
        });
      }

      private serve(bytes: Uint8Array): void {
        const { method, path } = this;
        server.requests.push({ method, path, bytes: bytes.length });
        const trouble = server.troubleOf(method);
        if (trouble === "silence") return;
        if (trouble !== undefined && "cutAfter" in trouble) {
          if (trouble.cutAfter > 0) this.handle(bytes.slice(0, trouble.cutAfter));
          this.onerror?.(new Error("cut"));
          return;
        }
        if (trouble === undefined) this.handle(bytes);
        else this.answer(trouble.status, {}, trouble.type);
        this.onload?.();
      }

      private handle(bytes: Uint8Array): void {
        const upload = server.uploads.get(this.path);
        if (this.method === "POST") {
          const place = `/api/uploads/${server.uploads.size + 1}`;
          server.uploads.set(place, { bytes: new Uint8Array(), length: null, metadata: this.asked.get("upload-metadata") ?? "" });
          this.answer(201, { location: place });
        } else if (upload === undefined) {
          this.answer(404, {});
        } else if (this.method === "HEAD") {
          const length: Record<string, string> = upload.length === null ? { "upload-defer-length": "1" } : { "upload-length": String(upload.length) };
          this.answer(200, { "upload-offset": String(upload.bytes.length), ...length });
        } else if (Number(this.asked.get("upload-offset")) === upload.bytes.length) {
          const length = this.asked.get("upload-length");
          if (length !== undefined) upload.length = Number(length);
          upload.bytes = new Uint8Array(Buffer.concat([upload.bytes, bytes]));
          this.answer(204, { "upload-offset": String(upload.bytes.length) });
        } else {
          this.answer(409, {}, "mismatching-upload-offset");
        }
      }

      private answer(status: number, headers: Record<string, string>, type?: string): void {
        this.status = status;
        this.answered = new Map(Object.entries(headers));
        this.responseText = type === undefined ? "" : JSON.stringify({ type: `https://vivavoce.test/problems/${type}` });
      }
    };
  }
}
