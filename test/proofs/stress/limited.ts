/**
 * Runs something with a signal that comes after so many seconds, or with another signal if that comes sooner. Not
 * `AbortSignal.any` with `AbortSignal.timeout`: of those two, Node 20 may collect one that nobody else holds.
 */
export async function limited(
  seconds: number,
  sooner: AbortSignal,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  const timer = setTimeout(end, seconds * 1000)
  sooner.addEventListener('abort', end)
  if (sooner.aborted) end()
  try {
    await act(over.signal)
  } finally {
    end()
    sooner.removeEventListener('abort', end)
    clearTimeout(timer)
  }
}
