//! The four looks of a screen: on a desktop and on a phone, light and dark.

export const looks = ([[1440, 900], [390, 844]] as const).flatMap(([width, height]) =>
  (["light", "dark"] as const).map((scheme) => ({ name: `${width}-${scheme}`, width, height, scheme })),
);

export const folder = process.env["SCREENS_FOLDER"] ?? "test-results/screens";
