/** How many requests of one session are under way at once, in the comparison of what is kept. */
export const OVERLAPPING = 50
