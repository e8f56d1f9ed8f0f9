import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useContext } from "react";
import { PanelVisible } from "@/features/workspace/PanelContext";
import { useWorkspace } from "@/features/workspace/WorkspaceContext";
import { type AgentStats, api } from "@/lib/api";
import { formatSeconds } from "@/lib/format";
import { EmptyState, Panel, Section } from "@/ui/Panel";
import { Table } from "@/ui/Table";
import styles from "./PerformanceDashboard.module.css";

const EVERY_MS = 5000;

const short = (seconds: number) => (seconds < 0.1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)}\u00a0ms` : formatSeconds(seconds));

/** How long each agent takes on this server since it started, and what serves the work. */
export function PerformanceDashboard() {
  const { inert } = useWorkspace();
  const every = useContext(PanelVisible) && !inert ? EVERY_MS : false;
  const stats = useQuery({ queryKey: ["performance"], queryFn: ({ signal }) => api.performance(signal), refetchInterval: every });
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => api.health(signal), refetchInterval: every });
  const agents = Object.entries(stats.data?.agents ?? {}).sort(([, a], [, b]) => b.p50 * b.count - a.p50 * a.count);
  if (stats.isPending) return <EmptyState icon={<Gauge size={36} strokeWidth={1.2} />} title="Reading…" />;
  if (agents.length === 0) {
    return (
      <EmptyState icon={<Gauge size={36} strokeWidth={1.2} />} title="Nothing measured yet">
        Times of the agents are kept since the server started; run a design to see them.
      </EmptyState>
    );
  }
  return (
    <Panel
      title="Performance"
      tools={
        health.data && (
          <span>
            Server {health.data.version}, {health.data.status}
            {health.data.sessions && <> · sessions in {health.data.sessions.store.replace("SessionStore", "").replace("InMemory", "memory").replace("Sqlite", "SQLite")}</>}
            {health.data.llm_provider && <> · language model: {health.data.llm_provider}</>}
          </span>
        )
      }
    >
      <Section title="Agents, the most time first">
        <Times agents={agents} />
      </Section>
    </Panel>
  );
}

function Times({ agents }: { agents: [string, AgentStats][] }) {
  const longest = Math.max(...agents.map(([, stats]) => stats.max), 1e-6);
  return (
    <div className={styles.scroll}>
      <Table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col" className={styles.wide}>
              Shortest – median – longest
            </th>
            <th scope="col">Runs</th>
            <th scope="col">Median</th>
            <th scope="col">95 %</th>
            <th scope="col">Longest</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody className="num">
          {agents.map(([name, stats]) => (
            <tr key={name}>
              <th scope="row">{name.replace(/Agent$/, "")}</th>
              <td>
                <span
                  className={styles.range}
                  aria-hidden
                  ref={(element) => {
                    element?.style.setProperty("--from", `${(100 * stats.min) / longest}%`);
                    element?.style.setProperty("--to", `${(100 * stats.max) / longest}%`);
                    element?.style.setProperty("--mid", `${(100 * stats.p50) / longest}%`);
                  }}
                />
              </td>
              <td>{stats.count}</td>
              <td>{short(stats.p50)}</td>
              <td>{short(stats.p95)}</td>
              <td>{short(stats.max)}</td>
              <td className={stats.failures > 0 ? styles.bad : undefined}>{stats.failures}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
