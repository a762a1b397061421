import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { versionOf } from '../../../../measure/machine.ts'
import type { ElsewhereName, FrameworkName } from '../../candidates.ts'

/** The folder of test/frameworks/, and the package that a version is told of. */
const PLACES: Record<ElsewhereName, readonly [folder: string, name: string]> = {
  'h3 1': ['h3', 'h3v1'],
  'h3 2': ['h3', 'h3'],
  Elysia: ['elysia', 'elysia'],
  SvelteKit: ['sveltekit', '@sveltejs/kit'],
  'React Router': ['react-router', 'react-router'],
  'TanStack Start': ['tanstack-start', '@tanstack/react-start'],
  'Next.js': ['next', 'next'],
}

/** Where a framework is installed and tested. */
export function folderOf(framework: ElsewhereName): URL {
  return new URL(`../../../../../test/frameworks/${PLACES[framework][0]}/`, import.meta.url)
}

/** What to do about it where a framework is not installed; `undefined`: it is, or is one of the bench's own. */
export function missing(framework: FrameworkName): string | undefined {
  if (!isElsewhere(framework) || existsSync(manifestOf(framework))) return undefined
  return `not installed: npm --prefix test/frameworks/${PLACES[framework][0]} ci`
}

/** `undefined`: it is one of the bench's own. */
export function versionElsewhere(framework: FrameworkName): string | undefined {
  return isElsewhere(framework) ? versionOf(manifestOf(framework)) : undefined
}

/** From now on what this process imports is what that framework's folder has, if it has it. Once for a process. */
export function importFrom(framework: ElsewhereName): (name: string) => Promise<unknown> {
  register('./hooks.mjs', import.meta.url, { data: folderOf(framework).href })
  return (name) => import(name)
}

function isElsewhere(framework: FrameworkName): framework is ElsewhereName {
  return framework in PLACES
}

function manifestOf(framework: ElsewhereName): URL {
  return new URL(`node_modules/${PLACES[framework][1]}/package.json`, folderOf(framework))
}
