import { Component, type ReactNode } from "react";
import { FailureNotice } from "@/ui/failure-notice";

/** The last net: whatever breaks while rendering still gets words and a way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error() };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="px-4 py-24">
        <FailureNotice page failure={this.state.error} onWay={() => window.location.reload()} />
      </main>
    );
  }
}
