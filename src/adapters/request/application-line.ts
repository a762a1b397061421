import { fileURLToPath } from 'node:url'

// biome-ignore lint/complexity/noBannedTypes: any that there is
type AnyFunction = Function

// Behind the name of the function, which may be anything, a path too; or alone.
const PLACE = /^\s*at (?:.*\(|async )?((?:file:|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/

/**
 * The line of the application that led here: of what called one of `entrances` last, or of who called that, the first
 * one outside of every package.
 *
 * Whose code a line is can't be told by its file: an application that is bundled is one file with what it uses, and its
 * names may be any. So the stack is cut off at the function that was called from outside.
 */
export function applicationLine(entrances: readonly AnyFunction[]): string | undefined {
  const entrance = outermost(entrances)
  if (entrance === undefined) return undefined
  for (const line of stackBelow(entrance).split('\n').slice(1)) {
    const place = PLACE.exec(line)?.[1]
    if (place === undefined) continue
    const path = place.startsWith('file:') ? pathOf(place) : place
    if (!/[\\/]node_modules[\\/]/.test(path)) return path
  }
  return undefined
}

/** The entrance that was called last, or the one that has called it: an assignment calls what a method does. */
function outermost(entrances: readonly AnyFunction[]): AnyFunction | undefined {
  const called = entrances
    .map((entrance) => ({ entrance, depth: depthBelow(entrance) }))
    .filter(({ depth }) => depth > 0)
    .sort((a, b) => b.depth - a.depth)
  const at = called.findIndex(({ depth }, index) => called[index + 1]?.depth !== depth - 1)
  return called[at]?.entrance
}

/** How many calls are on the stack below the last one of a function; 0 if there is none. */
function depthBelow(called: AnyFunction): number {
  const { prepareStackTrace } = Error
  Error.prepareStackTrace = (_error, calls) => calls.length
  try {
    return withStack(Number.POSITIVE_INFINITY, called) as number
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

function stackBelow(called: AnyFunction): string {
  // The default of ten ends in a framework's layers.
  const stack = withStack(50, called)
  return typeof stack === 'string' ? stack : ''
}

function withStack(limit: number, below: AnyFunction): unknown {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = limit
  try {
    const at: { stack?: unknown } = {}
    Error.captureStackTrace(at, below)
    return at.stack
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url
  }
}
