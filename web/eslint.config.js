import js from "@eslint/js";
import importX from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["account", "topics", "practice", "recording", "history", "session", "rating"];
const base = ["ui", "api", "sound", "words"];

/** Imports flow ui, api, sound, words, paths → features → routes → app; features do not know each other. */
const zones = [
  ...base.map((room) => ({
    target: `./src/${room}`,
    from: ["./src/features", "./src/routes", "./src/app"],
    message: "ui, api, sound and words know nothing above them",
  })),
  {
    target: "./src/ui",
    from: ["./src/api"],
    message: "ui has no data",
  },
  {
    target: "./src/features",
    from: ["./src/routes", "./src/app"],
    message: "features know neither routes nor the app",
  },
  { target: "./src/routes", from: ["./src/app"], message: "routes do not know the app" },
  ...features.map((feature) => ({
    target: `./src/features/${feature}`,
    from: features.filter((other) => other !== feature).map((other) => `./src/features/${other}`),
    message: "features do not import each other: compose them in a route",
  })),
];

export default tseslint.config(
  { ignores: ["dist", "e2e", "src/api/generated", "scripts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat["recommended-latest"] ?? reactHooks.configs["recommended-latest"],
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver": { typescript: true } },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "import-x/first": "error",
      "import-x/no-duplicates": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "The page runs under Trusted Types: no HTML from strings.",
        },
        {
          selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
          message: "The page runs under Trusted Types: no HTML from strings.",
        },
        { selector: "JSXAttribute[name.name='aria-live'][value.value='assertive']", message: "Nothing here may interrupt a speaking learner." },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/only-throw-error": [
        "error",
        { allow: [{ from: "package", package: "@tanstack/router-core", name: "Redirect" }] },
      ],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
    },
  },
  {
    files: ["vite.config.ts", "eslint.config.js"],
    rules: { "import-x/no-default-export": "off" },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
