import { createInstance } from "i18next";
import en from "./en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const language = createInstance();
void language.init({
  lng: "en",
  initAsync: false,
  resources: { en: { translation: en } },
  // React escapes what it renders.
  interpolation: { escapeValue: false },
});

/** The words for a key, from the one catalogue. */
export const say = language.t;
