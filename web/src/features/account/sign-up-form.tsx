import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useRef, useState } from "react";
import type { Registration, User } from "@/api/contract";
import { Problem } from "@/api/problem";
import { belongTo, register, signIn } from "@/api/users";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Field } from "@/ui/field";
import { Link } from "@/ui/link";
import { say } from "@/words/say";
import { AccountCard, FormError } from "./account-card";
import { emailTrouble, focusFirstInvalid, newPasswordTrouble } from "./checks";
import { PasswordField } from "./password-field";

interface SignUpFormProps {
  next: string | undefined;
  onSignedIn: (user: User) => void;
}

/** What the server refused, where it belongs to the form and not to the network. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof Problem)) return null;
  switch (error.slug) {
    case "weak-password":
      return say("account.weak");
    case "validation-failed":
      return say("account.refused");
    // Registering answers the same for a known e-mail; only the password then tells.
    case "invalid-credentials":
      return say("account.registeredElse");
    default:
      return null;
  }
}

export function SignUpForm({ next, onSignedIn }: SignUpFormProps) {
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const attempt = useMutation({
    mutationFn: async (account: Registration) => {
      await register(account);
      return signIn({ email: account.email, password: account.password });
    },
    onSuccess: (user) => {
      belongTo(queries, user);
      onSignedIn(user);
    },
  });
  const troubles = {
    name: name.trim() === "" ? say("account.nameMissing") : undefined,
    email: emailTrouble(email),
    password: newPasswordTrouble(password),
  };

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.values(troubles).some((trouble) => trouble !== undefined)) focusFirstInvalid(form);
    else attempt.mutate({ email: email.trim(), password, display_name: name.trim() });
  };

  const refusal = refusalOf(attempt.error);
  return (
    <AccountCard
      title={say("account.signUpTitle")}
      lead={say("account.signUpLead")}
      foot={
        <>
          {say("account.haveAccount")}{" "}
          <Link to={paths.signIn(next)} className="font-semibold text-accent underline underline-offset-4">
            {say("account.toSignIn")}
          </Link>
        </>
      }
    >
      <form ref={form} noValidate onSubmit={submit} className="grid gap-5">
        <Field
          label={say("account.displayName")}
          hint={say("account.displayNameHint")}
          name="name"
          autoComplete="name"
          maxLength={80}
          value={name}
          error={checked ? troubles.name : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={say("account.email")}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          error={checked ? troubles.email : undefined}
          onChange={(event) => setEmail(event.target.value)}
        />
        <PasswordField
          autoComplete="new-password"
          hint={say("account.passwordHint")}
          value={password}
          error={checked ? troubles.password : undefined}
          onChange={setPassword}
        />
        {refusal === null ? null : <FormError>{refusal}</FormError>}
        {attempt.isError && refusal === null ? (
          <FailureNotice failure={attempt.error} />
        ) : null}
        <Button type="submit" disabled={attempt.isPending} className="mt-1 py-3">
          {attempt.isPending ? say("account.working") : say("account.signUp")}
        </Button>
      </form>
    </AccountCard>
  );
}
