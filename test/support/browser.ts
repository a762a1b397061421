import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import type { TestContext } from 'vitest'

const names = ['chromium', 'chromium-browser', 'google-chrome']

const wanted = process.env.CHROMIUM_PATH

const missing = wanted
  ? `CHROMIUM_PATH is "${wanted}", and that is no program: set it to the one of a Chromium or Chrome.`
  : 'No Chromium found. Install one (on Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH.'

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let warned = false

/**
 * For `beforeEach` of tests that need a browser. Without one they count as skipped, with the reason; where CI is set
 * they fail, since there a browser has to be.
 */
export function needsBrowser({ skip }: Pick<TestContext, 'skip'>): void {
  if (browserPath() !== undefined) return
  if (process.env.CI) throw new Error(missing)
  if (!warned) console.warn(`Skipped what needs a browser. ${missing}`)
  warned = true
  skip(missing)
}

/** A headless Chromium; close it when done. Throws where there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath()
  if (executablePath === undefined) throw new Error(missing)
  // Chromium's sandbox refuses to work for root, as which tests in containers often run.
  const args = process.getuid?.() === 0 ? [...flags, '--no-sandbox'] : flags
  // With the cache that makes Back instant, as people have it: it could show what somebody has signed out of.
  const ignoreDefaultArgs = ['--disable-back-forward-cache']
  return chromium.launch({ executablePath, args, ignoreDefaultArgs, headless: true })
}

/** CHROMIUM_PATH if it is set, even if nothing is there: a wrong setting shouldn't pass for another browser. */
function browserPath(): string | undefined {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  const candidates = wanted ? [wanted] : folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return candidates.find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
