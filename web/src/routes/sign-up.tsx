import { getRouteApi, useRouter } from "@tanstack/react-router";
import { SignUpForm } from "@/features/account/sign-up-form";
import { nextPath } from "@/paths";
import { say } from "@/words/say";
import { Frame } from "./frame";

const route = getRouteApi("/sign-up");

export function SignUpPage() {
  const { next } = route.useSearch();
  const { history } = useRouter();
  return (
    <Frame title={say("account.signUp")}>
      <SignUpForm next={next} onSignedIn={() => history.push(nextPath(next))} />
    </Frame>
  );
}
