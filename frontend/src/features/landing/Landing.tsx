import { useQuery } from "@tanstack/react-query";
import { ArrowRight, FolderOpen, Settings } from "lucide-react";
import { type FormEvent, useEffect } from "react";
import { Link, useNavigate } from "react-router";
import { useUnsentWords } from "@/features/project/unsentStore";
import { useSettings } from "@/features/settings/store";
import { useChat } from "@/features/requirements/chatStore";
import { api, ApiError, type ProjectRow } from "@/lib/api";
import { formatAgo, formatQuantity, humanize, materialWords, type UnitSystem } from "@/lib/format";
import { Button, IconButton } from "@/ui/Button";
import { Logo } from "@/ui/Logo";
import { useOverlays } from "@/ui/overlays";
import { StatusMark } from "@/ui/Status";
import { EXAMPLES } from "./examples";
import styles from "./Landing.module.css";

/** The way in: say what you need, or go on with a project. */
export default function Landing() {
  const [brief, setBrief, sent] = useUnsentWords("", "brief");
  const navigate = useNavigate();
  const begin = useChat((chat) => chat.begin);
  const show = useOverlays((overlays) => overlays.show);
  const projects = useQuery({ queryKey: ["projects"], queryFn: ({ signal }) => api.projects(signal), refetchOnMount: "always" });
  useEffect(() => {
    document.title = "BRICK OS";
  }, []);
  const start = (text: string) => {
    begin(text);
    void navigate("/new");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!brief.trim()) return;
    start(brief.trim());
    sent();
  };
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <span className={styles.brand}>
          <Logo size={26} /> BRICK OS
        </span>
        <IconButton label="Settings" icon={<Settings size={18} />} onClick={() => show("settings", true)} />
      </header>
      <main className={styles.main}>
        <h1>What shall we build?</h1>
        <p className={styles.lead}>Say what the part must do. You get a sized design, its proof, and the files to make it: all computed on this machine.</p>
        <form className={styles.form} onSubmit={submit}>
          <label htmlFor="brief" className="sr-only">
            Brief
          </label>
          <textarea
            id="brief"
            rows={4}
            maxLength={20_000}
            placeholder="An aluminium shelf bracket, 6 in wide, holds 300 lb at 12 in from the wall…"
            value={brief}
            onChange={(event) => setBrief(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
            }}
          />
          <div className={styles.formFoot}>
            <span>Sizes, loads, material, limits; any unit.</span>
            <Button type="submit" variant="primary" size="l" disabled={!brief.trim()}>
              Begin <ArrowRight size={17} aria-hidden />
            </Button>
          </div>
        </form>
        <section aria-labelledby="examples-title" className={styles.examples}>
          <h2 id="examples-title">Or start from an example</h2>
          <ul>
            {EXAMPLES.map((example) => (
              <li key={example.title}>
                <button type="button" onClick={() => start(example.brief)}>
                  <strong>{example.title}</strong>
                  <span>{example.brief}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="projects-title" className={styles.projects}>
          <h2 id="projects-title">Projects</h2>
          {projects.error ? (
            <p role="alert" className={styles.problem}>
              {projects.error.message} {projects.error instanceof ApiError && projects.error.nextAction}
            </p>
          ) : (
            <ProjectList projects={projects.data?.projects} />
          )}
        </section>
      </main>
    </div>
  );
}

/** "L bracket · Steel A36 · 1723 g": what tells one project from another. */
function factsOf({ figures }: ProjectRow, units: UnitSystem): string {
  const mass = figures?.mass_g ? formatQuantity(figures.mass_g, "g", units) : "";
  return [figures?.family ? humanize(figures.family) : "", materialWords(figures?.material), mass].filter(Boolean).join(" · ");
}

function ProjectList({ projects }: { projects: ProjectRow[] | undefined }) {
  const units = useSettings((settings) => (settings.units === "in" ? "in" : "mm"));
  if (!projects) return <p className={styles.quiet}>Reading…</p>;
  if (projects.length === 0)
    return (
      <p className={styles.none}>
        <FolderOpen size={18} aria-hidden /> None yet. What you design is listed here.
      </p>
    );
  return (
    <ul className={styles.list}>
      {projects.map((project) => (
        <li key={project.id}>
          <Link to={`/p/${project.id}`}>
            {project.figures?.verdict ? <StatusMark status={project.figures.verdict} /> : <span className={styles.mark} />}
            <span className={styles.name}>{project.name || project.id}</span>
            <span className={styles.facts}>{factsOf(project, units)}</span>
            <span className={styles.quiet}>{formatAgo(project.updated_at * 1000)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
