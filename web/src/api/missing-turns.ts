import type { Turn } from "./contract";

/** The turns whose words a transcript does not have: it was sealed before they came. */
export function missingTurns(said: readonly Turn[], saved: readonly Turn[]): Turn[] {
  const there = new Map(saved.map((turn) => [turn.item_id, turn]));
  return said.filter(({ item_id, text }) => {
    const turn = there.get(item_id);
    return turn === undefined || (text !== null && turn.text === null);
  });
}
