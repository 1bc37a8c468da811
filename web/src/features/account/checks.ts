import type { RefObject } from "react";
import { say } from "@/words/say";

/** As the service asks for; what is too easy to guess, it knows better. */
const shortestPassword = 8;

/** Only what is surely no address: the server and the mail decide the rest. */
export function emailTrouble(email: string): string | undefined {
  const trimmed = email.trim();
  if (trimmed === "") return say("account.emailMissing");
  return /^[^\s@]+@[^\s@]+$/.test(trimmed) ? undefined : say("account.emailOdd");
}

export function newPasswordTrouble(password: string): string | undefined {
  if (password === "") return say("account.passwordMissing");
  return password.length < shortestPassword ? say("account.passwordShort") : undefined;
}

/** Puts the cursor where the first correction is needed, once the fields say what it is. */
export function focusFirstInvalid(form: RefObject<HTMLFormElement | null>): void {
  requestAnimationFrame(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
