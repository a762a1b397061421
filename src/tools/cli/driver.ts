import { createRequire } from 'node:module'
import { join } from 'node:path'
import { StoreConfigError } from '../../index.ts'

/** A driver of the application. */
export interface Driver {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever release of it the application has installed
  module: any
}

/**
 * The first of these packages that the application in this directory has installed: the command uses the release that the
 * application uses, and brings none of its own.
 */
export function driverIn(cwd: string, server: string, names: readonly string[]): Driver {
  const load = createRequire(join(cwd, 'package.json'))
  for (const name of names) {
    if (isInstalled(load, name)) return { name, module: load(name) }
  }
  throw new StoreConfigError(
    `${server} is reached with a driver of your application, and there is none: npm install ${names[0]} ` +
      `(or ${names.slice(1).join(', ')}), and run this where the application is. Looked for from ${cwd}.`,
  )
}

function isInstalled(load: NodeJS.Require, name: string): boolean {
  try {
    load.resolve(name)
    return true
  } catch {
    return false
  }
}
