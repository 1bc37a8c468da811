import { useState } from "react";

/** `refused` where a page gets no clipboard: the text can still be selected. */
type Copying = "not-yet" | "copied" | "refused";

/** Puts a text where the learner can paste it from, and says what became of that. */
export function useCopy(text: string): { copying: Copying; copy: () => void } {
  const [copying, setCopying] = useState<Copying>("not-yet");
  const write = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopying("copied");
    } catch {
      setCopying("refused");
    }
  };
  return { copying, copy: () => void write() };
}
