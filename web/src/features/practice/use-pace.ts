import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Pace, User } from "@/api/contract";
import { meQuery, rememberPace } from "@/api/users";
import { usualPace } from "./pace";

export interface PaceChoice {
  pace: Pace;
  change: (change: Partial<Pace>) => void;
  /** The last choice counts for now, but the server could not be told. */
  unsaved: boolean;
}

/** How this learner likes to practise: known wherever they sign in, and saved as soon as it is chosen. */
export function usePace(): PaceChoice {
  const queries = useQueryClient();
  const { queryKey } = meQuery();
  const me = useQuery(meQuery()).data ?? null;
  const saving = useMutation({
    // One after another: what was chosen last is what is remembered.
    scope: { id: "pace" },
    mutationFn: rememberPace,
    onMutate: (change) => {
      queries.setQueryData<User | null>(queryKey, (user) => user && { ...user, practice: { ...user.practice, ...change } });
    },
  });
  // What is chosen shows in the same moment: the cache tells its readers a moment later, and a control would spring back until then.
  const [chosen, setChosen] = useState<Partial<Pace>>({});
  const change = (made: Partial<Pace>) => {
    setChosen((earlier) => ({ ...earlier, ...made }));
    saving.mutate(made);
  };
  return { pace: { ...(me?.practice ?? usualPace), ...chosen }, change, unsaved: saving.isError };
}
