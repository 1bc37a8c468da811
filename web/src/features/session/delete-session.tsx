import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { deleteSession } from "@/api/sessions";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { FailureNotice } from "@/ui/failure-notice";
import { say } from "@/words/say";

/** Deletes a session for good, after asking. */
export function DeleteSession({ sessionId, onDeleted }: { sessionId: string; onDeleted: () => void }) {
  const [asking, setAsking] = useState(false);
  const remove = useMutation({ mutationFn: () => deleteSession(sessionId), onSuccess: onDeleted });
  const close = () => {
    setAsking(false);
    remove.reset();
  };
  return (
    <>
      <Button look="danger-quiet" icon="trash" onClick={() => setAsking(true)}>
        {say("session.delete")}
      </Button>
      <Dialog open={asking} title={say("session.deleteTitle")} text={say("session.deleteText")} onClose={close}>
        {remove.isError ? (
          <FailureNotice inside failure={remove.error} onWay={() => remove.mutate()} className="mt-5" />
        ) : null}
        <div className="mt-7 flex flex-wrap justify-end gap-3">
          <Button look="plain" onClick={close}>
            {say("session.deleteNo")}
          </Button>
          {remove.isError ? null : (
            <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
              {remove.isPending ? say("session.deleting") : say("session.deleteYes")}
            </Button>
          )}
        </div>
      </Dialog>
    </>
  );
}
