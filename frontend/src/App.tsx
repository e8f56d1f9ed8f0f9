import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { BrowserRouter, Link, Route, Routes, useNavigate } from "react-router";
import { AccessDialog } from "@/features/access/AccessDialog";
import { CommandMenu } from "@/features/commands/CommandMenu";
import { useKeys } from "@/features/commands/keys";
import { type Command, useCommands } from "@/features/commands/registry";
import { DropZone } from "@/features/intake/DropZone";
import Landing from "@/features/landing/Landing";
import RequirementsGatheringPage from "@/features/requirements/RequirementsGatheringPage";
import { SettingsPanel } from "@/features/settings/SettingsPanel";
import { useSettings } from "@/features/settings/store";
import { useTheme } from "@/features/settings/theme";
import { Toasts } from "@/features/toasts/Toasts";
import { keepFocus } from "@/lib/keepFocus";
import { EmptyState } from "@/ui/Panel";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { useOverlays } from "@/ui/overlays";

const Workspace = lazy(() => import("@/features/workspace/Workspace"));

const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 1 } } });

export function App() {
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <Shell />
      </BrowserRouter>
    </QueryClientProvider>
  );
}

function Shell() {
  const theme = useTheme();
  const { settings, commands, show } = useOverlays();
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  useEffect(keepFocus, []);
  useKeys();
  useGlobalCommands();
  return (
    <>
      <ErrorBoundary what="This page">
        <Suspense fallback={<EmptyState title="Loading…" />}>
          <Routes>
            <Route path="/" element={<Landing />} />
            <Route path="/new" element={<RequirementsGatheringPage />} />
            <Route path="/p/:projectId" element={<Workspace />} />
            <Route
              path="*"
              element={
                <main>
                  <EmptyState title="There is no such page" action={<Link to="/">All projects</Link>} />
                </main>
              }
            />
          </Routes>
        </Suspense>
      </ErrorBoundary>
      {settings && <SettingsPanel onClose={() => show("settings", false)} />}
      {commands && <CommandMenu onClose={() => show("commands", false)} />}
      <DropZone />
      <AccessDialog />
      <Toasts />
    </>
  );
}

function useGlobalCommands() {
  const navigate = useNavigate();
  const set = useSettings((settings) => settings.set);
  const show = useOverlays((overlays) => overlays.show);
  const commands = useMemo<Command[]>(
    () => [
      { id: "go-projects", title: "All projects", group: "Go to", run: () => void navigate("/") },
      { id: "go-new", title: "New design", group: "Go to", run: () => void navigate("/new") },
      { id: "commands", title: "All commands", group: "Go to", keys: "Ctrl+K", run: () => show("commands", !useOverlays.getState().commands) },
      { id: "settings", title: "Settings", group: "Go to", run: () => show("settings", true) },
      { id: "theme-light", title: "Light theme", group: "Theme", run: () => set({ theme: "light" }) },
      { id: "theme-dark", title: "Dark theme", group: "Theme", run: () => set({ theme: "dark" }) },
      { id: "theme-system", title: "Theme of the system", group: "Theme", run: () => set({ theme: "system" }) },
    ],
    [navigate, set, show],
  );
  useCommands("global", commands);
}
