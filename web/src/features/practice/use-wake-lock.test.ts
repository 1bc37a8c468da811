import { renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { useWakeLock } from "./use-wake-lock";

function screenWith(release = vi.fn(() => Promise.resolve())) {
  const request = vi.fn(() => Promise.resolve({ release }));
  Object.defineProperty(navigator, "wakeLock", { configurable: true, value: { request } });
  return { request, release };
}

afterEach(() => {
  Reflect.deleteProperty(navigator, "wakeLock");
});

it("keeps the screen on while it is wanted, asks again when the tab is back, and lets go", async () => {
  const { request, release } = screenWith();
  const { rerender } = renderHook(({ wanted }) => useWakeLock(wanted), { initialProps: { wanted: false } });
  expect(request).not.toHaveBeenCalled();
  rerender({ wanted: true });
  expect(request).toHaveBeenCalledTimes(1);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(request).toHaveBeenCalledTimes(2);
  rerender({ wanted: false });
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(2));
});

it("lets go of what it is given too late", async () => {
  const { release } = screenWith();
  const { unmount } = renderHook(() => useWakeLock(true));
  unmount();
  await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1));
});

it("does without where there is none, or it is refused", () => {
  renderHook(() => useWakeLock(true));
  const { request } = screenWith();
  request.mockRejectedValue(new DOMException("low battery", "NotAllowedError"));
  renderHook(() => useWakeLock(true));
  expect(request).toHaveBeenCalledTimes(1);
});
