import { DropdownMenu } from "radix-ui";
import type { User } from "@/api/contract";
import { Icon } from "@/ui/icon";
import { setTheme, themes, useTheme } from "@/ui/theme";
import { say } from "@/words/say";
import { SignOutQuestion, type UnsentWork, useLeaving } from "./sign-out";

const item =
  "target flex cursor-pointer items-center gap-3 rounded-md px-3 outline-none data-[highlighted]:bg-sunken data-[disabled]:opacity-50";

const themeWords = { system: "nav.themeSystem", light: "nav.themeLight", dark: "nav.themeDark" } as const;

interface AccountMenuProps {
  user: User | null;
  unsent: UnsentWork;
  onSignedOut: () => void;
}

/** Who is signed in, how it looks, and the way out. */
export function AccountMenu({ user, unsent, onSignedOut }: AccountMenuProps) {
  const theme = useTheme();
  const leaving = useLeaving(unsent, onSignedOut);
  const label = user === null ? say("nav.theme") : say("nav.account", { name: user.display_name });
  return (
    <>
      <SignOutQuestion leaving={leaving} />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger aria-label={label} title={label} className="target flex items-center justify-center rounded-full hover:bg-sunken">
          <span className="flex size-9 items-center justify-center rounded-full bg-accent-soft font-bold text-accent-deep">
            {user === null ? <Icon name="user" /> : initialOf(user.display_name)}
          </span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={8}
            className="z-20 w-72 max-w-[calc(100vw-2rem)] animate-arrive rounded-lg border border-line bg-raised p-2 shadow-float"
          >
            {user === null ? null : (
              <p className="truncate border-b border-line px-3 pt-1 pb-3 text-small text-quiet">
                {say("nav.signedInAs", { email: user.email })}
              </p>
            )}
            <DropdownMenu.Label className="px-3 pt-3 pb-1 text-small font-semibold text-quiet">
              {say("nav.theme")}
            </DropdownMenu.Label>
            <DropdownMenu.RadioGroup
              value={theme}
              onValueChange={(value) => setTheme(themes.find((known) => known === value) ?? "system")}
            >
              {themes.map((value) => (
                <DropdownMenu.RadioItem key={value} value={value} className={item} onSelect={(event) => event.preventDefault()}>
                  <span className="flex size-5 items-center justify-center">
                    <DropdownMenu.ItemIndicator>
                      <Icon name="check" />
                    </DropdownMenu.ItemIndicator>
                  </span>
                  {say(themeWords[value])}
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
            {user === null ? null : (
              <>
                <DropdownMenu.Separator className="my-2 h-px bg-line" />
                <DropdownMenu.Item className={item} disabled={leaving.step !== "here"} onSelect={leaving.begin}>
                  <Icon name="arrowRight" />
                  {say("nav.signOut")}
                </DropdownMenu.Item>
              </>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

function initialOf(name: string): string {
  const [first] = name.trim();
  return first?.toUpperCase() ?? "";
}
