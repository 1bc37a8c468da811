import type { ReactNode } from "react";
import { Icon } from "@/ui/icon";

export function AccountCard({ title, lead, foot, children }: { title: string; lead: string; foot: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-md px-4 py-10 sm:py-16">
      <h1 className="text-display">{title}</h1>
      <p className="mt-3 mb-8 text-quiet">{lead}</p>
      {children}
      <p className="mt-7 text-quiet">{foot}</p>
    </div>
  );
}

/** What stands in the way of the whole form. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex gap-3 rounded-md bg-danger-soft px-4 py-3 font-medium text-danger-deep">
      <Icon name="alert" className="mt-0.5 size-5" />
      <span>{children}</span>
    </p>
  );
}
