import { join } from 'node:path'
import { alternate, type Duration } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { medianRatio, type Samples } from '../../measure/rounds.ts'
import { ratio, spread } from '../../measure/statistics.ts'
import type { Measured, Row, Suite, SuiteContext, Target } from '../../suite.ts'
import { type Loop, names, sessionFileStore, sqlite, untorn } from './candidates.ts'
import { django, type Language, php } from './languages.ts'

const LONG: Duration = { warmUp: 3, rounds: 150, seconds: 57 }
const QUICK: Duration = { warmUp: 2, rounds: 15, seconds: 7 }

export const loopsSuite: Suite = {
  name: 'loops',
  title: "Other languages' file sessions, and SQLite",
  run: measureLoops,
}

async function measureLoops({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const skipped: string[] = []
  const found = <T>(thing: T | undefined, missing: string): T[] => {
    if (thing === undefined) skipped.push(missing)
    return thing === undefined ? [] : [thing]
  }
  const files = [
    await untorn(join(directory, 'untorn')),
    await sessionFileStore(join(directory, 'session-file-store')),
    ...found(
      await sqlite(join(directory, 'sqlite')),
      'better-sqlite3: run `npm install` in bench/ (it compiles)',
    ),
  ]
  const languages = [
    ...found(django(join(directory, 'django')), 'Django: the Debian package python3-django').map(
      (language) => ({
        language,
        loops: loopsOf(language, 'Django, file backend', 120, 20),
      }),
    ),
    ...found(php(join(directory, 'php')), 'PHP: the Debian package php-cli').map((language) => ({
      language,
      loops: loopsOf(language, 'PHP, files handler', 600, 120),
    })),
  ]
  try {
    const loops = [...files, ...languages].flatMap(({ loops }) => loops)
    const samples = await alternate<number>(
      loops.map(({ name, turns, run }) => ({ name, take: () => run(turns) })),
      quick ? QUICK : LONG,
      progress,
    )
    return {
      rows: rows(loops, samples),
      targets: targets(samples),
      notes: notes(samples),
      skipped,
      versions: Object.assign(
        { 'session-file-store': packageVersion('session-file-store') },
        files.length === 3 ? { 'better-sqlite3': packageVersion('better-sqlite3') } : {},
        ...languages.map(({ language }) => language.versions),
      ),
    }
  } finally {
    await Promise.all([
      ...files.map(({ close }) => close()),
      ...languages.map(({ language }) => language.stop()),
    ])
  }
}

function loopsOf(language: Language, name: string, loads: number, both: number): Loop[] {
  return [
    { name: `${name}: load`, to: names.load, turns: loads, run: (turns) => language.loop('load', turns) },
    {
      name: `${name}: load + save`,
      to: names.both,
      turns: both,
      run: (turns) => language.loop('load+save', turns),
    },
  ]
}

const GROUPS: Record<string, string> = {
  [names.load]: 'Load',
  [names.save]: 'Save',
  [names.both]: 'Load and save',
  [names.bothSynced]: 'Load and save, synced to the disk',
}

function rows(loops: readonly Loop[], samples: Samples): Row[] {
  return Object.entries(GROUPS).flatMap(([to, group]) =>
    loops
      .filter((loop) => loop.to === to)
      .map(({ name }): Row => {
        const own = samples.get(name)!
        return {
          group,
          name,
          unit: 'us',
          value: spread(own),
          ratio: { to, value: ratio(own, samples.get(to)!) },
        }
      }),
  )
}

function targets(samples: Samples): Target[] {
  const target = (what: string, of: string, bound: number): Target[] =>
    samples.has(what)
      ? [{ what: `${what} / ${of}`, limit: 'at least', bound, value: medianRatio(samples, what, of) }]
      : []
  return [...target(names.peerSave, names.save, 80), ...target(names.django, names.both, 30)]
}

function notes(samples: Samples): string[] {
  return [
    `${samples.get(names.load)!.length} rounds; every loop runs for about ten milliseconds in each, over one session ` +
      'of 400 bytes, so that folds, checkpoints and the like have their part in it.',
    'Django and PHP open the file at each turn, as they do at each request; the loops have no request around them. ' +
      "Django: its defaults (JSON, signed). PHP: php.ini-production's, with strict mode; a load is read_and_close, " +
      'load and save holds its lock.',
    'session-file-store: its defaults; it syncs each new file, but not the directory.',
    'SQLite: one table, write-ahead log, prepared statements, the session as one JSON text, parsed at each load. ' +
      "synchronous = NORMAL keeps what untorn's 'process' keeps, FULL what 'disk' keeps.",
  ]
}
