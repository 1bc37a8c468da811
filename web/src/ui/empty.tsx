import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

/** Nothing here: why, and the action that changes it. */
export function Empty({ icon, title, text, children }: { icon: IconName; title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center rounded-lg border border-dashed border-edge px-6 py-16 text-center">
      <span className="rounded-full bg-accent-soft p-4 text-accent">
        <Icon name={icon} className="size-7" />
      </span>
      <h2 className="mt-5 text-title">{title}</h2>
      <p className="mt-2 max-w-md text-quiet">{text}</p>
      {children === undefined ? null : <div className="mt-7">{children}</div>}
    </div>
  );
}
