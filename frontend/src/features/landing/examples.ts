/** Briefs that show what can be asked; each runs as it stands. */
export const EXAMPLES: readonly { title: string; brief: string }[] = [
  {
    title: "Shelf bracket",
    brief:
      "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, factor of safety 1.2, four 1/2 in holes",
  },
  {
    title: "Cover plate",
    brief: "A steel S235 cover plate 300 mm x 200 mm, simply supported on all edges, under 0.05 MPa pressure, factor of safety 1.5, eight 9 mm holes",
  },
  {
    title: "Electronics enclosure",
    brief: "An ABS enclosure for electronics, 120 x 80 x 40 mm outside, printed, wall 2.5 mm, lid with four M3 screws, four M3 standoffs for a board 80 x 50 mm",
  },
];
