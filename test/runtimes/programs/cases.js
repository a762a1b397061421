// Runs cases of untorn/testing, as any test runner would, and says what came of them in a line of JSON.
import process from 'node:process'

const AT_ONCE = 8

/** `cases`: of a suite of untorn/testing. */
export async function answer(cases) {
  const waiting = [...cases]
  let passed = 0
  let skipped = 0
  const failed = []
  const next = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      if (each.skip !== undefined) {
        skipped++
        continue
      }
      try {
        await each.run()
        passed++
      } catch (error) {
        failed.push(`${each.title}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  say({ passed, skipped, failed })
}

export function say({ passed, skipped, failed }) {
  console.log(JSON.stringify({ version: version(), passed, skipped, failed }))
  // Whatever a failed case has left open.
  process.exit(0)
}

function version() {
  if (globalThis.Bun !== undefined) return globalThis.Bun.version
  if (globalThis.Deno !== undefined) return globalThis.Deno.version.deno
  return process.versions.node
}
