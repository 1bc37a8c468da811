const shapes = {
  mic: "M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500v3M9 20.500h6",
  micOff: "M4 4l16 16M9 9.200v2.300a3 3 0 0 0 4.800 2.400M15 11V6.500a3 3 0 0 0-5.800-1.100M5.500 11a6.500 6.500 0 0 0 9.900 5.600M18.500 11a6.500 6.500 0 0 1-.5 2.500M12 17.500v3M9 20.500h6",
  phoneOff: "M4.200 15.400c-.9-.9-.9-2.400 0-3.300 4.300-4.200 11.300-4.200 15.600 0 .9.900.9 2.400 0 3.300l-.8.700a1 1 0 0 1-1.200.1l-2.300-1.400a1 1 0 0 1-.5-.9v-1.700a9.600 9.600 0 0 0-6 0v1.700a1 1 0 0 1-.5.9l-2.300 1.400a1 1 0 0 1-1.200-.1Z",
  play: "M8 5.200v13.600a.6.600 0 0 0 .9.500l10.700-6.800a.6.600 0 0 0 0-1L8.900 4.700a.6.600 0 0 0-.9.500Z",
  pause: "M8 5v14M16 5v14",
  search: "M11 4.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13ZM16 16l4.500 4.500",
  close: "M6 6l12 12M18 6 6 18",
  arrowLeft: "M19 12H5M11 6l-6 6 6 6",
  arrowRight: "M5 12h14M13 6l6 6-6 6",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  chevron: "M6 9.500l6 6 6-6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  copy: "M9 9h10v11H9zM5 15V4h10",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l.8 13h8.400L17 7M10.500 11v5M13.500 11v5",
  alert: "M12 4l9 16H3L12 4ZM12 10v4.500M12 17.200v.1",
  user: "M12 4.500a3.800 3.800 0 1 1 0 7.600 3.800 3.800 0 0 1 0-7.600ZM4.500 20c.8-3.800 3.800-5.500 7.500-5.500s6.700 1.700 7.500 5.500",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM12 8v4.500l3 1.800",
  target: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM12 8.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7Z",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12ZM12 9.300a2.700 2.700 0 1 1 0 5.400 2.700 2.700 0 0 1 0-5.400Z",
  again: "M19.500 5v4.500H15M19 9.500a8 8 0 1 0 1 4.500",
  headphones: "M4.500 18v-5a7.500 7.500 0 0 1 15 0v5M4.500 15h3v5h-1.500a1.500 1.500 0 0 1-1.500-1.500ZM19.500 15h-3v5h1.500a1.500 1.500 0 0 0 1.500-1.500Z",
  voice: "M4 10.500v3M8 7.500v9M12 4.500v15M16 8v8M20 10.500v3",
} as const;

export type IconName = keyof typeof shapes;

/** A drawing beside words: never the only carrier of a meaning. */
export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  const filled = name === "play" || name === "phoneOff";
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      className={`${className} shrink-0`}
      fill={filled ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={filled ? 0 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
