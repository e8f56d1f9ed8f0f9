/** Lines of `after` (from 1) that `before` does not have at their place: by the longest common subsequence of lines. */
export function changedLines(before: string, after: string): number[] {
  const a = before.replace(/\n$/, "").split("\n");
  const b = after.replace(/\n$/, "").split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length * right.length > 4_000_000) return right.map((_, index) => start + index + 1);
  const width = right.length + 1;
  const common = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        left[i] === right[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const changed: number[] = [];
  let i = 0;
  for (let j = 0; j < right.length; ) {
    if (i < left.length && left[i] === right[j]) {
      i += 1;
      j += 1;
    } else if (i < left.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      i += 1;
    } else {
      changed.push(start + j + 1);
      j += 1;
    }
  }
  return changed;
}
