import { useState } from "react";
import { IconButton } from "@/ui/button";
import { Field } from "@/ui/field";
import { say } from "@/words/say";

interface PasswordFieldProps {
  value: string;
  autoComplete: "current-password" | "new-password";
  hint?: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

export function PasswordField({ value, autoComplete, hint, error, onChange }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={say("account.password")}
      type={shown ? "text" : "password"}
      name="password"
      autoComplete={autoComplete}
      value={value}
      hint={hint}
      error={error}
      onChange={(event) => onChange(event.target.value)}
      end={
        <IconButton
          icon="eye"
          label={shown ? say("account.hidePassword") : say("account.showPassword")}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
