import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useRef, useState } from "react";
import type { User } from "@/api/contract";
import { Problem } from "@/api/problem";
import { belongTo, signIn } from "@/api/users";
import { paths } from "@/paths";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Field } from "@/ui/field";
import { Link } from "@/ui/link";
import { say } from "@/words/say";
import { AccountCard, FormError } from "./account-card";
import { emailTrouble, focusFirstInvalid } from "./checks";
import { PasswordField } from "./password-field";

interface SignInFormProps {
  next: string | undefined;
  onSignedIn: (user: User) => void;
}

export function SignInForm({ next, onSignedIn }: SignInFormProps) {
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const attempt = useMutation({
    mutationFn: signIn,
    onSuccess: (user) => {
      belongTo(queries, user);
      onSignedIn(user);
    },
  });
  const troubles = {
    email: emailTrouble(email),
    password: password === "" ? say("account.passwordMissing") : undefined,
  };

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (troubles.email !== undefined || troubles.password !== undefined) focusFirstInvalid(form);
    else attempt.mutate({ email: email.trim(), password });
  };

  const refused = attempt.error instanceof Problem && attempt.error.slug === "invalid-credentials";
  return (
    <AccountCard
      title={say("account.signInTitle")}
      lead={say("account.signInLead")}
      foot={
        <>
          {say("account.noAccount")}{" "}
          <Link to={paths.signUp(next)} className="font-semibold text-accent underline underline-offset-4">
            {say("account.toSignUp")}
          </Link>
        </>
      }
    >
      <form ref={form} noValidate onSubmit={submit} className="grid gap-5">
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
          autoComplete="current-password"
          value={password}
          error={checked ? troubles.password : undefined}
          onChange={setPassword}
        />
        {refused ? <FormError>{say("account.invalid")}</FormError> : null}
        {attempt.isError && !refused ? (
          <FailureNotice failure={attempt.error} />
        ) : null}
        <Button type="submit" disabled={attempt.isPending} className="mt-1 py-3">
          {attempt.isPending ? say("account.working") : say("account.signIn")}
        </Button>
      </form>
    </AccountCard>
  );
}
