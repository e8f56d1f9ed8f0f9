import { useThree } from "@react-three/fiber";
import { useEffect, useMemo, useRef } from "react";
import { MOUSE, OrthographicCamera, PerspectiveCamera, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { type MouseScheme, useSettings } from "@/features/settings/store";
import type { Vec3 } from "@/lib/types";
import type { Model } from "./model";
import { holdMotion, touchMotion } from "./motion";
import { useViewer } from "./store";
import { VIEWS } from "./views";

const FOV = 32;
const MOVE_MS = 320;

/** Up to this width, in pixels, the legend lies below the picture (FieldLegend.module.css). */
const NARROW = 460;
/** Up to this width the figures at the top left and the legend at the right leave no room between them. */
const TIGHT = 800;

/** What cube and legend take at the right of a picture, and the figures above it, in pixels. */
export function taken(width: number): { right: number; top: number } {
  if (width <= NARROW) return { right: 0, top: 0 };
  return { right: 200, top: width <= TIGHT ? 100 : 0 };
}

/** Puts the middle of what the camera sees into the middle of the room that is left. */
export function leaveRoom(camera: PerspectiveCamera | OrthographicCamera, width: number, height: number): void {
  const { right, top } = taken(width);
  if (right + top > 0) camera.setViewOffset(width, height, right / 2, -top / 2, width, height);
  else camera.clearViewOffset();
}

type Buttons = OrbitControls["mouseButtons"];

/** Which button does what. Shift or Ctrl swap turning and moving, as everywhere. */
export const MOUSE_BUTTONS: Record<MouseScheme, Buttons> = {
  brick: { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.PAN, RIGHT: MOUSE.PAN },
  onshape: { LEFT: null, MIDDLE: MOUSE.PAN, RIGHT: MOUSE.ROTATE },
  solidworks: { LEFT: null, MIDDLE: MOUSE.ROTATE, RIGHT: MOUSE.PAN },
  blender: { LEFT: null, MIDDLE: MOUSE.ROTATE, RIGHT: MOUSE.DOLLY },
};

/** Camera and controls; tells the rest of the page how to steer them. */
export function CameraRig({ model, modelKey, onTurn }: { model: Model; modelKey: string; onTurn: (camera: PerspectiveCamera | OrthographicCamera) => void }) {
  const { gl, set, size, invalidate, scene } = useThree();
  const orthographic = useViewer((viewer) => viewer.orthographic);
  const mouse = useSettings((settings) => settings.mouse);
  const rig = useRef<{ controls: OrbitControls; camera: PerspectiveCamera | OrthographicCamera } | null>(null);
  const pose = useRef<{ position: Vector3; target: Vector3; zoom: number; key: string } | null>(null);
  const sizeRef = useRef(size);
  sizeRef.current = size;
  const turned = useRef(onTurn);
  turned.current = onTurn;

  const camera = useMemo(() => {
    const made = orthographic ? new OrthographicCamera() : new PerspectiveCamera(FOV);
    made.up.set(0, 0, 1);
    return made;
  }, [orthographic]);

  useEffect(() => {
    const controls = new OrbitControls(camera, gl.domElement);
    controls.enableDamping = false;
    controls.zoomToCursor = true;
    controls.screenSpacePanning = true;
    rig.current = { controls, camera };
    const { size: whole } = model;
    camera.near = whole / 200;
    camera.far = whole * 40;
    if (camera instanceof OrthographicCamera) {
      camera.near = -whole * 20;
      camera.far = whole * 20;
    }
    const reach = (at: PerspectiveCamera | OrthographicCamera) =>
      at instanceof OrthographicCamera ? sizeRef.current.height / at.zoom : 2 * at.position.distanceTo(controls.target) * Math.tan((FOV * Math.PI) / 360);

    /** Puts the eye on `from` at the distance where `height` mm fill the picture. */
    const place = (from: Vector3, target: Vector3, height: number) => {
      const distance = height / (2 * Math.tan((FOV * Math.PI) / 360));
      controls.target.copy(target);
      camera.position.copy(target).addScaledVector(from.clone().normalize(), distance);
      if (camera instanceof OrthographicCamera) camera.zoom = sizeRef.current.height / height;
      camera.updateProjectionMatrix();
      controls.update();
      invalidate();
    };
    const fitHeight = (from: Vector3) => {
      const { width, height } = sizeRef.current;
      const corners: Vector3[] = [];
      for (const x of [model.box.min.x, model.box.max.x])
        for (const y of [model.box.min.y, model.box.max.y])
          for (const z of [model.box.min.z, model.box.max.z]) corners.push(new Vector3(x, y, z).sub(model.center));
      const back = from.clone().normalize();
      const right = new Vector3(0, 0, 1).cross(back);
      if (right.lengthSq() < 1e-9) right.set(1, 0, 0);
      right.normalize();
      const up = back.clone().cross(right);
      const half = (axis: Vector3) => Math.max(...corners.map((corner) => Math.abs(corner.dot(axis))));
      const depth = half(back);
      const room = taken(width);
      const flat = height * Math.max(half(up) / Math.max(height - room.top, 100), half(right) / Math.max(width - (room.right || 24), 100));
      // room for tools, and for what perspective makes of the near side
      return 2 * flat * 1.16 + (camera instanceof PerspectiveCamera ? depth * 0.3 : 0);
    };

    let motion = 0;
    const move = (from: Vector3, target: Vector3, height: number) => {
      cancelAnimationFrame(motion);
      const start = { from: camera.position.clone().sub(controls.target).normalize(), target: controls.target.clone(), height: reach(camera) };
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (still) return place(from, target, height);
      const goal = from.clone().normalize();
      const began = performance.now();
      const step = (now: number) => {
        const linear = Math.min(1, (now - began) / MOVE_MS);
        const share = 1 - (1 - linear) ** 3;
        const direction = start.from.clone().lerp(goal, share);
        if (direction.lengthSq() < 1e-4) direction.copy(goal);
        place(direction, start.target.clone().lerp(target, share), start.height + (height - start.height) * share);
        if (linear < 1) motion = requestAnimationFrame(step);
      };
      motion = requestAnimationFrame(step);
    };

    const known = pose.current;
    if (known && known.key === modelKey) {
      // the same model after a change of projection: same direction, same scale
      place(known.position.clone().sub(known.target), known.target, known.zoom);
    } else {
      const iso = new Vector3(...VIEWS.iso.from);
      place(iso, model.center, fitHeight(iso));
    }
    const remember = () => {
      pose.current = { position: camera.position.clone(), target: controls.target.clone(), zoom: reach(camera), key: modelKey };
    };
    const changed = () => {
      touchMotion();
      remember();
      turned.current(camera);
      invalidate();
    };
    remember();
    const held = () => holdMotion(true);
    const freed = () => holdMotion(false);
    controls.addEventListener("start", held);
    controls.addEventListener("end", freed);
    controls.addEventListener("change", changed);
    set({ camera: camera as PerspectiveCamera });
    turned.current(camera);

    const toward = (direction: Vec3) => {
      const from = new Vector3(...direction);
      move(from, model.center, fitHeight(from));
    };
    useViewer.getState().set({
      controls: {
        fit: () => {
          const from = camera.position.clone().sub(controls.target);
          move(from, model.center, fitHeight(from));
        },
        view: (name) => toward(VIEWS[name].from),
        direction: toward,
        orbit: (azimuth, polar) => {
          const from = camera.position.clone().sub(controls.target);
          const flat = Math.hypot(from.x, from.y);
          const height = Math.min(1.55, Math.max(-1.55, Math.atan2(from.z, flat) + polar));
          const around = Math.atan2(from.y, from.x) + azimuth;
          const to = new Vector3(Math.cos(around) * Math.cos(height), Math.sin(around) * Math.cos(height), Math.sin(height));
          place(to, controls.target.clone(), reach(camera));
        },
        focus: (center, whole) => {
          const from = camera.position.clone().sub(controls.target);
          move(from, new Vector3(...center), Math.max(whole, model.size * 0.02) * 1.8);
        },
        zoom: (factor) => move(camera.position.clone().sub(controls.target), controls.target.clone(), reach(camera) / factor),
        screenshot: () =>
          new Promise((resolve, reject) => {
            gl.render(scene, camera);
            const canvas = document.createElement("canvas");
            canvas.width = gl.domElement.width;
            canvas.height = gl.domElement.height;
            const context = canvas.getContext("2d");
            if (!context) return reject(new Error("The browser gives no canvas to draw the picture on"));
            const style = getComputedStyle(document.documentElement);
            const sky = context.createLinearGradient(0, 0, 0, canvas.height);
            sky.addColorStop(0, style.getPropertyValue("--scene-top").trim());
            sky.addColorStop(1, style.getPropertyValue("--scene-bottom").trim());
            context.fillStyle = sky;
            context.fillRect(0, 0, canvas.width, canvas.height);
            context.drawImage(gl.domElement, 0, 0);
            canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made"))), "image/png");
          }),
      },
    });
    return () => {
      cancelAnimationFrame(motion);
      freed();
      controls.removeEventListener("change", changed);
      controls.dispose();
      rig.current = null;
      useViewer.getState().set({ controls: null });
    };
  }, [camera, gl, invalidate, model, modelKey, scene, set]);

  useEffect(() => {
    if (rig.current) rig.current.controls.mouseButtons = { ...MOUSE_BUTTONS[mouse] };
  }, [mouse, camera, model]);

  useEffect(() => {
    if (camera instanceof OrthographicCamera) {
      camera.left = -size.width / 2;
      camera.right = size.width / 2;
      camera.top = size.height / 2;
      camera.bottom = -size.height / 2;
    } else camera.aspect = size.width / Math.max(size.height, 1);
    leaveRoom(camera, size.width, Math.max(size.height, 1));
    camera.updateProjectionMatrix();
    turned.current(camera);
    invalidate();
  }, [camera, size, invalidate]);

  return null;
}
