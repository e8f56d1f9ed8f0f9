import { PerspectiveCamera, type Vector3 } from "three";

/** A camera at `from` that looks at `at`, Z up. */
export function eye(from: Vector3, at: Vector3): PerspectiveCamera {
  const camera = new PerspectiveCamera(30, 1, 1, 1000);
  camera.up.set(0, 0, 1);
  camera.position.copy(from);
  camera.lookAt(at);
  camera.updateMatrixWorld();
  return camera;
}
