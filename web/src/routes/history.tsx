import { HistoryList } from "@/features/history/history-list";
import { say } from "@/words/say";
import { Frame } from "./frame";

export function HistoryPage() {
  return (
    <Frame title={say("history.title")}>
      <div className="mx-auto max-w-4xl px-4 py-10 sm:px-6 sm:py-14">
        <h1 className="text-display">{say("history.title")}</h1>
        <p className="mt-3 mb-9 text-lead text-quiet">{say("history.lead")}</p>
        <HistoryList />
      </div>
    </Frame>
  );
}
