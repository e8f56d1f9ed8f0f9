import { saveBlob } from "@/features/report/files";
import { toastError, useToasts } from "@/features/toasts/store";
import { useViewer } from "./store";

/** Saves what the viewer shows as a PNG. */
export async function saveScreenshot(name: string): Promise<void> {
  const { controls } = useViewer.getState();
  if (!controls) return;
  try {
    saveBlob(await controls.screenshot(), `${name}.png`);
    useToasts.getState().push({ tone: "ok", title: `Picture saved as ${name}.png` });
  } catch (error) {
    toastError(error);
  }
}
