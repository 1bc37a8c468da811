import { useSyncExternalStore } from "react";
import { Button } from "@/ui/button";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Progress } from "@/ui/waiting";
import { say } from "@/words/say";
import { closeUpload, currentUploads, retryUpload, subscribeUploads, type Upload } from "./uploads";

export function useUpload(sessionId: string | undefined): Upload | undefined {
  const uploads = useSyncExternalStore(subscribeUploads, currentUploads);
  return sessionId === undefined ? undefined : uploads.get(sessionId);
}

/** How the recording of one session fares on its way; nothing when it is not on its way. */
export function UploadStatus({ sessionId }: { sessionId: string }) {
  const upload = useUpload(sessionId);
  return upload === undefined ? null : <UploadNotice sessionId={sessionId} upload={upload} />;
}

function UploadNotice({ sessionId, upload }: { sessionId: string; upload: Upload }) {
  const code = upload.failure?.code;
  if (code === "RECORDING_REFUSED" || code === "REFUSED_ONLY_HERE") {
    return (
      <FailureNotice
        inside
        failure={upload.failure}
        aside={
          <Button look="plain" onClick={() => closeUpload(sessionId)}>
            {say("upload.close")}
          </Button>
        }
      />
    );
  }
  if (upload.state === "failed") return <FailureNotice inside failure={upload.failure} onWay={() => retryUpload(sessionId)} />;
  if (upload.state === "sent") {
    return (
      <p role="status" className="flex items-center justify-center gap-2 text-small font-medium text-quiet">
        <Icon name="check" className="size-4 text-accent" />
        {say("upload.sent")}
      </p>
    );
  }
  const percent = Math.round(upload.progress * 100);
  return (
    <div className="text-left">
      <div className="mb-2 flex justify-between text-small font-medium text-quiet">
        <span role="status">{say("upload.sending")}</span>
        <span className="tabular">{say("upload.percent", { percent })}</span>
      </div>
      <Progress label={say("upload.sending")} value={upload.progress} />
    </div>
  );
}

/** Whatever is still being sent, for the pages that are about something else. */
export function UploadsUnderWay({ except }: { except: string | null }) {
  const uploads = useSyncExternalStore(subscribeUploads, currentUploads);
  const shown = [...uploads].filter(([id, upload]) => id !== except && upload.state !== "sent");
  if (shown.length === 0) return null;
  return (
    <aside
      aria-label={say("upload.sending")}
      className="fixed inset-x-4 bottom-4 z-10 rounded-lg border border-line bg-raised p-5 shadow-float sm:left-auto sm:w-96"
    >
      {shown.map(([id, upload]) => (
        <UploadNotice key={id} sessionId={id} upload={upload} />
      ))}
    </aside>
  );
}
