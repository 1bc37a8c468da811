import { getRouteApi, useRouter } from "@tanstack/react-router";
import { SignInForm } from "@/features/account/sign-in-form";
import { nextPath } from "@/paths";
import { say } from "@/words/say";
import { Frame } from "./frame";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { next } = route.useSearch();
  const { history } = useRouter();
  return (
    <Frame title={say("account.signIn")}>
      <SignInForm next={next} onSignedIn={() => history.push(nextPath(next))} />
    </Frame>
  );
}
