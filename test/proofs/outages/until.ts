const LONGEST = 40_000

/** Asks again until it is so; for what may take a moment, on a slow machine a long one. `seen` says what is, if not. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  seen: () => string = () => '',
): Promise<void> {
  const end = performance.now() + LONGEST
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${LONGEST} ms. ${seen()}`)
    await new Promise((later) => setTimeout(later, 20))
  }
}
