import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { madeOnce } from '../support/run.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Where one entry's files are. */
export interface Entry {
  types: string
  'module-sync': string
  import: string
  require: string
}

export interface Manifest {
  version: string
  bin: Record<string, string>
  exports: Record<string, Entry | string>
  dependencies?: Record<string, string>
}

export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest

/** By the name that an application imports; what is no code is left out. */
export const entries = new Map(
  Object.entries(manifest.exports).flatMap(([path, entry]) =>
    typeof entry === 'string' ? [] : [[path.replace('.', 'untorn'), entry] as const],
  ),
)

/** What npm says of the archive that it has made. */
interface Packed {
  filename: string
  files: { path: string }[]
}

/** Packs the package into a folder, and writes down beside it what npm says of it. */
function pack(folder: string): void {
  mkdirSync(folder)
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const printed = execFileSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [packed] = JSON.parse(printed) as [Packed]
  writeFileSync(join(folder, 'packed.json'), JSON.stringify(packed))
}

/** A project that has installed the packed package: it has no dependencies, and needs no peer. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'untorn-package-'))
  readonly package = join(this.folder, 'node_modules', 'untorn')
  /** What was packed. */
  readonly files: string[]

  /** Installs it, and beside it what is named of what this repository has. Gone after the tests of the file. */
  constructor(...others: string[]) {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }))
    const packed = madeOnce('packed', pack)
    const { filename, files } = JSON.parse(readFileSync(join(packed, 'packed.json'), 'utf8')) as Packed
    this.files = files.map(({ path }) => path)
    mkdirSync(this.package, { recursive: true })
    execFileSync('tar', ['-xzf', join(packed, filename), '-C', this.package, '--strip-components=1'])
    for (const name of others) {
      const link = join(this.folder, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules', name), link)
    }
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  /** What a program of the project prints. */
  run(file: string, text: string): string {
    this.write(file, text)
    return this.start([file])
  }

  /** What Node.js prints that is started in the project with these arguments; what fails is said with what it printed. */
  start(args: string[]): string {
    try {
      return execFileSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${args.join(' ')} failed:\n${stdout}\n${stderr}`)
    }
  }
}
