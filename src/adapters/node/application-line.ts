import { fileURLToPath } from 'node:url'

const LIBRARY = fileURLToPath(new URL('../../', import.meta.url))

/** The line of the application that led here: the first one outside of this library and of every package. */
export function applicationLine(): string | undefined {
  for (const line of stack().split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?)((?:file:|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/.exec(line)?.[1]
    if (place === undefined) continue
    const path = place.startsWith('file:') ? pathOf(place) : place
    if (!path.startsWith(LIBRARY) && !/[\\/]node_modules[\\/]/.test(path)) return path
  }
  return undefined
}

function stack(): string {
  const limit = Error.stackTraceLimit
  // The default of ten ends in a framework's layers.
  Error.stackTraceLimit = 50
  try {
    const { stack } = new Error()
    return typeof stack === 'string' ? stack : ''
  } finally {
    Error.stackTraceLimit = limit
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url
  }
}
