import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Project, ROOT } from '../installed.ts'
import { toolOf } from '../tool.ts'

const SOURCES = join(ROOT, 'test', 'package', 'drop-in')
const CONSUMERS = join(ROOT, 'test', 'package', 'consumers', 'node_modules')

export const now = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
export const before = toolOf('typescript 5', 'typescript/bin/tsc')
export const theirs = toolOf('@types/express-session', '@types/express-session/index.d.ts')

/** What is installed beside untorn. */
export interface Installed {
  readonly express: 4 | 5
  /** The types of express-session, which code had before. */
  readonly theirs: boolean
}

/** A project with what is installed there, as files of its own. */
export function projectWith({ express, theirs }: Installed): Project {
  const project = new Project()
  const modules = join(project.folder, 'node_modules')
  const add = (from: string, name: string) =>
    cpSync(from, join(modules, '@types', name), { recursive: true, dereference: true })
  for (const name of ['node', 'express-serve-static-core', 'body-parser', 'connect', 'http-errors', 'qs'])
    add(join(ROOT, 'node_modules', '@types', name), name)
  for (const name of ['range-parser', 'send', 'serve-static'])
    add(join(ROOT, 'node_modules', '@types', name), name)
  cpSync(join(ROOT, 'node_modules', 'undici-types'), join(modules, 'undici-types'), { recursive: true })
  // That of Express 4 has what it needs of its own, but for this.
  if (express === 4) add(join(CONSUMERS, '@types', 'mime'), 'mime')
  if (express === 5) add(join(ROOT, 'node_modules', '@types', 'express'), 'express')
  else add(join(CONSUMERS, '@types', 'express4'), 'express')
  if (theirs) add(join(CONSUMERS, '@types', 'express-session'), 'express-session')
  return project
}

export interface Program {
  readonly compiler?: string
  /** Imports `session`; the application is put behind it. */
  readonly importing: string
  readonly application: 'application.ts' | 'application.cts' | 'application.mts'
  readonly others?: readonly string[]
  readonly options: Record<string, unknown>
}

/** What the compiler has to say of the application. */
export function told(
  project: Project,
  { compiler = now, importing, application, others = [], options }: Program,
): string {
  const source = (file: string) => readFileSync(join(SOURCES, file), 'utf8')
  const text =
    application === 'application.mts' ? asModule(source('application.ts')) : source('application.ts')
  project.write(application, `${importing}\n${text}`)
  for (const file of ['augmentation.d.ts', ...others]) project.write(file, source(file))
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'es2022',
    types: ['node'],
    ...options,
  }
  // What is imported first is what is declared first.
  const files = [...others, 'augmentation.d.ts', application]
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files }))
  // Other tests have the other cores.
  const alone = compiler === now ? ['--singleThreaded'] : []
  return project.start([compiler, '-p', project.folder, ...alone])
}

/** An ES module has no `import = require()`. */
function asModule(text: string): string {
  return text.replace("import express = require('express')", "import express from 'express'")
}

const BY_DEFAULT = "import session from 'untorn/express-session'"
const BY_REQUIRE = "import session = require('untorn/express-session')"
const ALL = "import * as session from 'untorn/express-session'"

const nodenext = { module: 'nodenext' }
const commonjs = { module: 'commonjs', moduleResolution: 'node10' }
const esModuleInterop = true

export const PROGRAMS: Record<string, Program> = {
  'an ES module of Node.js': { importing: BY_DEFAULT, application: 'application.mts', options: nodenext },
  'CommonJS of Node.js': { importing: BY_REQUIRE, application: 'application.cts', options: nodenext },
  'a bundler': {
    importing: BY_DEFAULT,
    application: 'application.mts',
    options: { module: 'esnext', moduleResolution: 'bundler' },
  },
}

export const IN_TYPESCRIPT_5: Record<string, Program> = {
  'an ES module with node16': {
    importing: BY_DEFAULT,
    application: 'application.mts',
    options: { module: 'node16' },
  },
  'CommonJS with node16': {
    importing: BY_REQUIRE,
    application: 'application.cts',
    options: { module: 'node16' },
  },
  'CommonJS with node10, a default import': {
    importing: BY_DEFAULT,
    application: 'application.ts',
    options: { ...commonjs, esModuleInterop },
  },
  'CommonJS with node10, import = require': {
    importing: BY_REQUIRE,
    application: 'application.ts',
    options: { ...commonjs, esModuleInterop },
  },
  'CommonJS with node10, import = require, without esModuleInterop': {
    importing: BY_REQUIRE,
    application: 'application.ts',
    options: { ...commonjs, esModuleInterop: false },
  },
  'CommonJS with node10, import *, without esModuleInterop': {
    importing: ALL,
    application: 'application.ts',
    options: { ...commonjs, esModuleInterop: false },
  },
}

/** The same beside a store of others, which imports express-session first, and a file of JavaScript. */
export function withOthers(program: Program): Program {
  const options = { ...program.options, allowJs: true, checkJs: true }
  return { ...program, others: ['store-of-others.d.ts', 'plain.cjs'], options }
}
