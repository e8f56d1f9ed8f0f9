import { ClipboardCheck } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatMargin, formatQuantity, SENSE_SIGN, type UnitSystem } from "@/lib/format";
import type { Check, CheckStatus, Requirement } from "@/lib/types";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { StatusBadge, StatusMark } from "@/ui/Status";
import { BriefSpans } from "./BriefSpans";
import styles from "./RequirementsPanel.module.css";

const ORDER: Record<CheckStatus, number> = { fail: 0, "not verified": 1, pass: 2 };

/** The worst of the checks that hold a requirement; without one it is not verified. */
export function requirementStatus(requirement: Requirement, checks: readonly Check[]): CheckStatus {
  const held = checks.filter((check) => check.requirement_id === requirement.id);
  return held.reduce<CheckStatus | null>((worst, check) => (worst === null || ORDER[check.status] < ORDER[worst] ? check.status : worst), null) ?? "not verified";
}

/** Every requirement with the words that asked for it and the checks that hold it; the brief itself above. */
export function RequirementsPanel() {
  const { state, units } = useWorkspace();
  const [active, setActive] = useState<string | null>(null);
  const intent = state?.design.intent;
  const verdict = state?.validation.verification_report;
  const requirements = intent?.requirements ?? [];
  const checks = verdict?.checks ?? [];
  if (!intent?.brief) {
    return (
      <EmptyState icon={<ClipboardCheck size={36} strokeWidth={1.2} />} title="No requirements yet">
        They are read from the brief as the first stage of a run.
      </EmptyState>
    );
  }
  const known = new Set(requirements.map((requirement) => requirement.id));
  const rest = checks.filter((check) => !check.requirement_id || !known.has(check.requirement_id));
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  return (
    <Panel
      title="Requirements"
      tools={
        verdict?.status ? (
          <>
            <StatusBadge status={verdict.status} />
            <span>
              {count("pass")} passed, {count("fail")} failed, {count("not verified")} not verified
            </span>
          </>
        ) : (
          <span>No verdict yet</span>
        )
      }
    >
      <BriefSpans intent={intent} active={active} onActive={setActive} />
      {intent.unread && intent.unread.length > 0 && (
        <p className={styles.unread}>Not understood, without effect: {intent.unread.map((span) => `“${span.text}”`).join(", ")}</p>
      )}
      <Section title="What the brief asks">
        <ul className={styles.list}>
          {[...requirements]
            .sort((a, b) => ORDER[requirementStatus(a, checks)] - ORDER[requirementStatus(b, checks)])
            .map((requirement) => (
              <li
                key={requirement.id}
                className={active === requirement.id ? styles.active : undefined}
                onPointerEnter={() => setActive(requirement.id)}
                onPointerLeave={() => setActive(null)}
              >
                <div className={styles.requirement}>
                  {checks.length > 0 ? <StatusMark status={requirementStatus(requirement, checks)} /> : <StatusMark status="none" />}
                  <div>
                    <p className={styles.statement}>{requirement.statement}</p>
                    {requirement.span ? (
                      <p className={styles.origin}>“{requirement.span.text}” in the brief</p>
                    ) : (
                      <p className={styles.origin}>{requirement.origin}</p>
                    )}
                  </div>
                </div>
                <CheckRows checks={checks.filter((check) => check.requirement_id === requirement.id)} units={units} />
              </li>
            ))}
        </ul>
      </Section>
      {rest.length > 0 && (
        <Section title="Further checks">
          <div className={styles.further}>
            <CheckRows checks={[...rest].sort((a, b) => ORDER[a.status] - ORDER[b.status])} units={units} />
          </div>
        </Section>
      )}
      {intent.assumptions && intent.assumptions.length > 0 && (
        <Section title="Assumed, because the brief doesn't say">
          <ul className={styles.assumptions}>
            {intent.assumptions.map((assumption) => (
              <li key={assumption.id}>
                {assumption.text} <span>{assumption.reason}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}

function CheckRows({ checks, units }: { checks: readonly Check[]; units: UnitSystem }) {
  if (checks.length === 0) return null;
  return (
    <ul className={styles.checks}>
      {checks.map((check) => (
        <CheckRow key={check.id} check={check} units={units} />
      ))}
    </ul>
  );
}

/** Value against limit, the margin, how it was found, and why where it isn't a pass. */
export function CheckRow({ check, units }: { check: Check; units: UnitSystem }) {
  const hasValue = check.value !== null && check.value !== undefined;
  const margin = check.margin ?? null;
  const share = margin === null ? null : Math.max(0, Math.min(1, margin));
  return (
    <li className={styles.check}>
      <StatusMark status={check.status} />
      <div className={styles.checkBody}>
        <p className={styles.checkTitle}>{check.title}</p>
        <p className={styles.method}>
          {check.method}
          {check.reason && <span className={check.status === "fail" ? styles.bad : undefined}> {check.method ? "· " : ""}{check.reason}</span>}
        </p>
      </div>
      {hasValue && (
        <div className={`${styles.figures} num`}>
          <span>
            {formatQuantity(check.value, check.unit, units)}
            {check.uncertainty ? <em> ± {formatQuantity(check.uncertainty, check.unit, units, 2)}</em> : null}
          </span>
          {check.limit !== null && check.limit !== undefined && (
            <span className={styles.limit}>
              {check.sense ? SENSE_SIGN[check.sense] : ""} {formatQuantity(check.limit, check.unit, units)}
            </span>
          )}
          {margin !== null && (
            <span className={styles.margin} data-sign={margin < 0 ? "minus" : "plus"}>
              <span
                className={styles.meter}
                aria-hidden
                ref={(element) => {
                  element?.style.setProperty("--share", `${(share ?? 0) * 100}%`);
                }}
              />
              {formatMargin(margin)}
            </span>
          )}
        </div>
      )}
    </li>
  );
}
