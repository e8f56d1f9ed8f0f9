import { Suspense } from "react";
import { EmptyState } from "@/ui/Panel";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { panelSpec } from "./panels";

/** The content of a panel by its id; a fault in it stays in it. */
export function PanelBody({ id }: { id: string }) {
  const spec = panelSpec(id);
  if (!spec) return null;
  const Content = spec.component;
  return (
    <ErrorBoundary what={spec.title}>
      <Suspense fallback={<EmptyState title="Loading…" />}>
        <Content />
      </Suspense>
    </ErrorBoundary>
  );
}
