import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tokens, values } from '../../candidates/sample.ts'
import { type Child, spawned } from '../../measure/children.ts'

/** File sessions of another language, in a process of it that times its own loops. */
export interface Language {
  /** Microseconds for each. */
  loop(name: 'load' | 'load+save', count: number): Promise<number>
  /** Of what was found, by name. */
  versions: Record<string, string>
  stop(): Promise<void>
}

/** `undefined`: there is no Python with Django on the machine. The first Python in the path may be without it. */
export function django(directory: string): Language | undefined {
  const code = 'import platform, django; print(platform.python_version(), django.get_version())'
  for (const python of ['python3', '/usr/bin/python3']) {
    const [version, django] = printed(python, ['-c', code])?.split(' ') ?? []
    if (version === undefined || django === undefined) continue
    return language(python, 'django_sessions.py', directory, { Python: version, Django: django })
  }
  return undefined
}

/** `undefined`: there is no PHP with sessions on the machine. */
export function php(directory: string): Language | undefined {
  const version = printed('php', ['-r', 'session_status(); echo PHP_VERSION;'])
  return version === undefined ? undefined : language('php', 'php_sessions.php', directory, { PHP: version })
}

/** What a command prints; `undefined` if it fails. */
function printed(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout.trim() : undefined
}

function language(
  command: string,
  script: string,
  directory: string,
  versions: Record<string, string>,
): Language {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child: Child<string, string> = spawned(command, [path, directory, JSON.stringify({ values, tokens })])
  return {
    async loop(name, count) {
      const microseconds = Number(await child.ask(`${name} ${count}`))
      if (!Number.isFinite(microseconds)) throw new Error(`${script} answered no number.`)
      return microseconds / count
    },
    versions,
    stop: () => child.stop(),
  }
}
