import { useSyncExternalStore } from "react";
import { FailureNotice } from "@/ui/failure-notice";
import { Icon } from "@/ui/icon";
import { Progress } from "@/ui/waiting";
import { say } from "@/words/say";
import { currentUploads, retryUpload, subscribeUploads, type Upload } from "./uploads";

export function useUpload(sessionId: string | undefined): Upload | undefined {
  const uploads = useSyncExternalStore(subscribeUploads, currentUploads);
  return sessionId === undefined ? undefined : uploads.get(sessionId);
}

/** How the recording of one session fares on its way; nothing when it is not on its way. */
export function UploadStatus({ sessionId }: { sessionId: string }) {
  const upload = useUpload(sessionId);
  return upload === undefined ? null : <UploadNotice upload={upload} onRetry={() => retryUpload(sessionId)} />;
}

function UploadNotice({ upload, onRetry }: { upload: Upload; onRetry: () => void }) {
  if (upload.state === "failed") {
    const retryable = upload.failure?.code !== "RECORDING_REFUSED";
    return <FailureNotice inside failure={upload.failure} onWay={retryable ? onRetry : undefined} />;
  }
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
        <UploadNotice key={id} upload={upload} onRetry={() => retryUpload(id)} />
      ))}
    </aside>
  );
}
