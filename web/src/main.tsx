import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTelemetry } from "./api/telemetry";
import { App } from "./app/app";
import "./app/styles.css";
import { startTheme } from "./ui/theme";

startTheme();
startTelemetry();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
