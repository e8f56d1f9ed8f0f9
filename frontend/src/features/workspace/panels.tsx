import { Activity, Box, Braces, ClipboardCheck, FileText, Gauge, History, Layers2, ListTree, type LucideIcon, Microscope, Package, SlidersHorizontal, Weight } from "lucide-react";
import { type ComponentType, lazy } from "react";
import { BomTable } from "@/features/bom/BomTable";
import { KclEditor } from "@/features/code/KclEditor";
import { CompilePanel } from "@/features/compile/CompilePanel";
import { HistoryPanel } from "@/features/history/HistoryPanel";
import { ParameterPanel } from "@/features/parameters/ParameterPanel";
import { MaterialsBrowser } from "@/features/materials/MaterialsBrowser";
import { PerformanceDashboard } from "@/features/performance/PerformanceDashboard";
import { ReportPanel } from "@/features/report/ReportPanel";
import { RequirementsPanel } from "@/features/requirements/RequirementsPanel";
import { AnalysisPanel } from "@/features/analysis/AnalysisPanel";
import { StudyPanel } from "@/features/studies/StudyPanel";
import { PartTree } from "@/features/viewer/PartTree";

const ModelPanel = lazy(() => import("@/features/viewer/ModelPanel"));

export type PanelId =
  | "model"
  | "compile"
  | "requirements"
  | "parameters"
  | "analysis"
  | "code"
  | "bom"
  | "report"
  | "history"
  | "parts"
  | "materials"
  | "studies"
  | "performance";

export interface PanelSpec {
  id: PanelId;
  title: string;
  /** fits under an icon */
  short: string;
  about: string;
  icon: LucideIcon;
  component: ComponentType;
}

export const PANELS: readonly PanelSpec[] = [
  { id: "model", title: "Model", short: "Model", about: "The part in three dimensions, with its fields", icon: Box, component: ModelPanel },
  { id: "compile", title: "Run", short: "Run", about: "What the agents do, stage by stage", icon: Activity, component: CompilePanel },
  { id: "requirements", title: "Requirements", short: "Checks", about: "Each requirement, its words and its evidence", icon: ClipboardCheck, component: RequirementsPanel },
  { id: "parameters", title: "Parameters", short: "Sizes", about: "Every size and where it comes from", icon: SlidersHorizontal, component: ParameterPanel },
  { id: "analysis", title: "Analysis", short: "Analysis", about: "Meshes, convergence and reactions of the solver", icon: Microscope, component: AnalysisPanel },
  { id: "code", title: "KCL", short: "KCL", about: "The program that is the part", icon: Braces, component: KclEditor },
  { id: "bom", title: "Bill of materials", short: "BOM", about: "What must be made and bought", icon: Package, component: BomTable },
  { id: "report", title: "Report", short: "Report", about: "The design dossier and all files", icon: FileText, component: ReportPanel },
  { id: "history", title: "History", short: "History", about: "All revisions of the project", icon: History, component: HistoryPanel },
  { id: "parts", title: "Parts", short: "Parts", about: "Bodies and named faces", icon: ListTree, component: PartTree },
  { id: "studies", title: "Studies", short: "Studies", about: "Loads and supports of your own, on picked faces", icon: Weight, component: StudyPanel },
  { id: "materials", title: "Materials", short: "Material", about: "The library, every value with its source", icon: Layers2, component: MaterialsBrowser },
  { id: "performance", title: "Performance", short: "Perf", about: "How long the agents take", icon: Gauge, component: PerformanceDashboard },
];

export const panelSpec = (id: string): PanelSpec | undefined => PANELS.find((panel) => panel.id === id);
