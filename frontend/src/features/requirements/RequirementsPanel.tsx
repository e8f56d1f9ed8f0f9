import { ClipboardCheck } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { formatMargin, formatQuantity, formatWithBand, rawText, SENSE_SIGN, type UnitSystem } from "@/lib/format";
import type { Check, CheckStatus, Requirement } from "@/lib/types";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { StatusBadge, StatusMark } from "@/ui/Status";
import { Words } from "@/ui/Words";
import { BriefSpans, unreadWords } from "./BriefSpans";
import styles from "./RequirementsPanel.module.css";

const ORDER: Record<CheckStatus, number> = { fail: 0, "not verified": 1, pass: 2 };

/** The worst of the checks that hold a requirement; without one it is not verified. */
export function requirementStatus(requirement: Requirement, checks: readonly Check[]): CheckStatus {
  const held = checks.filter((check) => check.requirement_id === requirement.id);
  return held.reduce<CheckStatus | null>((worst, check) => (worst === null || ORDER[check.status] < ORDER[worst] ? check.status : worst), null) ?? "not verified";
}

// What a person looks for first; plain sizes, which are met as they were given, come last.
const KINDS = ["safety_factor", "stress", "deflection", "mass", "temperature", "pressure", "force", "manufacture", "material", "dimension"];

function rank(requirement: Requirement, checks: readonly Check[]): number {
  const kind = KINDS.indexOf(requirement.kind);
  return ORDER[requirementStatus(requirement, checks)] * 100 + (kind < 0 ? KINDS.length - 2 : kind);
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
  // the sizing adds its own to those of the reading: where the load acts, the bolts, how the part is held
  const assumed = [...(intent.assumptions ?? []), ...(state?.design.design_scheme.assumptions ?? [])].filter((item, at, all) => all.findIndex(({ id }) => id === item.id) === at);
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
        <p className={styles.unread}>Not understood, without effect: {unreadWords(intent.unread)}</p>
      )}
      <Section title="What the brief asks">
        <ul className={styles.list}>
          {[...requirements]
            .sort((a, b) => rank(a, checks) - rank(b, checks))
            .map((requirement) => (
              <RequirementItem
                key={requirement.id}
                requirement={requirement}
                checks={checks.filter((check) => check.requirement_id === requirement.id)}
                judged={checks.length > 0}
                units={units}
                active={active === requirement.id}
                onActive={setActive}
              />
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
      {assumed.length > 0 && (
        <Section title="Assumed, because the brief doesn't say">
          <ul className={styles.assumptions}>
            {assumed.map((assumption) => (
              <li key={assumption.id}>
                <Words units={units}>{assumption.text}</Words>{" "}
                <span>
                  <Words units={units}>{assumption.reason}</Words>
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Panel>
  );
}

interface RequirementItemProps {
  requirement: Requirement;
  checks: readonly Check[];
  judged: boolean;
  units: UnitSystem;
  active: boolean;
  onActive: (id: string | null) => void;
}

/** A requirement, the words it comes from, and the checks that hold it; a lone check of the same name is shown in its row. */
function RequirementItem({ requirement, checks, judged, units, active, onActive }: RequirementItemProps) {
  const lone = checks.length === 1 && checks[0]?.title === requirement.statement ? checks[0] : null;
  return (
    <li
      className={active ? styles.active : undefined}
      onPointerEnter={() => onActive(requirement.id)}
      onPointerLeave={() => onActive(null)}
    >
      <div className={styles.requirement}>
        <StatusMark status={judged ? requirementStatus(requirement, checks) : "none"} />
        <div className={styles.checkBody}>
          <p className={styles.statement}>{requirement.statement}</p>
          <p className={styles.origin}>
            {requirement.span ? `“${requirement.span.text}” in the brief` : requirement.origin}
            <Words units={units}>{(lone?.method ? ` · ${lone.method}` : "") + (lone && lone.status !== "pass" && lone.reason ? ` · ${lone.reason}` : "")}</Words>
          </p>
        </div>
        {lone && <Figures check={lone} units={units} />}
      </div>
      {!lone && <CheckRows checks={checks} units={units} />}
    </li>
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

/** A check: what it is, how it was found, and its figures. */
export function CheckRow({ check, units }: { check: Check; units: UnitSystem }) {
  return (
    <li className={styles.check}>
      <StatusMark status={check.status} />
      <div className={styles.checkBody}>
        <p className={styles.checkTitle}>
          <Words units={units}>{check.title}</Words>
        </p>
        <p className={styles.method}>
          <Words units={units}>{check.method}</Words>
          {check.reason && (
            <span className={check.status === "fail" ? styles.bad : undefined}>
              {check.method ? " · " : ""}
              <Words units={units}>{check.reason}</Words>
            </span>
          )}
        </p>
      </div>
      <Figures check={check} units={units} />
    </li>
  );
}

/** Value, limit and margin, one under the other. */
function Figures({ check, units }: { check: Check; units: UnitSystem }) {
  if (check.value === null || check.value === undefined) return null;
  const margin = check.sense === "==" ? null : (check.margin ?? null); // equal or not: there is nothing to spare
  const [value, band] = formatWithBand(check.value, check.uncertainty, check.unit, units).split(/(?= ±)/);
  return (
    <div className={`${styles.figures} num`}>
      <span title={rawText(check.value, check.unit, units)}>
        {value}
        {band && <em>{band}</em>}
      </span>
      {check.limit !== null && check.limit !== undefined && (
        <span className={styles.limit} title={rawText(check.limit, check.unit, units)}>
          {check.sense ? SENSE_SIGN[check.sense] : ""} {formatQuantity(check.limit, check.unit, units)}
        </span>
      )}
      {margin !== null && (
        <span className={styles.margin} data-sign={margin < 0 ? "minus" : "plus"}>
          <span
            className={styles.meter}
            aria-hidden
            ref={(element) => {
              element?.style.setProperty("--share", `${Math.max(0, Math.min(1, margin)) * 100}%`);
            }}
          />
          {formatMargin(margin)}
        </span>
      )}
    </div>
  );
}
