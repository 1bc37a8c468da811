/** With less free than this, an hour that cannot be sent might not fit. */
const lowBytes = 50 * 1024 * 1024;
const lookEveryMs = 30_000;

/** Watches the room that the browser gives this page, while something is recorded. */
export class StorageWatch {
  low = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    const storage = (navigator as { storage?: StorageManager }).storage;
    if (storage === undefined || this.timer !== undefined) return;
    // Without a yes the browser may clear what is kept when it is short of room: then the server has most of it.
    void storage.persist().catch(() => undefined);
    const look = () => {
      storage.estimate().then(
        ({ quota, usage }) => {
          this.low = quota !== undefined && quota - (usage ?? 0) < lowBytes;
        },
        () => undefined,
      );
    };
    look();
    this.timer = setInterval(look, lookEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
