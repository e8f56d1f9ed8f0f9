import { useSettings } from "@/features/settings/store";
import type { ChatReply } from "@/lib/api";
import { formatNumber, formatQuantity, humanize, materialWords, type UnitSystem } from "@/lib/format";
import type { Quantity } from "@/lib/types";
import { Words } from "@/ui/Words";
import { BriefSpans, unreadWords } from "./BriefSpans";
import styles from "./RequirementsGatheringPage.module.css";

/** What was read from the words so far, what is assumed, and what is still open. */
export function Understood({ reply }: { reply: ChatReply | null }) {
  const choice = useSettings((settings) => settings.units);
  const intent = reply?.intent;
  if (!intent?.brief) return <p className={styles.quiet}>What is understood appears here as you write.</p>;
  const units: UnitSystem = choice === "brief" ? (intent.length_unit ?? "mm") : choice;
  const show = (quantity: Quantity) => quantity.given ?? (quantity.unit === "1" ? formatNumber(quantity.value) : formatQuantity(quantity.value, quantity.unit, units));
  const rows: [string, string][] = [];
  if (intent.family) rows.push(["Part", humanize(intent.family)]);
  if (intent.material) rows.push(["Material", materialWords(intent.material)]);
  for (const load of intent.loads ?? []) {
    const where = load.position ? ` at ${show(load.position)}` : "";
    rows.push([humanize(load.kind), `${show(load.magnitude)}${where}${load.kind === "force" ? `, ${load.direction}` : ""}`]);
  }
  if (intent.safety_factor) rows.push(["Safety factor", show(intent.safety_factor)]);
  const read = Object.entries(intent.parameters ?? {}).filter(([, quantity]) => quantity.origin !== "assumption");
  for (const [name, quantity] of read) if (!name.startsWith("load_")) rows.push([humanize(name), show(quantity)]);
  for (const [name, value] of Object.entries(intent.choices ?? {})) rows.push([humanize(name), value]);
  return (
    <div className={styles.understood}>
      <h2>Understood</h2>
      <BriefSpans intent={intent} active={null} onActive={() => undefined} />
      {rows.length > 0 && (
        <dl className={styles.rows}>
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {intent.assumptions && intent.assumptions.length > 0 && (
        <>
          <h3>Assumed</h3>
          <ul className={styles.assumed}>
            {intent.assumptions.map((assumption) => (
              <li key={assumption.id} title={assumption.reason}>
                <Words units={units}>{assumption.text}</Words>
              </li>
            ))}
          </ul>
        </>
      )}
      {intent.questions && intent.questions.length > 0 && (
        <>
          <h3>Still open</h3>
          <ul className={styles.assumed}>
            {intent.questions.map((question) => (
              <li key={question.id}>{question.text}</li>
            ))}
          </ul>
        </>
      )}
      {intent.unread && intent.unread.length > 0 && (
        <p className={styles.unread}>Not understood, without effect: {unreadWords(intent.unread)}</p>
      )}
    </div>
  );
}
