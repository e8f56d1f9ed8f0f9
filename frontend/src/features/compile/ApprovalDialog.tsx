import { ClipboardList } from "lucide-react";
import { useRun } from "@/features/project/runStore";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatQuantity, humanize } from "@/lib/format";
import { Button } from "@/ui/Button";
import styles from "./CompilePanel.module.css";

interface Plan {
  governing?: string;
  steps?: { agent: string; what: string; why: string }[];
}

/** The plan with the sized part, before anything is built: go on, or not. */
export function ApprovalDialog() {
  const { current, units, run, inert } = useWorkspace();
  const plan = useRun((store) => store.view.activity.findLast((event) => event.kind === "approval")?.data) as Plan | undefined;
  const scheme = current?.design.design_scheme;
  const sized = (scheme?.free ?? []).flatMap((name) => {
    const quantity = scheme?.parameters?.[name];
    return quantity ? [`${humanize(name)} ${formatQuantity(quantity.value, quantity.unit, units)}`] : [];
  });
  return (
    <section className={styles.approval} aria-label="Approval of the plan">
      <h3>
        <ClipboardList size={16} aria-hidden /> The plan waits for your approval
      </h3>
      {sized.length > 0 && (
        <p>
          Sized: {sized.join(", ")}
          {scheme?.mass_g && `; mass ${formatQuantity(scheme.mass_g.value, scheme.mass_g.unit, units)}`}.
          {plan?.governing && ` What governs: ${plan.governing}.`}
        </p>
      )}
      {plan?.steps && (
        <ol className={styles.plan}>
          {plan.steps.map((step) => (
            <li key={`${step.agent}-${step.what}`}>
              {step.what} <span>{step.why}</span>
            </li>
          ))}
        </ol>
      )}
      <div className={styles.buttons}>
        <Button size="s" disabled={inert} onClick={() => void run({ mode: "plan", approval: "rejected" })}>
          Reject
        </Button>
        <Button size="s" variant="primary" disabled={inert} onClick={() => void run({ approval: "approved" })}>
          Approve and build
        </Button>
      </div>
    </section>
  );
}
