import { describe, expect, it } from "vitest";
import { nextPath, paths } from "./paths";

describe("the addresses", () => {
  it("are these", () => {
    expect({
      welcome: paths.welcome(),
      signIn: paths.signIn(),
      signInNext: paths.signIn("/sessions/1?x=y"),
      signUp: paths.signUp(),
      topics: paths.topics(),
      practise: paths.practise("a b"),
      history: paths.history(),
      session: paths.session("0192"),
    }).toMatchInlineSnapshot(`
      {
        "history": "/sessions",
        "practise": "/practise/a%20b",
        "session": "/sessions/0192",
        "signIn": "/sign-in",
        "signInNext": "/sign-in?next=%2Fsessions%2F1%3Fx%3Dy",
        "signUp": "/sign-up",
        "topics": "/topics",
        "welcome": "/",
      }
    `);
  });

  it.each(["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "", undefined, 7])(
    "lead nowhere else after signing in: %s",
    (next) => expect(nextPath(next)).toBe("/topics"),
  );

  it("lead back to where the learner was", () => {
    expect(nextPath("/sessions/1?x=y")).toBe("/sessions/1?x=y");
  });
});
