import { useSyncExternalStore } from "react";

/** How the page looks: like the system, or as the learner chose. Only the choice is stored. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const place = "vivavoce.theme";
const listeners = new Set<() => void>();

function read(): Theme {
  try {
    const stored = localStorage.getItem(place);
    return themes.find((theme) => theme === stored) ?? "system";
  } catch {
    // Storage may be switched off; the system's choice is then the only one.
    return "system";
  }
}

let current: Theme = read();

function apply(): void {
  if (current === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", current);
}

export function setTheme(theme: Theme): void {
  current = theme;
  try {
    localStorage.setItem(place, theme);
  } catch {
    // The choice then lasts as long as the tab.
  }
  apply();
  for (const listener of listeners) listener();
}

export function startTheme(): void {
  apply();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const listener of listeners) listener();
  });
}

export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(onThemeChange, () => current);
}
