//! When something happened, by the page's own clock: whoever asks from outside learns it late. These run in the page.

/** Notes each click from now on. */
export function notesClicks(): void {
  document.addEventListener("click", () => (document.body.dataset["clickedAt"] = String(Date.now())), { capture: true });
}

/** When the last one was. */
export function lastClick(): number {
  return Number(document.body.dataset["clickedAt"]);
}

/** Since when the page says that it records; `false` while it does not. */
export function recordsSince(): number | false {
  const label = '//*[normalize-space(text())="Recording"]';
  return document.evaluate(label, document, null, XPathResult.BOOLEAN_TYPE).booleanValue && Date.now();
}
