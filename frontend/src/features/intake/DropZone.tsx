import { FileDown } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useChat } from "@/features/requirements/chatStore";
import { toastError, useToasts, whileBusy } from "@/features/toasts/store";
import { api } from "@/lib/api";
import styles from "./DropZone.module.css";

const PARTS = /\.(kcl|step|stp|stl|obj|ply|glb)$/i;
const BRIEFS = /\.(txt|md)$/i;

/** Takes a file in: a program or a part becomes a project, a text becomes a brief. */
export function useTakeIn(): (file: File) => Promise<void> {
  const navigate = useNavigate();
  return async (file) => {
    const { push } = useToasts.getState();
    try {
      if (BRIEFS.test(file.name)) {
        useChat.getState().begin((await file.text()).trim().slice(0, 20_000));
        await navigate("/new");
      } else if (PARTS.test(file.name)) {
        const size = file.size > 1e6 ? ` (${(file.size / 1e6).toFixed(1)} MB)` : "";
        const made = await whileBusy(`Reading ${file.name}${size}…`, api.takeIn(file));
        await navigate(`/p/${made.project_id}`);
        push({ tone: "ok", title: `${file.name} is a project now` });
      } else push({ tone: "bad", title: `${file.name} is no kind of file that can be taken in`, detail: "Drop a .kcl program, a .step, .stl, .obj, .ply or .glb part, or a brief as .txt or .md." });
    } catch (error) {
      toastError(error);
    }
  };
}

/** Files may be dropped anywhere on the page. */
export function DropZone() {
  const [over, setOver] = useState(false);
  const takeIn = useTakeIn();
  useEffect(() => {
    let depth = 0;
    const files = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!files(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => files(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) void takeIn(file);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hover);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hover);
      window.removeEventListener("drop", drop);
    };
  }, [takeIn]);
  if (!over) return null;
  return (
    <div className={styles.zone} role="status">
      <div>
        <FileDown size={30} aria-hidden />
        <strong>Drop it here</strong>
        <span>A KCL program or a STEP, STL, OBJ, PLY or GLB part becomes a project; a text becomes a brief.</span>
      </div>
    </div>
  );
}
