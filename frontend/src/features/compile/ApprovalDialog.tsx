import { ClipboardList } from "lucide-react";
import { useRun } from "@/features/project/runStore";
import { useUnsentWords } from "@/features/project/unsentStore";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatQuantity, humanize } from "@/lib/format";
import { Button } from "@/ui/Button";
import { Words } from "@/ui/Words";
import styles from "./CompilePanel.module.css";

interface Plan {
  governing?: string;
  steps?: { agent: string; what: string; why: string }[];
}

/** What waits for a person: the plan before anything is built, or the checked design before it is handed over. */
export function ApprovalDialog() {
  const { current } = useWorkspace();
  return current?.manufacturing.release?.["status"] === "waiting" ? <ReleaseApproval /> : <PlanApproval />;
}

/** What a release would hand over, and what of it is not verified: release it, or say why not. */
function ReleaseApproval() {
  const { projectId, current, units, run, inert } = useWorkspace();
  const [reason, setReason, drop] = useUnsentWords(projectId, "reason");
  const release = current?.manufacturing.release;
  const digest = String(release?.["digest"] ?? "");
  const proven = release?.["verdict"] === "pass";
  return (
    <section className={styles.approval} aria-label="Approval of the release">
      <h3>
        <ClipboardList size={16} aria-hidden /> The release waits for your approval
      </h3>
      <p>
        <strong>{String(release?.["question"] ?? (proven ? "Release it?" : "Not verified. Release anyway?"))}</strong>
      </p>
      <p>
        <Words units={units}>{current?.validation.verification_report?.summary}</Words> Nothing is handed over before you release it. Content {digest.slice(0, 12)}.
      </p>
      <label>
        Why not, if you reject it <input value={reason} maxLength={2000} disabled={inert} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className={styles.buttons}>
        <Button
          size="s"
          disabled={inert}
          onClick={() => void run({ mode: "plan", approval: "rejected", ...(reason.trim() ? { reason: reason.trim() } : {}) }).then((told) => told && drop())}
        >
          Reject
        </Button>
        <Button size="s" variant="primary" disabled={inert} onClick={() => void run({ approval: "approved" })}>
          {proven ? "Release" : "Release anyway"}
        </Button>
      </div>
    </section>
  );
}

/** The plan with the sized part: go on, or not. */
function PlanApproval() {
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
      {scheme?.assumptions && scheme.assumptions.length > 0 && (
        <details open className={styles.assumed}>
          <summary>Assumed, because the brief doesn’t say</summary>
          <ul>
            {scheme.assumptions.map((assumption) => (
              <li key={assumption.id} title={assumption.reason}>
                <Words units={units}>{assumption.text}</Words>
              </li>
            ))}
          </ul>
        </details>
      )}
      {plan?.steps && (
        <ol className={styles.plan}>
          {plan.steps.map((step) => (
            <li key={`${step.agent}-${step.what}`}>
              <Words units={units}>{step.what}</Words>{" "}
              <span>
                <Words units={units}>{step.why}</Words>
              </span>
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
