import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inWhole } from '../support/whole.ts'
import { entries, Project, ROOT } from './installed.ts'
import { toolOf } from './tool.ts'

const project = new Project()
const names = [...entries.keys()]

// Every entry, and an application that says what is in a session.
const APPLICATION = `
  ${names.map((name, n) => `import * as all${n} from '${name}'\nexport const use${n} = all${n}`).join('\n')}
  import { StoreBusyError, type SessionStore } from 'untorn'
  import { type ExpressSessions, type PlainSession, type SessionData, sessions } from 'untorn/express'
  import { fileStore } from 'untorn/file'

  declare module 'untorn/express' {
    interface SessionData {
      user: string
    }
  }

  export const store: SessionStore = fileStore('.sessions')
  export const middleware: ExpressSessions<SessionData> = sessions({ store })
  export function user(session: PlainSession<SessionData>, error: unknown): string | undefined {
    // @ts-expect-error: not in a session
    session.nothing = 1
    return error instanceof StoreBusyError ? error.code : session.user
  }`

// The same without an import of its own: TypeScript takes the declaration for all that there is of the module.
const AUGMENTATION = `declare module 'untorn/express' {
  interface SessionData {
    user: string
  }
}
`

const USE = `import { sessionOf, sessions } from 'untorn/express'
  export const middleware = sessions()
  export const user = (req: Express.Request): string | undefined => req.session.user
  export const admin = (req: object): number | undefined => sessionOf<{ edits: number }>(req, 'admin').edits
`

const now = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
const before = toolOf('typescript 5', 'typescript/bin/tsc')

/** What the compiler has to say of the application. */
function compiled(compiler: string, file: string, options: Record<string, unknown>): string {
  project.write(file, APPLICATION)
  return told(compiler, [file], options)
}

function told(compiler: string, files: string[], options: Record<string, unknown>): string {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    // The declarations themselves are checked where the package is.
    skipLibCheck: true,
    target: 'es2022',
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    ...options,
  }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files }))
  return project.start([compiler, '-p', project.folder])
}

test.each([
  ['CommonJS of Node.js', 'use.cts', { module: 'nodenext' }],
  ['a bundler', 'use.ts', { module: 'esnext', moduleResolution: 'bundler' }],
])('every entry has its types for %s, and takes what the application adds', (_name, file, options) => {
  expect(compiled(now, file, options)).toBe('')
})

const OLDER: [string, string, Record<string, unknown>][] = [
  ['CommonJS with node10', 'use.ts', { module: 'commonjs', moduleResolution: 'node10' }],
  ['CommonJS with node16', 'use.cts', { module: 'node16' }],
]

test.skipIf(before.missing).each(inWhole(OLDER, OLDER.slice(0, 1)))(
  `and in TypeScript 5 for %s ${before.missing ?? ''}`,
  (_name, file, options) => {
    expect(compiled(before.path, file, options)).toBe('')
  },
)

test.skipIf(before.missing)(
  `an application adds names of its own, in two files ${before.missing ?? ''}`,
  () => {
    const adding = (name: string) =>
      `import type { ${name} } from 'untorn/express'
    declare module 'untorn/express' {
      interface ${name} { at: number }
      interface SessionData { ${name.toLowerCase()}?: ${name} }
    }
    export const its: ${name} = { at: 1 }
    `
    project.write('one.ts', adding('One'))
    project.write('two.ts', adding('Two'))
    const files = ['one.ts', 'two.ts']
    expect(told(before.path, files, bundler)).toBe('')
  },
)

const bundler = { module: 'esnext', moduleResolution: 'bundler' }

test('a file of declarations says what is in a session, if it imports the entry as its docstring says', () => {
  project.write('use.ts', USE)
  project.write('session.d.ts', `import 'untorn/express'\n${AUGMENTATION}`)
  expect(told(now, ['use.ts', 'session.d.ts'], bundler)).toBe('')
})

test('without that import the compiler says that the rest of the entry is not there', () => {
  project.write('use.ts', USE)
  project.write('session.d.ts', AUGMENTATION)
  expect(() => told(now, ['use.ts', 'session.d.ts'], bundler)).toThrow(/no exported member 'sessions'/)
})
