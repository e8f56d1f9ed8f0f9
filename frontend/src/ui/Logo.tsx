/** A brick with two studs. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden>
      <path fill="#b5472a" d="M3 11.2 16 4l13 7.2v10L16 28 3 21.2z" />
      <path fill="#d9714c" d="M3 11.2 16 4l13 7.2-13 7z" />
      <path fill="#8f3620" d="M16 18.2 29 11.2v10L16 28z" />
      <ellipse cx="11.6" cy="10.6" rx="2.9" ry="1.6" fill="#efa184" />
      <ellipse cx="20.4" cy="10.6" rx="2.9" ry="1.6" fill="#efa184" />
    </svg>
  );
}
