import { type ReactNode, useEffect, useId, useRef } from "react";
import { classes } from "./classes";

interface DialogProps {
  open: boolean;
  title: string;
  /** What follows from the answer. */
  text: string;
  onClose: () => void;
  children: ReactNode;
  className?: string;
}

/**
 * A question that must be answered first. The browser's own dialog keeps the focus inside, makes the rest
 * inert, closes on Escape and gives the focus back; nothing is injected, so the strict content policy holds.
 */
export function Dialog({ open, title, text, onClose, children, className }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);

  return (
    <dialog
      ref={ref}
      role="alertdialog"
      aria-labelledby={titleId}
      aria-describedby={`${titleId}-text`}
      onClose={onClose}
      className={classes(
        "m-auto w-[min(27rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-6 text-ink shadow-float sm:p-8",
        className,
      )}
    >
      <h2 id={titleId} className="text-title">
        {title}
      </h2>
      <p id={`${titleId}-text`} className="mt-2 text-quiet">
        {text}
      </p>
      {open ? children : null}
    </dialog>
  );
}
