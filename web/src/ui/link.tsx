import { type AnchorHTMLAttributes, createContext, type MouseEvent, type ReactNode, useContext } from "react";

/** How to move to a path without loading the page anew; the app provides it. */
export const MoveContext = createContext<((path: string) => void) | null>(null);

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: string;
  children: ReactNode;
}

/** A link inside the app. Without the app around it, it is an ordinary link. */
export function Link({ to, children, onClick, ...rest }: LinkProps) {
  const move = useContext(MoveContext);
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (move === null || event.defaultPrevented || !plain || rest.target === "_blank") return;
    event.preventDefault();
    move(to);
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
