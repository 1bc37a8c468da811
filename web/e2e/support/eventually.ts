/** Asks until there is an answer; a rejection counts as none. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, patience = 30_000): Promise<T> {
  const until = Date.now() + patience;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`never seen: ${what}`, { cause: last });
}
